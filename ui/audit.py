"""Who saw customers' personal data unmasked, and when: a record that is only ever added to.

It holds ids of conversations, handovers and campaigns and nothing of what was seen, so it stays
when a customer is erased.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

SCHEMA = """
CREATE TABLE IF NOT EXISTS privacy_audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL,
    subject TEXT NOT NULL, subject_id TEXT NOT NULL, part TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS privacy_audit_by_time ON privacy_audit (at);
CREATE TRIGGER IF NOT EXISTS privacy_audit_unchanged BEFORE UPDATE ON privacy_audit
    BEGIN SELECT RAISE(ABORT, 'the privacy audit is only added to'); END;
CREATE TRIGGER IF NOT EXISTS privacy_audit_kept BEFORE DELETE ON privacy_audit
    BEGIN SELECT RAISE(ABORT, 'the privacy audit is only added to'); END;
"""


class Subject(StrEnum):
    """What was looked at."""

    CONVERSATION = "conversation"
    HANDOVER = "handover"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look: `who` is an API key's id, `part` says which part, such as turns 1-12."""

    at: datetime
    who: str
    subject: Subject
    subject_id: str
    part: str = ""


class AuditStore:
    """Rows of the record."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.executescript(SCHEMA)
        self._connection = connection

    def add(self, sighting: Sighting) -> None:
        """Write one look down, before what is looked at is given out."""
        self._connection.execute(
            "INSERT INTO privacy_audit (at, who, subject, subject_id, part) VALUES (?, ?, ?, ?, ?)",
            (
                int(sighting.at.timestamp() * 1000),
                sighting.who,
                sighting.subject,
                sighting.subject_id,
                sighting.part,
            ),
        )

    def since(self, moment: datetime, *, limit: int = 1000) -> tuple[Sighting, ...]:
        """Looks at `moment` or later, latest first."""
        rows = self._connection.execute(
            "SELECT at, who, subject, subject_id, part FROM privacy_audit WHERE at >= ?"
            " ORDER BY seq DESC LIMIT ?",
            (int(moment.timestamp() * 1000), limit),
        )
        return tuple(
            Sighting(datetime.fromtimestamp(at / 1000, UTC), who, Subject(subject), name, part)
            for at, who, subject, name, part in rows
        )
