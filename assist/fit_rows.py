"""What was fitted to a base, kept for every process; and the lease of the one that is fitting."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

FIT_SCHEMA = """
CREATE TABLE IF NOT EXISTS faq_fits (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, fitted TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS faq_leases (
    name TEXT PRIMARY KEY, owner TEXT NOT NULL, until_ms INTEGER NOT NULL
) WITHOUT ROWID;
"""
KEPT = 4  # today's base, one being reviewed, one before and one to spare; each may be megabytes

_Connection = Callable[[], AbstractContextManager[sqlite3.Connection]]


class FitRows:
    """Fits by the key of what they were fitted to, newest few; leases by name."""

    def __init__(self, writing: _Connection, reading: _Connection) -> None:
        self._writing = writing
        self._reading = reading

    def put(self, key: str, fitted: str) -> None:
        """Keep a fit as the newest; the oldest beyond KEPT goes."""
        with self._writing() as connection:
            connection.execute("DELETE FROM faq_fits WHERE key = ?", (key,))
            connection.execute("INSERT INTO faq_fits (key, fitted) VALUES (?, ?)", (key, fitted))
            connection.execute(
                "DELETE FROM faq_fits WHERE number NOT IN"
                " (SELECT number FROM faq_fits ORDER BY number DESC LIMIT ?)",
                (KEPT,),
            )

    def find(self, key: str) -> str | None:
        """The fit kept under exactly this key; None where there is none."""
        with self._reading() as connection:
            row = connection.execute("SELECT fitted FROM faq_fits WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def take_lease(self, name: str, owner: str, now: datetime, seconds: float) -> bool:
        """Take or renew a lease; False while another owner's has not run out."""
        at = int(now.timestamp() * 1000)
        with self._writing() as connection:
            connection.execute("DELETE FROM faq_leases WHERE until_ms <= ?", (at,))
            cursor = connection.execute(
                "INSERT INTO faq_leases (name, owner, until_ms) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET until_ms = excluded.until_ms"
                " WHERE owner = excluded.owner",
                (name, owner, at + int(seconds * 1000)),
            )
        return cursor.rowcount == 1

    def release(self, name: str, owner: str) -> None:
        """Give a lease back; one that is another's stays."""
        with self._writing() as connection:
            connection.execute("DELETE FROM faq_leases WHERE name = ? AND owner = ?", (name, owner))
