"""The tables of campaigns, and their rows as customers and calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from assist.call_result import CallCode, CallResult
from assist.campaign import Call, Callee

SCHEMA = """
CREATE TABLE IF NOT EXISTS campaigns (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, flow_id TEXT NOT NULL, rules TEXT NOT NULL,
    status TEXT NOT NULL, rehearsal INTEGER NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS callees (
    campaign_id TEXT NOT NULL, id TEXT NOT NULL, place INTEGER NOT NULL, phone TEXT NOT NULL,
    customer_id TEXT NOT NULL, fields TEXT NOT NULL, priority INTEGER NOT NULL, deadline INTEGER,
    attempts INTEGER NOT NULL, day TEXT, attempts_today INTEGER NOT NULL, next_at INTEGER,
    last TEXT, code TEXT, in_call INTEGER NOT NULL, PRIMARY KEY (campaign_id, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS callees_open ON callees (campaign_id, next_at)
    WHERE code IS NULL AND in_call = 0;
CREATE INDEX IF NOT EXISTS callees_due ON callees
    (campaign_id, (last IS 'call_back') DESC, priority DESC, (coalesce(deadline, 1 << 60)), place)
    WHERE code IS NULL AND in_call = 0 AND next_at IS NULL;
CREATE INDEX IF NOT EXISTS callees_deadline ON callees (campaign_id, deadline)
    WHERE code IS NULL AND in_call = 0 AND deadline IS NOT NULL;
CREATE INDEX IF NOT EXISTS callees_by_place ON callees (campaign_id, place);
CREATE INDEX IF NOT EXISTS callees_by_code ON callees (campaign_id, code);
CREATE INDEX IF NOT EXISTS callees_by_customer ON callees (customer_id);
CREATE INDEX IF NOT EXISTS callees_by_phone ON callees (phone);
CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY, campaign_id TEXT NOT NULL, callee_id TEXT NOT NULL,
    attempt INTEGER NOT NULL, phone TEXT NOT NULL, rehearsal INTEGER NOT NULL,
    started_at INTEGER NOT NULL, lease_until INTEGER NOT NULL, ended_at INTEGER, code TEXT,
    result TEXT, state TEXT, UNIQUE (campaign_id, callee_id, attempt)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS calls_one_a_phone ON calls (phone, rehearsal)
    WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS calls_open ON calls (campaign_id, lease_until) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS do_not_call (
    phone TEXT PRIMARY KEY, reason TEXT NOT NULL, added_at INTEGER NOT NULL
) WITHOUT ROWID;
"""
CALLEE = (
    "id, phone, customer_id, fields, priority, deadline, attempts, day, attempts_today, next_at,"
    " last, code, in_call"
)
CALL = "id, campaign_id, callee_id, attempt, phone, started_at, ended_at, result, state"


def callee_row(callee: Callee) -> tuple[object, ...]:
    """A customer as the columns `CALLEE`."""
    return (
        callee.id,
        callee.phone,
        callee.customer_id,
        json.dumps(callee.fields, ensure_ascii=False),
        callee.priority,
        to_ms(callee.deadline) if callee.deadline else None,
        callee.attempts,
        callee.day.isoformat() if callee.day else None,
        callee.attempts_today,
        to_ms(callee.next_at) if callee.next_at else None,
        callee.last,
        callee.code,
        callee.in_call,
    )


def to_callee(row: Sequence[object]) -> Callee:
    """A customer from the columns `CALLEE`."""
    return Callee(
        id=str(row[0]),
        phone=str(row[1]),
        customer_id=str(row[2]),
        fields=tuple((name, value) for name, value in json.loads(str(row[3]))),
        priority=_int(row[4]),
        deadline=moment(row[5]),
        attempts=_int(row[6]),
        day=date.fromisoformat(str(row[7])) if row[7] else None,
        attempts_today=_int(row[8]),
        next_at=moment(row[9]),
        last=CallCode(str(row[10])) if row[10] else None,
        code=CallCode(str(row[11])) if row[11] else None,
        in_call=bool(row[12]),
    )


def to_call(row: Sequence[object]) -> Call:
    """A call from the columns `CALL`."""
    call = Call(
        str(row[0]), str(row[1]), str(row[2]), _int(row[3]), str(row[4]), from_ms(_int(row[5]))
    )
    return replace(
        call,
        ended_at=moment(row[6]),
        result=CallResult.from_json(str(row[7])) if row[7] else None,
        state=str(row[8]) if row[8] else None,
    )


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """The moment in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def moment(ms: object) -> datetime | None:
    """The moment in UTC; None where the column is empty."""
    return from_ms(ms) if isinstance(ms, int) else None
