"""Where editors and reviewers work: drafts are written, submitted, judged and published.

Every call is one transaction, so that two people at once never overwrite each other: who comes
second is told what the first did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from assist.draft import (
    OPEN,
    Draft,
    DraftState,
    DraftStep,
    check_reviewer,
    check_step,
    named,
)
from assist.draft_rows import DraftRows
from assist.entry_rows import EntryRows, from_json, to_json
from assist.errors import ConflictError, ReviewError
from assist.knowledge import FaqEntry
from assist.store import KnowledgeStore


class DraftDesk:
    """The drafts of a knowledge base, over the store of the calling thread.

    `four_eyes`: nobody approves a draft of which they wrote any wording.
    """

    def __init__(self, store: KnowledgeStore, *, four_eyes: bool = True) -> None:
        self._store = store
        self.four_eyes = four_eyes

    def write(self, entry: FaqEntry, author: str, now: datetime) -> Draft:
        """A draft of an entry; `entry.version` is the version in use that it was made from.

        The author's own open draft of the entry is rewritten, else a new one is made.
        """
        name = named(author)
        with self._store.writing() as connection:
            rows, published = DraftRows(connection), EntryRows(connection)
            _refuse_unchanged(published, entry)
            published.check_bases({entry.id: entry.version})
            mine = [d for d in rows.all(OPEN, entry.id) if d.author == name]
            if not mine:
                return rows.add(entry, name, now)
            return rows.rewrite(mine[-1], entry, name, now)

    def rewrite(
        self, number: int, entry: FaqEntry, author: str, now: datetime, *, revision: int
    ) -> Draft:
        """A further wording of a draft; ConflictError where it has one later than `revision`."""
        name = named(author)
        with self._store.writing() as connection:
            draft = _seen(_found(DraftRows(connection), number), revision)
            check_step(draft, DraftState.DRAFT)
            _refuse_unchanged(EntryRows(connection), entry)
            kept = replace(entry, id=draft.entry.id, version=draft.entry.version)
            return DraftRows(connection).rewrite(draft, kept, name, now)

    def rebase(self, number: int, author: str, now: datetime) -> Draft:
        """Base a draft on what is published now, its wording unchanged; it is reviewed again."""
        name = named(author)
        with self._store.writing() as connection:
            rows, published = DraftRows(connection), EntryRows(connection)
            draft = _found(rows, number)
            check_step(draft, DraftState.DRAFT)
            _refuse_unchanged(published, draft.entry)
            live = published.live_version(draft.entry.id)
            return rows.rewrite(draft, replace(draft.entry, version=live), name, now)

    def submit(self, number: int, by: str, now: datetime) -> Draft:
        """Hand a draft to the reviewers; ConflictError where its base is no longer published."""
        return self._move(number, DraftState.SUBMITTED, by, now, based=True)

    def approve(self, number: int, by: str, now: datetime, *, revision: int | None = None) -> Draft:
        """Approve what was submitted; `revision` is the wording that the reviewer has read."""
        return self._move(number, DraftState.APPROVED, by, now, revision=revision, based=True)

    def reject(
        self, number: int, by: str, now: datetime, reason: str, *, revision: int | None = None
    ) -> Draft:
        """Send a draft back with the reason, which the author reads."""
        why = reason.strip()
        if not why:
            raise ReviewError("a rejection needs a reason: the author must know what to change")
        return self._move(number, DraftState.REJECTED, by, now, why, revision=revision)

    def discard(self, number: int, by: str, now: datetime) -> Draft:
        """Give a draft up; its steps stay."""
        return self._move(number, DraftState.DISCARDED, by, now)

    def publish(self, numbers: Iterable[int], by: str, now: datetime) -> tuple[Draft, ...]:
        """Publish approved drafts, all or none, and tell every process once."""
        name = named(by)
        with self._store.writing() as connection:
            rows, published = DraftRows(connection), EntryRows(connection)
            done = tuple(
                self._publish(rows, published, n, name, now) for n in dict.fromkeys(numbers)
            )
            if done:
                published.next_generation()
        return done

    def find(self, number: int) -> Draft | None:
        """Draft by number; None where unknown."""
        with self._store.reading() as connection:
            return DraftRows(connection).find(number)

    def drafts(
        self, states: Iterable[DraftState] = OPEN, *, entry_id: str | None = None
    ) -> tuple[Draft, ...]:
        """Drafts in some states, oldest first."""
        with self._store.reading() as connection:
            return DraftRows(connection).all(states, entry_id)

    def steps(self, number: int) -> tuple[DraftStep, ...]:
        """Every step of a draft, oldest first."""
        with self._store.reading() as connection:
            return DraftRows(connection).steps(number)

    def _move(
        self,
        number: int,
        to: DraftState,
        by: str,
        now: datetime,
        comment: str = "",
        *,
        revision: int | None = None,
        based: bool = False,
    ) -> Draft:
        name = named(by)
        with self._store.writing() as connection:
            rows = DraftRows(connection)
            draft = _seen(_found(rows, number), revision)
            check_step(draft, to)
            if based:
                EntryRows(connection).check_bases({draft.entry.id: draft.entry.version})
            if to is DraftState.APPROVED and self.four_eyes:
                check_reviewer(draft, _authors(rows, number), name)
            return rows.move(draft, to, name, now, comment)

    def _publish(
        self, rows: DraftRows, published: EntryRows, number: int, by: str, now: datetime
    ) -> Draft:
        draft = _found(rows, number)
        check_step(draft, DraftState.PUBLISHED)
        published.check_bases({draft.entry.id: draft.entry.version})
        # The state says approved: `by` of the last step is who approved it.
        note = f"{draft.name}，{draft.by} 审核通过" + (f"，{by} 发布" if by != draft.by else "")
        published.put(draft.entry, draft.author, now, note=note)
        return rows.move(draft, DraftState.PUBLISHED, by, now, "")


def _found(rows: DraftRows, number: int) -> Draft:
    draft = rows.find(number)
    if draft is None:
        raise ReviewError(f"there is no draft D{number}; foreland kb drafts lists them")
    return draft


def _seen(draft: Draft, revision: int | None) -> Draft:
    if revision is not None and revision != draft.revision:
        raise ConflictError(
            f"draft {draft.name} has a later wording by {draft.author} than the one you have read"
            f" (revision {draft.revision}, yours {revision}); read it again, then decide"
        )
    return draft


def _refuse_unchanged(published: EntryRows, entry: FaqEntry) -> None:
    row = published.row(entry.id)
    if row and not row[2] and to_json(from_json(row[1], 0)) == to_json(entry):
        raise ReviewError(f"entry {entry.id!r}: the draft is what is published; nothing to review")


def _authors(rows: DraftRows, number: int) -> set[str]:
    return {step.by for step in rows.steps(number) if step.state is DraftState.DRAFT}
