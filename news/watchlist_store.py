"""Watchlists, what they found and what was posted of it, in the workspace's database."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from news.article_row import from_ms, to_ms
from news.store import open_database
from news.transaction import transaction
from news.watchlist import (
    Delivery,
    DeliveryState,
    Watchlist,
    WatchMatch,
    query_from_json,
    query_to_json,
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS watchlists (
    id TEXT PRIMARY KEY, owner TEXT, name TEXT NOT NULL, query TEXT NOT NULL, url TEXT,
    secret TEXT NOT NULL, created_at INTEGER NOT NULL, from_seq INTEGER NOT NULL,
    failures INTEGER NOT NULL, disabled TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS watch_matches (
    number INTEGER PRIMARY KEY AUTOINCREMENT, watchlist_id TEXT NOT NULL,
    article_id TEXT NOT NULL, matched_at INTEGER NOT NULL, UNIQUE (watchlist_id, article_id)
);
CREATE INDEX IF NOT EXISTS watch_matches_in_order ON watch_matches (watchlist_id, number);
CREATE TABLE IF NOT EXISTS watch_deliveries (
    id TEXT PRIMARY KEY, watchlist_id TEXT NOT NULL, match INTEGER NOT NULL,
    article_id TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL, created_at INTEGER NOT NULL, tried_at INTEGER, answer TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS watch_deliveries_due ON watch_deliveries (next_at)
    WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS watch_deliveries_by_list ON watch_deliveries (watchlist_id, match);
CREATE TABLE IF NOT EXISTS watch_state (
    one INTEGER PRIMARY KEY CHECK (one = 1), change INTEGER NOT NULL, holder TEXT NOT NULL,
    held_until INTEGER NOT NULL
);
"""
_LISTS = "id, owner, name, query, url, secret, created_at, from_seq, failures, disabled"
_DELIVERIES = (
    "id, watchlist_id, match, article_id, state, attempts, next_at, created_at, tried_at, answer"
)


