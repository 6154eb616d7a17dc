"""Answers to pushes of articles, kept so that a push sent again gets the first one."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from assist.errors import HandoverInputError
from assist.talk import OnceKey
from news.article_row import to_ms
from news.transaction import transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS push_replies (
    owner TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, reply TEXT NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (owner, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS push_replies_by_time ON push_replies (at);
"""
KEPT = timedelta(days=7)
"""After this time a request sent again counts as new; its articles are then known ones."""


class PushReplies:
    """Kept answers on the connection of a store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(SCHEMA)

    def stored(self, once: OnceKey | None) -> str | None:
        """The answer to the first request with this key; None where there was none.

        Raises HandoverInputError where the key was used for another request.
        """
        if once is None:
            return None
        row = self._connection.execute(
            "SELECT digest, reply FROM push_replies WHERE owner = ? AND key = ?",
            (once.owner, once.key),
        ).fetchone()
        if row is None:
            return None
        if row[0] != once.digest:
            raise HandoverInputError(
                "this idempotency key was used with another request; choose a new key for it"
            )
        return str(row[1])

    def keep(self, once: OnceKey, reply: str, at: datetime) -> str:
        """Keep an answer; of two at once the first is kept, and returned to both."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM push_replies WHERE at < ?", (to_ms(at - KEPT),))
            self._connection.execute(
                "INSERT OR IGNORE INTO push_replies VALUES (?, ?, ?, ?, ?)",
                (once.owner, once.key, once.digest, reply, to_ms(at)),
            )
        return self.stored(once) or reply
