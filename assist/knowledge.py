"""The approved knowledge: entries with a standard question, similar questions and an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from assist.errors import KnowledgeError


class Validity(StrEnum):
    """Whether an entry's answer holds on a day; only a VALID one is answered from."""

    UPCOMING = "upcoming"
    VALID = "valid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One approved answer and the questions that it answers.

    `question` is the standard question (标准问), `similar` other wordings (相似问). `source` names
    the rule or document behind the answer, which holds from `valid_from` to `valid_until`, both
    days included; None is open. `version` counts published contents of the entry from 1; 0 is not
    published.
    """

    id: str
    question: str
    similar: tuple[str, ...] = ()
    answer: str = ""
    source: str = ""
    valid_from: date = date.min
    category: str = ""
    risk_notice: str | None = None
    version: int = 0
    valid_until: date | None = None

    def validity(self, on: date) -> Validity:
        """Whether the answer holds on a day."""
        if on < self.valid_from:
            return Validity.UPCOMING
        if self.valid_until is not None and on > self.valid_until:
            return Validity.EXPIRED
        return Validity.VALID

    @property
    def questions(self) -> tuple[str, ...]:
        """The standard question and the similar ones."""
        return (self.question, *self.similar)


NO_ENTRY, VAGUE = "oos", "ask"  # labels of messages beside the ids of entries


@dataclass(frozen=True, slots=True)
class Message:
    """What a customer wrote, with what a person judged right for it.

    `label` is the id of the entry that answers it, NO_ENTRY where none does, or VAGUE where several
    may and the customer must be asked (怎么开通权限).
    """

    text: str
    label: str

    @property
    def entry_id(self) -> str | None:
        """The entry that answers it; None where there is no single one."""
        return None if self.label in (NO_ENTRY, VAGUE) else self.label


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """Entries with unique ids, lines that no entry answers (`out_of_scope`), labelled `messages`.

    Messages calibrate the decision; nothing is taught from them. Entries stand in the order of
    their ids, so that a base is the same in whatever order they were written.
    """

    entries: tuple[FaqEntry, ...]
    out_of_scope: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()
    _by_id: dict[str, FaqEntry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple(sorted(self.entries, key=lambda entry: entry.id)))
        object.__setattr__(self, "_by_id", {entry.id: entry for entry in self.entries})
        if len(self._by_id) < len(self.entries):
            twice = _repeated(entry.id for entry in self.entries)
            raise KnowledgeError(f"entry id {twice!r} stands twice; give each entry its own id")

    def entry(self, entry_id: str) -> FaqEntry | None:
        """Entry by id; None where unknown."""
        return self._by_id.get(entry_id)


def _repeated(ids: Iterable[str]) -> str:
    seen: set[str] = set()
    return next(i for i in ids if i in seen or seen.add(i))  # type: ignore[func-returns-value]
