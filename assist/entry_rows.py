"""Published entries and their history as rows of the workspace's database.

The statements only: `assist/store.py` and `assist/draft_store.py` put them into transactions.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from assist.errors import ConflictError
from assist.knowledge import FaqEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS faq_entries (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
    content TEXT NOT NULL, author TEXT NOT NULL, changed_at TEXT NOT NULL,
    withdrawn INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS faq_history (
    change INTEGER PRIMARY KEY, id TEXT NOT NULL, version INTEGER NOT NULL, action TEXT NOT NULL,
    content TEXT NOT NULL, author TEXT NOT NULL, changed_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS faq_history_by_id ON faq_history (id, change);
CREATE TABLE IF NOT EXISTS faq_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
# Columns that came later; a workspace of an earlier program gets them when it is opened.
ADDED = (("faq_history", "note", "TEXT NOT NULL DEFAULT ''"),)


class Action(StrEnum):
    """What happened to an entry."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Change:
    """One step in an entry's history; `entry` is its content then. Time in UTC.

    `note` says in Chinese, for editors, by which way it came: the draft and who approved it, or the
    version gone back to.
    """

    entry: FaqEntry
    action: Action
    author: str
    at: datetime
    note: str = ""


class EntryRows:
    """The tables of published entries over one connection; every call is part of a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(
        self,
        entry: FaqEntry,
        author: str,
        at: datetime,
        *,
        action: Action = Action.PUBLISHED,
        note: str = "",
    ) -> bool:
        """Publish a content; False where it is there already."""
        content, row = to_json(entry), self.row(entry.id)
        if row and row[1] == content and not row[2]:
            return False
        version = 1 if row is None else row[0] + (row[1] != content)
        self._connection.execute(
            "INSERT INTO faq_entries (id, version, content, author, changed_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET version = excluded.version,"
            " content = excluded.content, author = excluded.author,"
            " changed_at = excluded.changed_at, withdrawn = 0",
            (entry.id, version, content, author, stamp(at)),
        )
        self._note(entry.id, version, action, content, author, at, note)
        return True

    def take_out(self, entry_id: str, author: str, at: datetime) -> bool:
        """Take an entry out of use; False where it is not in use."""
        row = self.row(entry_id)
        if row is None or row[2]:
            return False
        self._connection.execute(
            "UPDATE faq_entries SET withdrawn = 1, author = ?, changed_at = ? WHERE id = ?",
            (author, stamp(at), entry_id),
        )
        self._note(entry_id, row[0], Action.WITHDRAWN, row[1], author, at, "")
        return True

    def live_version(self, entry_id: str) -> int:
        """Version in use; 0 where none is."""
        row = self.row(entry_id)
        return row[0] if row and not row[2] else 0

    def check_bases(self, bases: Mapping[str, int]) -> None:
        """Raise ConflictError unless each entry's version in use is the one given (0: none)."""
        for entry_id, base in bases.items():
            live = self.live_version(entry_id)
            if live != base:
                raise ConflictError(self._conflict(entry_id, base, live))

    def _conflict(self, entry_id: str, base: int, live: int) -> str:
        history = self.history(entry_id)
        by = f" by {history[-1].author}" if history else ""
        mine = f"version {base}" if base else "a new entry"
        now = f"version {live} was published{by}" if live else f"it was withdrawn{by}"
        return (
            f"entry {entry_id!r}: the change is based on {mine}, but {now} meanwhile; nothing was"
            f" overwritten. Compare (foreland kb diff {entry_id} {base or 1}), then base the draft"
            " on what is published now (foreland kb rebase) and submit it again"
        )

    def entries(self) -> tuple[FaqEntry, ...]:
        """Entries in use, in the order of their first publication."""
        rows = self._connection.execute(
            "SELECT version, content FROM faq_entries WHERE NOT withdrawn ORDER BY place"
        )
        return tuple(from_json(content, version) for version, content in rows)

    def history(self, entry_id: str) -> tuple[Change, ...]:
        """Every change of an entry, oldest first."""
        rows = self._connection.execute(
            "SELECT content, version, action, author, changed_at, note FROM faq_history"
            " WHERE id = ? ORDER BY change",
            (entry_id,),
        )
        return tuple(
            Change(from_json(content, version), Action(action), author, moment(at), note)
            for content, version, action, author, at, note in rows
        )

    def row(self, entry_id: str) -> tuple[int, str, int] | None:
        """Version, content and whether it is withdrawn."""
        row: tuple[int, str, int] | None = self._connection.execute(
            "SELECT version, content, withdrawn FROM faq_entries WHERE id = ?", (entry_id,)
        ).fetchone()
        return row

    def next_generation(self) -> None:
        """Tell every process that what can be answered has changed."""
        self.put_meta("generation", str(int(self.meta("generation") or 0) + 1))

    def meta(self, name: str) -> str | None:
        """A named value; None where it was never put."""
        row = self._connection.execute(
            "SELECT value FROM faq_meta WHERE name = ?", (name,)
        ).fetchone()
        return str(row[0]) if row else None

    def put_meta(self, name: str, value: str) -> None:
        """Set a named value."""
        self._connection.execute(
            "INSERT INTO faq_meta (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def _note(
        self,
        entry_id: str,
        version: int,
        action: Action,
        content: str,
        author: str,
        at: datetime,
        note: str,
    ) -> None:
        self._connection.execute(
            "INSERT INTO faq_history (id, version, action, content, author, changed_at, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (entry_id, version, str(action), content, author, stamp(at), note),
        )


def to_json(entry: FaqEntry) -> str:
    """Content of an entry, without its version; equal contents give equal text."""
    fields = asdict(replace(entry, version=0)) | {"valid_from": entry.valid_from.isoformat()}
    # Left out where open: contents stored before entries could end stay what they were.
    until = fields.pop("valid_until")
    if until is not None:
        fields["valid_until"] = until.isoformat()
    return json.dumps(fields, ensure_ascii=False, sort_keys=True)


def from_json(content: str, version: int) -> FaqEntry:
    """The entry of a stored content."""
    fields = json.loads(content)
    fields["similar"] = tuple(fields["similar"])
    fields["valid_from"] = date.fromisoformat(fields["valid_from"])
    if fields.get("valid_until"):
        fields["valid_until"] = date.fromisoformat(fields["valid_until"])
    return replace(FaqEntry(**fields), version=version)


def stamp(at: datetime) -> str:
    """A moment as it is stored: UTC, ISO 8601."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """The moment of a stored stamp."""
    return datetime.fromisoformat(text)
