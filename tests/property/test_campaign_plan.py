"""Whatever state a campaign is in, its next calls keep the rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from assist.call_result import FINAL, CallCode, CallResult
from assist.campaign import Callee, Campaign, CampaignStatus, after_call, called
from assist.campaign_rules import CallRules, Days, Retries, allows, china_day, next_allowed
from assist.campaign_schedule import CampaignState, plan
from assist.trading_days import TradingDays

DAYS = TradingDays({})
MOMENTS = st.datetimes(datetime(2025, 9, 25), datetime(2025, 10, 12)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
PHONES = st.sampled_from([f"1380000000{n}" for n in range(5)])
CODES = st.none() | st.sampled_from(CallCode)


@st.composite
def rules(draw: st.DrawFn) -> CallRules:
    """Rules with some hours, days, lines and perhaps a deadline."""
    return CallRules(
        days=draw(st.sampled_from(Days)),
        retries=Retries(
            draw(st.integers(1, 4)), draw(st.integers(1, 3)), timedelta(minutes=30), 2.0
        ),
        lines=draw(st.integers(1, 4)),
        deadline=draw(st.none() | MOMENTS),
    )


@st.composite
def callees(draw: st.DrawFn) -> tuple[Callee, ...]:
    """Customers in any state."""
    return tuple(
        Callee(
            str(n),
            draw(PHONES),
            "",
            priority=draw(st.integers(-1, 1)),
            deadline=draw(st.none() | MOMENTS),
            attempts=draw(st.integers(0, 3)),
            day=draw(st.none() | MOMENTS.map(china_day)),
            attempts_today=draw(st.integers(0, 3)),
            next_at=draw(st.none() | MOMENTS),
            last=draw(CODES),
            code=draw(CODES),
            in_call=draw(st.booleans()),
        )
        for n in range(draw(st.integers(0, 8)))
    )


@given(rules(), callees(), MOMENTS, st.integers(0, 5), st.frozensets(PHONES), st.frozensets(PHONES))
def test_planned_calls_keep_every_rule(
    rules: CallRules,
    people: tuple[Callee, ...],
    now: datetime,
    open_calls: int,
    busy: frozenset[str],
    barred: frozenset[str],
) -> None:
    """Hours, lines, numbers, pauses, attempts a day; and the plan never asks for the past."""
    campaign = Campaign("c", "t", "f", rules, CampaignStatus.RUNNING)
    planned = plan(CampaignState(campaign, people, open_calls, busy, barred), now, DAYS)
    phones = [callee.phone for callee in planned.calls]
    assert len(phones) <= max(0, rules.lines - open_calls)
    assert len(set(phones)) == len(phones)
    assert not set(phones) & (busy | barred)
    assert not planned.calls or allows(rules, now, DAYS)
    for callee in planned.calls:
        assert callee.code is None
        assert not callee.in_call
        assert callee.next_at is None or callee.next_at <= now
        assert callee.deadline is None or now < callee.deadline
        assert callee.attempts_on(china_day(now)) < rules.retries.attempts_a_day
    closed = {callee.id for callee, _ in planned.closed}
    assert not closed & {callee.id for callee in planned.calls}
    assert planned.wake_at is None or planned.wake_at > now


@given(rules(), MOMENTS)
def test_the_next_allowed_moment_is_allowed(rules: CallRules, now: datetime) -> None:
    """And it is not in the past."""
    found = next_allowed(rules, now, DAYS)
    assert found is None or (found >= now and allows(rules, found, DAYS))


@given(rules(), st.lists(st.sampled_from(CallCode), min_size=4, max_size=4), MOMENTS)
def test_every_customer_comes_to_one_result(
    rules: CallRules, codes: list[CallCode], now: datetime
) -> None:
    """After at most as many calls as there are attempts, whatever comes of them."""
    callee = Callee("a", "13800000000", "")
    for code in codes:
        callee = after_call(called(callee, now), CallResult(code), rules, now)
        if callee.code is not None:
            break
        assert code not in FINAL
        assert callee.next_at is not None
        now = callee.next_at
    assert callee.code is not None
    assert callee.attempts <= rules.retries.attempts
