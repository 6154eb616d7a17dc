"""Kinds of parameters, stricter than pydantic's own: one spelling of each value."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from news.published import CHINA

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_HOW = (
    "write a day as 2024-06-30 (a day in China) or a time with its zone as"
    " 2024-06-30T09:30:00%2B08:00 (in an address + is written %2B)"
)
_EARLIEST, _LATEST = 1900, 2200


def printable(text: str) -> str:
    """Refuse control characters and half characters, which no name and no search holds."""
    if any(c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("holds a control character; leave it out")
    return text


def without_control_characters(text: str) -> str:
    """Refuse control characters and half characters; a message may have lines and tabs."""
    printable(text.translate({9: " ", 10: " ", 13: " "}))
    return text


def not_blank(text: str) -> str:
    """Refuse a text of blanks only."""
    if not text.strip():
        raise ValueError("is blank; give a value or leave the parameter out")
    return text


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _DAY.fullmatch(value):
        raise ValueError("is no day; write it as 2024-06-30")
    try:
        return _in_range(date.fromisoformat(value))
    except ValueError as error:
        raise ValueError(f"is no day ({error}); write it as 2024-06-30") from error


def _since(value: object) -> object:
    return _moment(value, days=0) if isinstance(value, str) else value


def _until(value: object) -> object:
    return _moment(value, days=1) if isinstance(value, str) else value


def _moment(text: str, *, days: int) -> datetime:
    """A time with zone, or a day in China: its beginning, `days` later."""
    try:
        if _DAY.fullmatch(text):
            day = _in_range(date.fromisoformat(text)) + timedelta(days=days)
            return datetime(day.year, day.month, day.day, tzinfo=CHINA)
        if _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text.upper())
            _in_range(moment.date())
            return moment
    except ValueError as error:
        raise ValueError(f"is no date ({error}); {_HOW}") from error
    raise ValueError(f"is no date; {_HOW}")


def _in_range(day: date) -> date:
    if not _EARLIEST <= day.year <= _LATEST:
        raise ValueError(f"the year is not from {_EARLIEST} to {_LATEST}")
    return day


def _flag(value: object) -> object:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError("give true or false")
        return value == "true"
    return value


def _whole(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"-?(0|[1-9]\d{0,8})", value, re.ASCII):
            raise ValueError("give a whole number")
        return int(value)
    return value


_MOMENT_SCHEMA: dict[str, Any] = {
    "type": "string",
    "anyOf": [{"format": "date"}, {"format": "date-time"}],
}

Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(printable),
    AfterValidator(not_blank),
]
"""A name, a code or an id that someone typed: 1 to 100 characters, not blank."""

Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A day as 2024-06-30."""

Since = Annotated[datetime, BeforeValidator(_since), WithJsonSchema(_MOMENT_SCHEMA)]
"""A time with zone, or the beginning of a day in China."""

Until = Annotated[datetime, BeforeValidator(_until), WithJsonSchema(_MOMENT_SCHEMA)]
"""A time with zone, or the end of a day in China."""

Flag = Annotated[bool, BeforeValidator(_flag)]
"""`true` or `false`."""

Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number in decimal digits."""
