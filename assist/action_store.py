"""The outbox of sample actions: what would have been sent or booked, once for each key.

It keeps what was done and the last digits of a phone, no wording of a customer.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from news.store import open_database
from news.transaction import transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS action_outbox (
    number INTEGER PRIMARY KEY, key TEXT UNIQUE, action TEXT NOT NULL, line TEXT NOT NULL,
    results TEXT NOT NULL, at TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """Something that a sample action did."""

    number: int
    action: str
    line: str
    at: datetime


class ActionOutbox:
    """The outbox of one workspace; one serves one thread."""

    def __init__(self, database: Database) -> None:
        self._connection: sqlite3.Connection = database.conn
        self._connection.executescript(_SCHEMA)

    @classmethod
    def open(cls, path: Path) -> ActionOutbox:
        """Open the workspace's database file; raises news.errors.StoreError."""
        return cls(open_database(path))

    def once(
        self,
        key: str,
        action: str,
        line: str,
        results: Callable[[int], Mapping[str, str]],
        now: datetime,
    ) -> Mapping[str, str]:
        """Keep a line, with the results that its number gives; those of before for a known key.

        An empty key is never known.
        """
        with transaction(self._connection):
            known = self._connection.execute(
                "SELECT results FROM action_outbox WHERE key = ? AND action = ?", (key, action)
            ).fetchone()
            if known:
                before: dict[str, str] = json.loads(known[0])
                return before
            last = self._connection.execute("SELECT max(number) FROM action_outbox").fetchone()[0]
            number = (last or 0) + 1
            new = dict(results(number))
            at = now.astimezone(UTC).isoformat()
            row = (number, key or None, action, line, json.dumps(new, ensure_ascii=False), at)
            self._connection.execute("INSERT INTO action_outbox VALUES (?, ?, ?, ?, ?, ?)", row)
            return new

    def lines(self) -> tuple[OutboxLine, ...]:
        """Everything that was done, the oldest first."""
        rows = self._connection.execute(
            "SELECT number, action, line, at FROM action_outbox ORDER BY number"
        )
        return tuple(OutboxLine(n, a, line, datetime.fromisoformat(at)) for n, a, line, at in rows)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
