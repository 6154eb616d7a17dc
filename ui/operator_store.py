"""Operators of the console, their sessions and failed log-ins in the workspace's database.

Neither passwords nor session tokens are kept, only their hashes. `ui/operators.py` knows the rules.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlite_utils import Database

from news.article_row import from_ms, to_ms
from news.store import open_database
from news.transaction import transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS operators (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, hash TEXT NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS operator_sessions (
    digest TEXT PRIMARY KEY, name TEXT NOT NULL, expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS operator_failures (
    name TEXT PRIMARY KEY, failures INTEGER NOT NULL, at INTEGER NOT NULL,
    wait_until INTEGER NOT NULL
) WITHOUT ROWID;
"""


class Role(StrEnum):
    """What somebody does here; the values are words of the command line and the database."""

    AGENT = "agent"  # 坐席
    SUPERVISOR = "supervisor"  # 主管
    EDITOR = "editor"  # 编辑
    ADMIN = "admin"  # 管理员


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who works in the console; the name is the one that customers are told."""

    name: str
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed log-ins in a row under a name; the next one is not before `wait_until`."""

    count: int
    at: datetime
    wait_until: datetime


class OperatorStore:
    """Rows of operators; one store serves one thread."""

    def __init__(self, database: Database) -> None:
        self._connection: sqlite3.Connection = database.conn
        self._connection.executescript(SCHEMA)

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[OperatorStore]:
        """The workspace's database for a moment; raises news.errors.StoreError."""
        database = open_database(path)
        try:
            yield cls(database)
        finally:
            database.conn.close()

    def writing(self) -> AbstractContextManager[None]:
        """All or nothing, and no other process writes meanwhile."""
        return transaction(self._connection)

    # --- operators ---------------------------------------------------------------------------

    def add(self, operator: Operator, password_hash: str) -> bool:
        """Store a new operator; False where the name is taken."""
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO operators VALUES (?, ?, ?, ?)",
            (operator.name, operator.role, password_hash, to_ms(operator.created_at)),
        )
        return cursor.rowcount == 1

    def find(self, name: str) -> tuple[Operator, str] | None:
        """An operator and the hash of the password; None where unknown."""
        row = self._connection.execute(
            "SELECT name, role, created_at, hash FROM operators WHERE name = ?", (name,)
        ).fetchone()
        return (Operator(row[0], Role(row[1]), from_ms(row[2])), row[3]) if row else None

    def all(self) -> tuple[Operator, ...]:
        """Every operator, by name."""
        rows = self._connection.execute("SELECT name, role, created_at FROM operators ORDER BY 1")
        return tuple(Operator(name, Role(role), from_ms(at)) for name, role, at in rows)

    def remove(self, name: str) -> None:
        """Delete an operator with their sessions."""
        self.end_sessions(name)
        self._connection.execute("DELETE FROM operators WHERE name = ?", (name,))

    def set_role(self, name: str, role: Role) -> None:
        """Give an operator another role."""
        self._connection.execute("UPDATE operators SET role = ? WHERE name = ?", (role, name))

    def set_hash(self, name: str, password_hash: str) -> None:
        """Give an operator another password."""
        self._connection.execute(
            "UPDATE operators SET hash = ? WHERE name = ?", (password_hash, name)
        )

    # --- sessions ----------------------------------------------------------------------------

    def begin_session(self, digest: str, name: str, now: datetime, until: datetime) -> None:
        """Keep a session by its token's hash; those that are over go."""
        self._connection.execute(
            "DELETE FROM operator_sessions WHERE expires_at <= ?", (to_ms(now),)
        )
        self._connection.execute(
            "INSERT INTO operator_sessions VALUES (?, ?, ?)", (digest, name, to_ms(until))
        )

    def session(self, digest: str, now: datetime) -> Operator | None:
        """Whose session it is; None where it is unknown or over."""
        row = self._connection.execute(
            "SELECT name FROM operator_sessions WHERE digest = ? AND expires_at > ?",
            (digest, to_ms(now)),
        ).fetchone()
        found = self.find(row[0]) if row else None
        return found[0] if found else None

    def end_session(self, digest: str) -> None:
        """Forget one session."""
        self._connection.execute("DELETE FROM operator_sessions WHERE digest = ?", (digest,))

    def end_sessions(self, name: str) -> None:
        """Forget all sessions of an operator."""
        self._connection.execute("DELETE FROM operator_sessions WHERE name = ?", (name,))

    # --- failed log-ins ----------------------------------------------------------------------

    def failures(self, name: str) -> Failures | None:
        """Failed log-ins in a row under a name, of an operator or not."""
        row = self._connection.execute(
            "SELECT failures, at, wait_until FROM operator_failures WHERE name = ?", (name,)
        ).fetchone()
        return Failures(row[0], from_ms(row[1]), from_ms(row[2])) if row else None

    def put_failures(self, name: str, failures: Failures, forget_before: datetime) -> None:
        """Keep how often a name failed; what is older than `forget_before` goes."""
        self._connection.execute(
            "DELETE FROM operator_failures WHERE at < ?", (to_ms(forget_before),)
        )
        self._connection.execute(
            "INSERT INTO operator_failures VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " failures = excluded.failures, at = excluded.at, wait_until = excluded.wait_until",
            (name, failures.count, to_ms(failures.at), to_ms(failures.wait_until)),
        )

    def forget_failures(self, name: str) -> None:
        """Begin to count anew."""
        self._connection.execute("DELETE FROM operator_failures WHERE name = ?", (name,))
