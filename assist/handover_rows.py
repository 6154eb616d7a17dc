"""Tables of conversations and handovers, and how rows become what they mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from assist.answer import Citation
from assist.handover import Handover, HandoverReason, HandoverState
from assist.said import Draft, Said, Speaker
from assist.talk import LogKind, LogLine

SCHEMA = """
CREATE TABLE IF NOT EXISTS talks (
    conversation_id TEXT PRIMARY KEY, mode TEXT NOT NULL, customer TEXT, channel TEXT NOT NULL,
    said INTEGER NOT NULL, updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS talks_by_customer ON talks (customer) WHERE customer IS NOT NULL;
CREATE TABLE IF NOT EXISTS said (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, conversation_id TEXT NOT NULL, number INTEGER NOT NULL,
    at INTEGER NOT NULL, speaker TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, agent TEXT,
    options TEXT NOT NULL, reply_id TEXT, interruptible INTEGER NOT NULL, private INTEGER NOT NULL,
    citations TEXT NOT NULL, link TEXT, UNIQUE (conversation_id, number)
);
CREATE TABLE IF NOT EXISTS handovers (
    id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL, skill_group TEXT NOT NULL,
    reason TEXT NOT NULL, state TEXT NOT NULL, asked_at INTEGER NOT NULL,
    counts_from INTEGER NOT NULL, claimed_at INTEGER, replied_at INTEGER, ended_at INTEGER,
    agent TEXT, note TEXT NOT NULL, taken_at INTEGER, queued_at INTEGER, offered_at INTEGER,
    callback TEXT, outcome TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS handovers_open ON handovers (conversation_id)
    WHERE state IN ('waiting', 'assigned', 'active');
CREATE INDEX IF NOT EXISTS handovers_by_state ON handovers (state, counts_from);
CREATE INDEX IF NOT EXISTS handovers_by_conversation ON handovers (conversation_id);
CREATE INDEX IF NOT EXISTS handovers_by_time ON handovers (counts_from);
CREATE TABLE IF NOT EXISTS handover_log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL,
    handover_id TEXT NOT NULL, conversation_id TEXT NOT NULL, skill_group TEXT NOT NULL,
    state TEXT NOT NULL, agent TEXT
);
CREATE TABLE IF NOT EXISTS handover_notes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, handover_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, agent TEXT,
    target TEXT, text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS handover_notes_by_conversation ON handover_notes (conversation_id);
CREATE TABLE IF NOT EXISTS alerts (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL,
    conversation_id TEXT NOT NULL, handover_id TEXT, number INTEGER, anger REAL,
    reason TEXT NOT NULL, text TEXT NOT NULL, seen_at INTEGER, seen_by TEXT
);
CREATE INDEX IF NOT EXISTS alerts_open ON alerts (seq) WHERE seen_at IS NULL;
CREATE INDEX IF NOT EXISTS alerts_by_conversation ON alerts (conversation_id);
CREATE TABLE IF NOT EXISTS agents_seen (
    agent TEXT PRIMARY KEY, at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stored_replies (
    owner TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, reply TEXT NOT NULL,
    conversation_id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (owner, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stored_replies_by_time ON stored_replies (at);
CREATE INDEX IF NOT EXISTS stored_replies_by_conversation ON stored_replies (conversation_id);
"""
_CITATIONS = TypeAdapter(tuple[Citation, ...])
BY_CONVERSATION = (
    "said",
    "handovers",
    "handover_notes",
    "alerts",
    "handover_log",
    "stored_replies",
    "talks",
)
"""Tables whose rows belong to one conversation and go with it."""

SAID = (
    "seq, conversation_id, number, at, speaker, kind, text, agent, options, reply_id,"
    " interruptible, private, citations, link"
)
HANDOVER = (
    "id, conversation_id, skill_group, reason, state, asked_at, counts_from, claimed_at,"
    " replied_at, ended_at, agent, note, taken_at, queued_at, offered_at, callback, outcome"
)
LATER = {
    "taken_at": "INTEGER",
    "queued_at": "INTEGER",
    "offered_at": "INTEGER",
    "callback": "TEXT",
    "outcome": "TEXT",
}
"""Columns of handovers that databases of before 2026-11-20 lack."""
LOG = "seq, at, kind, handover_id, conversation_id, skill_group, state, agent"
Row = tuple[Any, ...]


def to_said(row: Row) -> Said:
    """From a row of `SAID`."""
    return Said(
        Speaker(row[4]),
        row[5],
        row[6],
        row[7],
        seq=row[0],
        conversation_id=row[1],
        number=row[2],
        at=from_ms(row[3]),
        options=tuple(json.loads(row[8])),
        reply_id=row[9],
        interruptible=bool(row[10]),
        private=bool(row[11]),
        citations=_CITATIONS.validate_json(row[12]),
        link=row[13],
    )


def said_row(conversation_id: str, number: int, at: datetime, draft: Draft) -> Row:
    """A row of `SAID` without its seq."""
    options = json.dumps(draft.options, ensure_ascii=False)
    return (
        conversation_id,
        number,
        to_ms(at),
        draft.speaker,
        draft.kind,
        draft.text,
        draft.agent,
        options,
        draft.reply_id,
        draft.interruptible,
        draft.private,
        _CITATIONS.dump_json(draft.citations).decode("utf-8"),
        draft.link,
    )


def to_handover(row: Row) -> Handover:
    """From a row of `HANDOVER`."""
    return Handover(
        row[0],
        row[1],
        row[2],
        HandoverReason(row[3]),
        HandoverState(row[4]),
        from_ms(row[5]),
        from_ms(row[6]),
        moment(row[7]),
        moment(row[8]),
        moment(row[9]),
        row[10],
        row[11],
        taken_at=moment(row[12]),
        queued_at=moment(row[13]),
        offered_at=moment(row[14]),
        callback=row[15],
        outcome=row[16],
    )


def handover_row(handover: Handover) -> Row:
    """A row of `HANDOVER`."""
    return (
        handover.id,
        handover.conversation_id,
        handover.group,
        handover.reason,
        handover.state,
        to_ms(handover.asked_at),
        to_ms(handover.counts_from),
        maybe_ms(handover.claimed_at),
        maybe_ms(handover.replied_at),
        maybe_ms(handover.ended_at),
        handover.agent,
        handover.note,
        maybe_ms(handover.taken_at),
        maybe_ms(handover.queued_at),
        maybe_ms(handover.offered_at),
        handover.callback,
        handover.outcome,
    )


def to_log(row: Row) -> LogLine:
    """From a row of `LOG`."""
    return LogLine(
        row[0],
        from_ms(row[1]),
        LogKind(row[2]),
        row[3],
        row[4],
        row[5],
        state=HandoverState(row[6]) if row[6] else None,
        agent=row[7],
    )


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def maybe_ms(at: datetime | None) -> int | None:
    """The same where there is a time."""
    return None if at is None else to_ms(at)


def from_ms(ms: int) -> datetime:
    """Back to a time, in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def moment(ms: int | None) -> datetime | None:
    """The same where there is a time."""
    return None if ms is None else from_ms(ms)
