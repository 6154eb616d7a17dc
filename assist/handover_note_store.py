"""Notes, alerts and signs of agents in the workspace's database; part of `HandoverStore`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from assist.errors import UnknownHandoverError
from assist.handover import Handover
from assist.handover_note import Alert, AlertDraft, AlertKind, Note, NoteKind
from assist.handover_rows import Row, from_ms, maybe_ms, moment, to_ms
from assist.talk import LogKind

_ALERT = (
    "seq, at, kind, conversation_id, reason, text, handover_id, number, anger, seen_at, seen_by"
)
_SIGN_EVERY = timedelta(seconds=15)  # a console that is open gives one every other second


class NoteStore:
    """What agents and supervisors leave and see; over the connection of the store around it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    # --- notes -------------------------------------------------------------------------------

    def add(self, handover: Handover, note: Note) -> None:
        """Keep a note (inside the caller's transaction)."""
        self._connection.execute(
            "INSERT INTO handover_notes (handover_id, conversation_id, at, kind, agent, target,"
            " text) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                handover.id,
                handover.conversation_id,
                to_ms(note.at),
                note.kind,
                note.agent,
                note.target,
                note.text,
            ),
        )

    def of(self, conversation_id: str) -> tuple[Note, ...]:
        """The notes of all handovers of a conversation, oldest first."""
        rows = self._connection.execute(
            "SELECT at, kind, agent, text, target FROM handover_notes WHERE conversation_id = ?"
            " ORDER BY seq",
            (conversation_id,),
        )
        return tuple(Note(from_ms(row[0]), NoteKind(row[1]), *row[2:]) for row in rows)

    # --- alerts ------------------------------------------------------------------------------

    def alert(
        self,
        conversation_id: str,
        handover: Handover | None,
        number: int | None,
        draft: AlertDraft,
        at: datetime,
    ) -> None:
        """Keep an alert and tell those who watch (inside the caller's transaction)."""
        cursor = self._connection.execute(
            "INSERT INTO handover_log (at, kind, handover_id, conversation_id, skill_group, state,"
            " agent) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                to_ms(at),
                LogKind.ALERT,
                handover.id if handover else "",
                conversation_id,
                handover.group if handover else "",
                handover.state if handover else "",
                handover.agent if handover else None,
            ),
        )
        row = (
            cursor.lastrowid,
            to_ms(at),
            draft.kind,
            conversation_id,
            draft.reason,
            draft.text,
            handover.id if handover else None,
            number,
            draft.anger,
            None,
            None,
        )
        self._connection.execute(
            f"INSERT INTO alerts ({_ALERT}) VALUES ({', '.join('?' * len(row))})", row
        )

    def alerts(self, *, open_only: bool = True, limit: int = 100) -> tuple[Alert, ...]:
        """Alerts, latest first; `open_only`: those of which nobody took note."""
        condition = "WHERE seen_at IS NULL" if open_only else ""
        return self._alerts(f"{condition} ORDER BY seq DESC LIMIT ?", (limit,))

    def alert_at(self, seq: int) -> Alert:
        """The alert at a line of the log; raises UnknownHandoverError."""
        found = self._alerts("WHERE seq = ?", (seq,))
        if not found:
            raise UnknownHandoverError(f"no alert {seq}; list them to see which there are")
        return found[0]

    def acknowledge(self, seq: int, supervisor: str, at: datetime) -> Alert:
        """Take note of an alert; the first who did stays. Raises UnknownHandoverError."""
        self._connection.execute(
            "UPDATE alerts SET seen_at = ?, seen_by = ? WHERE seq = ? AND seen_at IS NULL",
            (maybe_ms(at), supervisor, seq),
        )
        return self.alert_at(seq)

    def _alerts(self, condition: str, values: Sequence[object]) -> tuple[Alert, ...]:
        rows = self._connection.execute(f"SELECT {_ALERT} FROM alerts {condition}", tuple(values))
        return tuple(map(_alert, rows))

    # --- signs of agents -----------------------------------------------------------------------

    def sign(self, agent: str, at: datetime) -> None:
        """An agent is there; written now and then only, however often it is told."""
        last = self.seen(agent)
        if last is None or at - last >= _SIGN_EVERY:
            self._connection.execute(
                "INSERT INTO agents_seen VALUES (?, ?) ON CONFLICT (agent) DO UPDATE"
                " SET at = max(at, excluded.at)",
                (agent, to_ms(at)),
            )

    def seen(self, agent: str) -> datetime | None:
        """An agent's last sign; None for one who never gave any."""
        row = self._connection.execute(
            "SELECT at FROM agents_seen WHERE agent = ?", (agent,)
        ).fetchone()
        return from_ms(row[0]) if row else None

    def present(self, since: datetime) -> tuple[str, ...]:
        """Agents with a sign at `since` or later, by name."""
        rows = self._connection.execute(
            "SELECT agent FROM agents_seen WHERE at >= ? ORDER BY agent", (to_ms(since),)
        )
        return tuple(row[0] for row in rows)


def _alert(row: Row) -> Alert:
    return Alert(
        row[0],
        from_ms(row[1]),
        AlertKind(row[2]),
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        row[8],
        moment(row[9]),
        row[10],
    )