class WatchlistStore:
    """Reads and writes watchlists; one store serves one thread."""

    def __init__(self, database: Database) -> None:
        self.connection: sqlite3.Connection = database.conn
        self.connection.executescript(SCHEMA)

    @classmethod
    def open(cls, path: Path) -> WatchlistStore:
        """Open the workspace's database file."""
        return cls(open_database(path))

    # --- watchlists --------------------------------------------------------------------------

    def put(self, watchlist: Watchlist) -> None:
        """Keep a new watchlist, or a changed one."""
        w = watchlist
        self.connection.execute(
            f"INSERT OR REPLACE INTO watchlists ({_LISTS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(w.id, w.owner, w.name, query_to_json(w.query), w.url, w.secret),
                *(to_ms(w.created_at), w.from_seq, w.failures, w.disabled),
            ),
        )

    def remove(self, watchlist_id: str) -> None:
        """Forget a watchlist with all that it found."""
        with transaction(self.connection):
            self.connection.execute("DELETE FROM watchlists WHERE id = ?", (watchlist_id,))
            for table in ("watch_matches", "watch_deliveries"):
                sql = f"DELETE FROM {table} WHERE watchlist_id = ?"
                self.connection.execute(sql, (watchlist_id,))

    def find(self, watchlist_id: str) -> Watchlist | None:
        """Watchlist by id; None where unknown."""
        return next(iter(self._lists("WHERE id = ?", (watchlist_id,))), None)

    def of(self, owner: str | None) -> tuple[Watchlist, ...]:
        """The watchlists of one owner, oldest first."""
        return self._lists("WHERE owner IS ? ORDER BY created_at, id", (owner,))

    def all(self) -> tuple[Watchlist, ...]:
        """Every watchlist of the workspace, oldest first."""
        return self._lists("ORDER BY created_at, id", ())

    # --- matches -----------------------------------------------------------------------------

    def position(self) -> int | None:
        """Number of the last change that was matched; None where none was."""
        row = self.connection.execute("SELECT change FROM watch_state").fetchone()
        return int(row[0]) if row else None

    def record(
        self,
        found: Sequence[tuple[Watchlist, Sequence[str]]],
        position: int,
        now: datetime,
        ids: Sequence[str],
    ) -> int:
        """Keep which articles watchlists found up to a change, all or nothing; how many are new.

        Each match of a watchlist with an address becomes a delivery with one of `ids`.
        """
        fresh, at = 0, to_ms(now)
        spare = iter(ids)
        with transaction(self.connection):
            for watchlist, articles in found:
                for article_id in articles:
                    number = self._matched(watchlist.id, article_id, at)
                    if number is None:
                        continue
                    fresh += 1
                    if watchlist.url:
                        values = (watchlist.id, number, article_id, DeliveryState.PENDING.value)
                        self.connection.execute(
                            f"INSERT INTO watch_deliveries ({_DELIVERIES})"
                            " VALUES (?, ?, ?, ?, ?, 0, ?, ?, NULL, NULL)",
                            (next(spare), *values, at, at),
                        )
            self.connection.execute(
                "INSERT INTO watch_state VALUES (1, ?, '', 0)"
                " ON CONFLICT DO UPDATE SET change = excluded.change",
                (position,),
            )
        return fresh

    def _matched(self, watchlist_id: str, article_id: str, at: int) -> int | None:
        # The list may have been removed since it was read.
        row = self.connection.execute(
            "INSERT OR IGNORE INTO watch_matches (watchlist_id, article_id, matched_at)"
            " SELECT id, ?, ? FROM watchlists WHERE id = ? RETURNING number",
            (article_id, at, watchlist_id),
        ).fetchone()
        return int(row[0]) if row else None

    def matches(self, watchlist_id: str, after: int, limit: int) -> tuple[WatchMatch, ...]:
        """What a watchlist found after a match's number, in order."""
        rows = self.connection.execute(
            "SELECT number, watchlist_id, article_id, matched_at FROM watch_matches"
            " WHERE watchlist_id = ? AND number > ? ORDER BY number LIMIT ?",
            (watchlist_id, after, limit),
        ).fetchall()
        return tuple(
            WatchMatch(n, list_id, article, from_ms(at)) for n, list_id, article, at in rows
        )

    # --- deliveries --------------------------------------------------------------------------

    def due(self, now: datetime, limit: int) -> tuple[tuple[Delivery, Watchlist], ...]:
        """Deliveries that are to be tried now, of watchlists that are not disabled."""
        rows = self.connection.execute(
            f"SELECT {_DELIVERIES} FROM watch_deliveries WHERE state = 'pending' AND next_at <= ?"
            " AND watchlist_id IN (SELECT id FROM watchlists WHERE disabled IS NULL)"
            " ORDER BY next_at, match LIMIT ?",
            (to_ms(now), limit),
        ).fetchall()
        found = []
        for row in rows:
            watchlist = self.find(row[1])
            if watchlist is not None:
                found.append((_delivery(row), watchlist))
        return tuple(found)

    def deliveries(self, watchlist_id: str, before: int | None, limit: int) -> tuple[Delivery, ...]:
        """Deliveries of a watchlist, latest match first, those before a match's number."""
        rows = self.connection.execute(
            f"SELECT {_DELIVERIES} FROM watch_deliveries WHERE watchlist_id = ? AND match < ?"
            " ORDER BY match DESC LIMIT ?",
            (watchlist_id, 2**62 if before is None else before, limit),
        ).fetchall()
        return tuple(map(_delivery, rows))

    def tried(self, delivery: Delivery, failures: int, disabled: str | None) -> None:
        """Keep what came of an attempt, and how the watchlist stands after it."""
        d = delivery
        with transaction(self.connection):
            self.connection.execute(
                "UPDATE watch_deliveries SET state = ?, attempts = ?, next_at = ?, tried_at = ?,"
                " answer = ? WHERE id = ?",
                (
                    *(d.state.value, d.attempts, to_ms(d.next_at)),
                    *(to_ms(d.tried_at) if d.tried_at else None, d.answer, d.id),
                ),
            )
            self.connection.execute(
                "UPDATE watchlists SET failures = ?, disabled = ? WHERE id = ?",
                (failures, disabled, d.watchlist_id),
            )

    def resume(self, watchlist: Watchlist, now: datetime) -> None:
        """Post to a watchlist's address again, beginning with what waits."""
        with transaction(self.connection):
            self.put(replace(watchlist, failures=0, disabled=None))
            self.connection.execute(
                "UPDATE watch_deliveries SET next_at = ?"
                " WHERE watchlist_id = ? AND state = 'pending'",
                (to_ms(now), watchlist.id),
            )

    # --- one process at a time ---------------------------------------------------------------

    def lease(self, holder: str, now: datetime, span: timedelta) -> bool:
        """Whether this process may match and post until `now` + `span`; one at a time may."""
        at = to_ms(now)
        done = self.connection.execute(
            "UPDATE watch_state SET holder = ?, held_until = ? WHERE holder = ? OR held_until < ?",
            (holder, at + span // timedelta(milliseconds=1), holder, at),
        )
        return done.rowcount == 1

    def begin(self, change: int) -> None:
        """Match changes after this one, unless some were matched already."""
        self.connection.execute("INSERT OR IGNORE INTO watch_state VALUES (1, ?, '', 0)", (change,))

    def _lists(self, rest: str, values: tuple[str | None, ...]) -> tuple[Watchlist, ...]:
        rows = self.connection.execute(f"SELECT {_LISTS} FROM watchlists {rest}", values)
        return tuple(map(_watchlist, rows.fetchall()))


def _watchlist(row: tuple[Any, ...]) -> Watchlist:
    id_, owner, name, query, url, secret, created_at, from_seq, failures, disabled = row
    return Watchlist(
        id_,
        owner,
        name,
        query_from_json(query),
        url,
        secret,
        from_ms(created_at),
        from_seq,
        failures,
        disabled,
    )


def _delivery(row: tuple[Any, ...]) -> Delivery:
    id_, watchlist_id, match, article_id, state, attempts, next_at, created_at, tried_at = row[:9]
    return Delivery(
        id=id_,
        watchlist_id=watchlist_id,
        match=match,
        article_id=article_id,
        state=DeliveryState(state),
        attempts=attempts,
        next_at=from_ms(next_at),
        created_at=from_ms(created_at),
        tried_at=from_ms(tried_at) if tried_at is not None else None,
        answer=row[9],
    )
