"""Dead letters in the workspace's database; the only place that knows their table.

A letter stays when it was replayed or when its source was read after all: `settled_at` says when,
so that what is open can be told from what was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from news.article import DeadLetter
from news.article_row import from_ms, to_ms
from news.transaction import add_columns, transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS dead_letters (
    origin TEXT NOT NULL, stage TEXT NOT NULL, error TEXT NOT NULL, payload TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, times INTEGER NOT NULL,
    PRIMARY KEY (origin, stage, error)
) WITHOUT ROWID;
"""
_ADDED = (
    ("dead_letters", "id", "TEXT NOT NULL DEFAULT ''"),
    ("dead_letters", "settled_at", "INTEGER"),
)
_INDEX = "CREATE INDEX IF NOT EXISTS dead_letters_by_id ON dead_letters (id)"
_COLUMNS = "origin, stage, error, payload, seen_at, times, settled_at"
_LIKE = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


class DeadLetterStore:
    """Letters on the connection of a store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(SCHEMA)
        add_columns(connection, _ADDED)
        connection.execute(_INDEX)
        self._name_old_ones()

    def bury(self, letter: DeadLetter, at: datetime) -> None:
        """Keep an item that could not become an article (inside the caller's transaction).

        The same one again counts, and is open again.
        """
        texts = (letter.origin, letter.stage, letter.error, letter.payload)
        # Half a character pair, which a hostile file can hold, has no UTF-8 form.
        origin, stage, error, payload = (
            text.encode("utf-8", "replace").decode("utf-8") for text in texts
        )
        name = DeadLetter(origin, stage, error).id
        self._connection.execute(
            "INSERT INTO dead_letters (origin, stage, error, payload, first_seen_at, seen_at,"
            " times, id) VALUES (?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO UPDATE SET"
            " seen_at = excluded.seen_at, times = times + 1, payload = excluded.payload,"
            " settled_at = NULL",
            (origin, stage, error, payload, to_ms(at), to_ms(at), name),
        )

    def settle(self, letter: DeadLetter, at: datetime) -> None:
        """Note that a letter was replayed and its content taken in."""
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE dead_letters SET settled_at = ? WHERE id = ?", (to_ms(at), letter.id)
            )

    def settle_origins(self, origins: Iterable[str], at: datetime) -> None:
        """Note that what these places hold was read after all."""
        with transaction(self._connection):
            self._connection.executemany(
                "UPDATE dead_letters SET settled_at = ? WHERE origin = ? AND settled_at IS NULL",
                ((to_ms(at), origin) for origin in origins),
            )

    def latest(
        self, limit: int = 100, *, stage: str | None = None, settled: bool = False
    ) -> tuple[DeadLetter, ...]:
        """Open letters, latest first; of one stage where it is given; `settled`: these as well."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM dead_letters WHERE (? IS NULL OR stage = ?)"
            " AND (? OR settled_at IS NULL) ORDER BY seen_at DESC, origin LIMIT ?",
            (stage, stage, settled, limit),
        )
        return tuple(map(_letter, rows))

    def find(self, start: str) -> tuple[DeadLetter, ...]:
        """Letters whose id begins with `start`, ten at most."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM dead_letters WHERE id LIKE ? ESCAPE '\\' ORDER BY id LIMIT 10",
            (start.translate(_LIKE) + "%",),
        )
        return tuple(map(_letter, rows))

    def count(self) -> int:
        """Number of open letters."""
        sql = "SELECT count(*) FROM dead_letters WHERE settled_at IS NULL"
        return int(self._connection.execute(sql).fetchone()[0])

    def count_by_stage(self) -> dict[str, int]:
        """Number of open letters of each stage, by name."""
        sql = (
            "SELECT stage, count(*) FROM dead_letters WHERE settled_at IS NULL"
            " GROUP BY stage ORDER BY stage"
        )
        return dict(self._connection.execute(sql).fetchall())

    def _name_old_ones(self) -> None:
        """Workspaces of the first version kept letters without an id."""
        rows = self._connection.execute(
            "SELECT origin, stage, error FROM dead_letters WHERE id = ''"
        ).fetchall()
        self._connection.executemany(
            "UPDATE dead_letters SET id = ? WHERE origin = ? AND stage = ? AND error = ?",
            ((DeadLetter(*row).id, *row) for row in rows),
        )


def _letter(row: tuple[str, str, str, str, int, int, int | None]) -> DeadLetter:
    origin, stage, error, payload, seen_at, times, settled_at = row
    settled = from_ms(settled_at) if settled_at is not None else None
    return DeadLetter(origin, stage, error, payload, from_ms(seen_at), times, settled)
