"""The days on which the Chinese exchanges trade (data/trading_calendar.tsv: date, open)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from assist.errors import KnowledgeError

_SATURDAY = 5


class TradingDays:
    """Knows the days of its file; any other day is taken for open from Monday to Friday."""

    def __init__(self, known: Mapping[date, bool]) -> None:
        self._known = known

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
        return max(self._known, default=None)

    def is_open(self, day: date) -> bool:
        """Whether the exchanges trade on this day (a day in China)."""
        return self._known.get(day, day.weekday() < _SATURDAY)
