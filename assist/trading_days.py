"""The days on which the Chinese exchanges trade (data/trading_calendar.tsv: date, open).

The file is made from the exchanges' announcements by `scripts/build_data.py`. They announce a year
in the December before; `write_year` adds it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from assist.errors import KnowledgeError

_SATURDAY = 5
_ALWAYS_CLOSED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Holidays on fixed days (State Council decree 795 of 2024); those by the moon are announced."""
_CLOSED_WEEKDAYS = range(10, 31)
"""Of one year; 2005 to 2026 had 16 to 23. Anything else is a slip of the pen."""


class TradingDays:
    """Knows the days of its file; any other day is taken for open from Monday to Friday, unless it
    is a holiday that needs no announcement.
    """

    def __init__(self, known: Mapping[date, bool]) -> None:
        self.known = dict(known)

    @classmethod
    def load(cls, path: Path) -> TradingDays:
        """Read the calendar; raises KnowledgeError naming the line."""
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise KnowledgeError(f"{path}: cannot be read as a calendar ({error})") from error
        known: dict[date, bool] = {}
        for number, line in enumerate(lines[1:], start=2):
            day, _, is_open = line.partition("\t")
            try:
                known[date.fromisoformat(day)] = {"0": False, "1": True}[is_open]
            except (ValueError, KeyError) as error:
                raise KnowledgeError(
                    f"{path}:{number}: {line[:40]!r} is no day; write 2025-01-02, a tab, and 1 for"
                    " a trading day or 0"
                ) from error
        return cls(known)

    @property
    def last(self) -> date | None:
        """The last day that the calendar knows; None where it is empty."""
        return max(self.known, default=None)

    def is_open(self, day: date) -> bool:
        """Whether the exchanges trade on this day (a day in China)."""
        guess = _is_weekday(day) and (day.month, day.day) not in _ALWAYS_CLOSED
        return self.known.get(day, guess)

    def closed_weekdays(self, year: int) -> tuple[date, ...]:
        """Days of a year from Monday to Friday on which the exchanges do not trade."""
        return tuple(d for d in _year(year) if _is_weekday(d) and not self.is_open(d))


def write_year(path: Path, year: int, closed: Collection[date]) -> TradingDays:
    """Add a year to a calendar's file, or replace it: its weekdays but those `closed` are open.

    Raises KnowledgeError where the year leaves a gap, or `closed` cannot be a year's holidays.
    """
    days = TradingDays.load(path)
    if days.last is not None and not days.last.year - 1 <= year - 1 <= days.last.year:
        raise KnowledgeError(f"{path}: ends on {days.last}; give that year or the next, not {year}")
    _check(year, closed)
    whole = TradingDays(days.known | {d: _is_weekday(d) and d not in closed for d in _year(year)})
    lines = (f"{day}\t{int(is_open)}\n" for day, is_open in sorted(whole.known.items()))
    draft = path.with_suffix(".new")
    try:
        draft.write_text("date\topen\n" + "".join(lines), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be written ({error}); check its folder") from error
    return whole


def _check(year: int, closed: Collection[date]) -> None:
    alien = sorted(day for day in closed if day.year != year)
    if alien:
        raise KnowledgeError(f"{alien[0]} is no day of {year}; give the closed days of that year")
    number = len({day for day in closed if _is_weekday(day)})
    if number not in _CLOSED_WEEKDAYS:
        raise KnowledgeError(
            f"{year} would have {number} closed days from Monday to Friday; a year has"
            f" {_CLOSED_WEEKDAYS.start} to {_CLOSED_WEEKDAYS.stop - 1}: give all of them"
        )


def _is_weekday(day: date) -> bool:
    return day.weekday() < _SATURDAY


def _year(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)
