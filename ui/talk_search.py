"""Finding conversations by time, channel, customer, mode and anger; latest first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assist.flow_state import Mode
from assist.handover_note import AlertKind
from assist.handover_rows import from_ms, to_ms
from assist.talk import Talk
from news.store import open_database
from ui.store import UiStore

PAGE = 50
_ANGER = f"a.conversation_id = talks.conversation_id AND a.kind = '{AlertKind.ANGER}'"


@dataclass(frozen=True, slots=True)
class TalkQuery:
    """What to look for: latest message in [since, until), the rest exactly as given.

    `alert`: only those with an alert of anger. `before` is the last found conversation of the page
    before.
    """

    since: datetime | None = None
    until: datetime | None = None
    channel: str | None = None
    customer: str | None = None
    mode: Mode | None = None
    conversation: str | None = None
    alert: bool = False
    before: FoundTalk | None = None


@dataclass(frozen=True, slots=True)
class FoundTalk:
    """A conversation with the time of its latest message; `agent` has or had it last.

    `alerts` counts those of anger."""

    talk: Talk
    at: datetime
    agent: str | None
    alerts: int


class TalkSearch:
    """Reads conversations; writes nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[TalkSearch]:
        """The workspace's database for a moment; raises news.errors.StoreError."""
        database = open_database(path)
        try:
            UiStore(database)  # makes the tables of a new workspace
            yield cls(database.conn)
        finally:
            database.conn.close()

    def search(self, query: TalkQuery, limit: int = PAGE) -> tuple[FoundTalk, ...]:
        """What fits, latest first; at most `limit`."""
        conditions, values = _conditions(query)
        rows = self._connection.execute(
            "SELECT conversation_id, mode, customer, channel, said, updated_at,"
            " (SELECT agent FROM handovers h WHERE h.conversation_id = talks.conversation_id"
            "  AND agent IS NOT NULL ORDER BY asked_at DESC LIMIT 1),"
            f" (SELECT count(*) FROM alerts a WHERE {_ANGER})"
            f" FROM talks WHERE {conditions} ORDER BY updated_at DESC, conversation_id LIMIT ?",
            (*values, limit),
        )
        return tuple(
            FoundTalk(Talk(row[0], Mode(row[1]), *row[2:5]), from_ms(row[5]), row[6], row[7])
            for row in rows
        )

    def channels(self) -> tuple[str, ...]:
        """The channels that there are."""
        rows = self._connection.execute("SELECT DISTINCT channel FROM talks ORDER BY 1")
        return tuple(row[0] for row in rows)

    def find(self, conversation_id: str) -> FoundTalk | None:
        """One conversation; None where it is unknown or was erased."""
        found = self.search(TalkQuery(conversation=conversation_id))
        return found[0] if found else None


def _conditions(query: TalkQuery) -> tuple[str, list[object]]:
    parts: list[tuple[str, tuple[object, ...]]] = [("1", ())]
    if query.since:
        parts.append(("updated_at >= ?", (to_ms(query.since),)))
    if query.until:
        parts.append(("updated_at < ?", (to_ms(query.until),)))
    for column, value in (
        ("channel", query.channel),
        ("customer", query.customer),
        ("conversation_id", query.conversation),
    ):
        if value:
            parts.append((f"{column} = ?", (value,)))
    if query.mode:
        parts.append(("mode = ?", (query.mode,)))
    if query.alert:
        parts.append((f"EXISTS (SELECT 1 FROM alerts a WHERE {_ANGER})", ()))
    if query.before:
        at, name = to_ms(query.before.at), query.before.talk.conversation_id
        parts.append(("(updated_at < ? OR updated_at = ? AND conversation_id > ?)", (at, at, name)))
    condition = " AND ".join(text for text, _ in parts)
    return condition, [value for _, values in parts for value in values]
