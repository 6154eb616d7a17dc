"""A draft on its way to being published, and the steps that it may take.

    draft ──► submitted ──► approved ──► published
      ▲           │             │
      └───────────┴─ rejected ◄─┘        (discarded: from any state but published)

A new wording always starts again at `draft`: what is published is what was approved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assist.errors import OwnDraftError, ReviewError
from assist.knowledge import FaqEntry
from news.text import fold


class DraftState(StrEnum):
    """Where a draft stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"
    DISCARDED = "discarded"


OPEN = (DraftState.DRAFT, DraftState.SUBMITTED, DraftState.APPROVED, DraftState.REJECTED)
"""States in which a draft can still become an answer."""

_NEXT = {
    DraftState.DRAFT: (DraftState.DRAFT, DraftState.SUBMITTED, DraftState.DISCARDED),
    DraftState.SUBMITTED: (
        DraftState.DRAFT,
        DraftState.APPROVED,
        DraftState.REJECTED,
        DraftState.DISCARDED,
    ),
    DraftState.APPROVED: (
        DraftState.DRAFT,
        DraftState.PUBLISHED,
        DraftState.REJECTED,
        DraftState.DISCARDED,
    ),
    DraftState.REJECTED: (DraftState.DRAFT, DraftState.DISCARDED),
    DraftState.PUBLISHED: (),
    DraftState.DISCARDED: (),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A wording of an entry that is not published yet.

    `number` is unique in the workspace; people see it as `D12`. `entry.version` is the version in
    use that the draft is based on, 0 where it is a new entry. `revision` grows with every new
    wording. `author` wrote the last one; `by`, `at` and `comment` belong to the last step.
    """

    number: int
    entry: FaqEntry
    state: DraftState
    revision: int
    author: str
    by: str
    at: datetime
    comment: str = ""

    @property
    def name(self) -> str:
        """How people call it."""
        return f"D{self.number}"


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One step of a draft: who, when, into which state, with which wording and comment."""

    state: DraftState
    by: str
    at: datetime
    comment: str
    entry: FaqEntry
    revision: int


def check_step(draft: Draft, to: DraftState) -> None:
    """Raise ReviewError where a draft cannot go from its state to `to`."""
    if to in _NEXT[draft.state]:
        return
    allowed = ", ".join(_NEXT[draft.state]) or "nothing more: start a new draft"
    if draft.state is DraftState.REJECTED:
        allowed += f" (it was rejected by {draft.by}: {draft.comment}; change it first)"
    raise ReviewError(
        f"draft {draft.name} of {draft.entry.id!r} is {draft.state} and cannot become {to};"
        f" from here it can become {allowed}"
    )


def check_reviewer(draft: Draft, authors: Iterable[str], reviewer: str) -> None:
    """Raise OwnDraftError where the reviewer wrote any wording of the draft (four-eyes rule)."""
    if fold(reviewer) in {fold(author) for author in authors}:
        raise OwnDraftError(
            f"draft {draft.name} of {draft.entry.id!r} was written by {reviewer}, and nobody"
            " approves their own draft; ask a colleague, or in a one-person shop set"
            " four_eyes = false"
        )


def named(person: str) -> str:
    """A person's name without blanks around it; raises ReviewError where it is empty."""
    name = " ".join(person.split())
    if not fold(name):
        raise ReviewError(f"name {person!r} is empty; every step needs the name of who takes it")
    return name
