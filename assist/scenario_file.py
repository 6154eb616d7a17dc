"""Scenarios as YAML, one file a flow:

    flow: ipo-allotment
    now: 2026-03-03T10:00
    scenarios:
      - name: 按时缴款
        turns:
          - bot: 请问您是张女士本人吗
          - user: 是的
            bot: 出生年月日
          - keys: "19800102#"
            bot: [已中签, 12500元]
            step: ask_understood
        result: completed
        evidence: {will_pay: pay}

A turn is `user` (words), `keys`, `silence: true`, `partial`, `hangup: true`, or none of these for
the bot's first words. `bot` and `bot_not` are texts within the replies.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from assist.errors import KnowledgeError
from assist.scenario import Expected, Scenario, ScenarioTurn
from assist.utterance import Event, Utterance
from news.published import CHINA


def _many(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _text(value: object) -> object:
    # YAML reads yes, no and 5 as other things than words.
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else value


Texts = Annotated[list[Annotated[str, BeforeValidator(_text)]], BeforeValidator(_many)]
Value = Annotated[str, BeforeValidator(_text)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TurnForm(_Form):
    """A turn as it is written."""

    user: Value | None = None
    keys: Value | None = None
    partial: Value | None = None
    silence: bool = False
    hangup: bool = False
    confidence: float | None = Field(None, ge=0, le=1)
    heard: float = Field(1.0, ge=0, le=1)
    deliver: bool = True
    wait: float = Field(10, ge=0)
    bot: Texts = []
    bot_not: Texts = []
    kind: str | None = None
    step: str | None = None
    mode: str | None = None
    verified: bool | None = None
    slots: dict[str, Value] = {}

    @model_validator(mode="after")
    def _one_event(self) -> TurnForm:
        events = (self.user, self.keys, self.partial, self.silence or None, self.hangup or None)
        if sum(event is not None for event in events) > 1:
            raise ValueError("is more than one of user, keys, partial, silence, hangup")
        return self

    def turn(self) -> ScenarioTurn:
        """As the player knows it."""
        expected = Expected(
            tuple(self.bot),
            tuple(self.bot_not),
            self.kind,
            self.step,
            self.mode,
            self.verified,
            tuple(self.slots.items()),
        )
        wait = timedelta(seconds=self.wait)
        return ScenarioTurn(self._utterance(), expected, self.heard, self.deliver, wait)

    def _utterance(self) -> Utterance | None:
        if self.user is not None:
            return Utterance(self.user, confidence=self.confidence)
        if self.keys is not None:
            return Utterance(event=Event.KEYS, keys=self.keys)
        if self.partial is not None:
            return Utterance(self.partial, event=Event.PARTIAL)
        if self.silence:
            return Utterance(event=Event.SILENCE)
        return Utterance(event=Event.HANGUP) if self.hangup else None


class ScenarioForm(_Form):
    """A scenario as it is written."""

    name: str
    turns: list[TurnForm] = Field(min_length=1)
    flow: str | None = None
    now: datetime | None = None
    given: dict[str, Value] = {}
    result: str | None = None
    evidence: dict[str, Value] = {}
    disclosed: list[str] = []
    never: Texts = []
    outbound: bool = True


class FileForm(_Form):
    """A file of scenarios."""

    flow: str | None = None
    now: datetime = datetime(2026, 3, 3, 10, 0)
    outbound: bool = True
    scenarios: list[ScenarioForm] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_flow(self) -> FileForm:
        if self.flow is None and any(s.flow is None for s in self.scenarios):
            raise ValueError("no flow is named; write `flow: ipo-allotment` at the top")
        return self


def read_scenarios(path: Path) -> tuple[Scenario, ...]:
    """Scenarios of a file; raises KnowledgeError that says what is wrong with it."""
    try:
        form = FileForm.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise KnowledgeError(f"{path}: cannot be read as YAML ({error})") from error
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise KnowledgeError(f"{path}: {'; '.join(faults)}") from error
    return tuple(_scenarios(form, path))


def _scenarios(form: FileForm, path: Path) -> Iterable[Scenario]:
    for item in form.scenarios:
        now = item.now or form.now
        turns = tuple(turn.turn() for turn in item.turns)
        if turns[0].utterance is not None:
            turns = (ScenarioTurn(None), *turns)
        yield Scenario(
            item.name,
            item.flow or form.flow or "",
            now if now.tzinfo else now.replace(tzinfo=CHINA),
            turns,
            tuple(item.given.items()),
            item.result,
            tuple(item.evidence.items()),
            tuple(item.disclosed),
            tuple(item.never),
            item.outbound and form.outbound,
            path.name,
        )
