"""Campaigns, their customers and calls in the workspace's database.

A call is one row from dial to result, written in the same transaction as its customer's progress:
a process that is killed leaves an open call, which `recover` ends once its lease is over. Two open
calls to one number cannot be stored, whatever process tries.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from assist.call_result import CallCode, CallResult
from assist.campaign import Call, Callee, Campaign, CampaignStatus, after_call, called
from assist.campaign_feed import CampaignFeed
from assist.campaign_file import rules_from_json, rules_to_json
from assist.campaign_queue import queue_head
from assist.campaign_requests import CampaignRequests
from assist.campaign_rows import (
    CALL,
    CALLEE,
    SCHEMA,
    callee_row,
    from_ms,
    moment,
    to_call,
    to_callee,
    to_ms,
)
from assist.campaign_schedule import CampaignState
from assist.errors import AssistError
from assist.talk import OnceKey
from news.store import open_database
from news.transaction import transaction

LEASE = timedelta(minutes=2)
"""A call whose process gave no sign for so long is over; each turn renews it."""


@dataclass(frozen=True, slots=True)
class CampaignCount:
    """How far a campaign is: customers, those with a result by code, open calls, calls made."""

    customers: int
    codes: tuple[tuple[CallCode, int], ...]
    open_calls: int
    calls: int

    @property
    def finished(self) -> int:
        """Customers that have their result."""
        return sum(number for _, number in self.codes)


class CampaignStore:
    """Campaigns of one workspace; one store serves one thread."""

    def __init__(self, database: Database) -> None:
        self._connection: sqlite3.Connection = database.conn
        self._connection.executescript(SCHEMA)
        self._requests = CampaignRequests(self._connection)
        self.feed = CampaignFeed(self._connection)

    @classmethod
    def open(cls, path: Path) -> CampaignStore:
        """Open the workspace's database file; raises news.errors.StoreError."""
        return cls(open_database(path))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    # --- campaigns ---------------------------------------------------------------------------

    def create(
        self,
        campaign: Campaign,
        callees: Sequence[Callee],
        at: datetime,
        once: OnceKey | None = None,
    ) -> bool:
        """Store a campaign with its list; raises AssistError where the id is taken.

        False where the same request was made before: nothing is stored again.
        """
        with transaction(self._connection):
            if not self._requests.is_new(once, campaign.id):
                return False
            cursor = self._connection.execute(
                "INSERT OR IGNORE INTO campaigns VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    campaign.id,
                    campaign.title,
                    campaign.flow_id,
                    rules_to_json(campaign.rules),
                    campaign.status,
                    campaign.rehearsal,
                    to_ms(at),
                ),
            )
            if cursor.rowcount != 1:
                raise AssistError(f"there is a campaign {campaign.id!r} already; choose another id")
            self._put_callees(campaign.id, callees)
        return True

    def replace_callees(self, campaign: Campaign, callees: Sequence[Callee]) -> bool:
        """Give a campaign another list; False where it is no draft any more."""
        with transaction(self._connection):
            found = self.find(campaign.id)
            if found is None or found.status is not CampaignStatus.DRAFT:
                return False
            self._connection.execute("DELETE FROM callees WHERE campaign_id = ?", (campaign.id,))
            self._put_callees(campaign.id, callees)
        return True

    def find(self, campaign_id: str) -> Campaign | None:
        """Campaign by id; None where unknown."""
        return next(iter(self._campaigns("WHERE id = ?", (campaign_id,))), None)

    def all(self) -> tuple[Campaign, ...]:
        """Every campaign, newest first."""
        return tuple(self._campaigns("ORDER BY created_at DESC, id", ()))

    def set_status(self, campaign_id: str, status: CampaignStatus) -> None:
        """Start, pause, go on with or close a campaign."""
        self._connection.execute(
            "UPDATE campaigns SET status = ? WHERE id = ?", (status, campaign_id)
        )

    def cancel(self, campaign_id: str) -> int:
        """Close a campaign for good; who was never called gets CANCELLED. Gives how many."""
        with transaction(self._connection):
            cursor = self._connection.execute(
                "UPDATE callees SET code = coalesce(last, ?) WHERE campaign_id = ?"
                " AND code IS NULL AND in_call = 0",
                (CallCode.CANCELLED, campaign_id),
            )
            self.set_status(campaign_id, CampaignStatus.CLOSED)
        return cursor.rowcount

    def remove(self, campaign_id: str) -> None:
        """Delete a campaign with its customers and calls."""
        with transaction(self._connection):
            for table, column in (
                ("calls", "campaign_id"),
                ("callees", "campaign_id"),
                ("campaigns", "id"),
            ):
                self._connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (campaign_id,))
            self.feed.forget(campaign_id)
            self._requests.forget(campaign_id)

    def count(self, campaign_id: str) -> CampaignCount:
        """How far a campaign is."""
        rows = self._connection.execute(
            "SELECT code, count(*) FROM callees WHERE campaign_id = ? GROUP BY code",
            (campaign_id,),
        ).fetchall()
        made, open_calls = self._connection.execute(
            "SELECT count(*), (SELECT count(*) FROM calls INDEXED BY calls_open"
            " WHERE campaign_id = ? AND ended_at IS NULL) FROM calls WHERE campaign_id = ?",
            (campaign_id, campaign_id),
        ).fetchone()
        codes = tuple(sorted((CallCode(code), n) for code, n in rows if code))
        return CampaignCount(sum(n for _, n in rows), codes, open_calls, made)

    # --- calling -----------------------------------------------------------------------------

    def snapshot(self, campaign: Campaign, now: datetime) -> CampaignState:
        """What the schedule needs: the customers whose turn it is, not the whole list."""
        with transaction(self._connection):
            return queue_head(self._connection, campaign, now)

    def begin(self, campaign: Campaign, callee_id: str, call_id: str, now: datetime) -> Call | None:
        """Open a call; None where it may not begin: called meanwhile, line or number taken.

        Checked in one transaction, so that processes that share a campaign stay within its lines.
        """
        with transaction(self._connection):
            callee = self.callee(campaign.id, callee_id)
            if callee is None or callee.code is not None or callee.in_call:
                return None
            (lines,) = self._connection.execute(
                "SELECT count(*) FROM calls INDEXED BY calls_open"
                " WHERE campaign_id = ? AND ended_at IS NULL",
                (campaign.id,),
            ).fetchone()
            if lines >= campaign.rules.lines or self._is_barred(callee.phone, campaign.rehearsal):
                return None
            after = called(callee, now)
            self._connection.execute(
                "INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL)",
                (
                    call_id,
                    campaign.id,
                    callee.id,
                    after.attempts,
                    callee.phone,
                    campaign.rehearsal,
                    to_ms(now),
                    to_ms(now + LEASE),
                ),
            )
            self._update(campaign.id, after)
        return Call(call_id, campaign.id, callee.id, after.attempts, callee.phone, now)

    def keep(self, call_id: str, state: str, now: datetime) -> None:
        """Keep a call's dialogue after a turn, and renew its lease."""
        self._connection.execute(
            "UPDATE calls SET state = ?, lease_until = ? WHERE id = ? AND ended_at IS NULL",
            (state, to_ms(now + LEASE), call_id),
        )

    def finish(
        self, campaign: Campaign, call_id: str, result: CallResult, now: datetime, state: str = ""
    ) -> bool:
        """End a call with its result; False where it has one already, and nothing changes."""
        with transaction(self._connection):
            return self._finish(campaign, call_id, result, now, state)

    def settle(
        self, campaign: Campaign, closed: Iterable[tuple[Callee, CallCode]], now: datetime
    ) -> None:
        """Give customers their result without a call."""
        done = [(code, campaign.id, callee.id) for callee, code in closed]
        if not done:
            return
        with transaction(self._connection):
            self._connection.executemany(
                "UPDATE callees SET code = ?, next_at = NULL WHERE campaign_id = ? AND id = ?"
                " AND code IS NULL AND in_call = 0",
                done,
            )

    def recover(self, campaign: Campaign, now: datetime, *, all_calls: bool = False) -> int:
        """End the calls of processes that are gone as FAILED; gives how many.

        `all_calls`: those with a running lease too, for a caller that knows to be the only one.
        """
        until = 1 << 60 if all_calls else to_ms(now)
        lost = "SELECT id FROM calls INDEXED BY calls_open WHERE campaign_id = ?"
        lost += " AND ended_at IS NULL AND lease_until < ?"
        if self._connection.execute(lost, (campaign.id, until)).fetchone() is None:
            return 0  # looked at before every call: without the write lock
        with transaction(self._connection):
            rows = self._connection.execute(lost, (campaign.id, until)).fetchall()
            result = CallResult(CallCode.FAILED, "the calling process ended")
            for (call_id,) in rows:
                self._finish(campaign, call_id, result, now, "")
        return len(rows)

    def _finish(
        self, campaign: Campaign, call_id: str, result: CallResult, now: datetime, state: str
    ) -> bool:
        row = self._connection.execute(
            "UPDATE calls SET ended_at = ?, code = ?, result = ?, state = coalesce(nullif(?, ''),"
            " state) WHERE id = ? AND ended_at IS NULL RETURNING callee_id, phone",
            (to_ms(now), result.code, result.to_json(), state, call_id),
        ).fetchone()
        callee = self.callee(campaign.id, row[0]) if row else None
        if callee is None:
            return False
        self._update(campaign.id, after_call(callee, result, campaign.rules, now))
        self.feed.add(campaign.id, call_id)
        if result.code is CallCode.DO_NOT_CALL and not campaign.rehearsal:
            self._bar(row[1], "asked in a call", now)
        return True

    # --- reading -----------------------------------------------------------------------------

    def callee(self, campaign_id: str, callee_id: str) -> Callee | None:
        """One customer; None where unknown."""
        row = self._connection.execute(
            f"SELECT {CALLEE} FROM callees WHERE campaign_id = ? AND id = ?",
            (campaign_id, callee_id),
        ).fetchone()
        return to_callee(row) if row else None

    def callees(self, campaign_id: str, *, after: int = -1, limit: int = -1) -> Iterator[Callee]:
        """Customers in the order of the list, those after place `after` (from 0)."""
        rows = self._connection.execute(
            f"SELECT {CALLEE} FROM callees WHERE campaign_id = ? AND place > ?"
            " ORDER BY place LIMIT ?",
            (campaign_id, after, limit),
        ).fetchall()
        return map(to_callee, rows)

    def calls(self, campaign_id: str, callee_id: str | None = None) -> tuple[Call, ...]:
        """Calls of a campaign or of one of its customers, in the order of their beginnings."""
        own = "" if callee_id is None else " AND callee_id = ?"
        rows = self._connection.execute(
            f"SELECT {CALL} FROM calls WHERE campaign_id = ?{own} ORDER BY started_at, id",
            (campaign_id,) if callee_id is None else (campaign_id, callee_id),
        )
        return tuple(map(to_call, rows))

    def last_moment(self, campaign_id: str) -> datetime | None:
        """When the campaign's latest call began or ended; None before the first."""
        row = self._connection.execute(
            "SELECT max(max(started_at, coalesce(ended_at, 0))) FROM calls WHERE campaign_id = ?",
            (campaign_id,),
        ).fetchone()
        return moment(row[0])

    # --- do not call, erasing ----------------------------------------------------------------

    def bar(self, phones: Iterable[str], reason: str, at: datetime) -> int:
        """Put numbers onto the do-not-call list; gives how many were new."""
        with transaction(self._connection):
            return sum(self._bar(phone, reason, at) for phone in phones)

    def unbar(self, phone: str) -> bool:
        """Take a number off the list; False where it was not on it."""
        cursor = self._connection.execute("DELETE FROM do_not_call WHERE phone = ?", (phone,))
        return cursor.rowcount == 1

    def barred(self) -> tuple[tuple[str, str, datetime], ...]:
        """(number, reason, since) of the do-not-call list, latest first."""
        rows = self._connection.execute(
            "SELECT phone, reason, added_at FROM do_not_call ORDER BY added_at DESC, phone"
        )
        return tuple((phone, reason, from_ms(at)) for phone, reason, at in rows)

    def customers_of(self, phone: str) -> tuple[str, ...]:
        """Ids of the customers that are called under a number."""
        rows = self._connection.execute(
            "SELECT DISTINCT customer_id FROM callees WHERE phone = ? AND customer_id <> ''"
            " ORDER BY customer_id",
            (phone,),
        )
        return tuple(str(row[0]) for row in rows)

    def erase(self, customer_id: str) -> int:
        """Delete what is stored of a customer; the results stay as numbers. Gives how many rows."""
        with transaction(self._connection):
            rows = self._connection.execute(
                "SELECT campaign_id, id FROM callees WHERE customer_id = ?", (customer_id,)
            ).fetchall()
            for campaign_id, callee_id in rows:
                self._connection.execute(
                    "UPDATE calls SET phone = '' || id, result = NULL, state = NULL"
                    " WHERE campaign_id = ? AND callee_id = ?",
                    (campaign_id, callee_id),
                )
            self._connection.execute(
                "UPDATE callees SET phone = '', fields = '[]', customer_id = '',"
                " code = coalesce(code, last, ?) WHERE customer_id = ?",
                (CallCode.CANCELLED, customer_id),
            )
        return len(rows)

    # --- rows --------------------------------------------------------------------------------

    def _campaigns(self, where: str, values: tuple[str, ...]) -> Iterator[Campaign]:
        rows = self._connection.execute(
            f"SELECT id, title, flow_id, rules, status, rehearsal FROM campaigns {where}", values
        ).fetchall()
        for campaign_id, title, flow_id, rules, status, rehearsal in rows:
            yield Campaign(
                campaign_id,
                title,
                flow_id,
                rules_from_json(rules),
                CampaignStatus(status),
                bool(rehearsal),
            )

    def _put_callees(self, campaign_id: str, callees: Sequence[Callee]) -> None:
        self._connection.executemany(
            f"INSERT INTO callees (campaign_id, place, {CALLEE}) VALUES ({', '.join('?' * 15)})",
            ((campaign_id, n, *callee_row(callee)) for n, callee in enumerate(callees)),
        )

    def _is_barred(self, phone: str, rehearsal: bool) -> bool:
        return (
            self._connection.execute(
                "SELECT 1 FROM do_not_call WHERE phone = ? UNION ALL SELECT 1 FROM calls"
                " WHERE phone = ? AND rehearsal = ? AND ended_at IS NULL",
                (phone, phone, rehearsal),
            ).fetchone()
            is not None
        )

    def _bar(self, phone: str, reason: str, at: datetime) -> bool:
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO do_not_call VALUES (?, ?, ?)", (phone, reason, to_ms(at))
        )
        return cursor.rowcount == 1

    def _update(self, campaign_id: str, callee: Callee) -> None:
        self._connection.execute(
            "UPDATE callees SET attempts = ?, day = ?, attempts_today = ?, next_at = ?, last = ?,"
            " code = ?, in_call = ? WHERE campaign_id = ? AND id = ?",
            (*callee_row(callee)[6:], campaign_id, callee.id),
        )
