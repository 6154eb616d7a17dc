"""What a search found, kept so that its next pages show the rest of that and of nothing else.

Articles that arrive or change between two pages would move the others. So the first page keeps the
order in a file beside the index, which all processes share. The file is a cache: what rested for
an hour is dropped, and a cursor into it is then refused.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import xxhash

from news.article_row import from_ms, to_ms
from news.errors import SearchError
from news.index_query import Hits
from news.search_ranking import RANKED

KEPT_MS = 3_600_000
_MOST = 1_000
_FRESH_MS = KEPT_MS // 4
_SCHEMA = """
CREATE TABLE IF NOT EXISTS searches (
    id TEXT PRIMARY KEY, used_at INTEGER NOT NULL, began_at INTEGER NOT NULL,
    total INTEGER NOT NULL, stories INTEGER, relaxed INTEGER NOT NULL, hits BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS searches_by_use ON searches (used_at);
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a search found at `began_at`: rows of `RANKED`, how many match, how many stories."""

    began_at: datetime
    total: int
    stories: int | None
    relaxed: bool
    rows: Hits


class SearchSnapshots:
    """Keeps snapshots in a file, or in memory where there is none; for any thread."""

    def __init__(
        self, path: Path | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def keep(self, signature: str, snapshot: Snapshot) -> str:
        """Keep what a search found; its id. The same result of the same search is kept once."""
        hits = snapshot.rows.tobytes()
        seed = f"{signature} {snapshot.total} {snapshot.relaxed}"
        id_ = xxhash.xxh3_128_hexdigest(seed.encode() + hits)
        now = to_ms(self._clock())
        values = (snapshot.total, snapshot.stories, int(snapshot.relaxed), hits)
        with self._use() as connection:
            row = connection.execute("SELECT used_at FROM searches WHERE id = ?", (id_,)).fetchone()
            if row is None or row[0] < now - _FRESH_MS:
                connection.execute(
                    "INSERT INTO searches VALUES (?, ?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET used_at = excluded.used_at",
                    (id_, now, to_ms(snapshot.began_at), *values),
                )
                self._drop_old(connection, now)
        return id_

    def get(self, snapshot_id: str) -> Snapshot | None:
        """A snapshot by its id; None where it is gone."""
        with self._use() as connection:
            row = connection.execute(
                "SELECT began_at, total, stories, relaxed, hits, used_at FROM searches"
                " WHERE id = ?",
                (snapshot_id,),
            ).fetchone()
            now = to_ms(self._clock())
            if row is None or row[5] < now - KEPT_MS:
                return None
            if row[5] < now - _FRESH_MS:
                sql = "UPDATE searches SET used_at = ? WHERE id = ?"
                connection.execute(sql, (now, snapshot_id))
        return Snapshot(
            from_ms(row[0]), row[1], row[2], bool(row[3]), np.frombuffer(row[4], RANKED)
        )

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                yield self._connection
            except sqlite3.Error as error:
                raise SearchError(
                    f"cursor: pages of searches cannot be kept in {self._path} ({error}); delete"
                    " that file, it is only a cache"
                ) from error

    def _open(self) -> sqlite3.Connection:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._path or ":memory:", timeout=10, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(_SCHEMA)
        return connection

    def _drop_old(self, connection: sqlite3.Connection, now: int) -> None:
        connection.execute("DELETE FROM searches WHERE used_at < ?", (now - KEPT_MS,))
        connection.execute(
            "DELETE FROM searches WHERE used_at <= (SELECT used_at FROM searches"
            " ORDER BY used_at DESC LIMIT 1 OFFSET ?)",
            (_MOST,),
        )
