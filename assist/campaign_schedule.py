"""Whom to call now: a pure function of a campaign's state and the time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from assist.call_result import CallCode
from assist.campaign import Callee, Campaign, CampaignStatus
from assist.campaign_rules import allows, china_day, next_allowed
from assist.trading_days import TradingDays

_AGAIN = timedelta(seconds=30)
"""Who is due and held up (every line taken, the number in another call) is looked at again."""


@dataclass(frozen=True, slots=True)
class CampaignState:
    """A campaign with its open customers.

    `busy_phones` are the numbers in any call now, of other campaigns too; `do_not_call` the numbers
    nobody may be called at; `open_calls` how many lines this campaign holds. Customers who cannot
    be called now may be left out; `later` is when the first of those is due, `closes` the first of
    their deadlines.
    """

    campaign: Campaign
    callees: tuple[Callee, ...]
    open_calls: int = 0
    busy_phones: frozenset[str] = frozenset()
    do_not_call: frozenset[str] = frozenset()
    later: datetime | None = None
    closes: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`calls`: customers to call now, in this order. `closed`: customers who get their result
    without a call. `wake_at`: when to ask again though nothing happened; None where only the end of
    a call can change anything.
    """

    calls: tuple[Callee, ...] = ()
    closed: tuple[tuple[Callee, CallCode], ...] = ()
    wake_at: datetime | None = None


def plan(state: CampaignState, now: datetime, trading: TradingDays) -> Plan:
    """Next calls of a campaign: highest priority first, then nearest deadline, then the list's
    order. A promised call back goes before all others.
    """
    closed, waiting = _closed(state, now)
    if state.campaign.status is not CampaignStatus.RUNNING:
        return Plan(closed=closed)
    rules = state.campaign.rules
    if not allows(rules, now, trading):
        return Plan(closed=closed, wake_at=_wake(state, waiting, now, trading))
    due = [callee for callee in waiting if _is_due(callee, state, now)]
    due.sort(key=_order)
    calls = _one_a_phone(due, state.busy_phones, max(0, rules.lines - state.open_calls))
    chosen = {callee.id for callee in calls}
    rest = [callee for callee in waiting if callee.id not in chosen]
    return Plan(calls, closed, _wake(state, rest, now, trading))


def _closed(
    state: CampaignState, now: datetime
) -> tuple[tuple[tuple[Callee, CallCode], ...], list[Callee]]:
    closed: list[tuple[Callee, CallCode]] = []
    waiting: list[Callee] = []
    for callee in state.callees:
        if callee.code is not None or callee.in_call:
            continue
        if callee.phone in state.do_not_call:
            closed.append((callee, CallCode.DO_NOT_CALL))
        elif is_late(callee, state.campaign, now):
            closed.append((callee, callee.last or CallCode.EXPIRED))
        else:
            waiting.append(callee)
    return tuple(closed), waiting


def is_late(callee: Callee, campaign: Campaign, now: datetime) -> bool:
    """Whether the customer's deadline or the campaign's is over."""
    deadlines = (callee.deadline, campaign.rules.deadline)
    return any(deadline is not None and now >= deadline for deadline in deadlines)


def _is_due(callee: Callee, state: CampaignState, now: datetime) -> bool:
    most = state.campaign.rules.retries.attempts_a_day
    return (callee.next_at is None or callee.next_at <= now) and callee.attempts_on(
        china_day(now)
    ) < most


def _order(callee: Callee) -> tuple[bool, int, float]:
    deadline = callee.deadline.timestamp() if callee.deadline else float("inf")
    return (callee.last is not CallCode.CALL_BACK, -callee.priority, deadline)


def _one_a_phone(due: Iterable[Callee], busy: Collection[str], lines: int) -> tuple[Callee, ...]:
    taken = set(busy)
    calls: list[Callee] = []
    for callee in due:
        if len(calls) >= lines:
            break
        if callee.phone not in taken:
            taken.add(callee.phone)
            calls.append(callee)
    return tuple(calls)


def _wake(
    state: CampaignState, waiting: Iterable[Callee], now: datetime, trading: TradingDays
) -> datetime | None:
    """The next moment at which somebody is due or late; who is due but held up, a little later."""
    rules = state.campaign.rules
    again = now + _AGAIN
    deadlines = [callee.deadline for callee in waiting if callee.deadline]
    deadlines += [state.closes] if state.closes else []
    due = [max(callee.next_at or again, again) for callee in waiting]
    due += [max(state.later, again)] if state.later else []
    first = next_allowed(rules, min(due), trading) if due else None
    moments = [m for m in (first, rules.deadline, *deadlines) if m is not None and m > now]
    return min(moments, default=None) if due else None
