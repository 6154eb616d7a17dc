"""Drafts and their steps as rows of the workspace's database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from assist.draft import Draft, DraftState, DraftStep
from assist.entry_rows import from_json, moment, stamp, to_json
from assist.knowledge import FaqEntry

DRAFT_SCHEMA = """
CREATE TABLE IF NOT EXISTS faq_drafts (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, based_on INTEGER NOT NULL,
    content TEXT NOT NULL, state TEXT NOT NULL, revision INTEGER NOT NULL, author TEXT NOT NULL,
    changed_by TEXT NOT NULL, changed_at TEXT NOT NULL, comment TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS faq_drafts_by_state ON faq_drafts (state, number);
CREATE INDEX IF NOT EXISTS faq_drafts_by_id ON faq_drafts (id, number);
CREATE TABLE IF NOT EXISTS faq_draft_steps (
    step INTEGER PRIMARY KEY, draft INTEGER NOT NULL, state TEXT NOT NULL, content TEXT NOT NULL,
    based_on INTEGER NOT NULL, revision INTEGER NOT NULL, changed_by TEXT NOT NULL,
    changed_at TEXT NOT NULL, comment TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS faq_draft_steps_by_draft ON faq_draft_steps (draft, step);
"""
_COLUMNS = "number, content, based_on, state, revision, author, changed_by, changed_at, comment"


class DraftRows:
    """The tables of drafts over one connection; every call is part of a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, entry: FaqEntry, author: str, at: datetime) -> Draft:
        """A new draft."""
        cursor = self._connection.execute(
            "INSERT INTO faq_drafts (id, based_on, content, state, revision, author, changed_by,"
            " changed_at, comment) VALUES (?, ?, ?, ?, 1, ?, ?, ?, '')",
            (entry.id, entry.version, to_json(entry), str(DraftState.DRAFT), author, author,
             stamp(at)),
        )  # fmt: skip
        draft = Draft(int(cursor.lastrowid or 0), entry, DraftState.DRAFT, 1, author, author, at)
        self._note(draft)
        return draft

    def rewrite(self, draft: Draft, entry: FaqEntry, author: str, at: datetime) -> Draft:
        """A further wording of a draft, which is a draft again by it."""
        new = replace(
            draft, entry=entry, author=author, revision=draft.revision + 1,
            state=DraftState.DRAFT, by=author, at=at, comment="",
        )  # fmt: skip
        return self._keep(new)

    def move(self, draft: Draft, to: DraftState, by: str, at: datetime, comment: str) -> Draft:
        """The same wording in another state."""
        return self._keep(replace(draft, state=to, by=by, at=at, comment=comment))

    def find(self, number: int) -> Draft | None:
        """Draft by number; None where unknown."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM faq_drafts WHERE number = ?", (number,)
        ).fetchone()
        return _draft(row) if row else None

    def all(self, states: Iterable[DraftState], entry_id: str | None) -> tuple[Draft, ...]:
        """Drafts in some states, oldest first; of one entry where its id is given."""
        wanted = [str(state) for state in states]
        marks = ", ".join("?" * len(wanted))
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM faq_drafts WHERE state IN ({marks})"
            " AND (? IS NULL OR id = ?) ORDER BY number",
            (*wanted, entry_id, entry_id),
        )
        return tuple(_draft(row) for row in rows)

    def steps(self, number: int) -> tuple[DraftStep, ...]:
        """Every step of a draft, oldest first."""
        rows = self._connection.execute(
            "SELECT state, changed_by, changed_at, comment, content, based_on, revision"
            " FROM faq_draft_steps WHERE draft = ? ORDER BY step",
            (number,),
        )
        return tuple(
            DraftStep(
                DraftState(state), by, moment(at), comment, from_json(content, base), revision
            )
            for state, by, at, comment, content, base, revision in rows
        )

    def _keep(self, draft: Draft) -> Draft:
        self._connection.execute(
            "UPDATE faq_drafts SET id = ?, based_on = ?, content = ?, state = ?, revision = ?,"
            " author = ?, changed_by = ?, changed_at = ?, comment = ? WHERE number = ?",
            (
                draft.entry.id, draft.entry.version, to_json(draft.entry), str(draft.state),
                draft.revision, draft.author, draft.by, stamp(draft.at), draft.comment,
                draft.number,
            ),
        )  # fmt: skip
        self._note(draft)
        return draft

    def _note(self, draft: Draft) -> None:
        self._connection.execute(
            "INSERT INTO faq_draft_steps (draft, state, content, based_on, revision, changed_by,"
            " changed_at, comment) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                draft.number, str(draft.state), to_json(draft.entry), draft.entry.version,
                draft.revision, draft.by, stamp(draft.at), draft.comment,
            ),
        )  # fmt: skip


_Row = tuple[int, str, int, str, int, str, str, str, str]


def _draft(row: _Row) -> Draft:
    number, content, base, state, revision, author, by, at, comment = row
    return Draft(
        number, from_json(content, base), DraftState(state), revision, author, by, moment(at),
        comment,
    )  # fmt: skip
