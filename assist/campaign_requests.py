"""Requests that made a campaign, so that one sent again makes no second one."""

from __future__ import annotations

import sqlite3

from assist.errors import HandoverInputError
from assist.talk import OnceKey

REQUEST_SCHEMA = """
CREATE TABLE IF NOT EXISTS campaign_requests (
    owner TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, campaign_id TEXT NOT NULL,
    PRIMARY KEY (owner, key)
) WITHOUT ROWID;
"""


class CampaignRequests:
    """The requests with a key of their own, on a store's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._connection.executescript(REQUEST_SCHEMA)

    def is_new(self, once: OnceKey | None, campaign_id: str) -> bool:
        """Note a request (inside the transaction that does it); False where it was made before.

        Raises HandoverInputError where its key was used for another request.
        """
        if once is None:
            return True
        row = self._connection.execute(
            "SELECT digest FROM campaign_requests WHERE owner = ? AND key = ?",
            (once.owner, once.key),
        ).fetchone()
        if row is None:
            self._connection.execute(
                "INSERT INTO campaign_requests VALUES (?, ?, ?, ?)",
                (once.owner, once.key, once.digest, campaign_id),
            )
        elif row[0] != once.digest:
            raise HandoverInputError(
                "this idempotency key was used with another request; choose a new key for it"
            )
        return row is None

    def forget(self, campaign_id: str) -> None:
        """Delete the requests that made a campaign."""
        self._connection.execute(
            "DELETE FROM campaign_requests WHERE campaign_id = ?", (campaign_id,)
        )
