"""Looks through a campaign's calls for anything that its rules forbid: the proof after the fact."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from assist.campaign import Call, Callee, Campaign, CampaignStatus
from assist.campaign_rules import allows, china_day
from assist.trading_days import TradingDays


def audit(
    campaign: Campaign,
    callees: Sequence[Callee],
    calls: Sequence[Call],
    trading: TradingDays,
) -> tuple[str, ...]:
    """What is wrong, one line a fault, customers by their id; nothing where all is well."""
    ordered = sorted(calls, key=lambda call: (call.started_at, call.id))
    return (
        *_outside_hours(campaign, ordered, trading),
        *_at_once(campaign, ordered),
        *_attempts(campaign, callees, ordered),
        *_results(campaign, callees, ordered),
    )


def most_at_once(calls: Iterable[Call]) -> int:
    """The largest number of calls that ran at the same time."""
    most, ends = 0, list[datetime]()
    for call in sorted(calls, key=lambda call: call.started_at):
        while ends and ends[0] <= call.started_at:
            heapq.heappop(ends)
        if call.ended_at is not None:
            heapq.heappush(ends, call.ended_at)
        most = max(most, len(ends))
    return most


def _outside_hours(
    campaign: Campaign, calls: Iterable[Call], trading: TradingDays
) -> Iterator[str]:
    for call in calls:
        if not allows(campaign.rules, call.started_at, trading):
            yield f"{call.callee_id} was called outside the hours, at {call.started_at.isoformat()}"


def _at_once(campaign: Campaign, calls: Sequence[Call]) -> Iterator[str]:
    last: dict[str, datetime] = {}
    for call in calls:
        before = last.get(call.phone)
        if before is not None and call.started_at < before:
            yield f"{call.callee_id} was called while a call to this number ran"
        if call.ended_at is not None:
            last[call.phone] = call.ended_at
    most = most_at_once(calls)
    if most > campaign.rules.lines:
        yield f"{most} calls ran at once; {campaign.rules.lines} are allowed"


def _attempts(
    campaign: Campaign, callees: Iterable[Callee], calls: Iterable[Call]
) -> Iterator[str]:
    retries = campaign.rules.retries
    made: dict[str, list[Call]] = {}
    for call in calls:
        made.setdefault(call.callee_id, []).append(call)
    for callee in callees:
        own = made.get(callee.id, [])
        if [call.attempt for call in own] != list(range(1, callee.attempts + 1)):
            yield f"{callee.id} has {callee.attempts} attempts but {len(own)} calls"
        if len(own) > retries.attempts:
            yield f"{callee.id} was called {len(own)} times; {retries.attempts} are allowed"
        days = Counter(china_day(call.started_at) for call in own)
        if days and max(days.values()) > retries.attempts_a_day:
            yield f"{callee.id} was called {max(days.values())} times in one day"


def _results(campaign: Campaign, callees: Iterable[Callee], calls: Iterable[Call]) -> Iterator[str]:
    ended = campaign.status is CampaignStatus.CLOSED
    latest = {call.callee_id: call for call in calls}
    for callee in callees:
        call = latest.get(callee.id)
        if ended and callee.code is None:
            yield f"{callee.id} has no result though the campaign is closed"
        if ended and call is not None and call.ended_at is None:
            yield f"{callee.id} has a call without an end"
        told = call.result.code if call and call.result else None
        if told is not None and callee.last is not told:
            yield f"{callee.id} ended as {callee.last}, but its latest call as {told}"
