"""The head of the queue, read by indexes, gives the plan that the whole list gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from assist.call_result import CallCode
from assist.campaign import Callee, Campaign, CampaignStatus
from assist.campaign_rules import CallRules, Days, Retries, china_day
from assist.campaign_schedule import CampaignState, Plan, plan
from assist.campaign_store import CampaignStore
from assist.trading_days import TradingDays

DAYS = TradingDays({})
NOW = datetime(2025, 9, 26, 2, 0, tzinfo=UTC)
MOMENTS = st.integers(-3000, 6000).map(lambda minutes: NOW + timedelta(minutes=minutes))
PHONES = [f"1380000000{n}" for n in range(7)]
NUMBERS = st.sampled_from(PHONES)
CODES = st.none() | st.sampled_from(CallCode)


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    """A running campaign."""
    rules = CallRules(
        days=draw(st.sampled_from(Days)),
        retries=Retries(3, draw(st.integers(1, 3))),
        lines=draw(st.integers(1, 5)),
        deadline=draw(st.none() | MOMENTS),
    )
    return Campaign("c", "t", "f", rules, CampaignStatus.RUNNING)


@st.composite
def callees(draw: st.DrawFn) -> tuple[Callee, ...]:
    """Customers in any state, several of whom share a number."""
    return tuple(
        Callee(
            str(n),
            draw(NUMBERS),
            "",
            priority=draw(st.integers(-1, 1)),
            deadline=draw(st.none() | MOMENTS),
            attempts=draw(st.integers(0, 3)),
            day=draw(st.none() | MOMENTS.map(china_day)),
            attempts_today=draw(st.integers(0, 3)),
            next_at=draw(st.none() | MOMENTS),
            last=draw(CODES),
            code=draw(st.just(None) | st.just(None) | CODES),
            in_call=draw(st.sampled_from((False, False, False, True))),
        )
        for n in range(draw(st.integers(0, 14)))
    )


@settings(max_examples=400, deadline=None)
@given(campaigns(), callees(), st.sets(NUMBERS, max_size=3), st.sets(NUMBERS, max_size=2), MOMENTS)
def test_the_head_of_the_queue_plans_as_the_whole_list(
    campaign: Campaign,
    people: tuple[Callee, ...],
    busy: set[str],
    barred: set[str],
    now: datetime,
) -> None:
    """The same calls in the same order, the same customers closed, the same time to look again.

    Customers on the do-not-call list may be closed later: when it is their turn.
    """
    whole = CampaignState(campaign, people, 0, frozenset(busy), frozenset(barred))
    expected, found = plan(whole, now, DAYS), _planned(campaign, people, busy, barred, now)
    assert [callee.id for callee in found.calls] == [callee.id for callee in expected.calls]
    assert _closed(found) <= _closed(expected)
    assert {pair for pair in _closed(expected) if pair[1] is not CallCode.DO_NOT_CALL} == {
        pair for pair in _closed(found) if pair[1] is not CallCode.DO_NOT_CALL
    }
    if not barred:
        assert found.wake_at == expected.wake_at


def _planned(
    campaign: Campaign,
    people: tuple[Callee, ...],
    busy: set[str],
    barred: set[str],
    now: datetime,
) -> Plan:
    store = CampaignStore.open(Path(":memory:"))
    store.create(campaign, people, NOW)
    other = replace(campaign, id="other", rules=CallRules(lines=9))
    store.create(other, [Callee(phone, phone, "") for phone in sorted(busy)], NOW)
    for phone in busy:
        assert store.begin(other, phone, phone, NOW)
    store.bar(barred, "asked", NOW)
    found = plan(store.snapshot(campaign, now), now, DAYS)
    store.close()
    return found


def _closed(planned: Plan) -> set[tuple[str, CallCode]]:
    return {(callee.id, code) for callee, code in planned.closed}
