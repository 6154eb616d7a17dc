"""What reading a file of knowledge finds: entries, further questions, and problems."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assist.knowledge import FaqEntry


class Severity(StrEnum):
    """ERROR: left out, or wrong for customers. WARNING: look at it. NOTICE: good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file; `place` names file, line or row, and entry."""

    severity: Severity
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class PlacedEntry:
    """An entry with the place in a file that it comes from.

    `entry.version` is the version that the file says it was made from, 0 where it says nothing.
    """

    entry: FaqEntry
    place: str


@dataclass(frozen=True, slots=True)
class MoreQuestions:
    """Similar questions for an entry that stands elsewhere."""

    entry_id: str
    questions: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class OutOfScopeLines:
    """Lines that no entry answers."""

    lines: tuple[str, ...]


Found = PlacedEntry | MoreQuestions | OutOfScopeLines | Problem
