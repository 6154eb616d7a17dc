"""The few customers on whom a campaign's next calls depend, found by indexes.

Who is due has no `next_at`: `due_now` clears it once its time has come, so that one index holds the
due customers in the order of their calls, and another those who wait. Reading the head of each
costs the same for a thousand customers and for a million.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime

from assist.campaign import Callee, Campaign
from assist.campaign_rows import CALLEE, moment, to_callee, to_ms
from assist.campaign_rules import china_day
from assist.campaign_schedule import CampaignState, is_late

MOST_CLOSED = 500
"""Customers without a further call that one look gives; the runner looks again at once."""
_OPEN = "campaign_id = ? AND code IS NULL AND in_call = 0"
_ROW = (
    f"SELECT {CALLEE}, EXISTS (SELECT 1 FROM do_not_call d WHERE d.phone = callees.phone),"
    " EXISTS (SELECT 1 FROM calls c INDEXED BY calls_one_a_phone WHERE c.phone = callees.phone"
    " AND c.rehearsal = ? AND c.ended_at IS NULL) FROM callees"
)
_DUE = (
    f"{_ROW} INDEXED BY callees_due WHERE {_OPEN} AND next_at IS NULL"
    " ORDER BY (last IS 'call_back') DESC, priority DESC, coalesce(deadline, 1 << 60), place"
)
_LATE = (
    f"{_ROW} INDEXED BY callees_deadline WHERE {_OPEN} AND deadline IS NOT NULL"
    " AND deadline <= ? LIMIT ?"
)
_ALL_LATE = f"{_ROW} WHERE {_OPEN} LIMIT ?"


@dataclass(slots=True)
class _Head:
    """Customers that were read, by their ids; those who can be called, by their numbers."""

    callees: dict[str, Callee] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    barred: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)
    closed: int = 0
    held: int = 0

    def add(self, row: tuple[object, ...]) -> Callee:
        """A customer, with what is known of their number."""
        callee = to_callee(row)
        self.callees[callee.id] = callee
        if row[-2]:
            self.barred.add(callee.phone)
        if row[-1]:
            self.busy.add(callee.phone)
        return callee


def queue_head(connection: sqlite3.Connection, campaign: Campaign, now: datetime) -> CampaignState:
    """The state by which `plan` gives the same calls as by the whole list; in a transaction.

    Customers on the do-not-call list are in it when it is their turn.
    """
    due_now(connection, campaign.id, now)
    (open_calls,) = connection.execute(
        "SELECT count(*) FROM calls INDEXED BY calls_open"
        " WHERE campaign_id = ? AND ended_at IS NULL",
        (campaign.id,),
    ).fetchone()
    head = _Head()
    _read_due(connection, head, campaign, now, max(0, campaign.rules.lines - open_calls))
    _read_late(connection, head, campaign, now)
    state = CampaignState(
        campaign,
        tuple(head.callees.values()),
        open_calls,
        frozenset(head.busy),
        frozenset(head.barred),
    )
    if campaign.rules.deadline is not None and now >= campaign.rules.deadline:
        return state  # everybody is closed, those who wait too
    return replace(
        state,
        later=_next_due(connection, campaign, now),
        closes=_next_deadline(connection, head, campaign, now),
    )


def due_now(connection: sqlite3.Connection, campaign_id: str, now: datetime) -> None:
    """Put customers whose time has come among those that are due."""
    connection.execute(
        f"UPDATE callees INDEXED BY callees_open SET next_at = NULL WHERE {_OPEN} AND next_at <= ?",
        (campaign_id, to_ms(now)),
    )


def _read_due(
    connection: sqlite3.Connection, head: _Head, campaign: Campaign, now: datetime, lines: int
) -> None:
    """In the order of their calls until `lines` can be called, and one more who must wait."""
    most, day = campaign.rules.retries.attempts_a_day, china_day(now)
    with closing(connection.execute(_DUE, (campaign.rehearsal, campaign.id))) as rows:
        for row in rows:
            callee = head.add(row)
            if callee.phone in head.barred or is_late(callee, campaign, now):
                head.closed += 1
            elif (
                len(head.free) < lines
                and callee.phone not in head.busy | head.free
                and callee.attempts_on(day) < most
            ):
                head.free.add(callee.phone)
            else:
                head.held += 1
            if head.closed >= MOST_CLOSED or (len(head.free) >= lines and head.held):
                break


def _read_late(
    connection: sqlite3.Connection, head: _Head, campaign: Campaign, now: datetime
) -> None:
    deadline = campaign.rules.deadline
    values: tuple[object, ...] = (campaign.rehearsal, campaign.id)
    if deadline is not None and now >= deadline:
        rows = connection.execute(_ALL_LATE, (*values, MOST_CLOSED))
    else:
        rows = connection.execute(_LATE, (*values, to_ms(now), MOST_CLOSED))
    for row in rows.fetchall():
        head.add(row)


def _next_due(connection: sqlite3.Connection, campaign: Campaign, now: datetime) -> datetime | None:
    """When the first of those who wait is due; who is late is closed, and waits no more."""
    row = connection.execute(
        f"SELECT next_at FROM callees INDEXED BY callees_open WHERE {_OPEN}"
        " AND next_at IS NOT NULL AND (deadline IS NULL OR deadline > ?) ORDER BY next_at LIMIT 1",
        (campaign.id, to_ms(now)),
    ).fetchone()
    return moment(row[0]) if row else None


def _next_deadline(
    connection: sqlite3.Connection, head: _Head, campaign: Campaign, now: datetime
) -> datetime | None:
    """The first deadline to come of those who are not in the head."""
    rows = connection.execute(
        f"SELECT id, deadline FROM callees INDEXED BY callees_deadline WHERE {_OPEN}"
        " AND deadline IS NOT NULL AND deadline > ? ORDER BY deadline LIMIT ?",
        (campaign.id, to_ms(now), len(head.callees) + 1),
    ).fetchall()
    return next((moment(at) for callee_id, at in rows if callee_id not in head.callees), None)
