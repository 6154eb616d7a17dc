"""Writing to the workspace's database all or nothing, and bringing older ones up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing; takes the write lock at once, so that what was read stays true."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def savepoint(connection: sqlite3.Connection) -> Iterator[None]:
    """Undo what was written inside where it fails, and keep the transaction around it."""
    connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK TO part")
        connection.execute("RELEASE part")
        raise
    connection.execute("RELEASE part")


def add_columns(connection: sqlite3.Connection, columns: Iterable[tuple[str, str, str]]) -> None:
    """Bring tables of an older workspace up to date: (table, column, type and default) each."""

    def has(table: str, column: str) -> bool:
        rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
        return any(row[1] == column for row in rows)

    for table, column, kind in columns:
        # Looked at again inside: two processes may open an old workspace at the same time.
        if not has(table, column):
            with transaction(connection):
                if not has(table, column):
                    connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
