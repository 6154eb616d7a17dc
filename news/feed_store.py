"""What is remembered of polled sources: their state, what was seen in them, and who polls.

The only place that knows these tables; sources themselves stand in `feeds.yaml`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from news.article_row import from_ms, to_ms
from news.fetch import NOTHING_HELD, Held
from news.transaction import transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS feed_states (
    feed_id TEXT PRIMARY KEY, etag TEXT, last_modified TEXT, digest TEXT NOT NULL,
    tried_at INTEGER, succeeded_at INTEGER, failures INTEGER NOT NULL, due_at INTEGER,
    error TEXT NOT NULL, stored INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feed_marks (
    feed_id TEXT NOT NULL, item TEXT NOT NULL, mark TEXT NOT NULL, done INTEGER NOT NULL,
    seen_at INTEGER NOT NULL, PRIMARY KEY (feed_id, item)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS feed_marks_by_time ON feed_marks (feed_id, seen_at);
CREATE TABLE IF NOT EXISTS leases (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;
"""
MOST_MARKS = 20_000
"""Links or files remembered of one source; the longest unseen are forgotten first."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """How polling a source went: `failures` in a row, `due_at` None where it never was polled.

    `digest` is of the last body, `stored` the number of new articles that it brought in all.
    """

    feed_id: str
    held: Held = NOTHING_HELD
    digest: str = ""
    tried_at: datetime | None = None
    succeeded_at: datetime | None = None
    failures: int = 0
    due_at: datetime | None = None
    error: str = ""
    stored: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """How an item of a source (a link, a file) looked, and whether it was taken in."""

    item: str
    mark: str
    done: bool


class FeedStore:
    """States, marks and leases on the connection of a store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(SCHEMA)

    def states(self) -> dict[str, FeedState]:
        """States of all sources that ever were polled, by id."""
        rows = self._connection.execute(
            "SELECT feed_id, etag, last_modified, digest, tried_at, succeeded_at, failures, due_at,"
            " error, stored FROM feed_states"
        )
        return {row[0]: _state(row) for row in rows}

    def marks(self, feed_id: str) -> dict[str, Mark]:
        """What was seen of a source, by item."""
        rows = self._connection.execute(
            "SELECT item, mark, done FROM feed_marks WHERE feed_id = ?", (feed_id,)
        )
        return {item: Mark(item, mark, bool(done)) for item, mark, done in rows}

    def keep(self, state: FeedState, marks: Iterable[Mark], at: datetime) -> None:
        """Keep how a poll went and what it saw, both or neither."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO feed_states VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                _row(state),
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO feed_marks VALUES (?, ?, ?, ?, ?)",
                ((state.feed_id, m.item, m.mark, int(m.done), to_ms(at)) for m in marks),
            )
            self._connection.execute(
                "DELETE FROM feed_marks WHERE feed_id = ? AND seen_at < (SELECT seen_at FROM"
                " feed_marks WHERE feed_id = ? ORDER BY seen_at DESC LIMIT 1 OFFSET ?)",
                (state.feed_id, state.feed_id, MOST_MARKS - 1),
            )

    def poll_now(self, feed_ids: Iterable[str]) -> None:
        """Make sources due, whatever their back-off."""
        with transaction(self._connection):
            self._connection.executemany(
                "UPDATE feed_states SET due_at = NULL WHERE feed_id = ?",
                ((feed_id,) for feed_id in feed_ids),
            )

    # --- leases ------------------------------------------------------------------------------

    def take_lease(self, name: str, holder: str, now: datetime, lasts: timedelta) -> bool:
        """Take or renew a lease; False while another holder has it."""
        with transaction(self._connection):
            done = self._connection.execute(
                "INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
                " holder = excluded.holder, until = excluded.until"
                " WHERE holder = excluded.holder OR until <= ?",
                (name, holder, to_ms(now + lasts), to_ms(now)),
            )
        return done.rowcount == 1

    def give_lease(self, name: str, holder: str) -> None:
        """Give a lease back, so that another need not wait for its end."""
        with transaction(self._connection):
            self._connection.execute(
                "DELETE FROM leases WHERE name = ? AND holder = ?", (name, holder)
            )


def marks_of(marks: Mapping[str, Mark]) -> dict[str, str]:
    """Only how each item looked."""
    return {item: mark.mark for item, mark in marks.items()}


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def _at(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def _row(state: FeedState) -> tuple[str | int | None, ...]:
    return (
        state.feed_id, state.held.etag, state.held.last_modified, state.digest,
        _ms(state.tried_at), _ms(state.succeeded_at), state.failures, _ms(state.due_at),
        state.error, state.stored,
    )  # fmt: skip


def _state(row: tuple[Any, ...]) -> FeedState:
    feed_id, etag, modified, digest, tried, succeeded, failures, due, error, stored = row
    held = Held(etag, modified)
    times = (_at(tried), _at(succeeded), failures, _at(due))
    return FeedState(feed_id, held, digest, *times, error, stored)
