"""Published entries in the workspace's database, with every version that ever was.

A publish is one transaction: it is there as a whole or not at all. `generation` grows with every
change, so that another process sees at the cost of one small read that it must load again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from sqlite_utils import Database

from assist.draft_rows import DRAFT_SCHEMA
from assist.entry_rows import ADDED, SCHEMA, Action, Change, EntryRows, from_json
from assist.errors import ReviewError, StoreError
from assist.fit_rows import FIT_SCHEMA, FitRows
from assist.knowledge import FaqEntry, KnowledgeBase, Message, Validity
from news.store import open_database
from news.transaction import add_columns, transaction

__all__ = ["Action", "Change", "KnowledgeStore"]


class KnowledgeStore:
    """The published knowledge base. One store serves one thread; open another for another.

    `fits` keeps what was fitted to a base, and says which process is fitting now.
    """

    def __init__(self, database: Database) -> None:
        self._connection: sqlite3.Connection = database.conn
        self._rows = EntryRows(self._connection)
        self.fits = FitRows(self.writing, self.reading)
        with storing():
            self._connection.executescript(SCHEMA + DRAFT_SCHEMA + FIT_SCHEMA)
            add_columns(self._connection, ADDED)

    @classmethod
    def open(cls, path: Path) -> KnowledgeStore:
        """Open the workspace's database file."""
        return cls(open_database(path))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock; raises StoreError for what SQLite refuses."""
        with storing(), transaction(self._connection):
            yield self._connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, its errors turned into StoreError."""
        with storing():
            yield self._connection

    def publish(
        self,
        entries: Iterable[FaqEntry],
        author: str,
        now: datetime,
        *,
        bases: Mapping[str, int] | None = None,
    ) -> int:
        """Publish entries, all or none, and return how many changed.

        A new content gets the next version; the same content changes nothing, or puts a withdrawn
        entry back under its version. `bases` names for entry ids the version in use that they were
        made from (0: none); ConflictError where that is no longer so.
        """
        with self.writing():
            self._rows.check_bases(bases or {})
            changed = sum(self._rows.put(entry, author, now) for entry in entries)
            if changed:
                self._rows.next_generation()
        return changed

    def withdraw(self, entry_id: str, author: str, now: datetime) -> bool:
        """Take an entry out of use; its history stays. False where it is not in use."""
        with self.writing():
            taken = self._rows.take_out(entry_id, author, now)
            if taken:
                self._rows.next_generation()
        return taken

    def roll_back(self, entry_id: str, version: int, author: str, now: datetime) -> FaqEntry:
        """Publish an old version's content as a new version; raises ReviewError.

        A withdrawn entry comes back into use by it.
        """
        with self.writing():
            old = next((c for c in self.history(entry_id) if c.entry.version == version), None)
            if old is None:
                raise ReviewError(
                    f"entry {entry_id!r} has no version {version}; foreland kb history {entry_id}"
                    " lists those that it has"
                )
            note = f"回到第 {version} 版的内容"
            if not self._rows.put(old.entry, author, now, action=Action.ROLLED_BACK, note=note):
                raise ReviewError(
                    f"entry {entry_id!r}: version {version} is what is published now; nothing to do"
                )
            self._rows.next_generation()
        back = self.entry(entry_id)
        assert back is not None
        return back

    def entries(self) -> tuple[FaqEntry, ...]:
        """Entries in use, in the order of their first publication."""
        with storing():
            return self._rows.entries()

    def entry(self, entry_id: str) -> FaqEntry | None:
        """Entry in use by id; None where there is none."""
        with storing():
            row = self._rows.row(entry_id)
        return from_json(row[1], row[0]) if row and not row[2] else None

    def version(self, entry_id: str, version: int) -> FaqEntry | None:
        """An entry as it was published under a version; None where it never was."""
        found = (c.entry for c in self.history(entry_id) if c.entry.version == version)
        return next(found, None)

    def history(self, entry_id: str) -> tuple[Change, ...]:
        """Every change of an entry, oldest first; empty where the id is unknown."""
        with storing():
            return self._rows.history(entry_id)

    def base(self, on: date) -> KnowledgeBase:
        """What can be answered on a day: entries in use whose wording holds then."""
        entries = (e for e in self.entries() if e.validity(on) is Validity.VALID)
        return KnowledgeBase(tuple(entries), self.out_of_scope(), self.messages())

    def put_out_of_scope(self, lines: Iterable[str]) -> None:
        """Replace the lines that no entry answers."""
        value = json.dumps(list(lines), ensure_ascii=False)
        with self.writing():
            if value != self._rows.meta("out_of_scope"):
                self._rows.put_meta("out_of_scope", value)
                self._rows.next_generation()

    def out_of_scope(self) -> tuple[str, ...]:
        """Lines that no entry answers."""
        with storing():
            return tuple(json.loads(self._rows.meta("out_of_scope") or "[]"))

    def put_messages(self, messages: Iterable[Message]) -> None:
        """Replace the labelled messages."""
        pairs = [(message.text, message.label) for message in messages]
        value = json.dumps(pairs, ensure_ascii=False)
        with self.writing():
            if value != (self._rows.meta("messages") or "[]"):
                self._rows.put_meta("messages", value)
                self._rows.next_generation()

    def messages(self) -> tuple[Message, ...]:
        """Labelled messages of customers."""
        with storing():
            kept = json.loads(self._rows.meta("messages") or "[]")
        return tuple(Message(text, label) for text, label in kept)

    def generation(self) -> int:
        """Grows with every change of what can be answered; 0 before the first."""
        with storing():
            return int(self._rows.meta("generation") or 0)

    def put_fit(self, key: str, fitted: str) -> None:
        """Keep what was fitted, under a key that names what it was fitted to."""
        self.fits.put(key, fitted)

    def fit(self, key: str) -> str | None:
        """What is kept under exactly this key; None where there is nothing."""
        return self.fits.find(key)


@contextmanager
def storing() -> Iterator[None]:
    """Turn the database's errors into the package's own."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(
            f"the workspace's database refused ({error}); check the disk and try again"
        ) from error
