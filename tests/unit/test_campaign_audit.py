"""The audit of a campaign's calls finds each kind of fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assist.call_result import CallCode, CallResult
from assist.campaign import Call, Callee, Campaign, CampaignStatus
from assist.campaign_audit import audit, most_at_once
from assist.campaign_rules import CallRules
from assist.trading_days import TradingDays

DAYS = TradingDays({})
NOW = datetime(2025, 9, 30, 2, 0, tzinfo=UTC)
CAMPAIGN = Campaign("c", "测试", "f", CallRules(lines=1), CampaignStatus.CLOSED)
CALLEE = Callee(
    "a", "13800000000", "k", attempts=1, last=CallCode.COMPLETED, code=CallCode.COMPLETED
)
CALL = Call(
    "x", "c", "a", 1, CALLEE.phone, NOW, NOW + timedelta(minutes=2), CallResult(CallCode.COMPLETED)
)


def test_a_clean_campaign_has_no_faults() -> None:
    """One call, one result, within the hours."""
    assert audit(CAMPAIGN, (CALLEE,), (CALL,), DAYS) == ()


@pytest.mark.parametrize(
    ("callee", "calls", "fault"),
    [
        (CALLEE, (replace(CALL, started_at=NOW - timedelta(hours=5)),), "outside the hours"),
        (
            replace(CALLEE, attempts=2),
            (CALL, replace(CALL, id="y", attempt=2, started_at=NOW + timedelta(minutes=1))),
            "while a call to this number ran",
        ),
        (replace(CALLEE, attempts=2), (CALL,), "2 attempts but 1 calls"),
        (replace(CALLEE, code=None), (CALL,), "no result"),
        (replace(CALLEE, last=CallCode.BUSY), (CALL,), "latest call"),
        (CALLEE, (replace(CALL, ended_at=None, result=None),), "without an end"),
    ],
)
def test_each_kind_of_fault_is_found(callee: Callee, calls: tuple[Call, ...], fault: str) -> None:
    """A fault is one line that names the customer by id."""
    found = audit(CAMPAIGN, (callee,), calls, DAYS)
    assert any(fault in line for line in found)


def test_more_calls_than_lines_and_attempts_are_found() -> None:
    """Concurrency over all customers, attempts of each."""
    other = replace(CALLEE, id="b", phone="13900000000")
    calls = (CALL, replace(CALL, id="y", callee_id="b", phone=other.phone))
    assert most_at_once(calls) == 2
    assert any("2 calls ran at once" in f for f in audit(CAMPAIGN, (CALLEE, other), calls, DAYS))
    many = tuple(
        replace(
            CALL,
            id=str(n),
            attempt=n + 1,
            started_at=NOW + timedelta(minutes=5 * n),
            ended_at=NOW + timedelta(minutes=5 * n + 1),
        )
        for n in range(5)
    )
    found = audit(CAMPAIGN, (replace(CALLEE, attempts=5),), many, DAYS)
    assert any("5 times; 3 are allowed" in line for line in found)
    assert any("5 times in one day" in line for line in found)
