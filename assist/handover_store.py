"""Conversations as they were spoken, and their handovers, in the workspace's database.

Methods that write are called inside the caller's `writing()`: what was said, who speaks, the
handover, its log and the stored reply to a repeated request are one transaction, so that a process
that is killed leaves all of a step or nothing. One store serves one thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from assist.errors import HandoverInputError, UnknownHandoverError
from assist.flow_state import Mode
from assist.handover import OPEN, WITH_AGENT, Handover, HandoverState, queue_order
from assist.handover_note_store import NoteStore
from assist.handover_rows import (
    BY_CONVERSATION,
    HANDOVER,
    LATER,
    LOG,
    SAID,
    SCHEMA,
    handover_row,
    said_row,
    to_handover,
    to_log,
    to_ms,
    to_said,
)
from assist.said import Draft, Said
from assist.talk import Happening, LogKind, LogLine, OnceKey, Talk
from news.store import open_database
from news.transaction import transaction

_TALK = "conversation_id, mode, customer, channel, said"


class HandoverStore:
    """What was said, who speaks, who waits; over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.executescript(SCHEMA)
        _add_later_columns(connection)
        self._connection = connection
        self.notes = NoteStore(connection)

    @classmethod
    def open(cls, path: Path) -> HandoverStore:
        """Open the workspace's database file; raises news.errors.StoreError."""
        database: Database = open_database(path)
        return cls(database.conn)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def writing(self) -> AbstractContextManager[None]:
        """All or nothing, and no other process writes meanwhile."""
        return transaction(self._connection)

    # --- what was said -----------------------------------------------------------------------

    def talk(self, conversation_id: str) -> Talk | None:
        """Who speaks in a conversation; None where nothing was said in it."""
        row = self._connection.execute(
            f"SELECT {_TALK} FROM talks WHERE conversation_id = ?", (conversation_id,)
        ).fetchone()
        return Talk(row[0], Mode(row[1]), *row[2:]) if row else None

    def say(self, talk: Talk, drafts: Sequence[Draft], at: datetime) -> tuple[Said, ...]:
        """Keep what was said, in order, and the talk's mode (inside `writing`)."""
        kept = tuple(
            to_said(
                self._connection.execute(
                    f"INSERT INTO said ({SAID.partition(', ')[2]})"
                    f" VALUES ({', '.join('?' * 13)}) RETURNING {SAID}",
                    said_row(talk.conversation_id, number, at, draft),
                ).fetchone()
            )
            for number, draft in enumerate(drafts, start=talk.said + 1)
        )
        self._connection.execute(
            f"INSERT INTO talks ({_TALK}, updated_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (conversation_id) DO UPDATE SET mode = excluded.mode,"
            " said = excluded.said, updated_at = excluded.updated_at",
            (
                talk.conversation_id,
                talk.mode,
                talk.customer,
                talk.channel,
                talk.said + len(kept),
                to_ms(at),
            ),
        )
        return kept

    def said(self, conversation_id: str, *, after: int = 0, limit: int = 1000) -> tuple[Said, ...]:
        """What was said after place `after` of the conversation, in order."""
        rows = self._connection.execute(
            f"SELECT {SAID} FROM said WHERE conversation_id = ? AND number > ?"
            " ORDER BY number LIMIT ?",
            (conversation_id, after, limit),
        )
        return tuple(map(to_said, rows))

    # --- handovers ---------------------------------------------------------------------------

    def handover(self, handover_id: str) -> Handover:
        """Handover by id; raises UnknownHandoverError."""
        row = self._connection.execute(
            f"SELECT {HANDOVER} FROM handovers WHERE id = ?", (handover_id,)
        ).fetchone()
        if row is None:
            raise UnknownHandoverError(
                f"no handover {handover_id[:40]}; list them to see which there are"
            )
        return to_handover(row)

    def open_handover(self, conversation_id: str) -> Handover | None:
        """The handover of a conversation that waits or is with an agent."""
        found = self._where(
            f"conversation_id = ? AND state IN ({_marks(OPEN)})", (conversation_id, *OPEN)
        )
        return found[0] if found else None

    def waiting(self) -> tuple[Handover, ...]:
        """Who waits, the next one first."""
        return queue_order(self._where("state = ?", (HandoverState.WAITING,)))

    def is_anyone_open(self) -> bool:
        """Whether there is any handover that waits or is with an agent."""
        row = self._connection.execute(
            f"SELECT EXISTS (SELECT 1 FROM handovers WHERE state IN ({_marks(OPEN)}))", OPEN
        ).fetchone()
        return bool(row[0])

    def with_agent(self, agent: str) -> tuple[Handover, ...]:
        """What an agent has now, the longest first."""
        return self._where(f"state IN ({_marks(WITH_AGENT)}) AND agent = ?", (*WITH_AGENT, agent))

    def handovers(
        self, states: Sequence[HandoverState], group: str | None = None, limit: int = 200
    ) -> tuple[Handover, ...]:
        """Handovers in these states, latest first."""
        return self._where(
            f"state IN ({_marks(states)}) AND skill_group = coalesce(?, skill_group)",
            (*states, group),
            f"asked_at DESC, id LIMIT {int(limit)}",
        )

    def since(self, moment: datetime) -> tuple[Handover, ...]:
        """Handovers whose service-level clock began at `moment` or later, for reports."""
        return self._where("counts_from >= ?", (to_ms(moment),))

    def put(self, handover: Handover, at: datetime) -> None:
        """Store a handover's new state and log it (inside `writing`)."""
        row = handover_row(handover)
        names = HANDOVER.split(", ")[1:]
        self._connection.execute(
            f"INSERT INTO handovers ({HANDOVER}) VALUES ({_marks(row)}) ON CONFLICT (id) DO UPDATE"
            f" SET {', '.join(f'{name} = excluded.{name}' for name in names)}",
            row,
        )
        self.log(handover, LogKind.STATE, at)

    def _where(
        self, condition: str, values: Sequence[object], order: str = "counts_from, asked_at, id"
    ) -> tuple[Handover, ...]:
        rows = self._connection.execute(
            f"SELECT {HANDOVER} FROM handovers WHERE {condition} ORDER BY {order}", tuple(values)
        )
        return tuple(map(to_handover, rows))

    # --- the log -----------------------------------------------------------------------------

    def log(self, handover: Handover, kind: LogKind, at: datetime) -> None:
        """Tell those who watch the handovers (inside `writing`)."""
        self._connection.execute(
            f"INSERT INTO handover_log ({LOG.partition(', ')[2]}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                to_ms(at),
                kind,
                handover.id,
                handover.conversation_id,
                handover.group,
                handover.state,
                handover.agent,
            ),
        )

    def log_after(self, seq: int, limit: int = 200) -> tuple[LogLine, ...]:
        """The log after line `seq`, in order; alerts are lines of their own (`notes.alert`)."""
        rows = self._connection.execute(
            f"SELECT {LOG} FROM handover_log WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)
        )
        return tuple(map(to_log, rows))

    def last_log(self) -> int:
        """Seq of the log's last line, 0 where it is empty."""
        row = self._connection.execute("SELECT coalesce(max(seq), 0) FROM handover_log").fetchone()
        return int(row[0])

    # --- requests that take effect once ------------------------------------------------------

    def stored(self, once: OnceKey | None) -> Happening | None:
        """What the first request with this key brought.

        Raises HandoverInputError where it was used for another request.
        """
        if once is None:
            return None
        row = self._connection.execute(
            "SELECT digest, reply FROM stored_replies WHERE owner = ? AND key = ?",
            (once.owner, once.key),
        ).fetchone()
        if row is None:
            return None
        if row[0] != once.digest:
            raise HandoverInputError(
                "this idempotency key was used with another request; choose a new key for it"
            )
        return Happening.from_json(row[1])

    def keep(self, once: OnceKey | None, happening: Happening, at: datetime) -> None:
        """Keep what a request brought (inside `writing`)."""
        if once is not None:
            self._connection.execute(
                "INSERT INTO stored_replies VALUES (?, ?, ?, ?, ?, ?)",
                (
                    once.owner,
                    once.key,
                    once.digest,
                    happening.to_json(),
                    happening.conversation_id,
                    to_ms(at),
                ),
            )

    # --- forgetting --------------------------------------------------------------------------

    def conversations_of(self, customer: str) -> tuple[str, ...]:
        """Ids of a customer's conversations."""
        rows = self._connection.execute(
            "SELECT conversation_id FROM talks WHERE customer = ?", (customer,)
        )
        return tuple(row[0] for row in rows)

    def forget(self, conversation_id: str) -> None:
        """Delete all that is kept of a conversation here (inside `writing`)."""
        for table in BY_CONVERSATION:
            self._connection.execute(
                f"DELETE FROM {table} WHERE conversation_id = ?", (conversation_id,)
            )

    def forget_replies_before(self, moment: datetime) -> int:
        """Delete stored replies that nobody will ask for again; return how many."""
        cursor = self._connection.execute(
            "DELETE FROM stored_replies WHERE at < ?", (to_ms(moment),)
        )
        return cursor.rowcount


def _add_later_columns(connection: sqlite3.Connection) -> None:
    """Bring the table of a database that an earlier version made up to date."""

    def missing() -> list[str]:
        rows = connection.execute("PRAGMA table_info(handovers)")
        there = {row[1] for row in rows}
        return [name for name in LATER if name not in there]

    if missing():
        with transaction(connection):
            for name in missing():  # another process may have been faster
                connection.execute(f"ALTER TABLE handovers ADD COLUMN {name} {LATER[name]}")


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
