"""The calls of campaigns in the order in which they ended, so that a reader can go on after any."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from assist.call_result import CallCode
from assist.campaign_rows import from_ms

FEED_SCHEMA = """
CREATE TABLE IF NOT EXISTS call_ends (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, campaign_id TEXT NOT NULL, call_id TEXT NOT NULL UNIQUE
);
CREATE INDEX IF NOT EXISTS call_ends_by_campaign ON call_ends (campaign_id, seq);
"""


@dataclass(frozen=True, slots=True)
class CallEnd:
    """One call that ended; `seq` counts over all campaigns. `final`: the customer's last one."""

    seq: int
    call_id: str
    callee_id: str
    attempt: int
    code: CallCode
    started_at: datetime
    ended_at: datetime
    final: bool


class CampaignFeed:
    """Reads and writes the order of ends on a store's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._connection.executescript(FEED_SCHEMA)
        if self._connection.execute("SELECT 1 FROM call_ends").fetchone() is None:
            # A workspace from before this table, or a new one: nothing to copy then.
            self._connection.execute(
                "INSERT OR IGNORE INTO call_ends (campaign_id, call_id)"
                " SELECT campaign_id, id FROM calls WHERE ended_at IS NOT NULL"
                " ORDER BY ended_at, id"
            )

    def add(self, campaign_id: str, call_id: str) -> None:
        """Note that a call ended (inside the transaction that ends it)."""
        self._connection.execute(
            "INSERT INTO call_ends (campaign_id, call_id) VALUES (?, ?)", (campaign_id, call_id)
        )

    def forget(self, campaign_id: str) -> None:
        """Delete a campaign's ends."""
        self._connection.execute("DELETE FROM call_ends WHERE campaign_id = ?", (campaign_id,))

    def last(self, campaign_id: str) -> int:
        """Number of the campaign's latest end; 0 before the first."""
        row = self._connection.execute(
            "SELECT max(seq) FROM call_ends WHERE campaign_id = ?", (campaign_id,)
        ).fetchone()
        return int(row[0] or 0)

    def after(self, campaign_id: str, seq: int, limit: int) -> tuple[CallEnd, ...]:
        """A campaign's ends after number `seq`, in their order."""
        rows = self._connection.execute(
            "SELECT e.seq, c.id, c.callee_id, c.attempt, c.code, c.started_at, c.ended_at,"
            " p.code IS NOT NULL AND p.attempts = c.attempt FROM call_ends e"
            " JOIN calls c ON c.id = e.call_id"
            " JOIN callees p ON p.campaign_id = c.campaign_id AND p.id = c.callee_id"
            " WHERE e.campaign_id = ? AND e.seq > ? ORDER BY e.seq LIMIT ?",
            (campaign_id, seq, limit),
        ).fetchall()
        return tuple(
            CallEnd(n, name, callee, attempt, CallCode(code), from_ms(a), from_ms(b), bool(final))
            for n, name, callee, attempt, code, a, b, final in rows
        )
