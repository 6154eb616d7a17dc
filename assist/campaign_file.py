"""A campaign's rules as YAML for people and as JSON in the database.

title: 新股中签通知
flow: ipo-allotment
hours: ["09:00-11:30", "13:30-18:00"]   # Chinese time, within 08:00-21:00
days: trading                           # trading, weekdays or every
lines: 20                               # calls at once
attempts: 3
attempts_a_day: 2
pause: 120                              # minutes before the second call
growth: 2                               # each further pause is so many times longer
pauses: {line_busy: 10, driving: 60}
starts_at: 2026-03-05T09:00
deadline: 2026-03-05T16:00
columns: {中签股数: shares}              # headers of the list -> names in the flow
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from assist.call_result import FINAL, CallCode
from assist.campaign_rules import EARLIEST, LATEST, CallRules, Days, Hours, Retries
from assist.errors import KnowledgeError
from news.published import CHINA

_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)


def _hours(value: object) -> Hours:
    if isinstance(value, Hours):
        return value
    found = _HOURS.fullmatch(str(value).strip())
    try:
        if found is None:
            raise ValueError("not of the form 09:00-11:30")
        start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError as error:
        raise ValueError(f'{value!r} are no hours ({error}); write "09:00-11:30"') from error
    if not EARLIEST <= start < end <= LATEST:
        raise ValueError(
            f"{value!r}: calls are allowed from {EARLIEST:%H:%M} to {LATEST:%H:%M} at most"
        )
    return Hours(start, end)


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"{value!r} is no time; write 2026-03-05T16:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Minutes = Annotated[float, Field(ge=1, le=60 * 24 * 14)]


class RulesForm(BaseModel):
    """The rules as they are written; every one may be left out."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    hours: list[Annotated[Any, BeforeValidator(_hours)]] = Field(
        default=["09:00-11:30", "13:30-18:00"], min_length=1, validate_default=True
    )
    """Chinese time, within 08:00-21:00."""
    days: Days = Days.TRADING
    lines: Annotated[int, Field(ge=1, le=1000)] = 10
    """Calls at once."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    attempts_a_day: Annotated[int, Field(ge=1, le=5)] = 2
    pause: Minutes = 120
    """Minutes before the second call."""
    growth: Annotated[float, Field(ge=1, le=10)] = 2.0
    pauses: dict[CallCode, Minutes] = {}
    """Minutes after certain results."""
    starts_at: Moment = None
    deadline: Moment = None

    @model_validator(mode="after")
    def _whole(self) -> RulesForm:
        final = sorted(code for code in self.pauses if code in FINAL)
        if final:
            raise ValueError(f"pauses: nobody is called again after {', '.join(final)}")
        if self.starts_at and self.deadline and self.starts_at >= self.deadline:
            raise ValueError("deadline: is not after starts_at")
        return self

    def rules(self) -> CallRules:
        """As the schedule knows them."""
        pauses = dict(Retries().pauses)
        pauses |= {code: timedelta(minutes=minutes) for code, minutes in self.pauses.items()}
        retries = Retries(
            self.attempts,
            self.attempts_a_day,
            timedelta(minutes=self.pause),
            self.growth,
            tuple(pauses.items()),
        )
        hours = tuple(sorted(self.hours, key=lambda h: (h.start, h.end)))
        return CallRules(hours, self.days, retries, self.lines, self.starts_at, self.deadline)


class CampaignForm(RulesForm):
    """A campaign's file."""

    title: str = Field(min_length=1, max_length=100)
    flow: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    columns: dict[str, str] = {}
    """Headers of the list and the names by which the flow knows them."""


@dataclass(frozen=True, slots=True)
class CampaignFile:
    """What a campaign's file says; `columns` are (header, name in the flow) pairs."""

    title: str
    flow_id: str
    rules: CallRules
    columns: tuple[tuple[str, str], ...] = ()


def read_campaign(path: Path) -> CampaignFile:
    """Read a campaign's file; raises KnowledgeError that says what is wrong with it."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        form = CampaignForm.model_validate(raw)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise KnowledgeError(f"{path}: cannot be read as YAML ({error})") from error
    except ValidationError as error:
        raise KnowledgeError(f"{path}: {_reason(error)}") from error
    return CampaignFile(form.title, form.flow, form.rules(), tuple(form.columns.items()))


def rules_to_json(rules: CallRules) -> str:
    """Rules as text, to be kept."""
    return json.dumps(asdict(rules), default=_plain)


def rules_from_json(text: str) -> CallRules:
    """Rules that `rules_to_json` wrote."""
    raw = json.loads(text)
    retries = raw["retries"]
    return CallRules(
        tuple(
            Hours(time.fromisoformat(h["start"]), time.fromisoformat(h["end"]))
            for h in raw["hours"]
        ),
        Days(raw["days"]),
        Retries(
            retries["attempts"],
            retries["attempts_a_day"],
            timedelta(seconds=retries["pause"]),
            retries["growth"],
            tuple((CallCode(code), timedelta(seconds=s)) for code, s in retries["pauses"]),
        ),
        raw["lines"],
        _moment(raw["starts_at"]),
        _moment(raw["deadline"]),
    )


def _plain(value: object) -> object:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime | time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _reason(error: ValidationError) -> str:
    parts: list[str] = []
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        parts.append(f"{place}: {message}" if place else message)
    return "; ".join(parts)
