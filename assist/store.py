"""Published entries in the workspace's database, with every version that ever was.

A publish is one transaction: it is there as a whole or not at all. `generation` grows with every
change, so that another process sees at the cost of one small read that it must load again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

from sqlite_utils import Database

from assist.errors import StoreError
from assist.knowledge import FaqEntry, KnowledgeBase
from news.store import open_database, transaction

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


class Action(StrEnum):
    """What happened to an entry."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Change:
    """One step in an entry's history; `entry` is its content then. Time in UTC."""

    entry: FaqEntry
    action: Action
    author: str
    at: datetime


class KnowledgeStore:
    """The published knowledge base. One store serves one thread; open another for another."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: sqlite3.Connection = database.conn
        with _storing():
            self._connection.executescript(SCHEMA)

    @classmethod
    def open(cls, path: Path) -> KnowledgeStore:
        """Open the workspace's database file."""
        return cls(open_database(path))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def publish(self, entries: Iterable[FaqEntry], author: str, now: datetime) -> int:
        """Publish entries, all or none, and return how many changed.

        A new content gets the next version; the same content changes nothing, or puts a withdrawn
        entry back under its version.
        """
        with _storing(), transaction(self._connection):
            changed = sum(self._put(entry, author, _stamp(now)) for entry in entries)
            if changed:
                self._next_generation()
        return changed

    def withdraw(self, entry_id: str, author: str, now: datetime) -> bool:
        """Take an entry out of use; its history stays. False where it is not in use."""
        with _storing(), transaction(self._connection):
            row = self._row(entry_id)
            if row is None or row[2]:
                return False
            version, content, _ = row
            self._connection.execute(
                "UPDATE faq_entries SET withdrawn = 1, author = ?, changed_at = ? WHERE id = ?",
                (author, _stamp(now), entry_id),
            )
            self._note(entry_id, version, Action.WITHDRAWN, content, author, _stamp(now))
            self._next_generation()
        return True

    def entries(self) -> tuple[FaqEntry, ...]:
        """Entries in use, in the order of their first publication."""
        rows = self._database.query(
            "SELECT version, content FROM faq_entries WHERE NOT withdrawn ORDER BY place"
        )
        with _storing():
            return tuple(_entry(row["content"], row["version"]) for row in rows)

    def entry(self, entry_id: str) -> FaqEntry | None:
        """Entry in use by id; None where there is none."""
        with _storing():
            row = self._row(entry_id)
        return _entry(row[1], row[0]) if row and not row[2] else None

    def history(self, entry_id: str) -> tuple[Change, ...]:
        """Every change of an entry, oldest first; empty where the id is unknown."""
        rows = self._database.query(
            "SELECT version, action, content, author, changed_at FROM faq_history"
            " WHERE id = ? ORDER BY change",
            (entry_id,),
        )
        with _storing():
            return tuple(
                Change(
                    _entry(row["content"], row["version"]),
                    Action(row["action"]),
                    row["author"],
                    datetime.fromisoformat(row["changed_at"]),
                )
                for row in rows
            )

    def base(self, on: date) -> KnowledgeBase:
        """What can be answered on a day: entries in use whose wording holds by then."""
        entries = (entry for entry in self.entries() if entry.valid_from <= on)
        return KnowledgeBase(tuple(entries), self.out_of_scope())

    def put_out_of_scope(self, lines: Iterable[str]) -> None:
        """Replace the lines that no entry answers."""
        value = json.dumps(list(lines), ensure_ascii=False)
        with _storing(), transaction(self._connection):
            if value != self._meta("out_of_scope"):
                self._put_meta("out_of_scope", value)
                self._next_generation()

    def out_of_scope(self) -> tuple[str, ...]:
        """Lines that no entry answers."""
        with _storing():
            return tuple(json.loads(self._meta("out_of_scope") or "[]"))

    def generation(self) -> int:
        """Grows with every change of what can be answered; 0 before the first."""
        with _storing():
            return int(self._meta("generation") or 0)

    def put_fit(self, key: str, fitted: str) -> None:
        """Keep a fitted decision under a key that names what it was fitted to."""
        with _storing(), transaction(self._connection):
            self._put_meta("fit", json.dumps({"key": key, "fitted": fitted}))

    def fit(self, key: str) -> str | None:
        """The fitted decision kept under exactly this key; None where there is none."""
        with _storing():
            kept = json.loads(self._meta("fit") or "{}")
        return str(kept["fitted"]) if kept.get("key") == key else None

    def _put(self, entry: FaqEntry, author: str, at: str) -> bool:
        content, row = _content(entry), self._row(entry.id)
        if row and row[1] == content and not row[2]:
            return False
        version = 1 if row is None else row[0] + (row[1] != content)
        self._connection.execute(
            "INSERT INTO faq_entries (id, version, content, author, changed_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET version = excluded.version,"
            " content = excluded.content, author = excluded.author,"
            " changed_at = excluded.changed_at, withdrawn = 0",
            (entry.id, version, content, author, at),
        )
        self._note(entry.id, version, Action.PUBLISHED, content, author, at)
        return True

    def _note(
        self, entry_id: str, version: int, action: Action, content: str, author: str, at: str
    ) -> None:
        self._connection.execute(
            "INSERT INTO faq_history (id, version, action, content, author, changed_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (entry_id, version, str(action), content, author, at),
        )

    def _row(self, entry_id: str) -> tuple[int, str, int] | None:
        row: tuple[int, str, int] | None = self._connection.execute(
            "SELECT version, content, withdrawn FROM faq_entries WHERE id = ?", (entry_id,)
        ).fetchone()
        return row

    def _next_generation(self) -> None:
        self._put_meta("generation", str(int(self._meta("generation") or 0) + 1))

    def _meta(self, name: str) -> str | None:
        row = self._connection.execute(
            "SELECT value FROM faq_meta WHERE name = ?", (name,)
        ).fetchone()
        return str(row[0]) if row else None

    def _put_meta(self, name: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO faq_meta (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )


@contextmanager
def _storing() -> Iterator[None]:
    """Turn the database's errors into the package's own."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(
            f"the workspace's database refused ({error}); check the disk and try again"
        ) from error


def _content(entry: FaqEntry) -> str:
    fields = asdict(replace(entry, version=0)) | {"valid_from": entry.valid_from.isoformat()}
    return json.dumps(fields, ensure_ascii=False, sort_keys=True)


def _entry(content: str, version: int) -> FaqEntry:
    fields = json.loads(content)
    fields["similar"] = tuple(fields["similar"])
    fields["valid_from"] = date.fromisoformat(fields["valid_from"])
    return replace(FaqEntry(**fields), version=version)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
