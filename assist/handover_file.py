"""Reads `data/handover.yaml`: skill groups, hours, service level, wordings."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from assist.errors import KnowledgeError
from assist.handover import ServiceLevel
from assist.handover_rules import HandoverRules, Outcome, Shift, SkillGroup, Wordings
from assist.lexical import plain
from assist.trading_days import TradingDays

_SHIFT = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMES = {"group", "ahead", "hours", "opens", "agent", "phone"}


def _shift(value: object) -> Shift:
    found = _SHIFT.fullmatch(str(value).strip())
    try:
        if found is None:
            raise ValueError("not of the form 08:30-17:30")
        shift = Shift(time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])))
    except ValueError as error:
        raise ValueError(f'{value!r} is no shift ({error}); write "08:30-17:30"') from error
    if shift.start >= shift.end:
        raise ValueError(f"{value!r} ends before it begins; split a night into two days")
    return shift


def _wording(value: object) -> str:
    text = str(value).strip()
    names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    if not text or names - _NAMES:
        raise ValueError(
            f"{text[:40]!r} is empty or holds an unknown name; known are"
            f" {', '.join(sorted(_NAMES))} in braces"
        )
    return text


_Shifts = list[Annotated[Any, BeforeValidator(_shift)]]
_Wording = Annotated[str, BeforeValidator(_wording)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _WeekForm(_Form):
    monday: _Shifts = []
    tuesday: _Shifts = []
    wednesday: _Shifts = []
    thursday: _Shifts = []
    friday: _Shifts = []
    saturday: _Shifts = []
    sunday: _Shifts = []

    def week(self) -> tuple[tuple[Shift, ...], ...]:
        return tuple(_ordered(getattr(self, day)) for day in _DAYS)


class _GroupForm(_Form):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    title: str = Field(min_length=1, max_length=20)
    week: _WeekForm
    holiday: _Shifts = []
    words: list[Annotated[str, Field(min_length=2)]] = []
    give_up_after: int | None = Field(None, ge=10, le=86_400)

    @model_validator(mode="after")
    def _works(self) -> _GroupForm:
        if not any(self.week.week()):
            raise ValueError(f"{self.id}: has no shift in the week; give one, or nobody is reached")
        return self

    def group(self) -> SkillGroup:
        return SkillGroup(
            self.id,
            self.title,
            self.week.week(),
            _ordered(self.holiday),
            tuple(self.words),
            timedelta(seconds=self.give_up_after) if self.give_up_after else None,
        )


class _LevelForm(_Form):
    share: float = Field(0.8, gt=0, le=1)
    seconds: float = Field(20, gt=0, le=3600)


class _WordingsForm(_Form):
    queued: _Wording
    waiting: _Wording
    closed: _Wording
    joined: _Wording
    returned: _Wording
    ended: _Wording
    left: _Wording
    moved: _Wording
    released: _Wording
    offer: _Wording
    booked: _Wording
    closing: _Wording


class _OutcomeForm(_Form):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    title: str = Field(min_length=1, max_length=20)


class _HandoverForm(_Form):
    service_level: _LevelForm = Field(default_factory=lambda: _LevelForm(share=0.8, seconds=20))
    failures: int = Field(3, ge=1, le=20)
    most_at_once: int = Field(5, ge=1, le=100)
    vanish_after: int = Field(180, ge=30, le=86_400)
    outcomes: list[_OutcomeForm] = []
    cancel: list[str] = []
    wordings: _WordingsForm
    groups: list[_GroupForm] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> _HandoverForm:
        for name, listed in (("groups", self.groups), ("outcomes", self.outcomes)):
            ids = [one.id for one in listed]
            twice = sorted({one for one in ids if ids.count(one) > 1})
            if twice:
                raise ValueError(f"{name}: {', '.join(twice)} stands twice; rename one")
        return self

    def rules(self, trading: TradingDays) -> HandoverRules:
        level = self.service_level
        return HandoverRules(
            tuple(group.group() for group in self.groups),
            ServiceLevel(level.share, timedelta(seconds=level.seconds)),
            Wordings(**self.wordings.model_dump()),
            trading,
            frozenset(plain(text) for text in self.cancel),
            self.failures,
            self.most_at_once,
            timedelta(seconds=self.vanish_after),
            tuple(Outcome(one.id, one.title) for one in self.outcomes),
        )


def load_handover_rules(path: Path, trading: TradingDays) -> HandoverRules:
    """Read the file; raises KnowledgeError naming the file and the place in it."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise KnowledgeError(f"{path}: is no readable YAML file ({error})") from error
    try:
        return _HandoverForm.model_validate(raw).rules(trading)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise KnowledgeError(f"{path}: {place}: {first['msg']}") from error


def _ordered(shifts: list[Shift]) -> tuple[Shift, ...]:
    return tuple(sorted(shifts, key=lambda shift: shift.start))
