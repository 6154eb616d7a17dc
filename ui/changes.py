"""Whether anybody has written to the workspace's database, without asking any of its tables."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from news.store import open_database


class DatabaseChanges:
    """Looks from a connection of its own, which never writes.

    SQLite counts the commits of all other connections, in this process or another one, in shared
    memory: https://www.sqlite.org/pragma.html#pragma_data_version. A look costs microseconds.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def look(self) -> int:
        """A number that is another one after a commit; called from any thread, one at a time.

        Raises news.errors.StoreError, sqlite3.Error.
        """
        if self._connection is None:
            self._connection = open_database(self._path).conn
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
