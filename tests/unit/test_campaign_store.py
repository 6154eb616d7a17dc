"""Campaigns in the database: no customer twice at once, no result lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assist.call_result import CallCode, CallResult, Evidence
from assist.campaign import Callee, Campaign, CampaignStatus
from assist.campaign_rules import CallRules
from assist.campaign_store import LEASE, CampaignStore
from assist.errors import AssistError

NOW = datetime(2025, 9, 30, 2, 0, tzinfo=UTC)
CAMPAIGN = Campaign("c1", "测试", "ipo-allotment", CallRules(lines=2), CampaignStatus.RUNNING)
PEOPLE = tuple(Callee(f"r{n}", f"1380000{n:04d}", f"k{n}", (("amount", "100"),)) for n in range(4))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CampaignStore]:
    """A store with one running campaign of four customers."""
    store = CampaignStore.open(tmp_path / "w.db")
    store.create(CAMPAIGN, PEOPLE, NOW)
    yield store
    store.close()


def test_campaigns_and_customers_come_back_as_they_were(store: CampaignStore) -> None:
    """What is read is what was stored, in the list's order."""
    assert store.find("c1") == CAMPAIGN
    assert tuple(store.callees("c1")) == PEOPLE
    assert store.find("other") is None


def test_an_id_is_taken_only_once(store: CampaignStore) -> None:
    """A second campaign of the same id is refused, and changes nothing."""
    with pytest.raises(AssistError, match="already"):
        store.create(replace(CAMPAIGN, title="x"), (), NOW)
    assert store.find("c1") == CAMPAIGN


def test_nobody_is_called_twice_at_once(store: CampaignStore) -> None:
    """A customer in a call is not called; nor are there more calls than lines."""
    assert store.begin(CAMPAIGN, "r0", "x", NOW)
    assert store.begin(CAMPAIGN, "r0", "y", NOW) is None
    assert store.begin(CAMPAIGN, "r1", "z", NOW)
    assert store.begin(CAMPAIGN, "r2", "u", NOW) is None


def test_one_number_is_called_by_one_campaign_at_once(store: CampaignStore) -> None:
    """Two campaigns with the same customer do not call at the same time; a rehearsal may."""
    other, rehearsal = replace(CAMPAIGN, id="c2"), replace(CAMPAIGN, id="c3", rehearsal=True)
    store.create(other, PEOPLE[:1], NOW)
    store.create(rehearsal, PEOPLE[:1], NOW)
    assert store.begin(CAMPAIGN, "r0", "x", NOW)
    assert store.begin(other, "r0", "y", NOW) is None
    assert store.begin(rehearsal, "r0", "z", NOW)
    assert PEOPLE[0].phone in store.snapshot(other, NOW).busy_phones


def test_a_call_gets_one_result(store: CampaignStore) -> None:
    """The second result of a call is refused; the first stays, with its evidence."""
    store.begin(CAMPAIGN, "r0", "x", NOW)
    evidence = Evidence("will_pay", "缴款打算", "pay", "会的", 0, 2, 3)
    result = CallResult(CallCode.COMPLETED, evidence=(evidence,))
    assert store.finish(CAMPAIGN, "x", result, NOW, "{}")
    assert not store.finish(CAMPAIGN, "x", CallResult(CallCode.REFUSED), NOW)
    (call,) = store.calls("c1", "r0")
    assert call.result == result
    assert store.count("c1").codes == ((CallCode.COMPLETED, 1),)


def test_open_calls_of_a_dead_process_end_as_failed(store: CampaignStore) -> None:
    """Once its lease is over a call ends, the customer waits for the next attempt."""
    store.begin(CAMPAIGN, "r0", "x", NOW)
    assert store.recover(CAMPAIGN, NOW + LEASE / 2) == 0
    store.keep("x", "{}", NOW + LEASE / 2)
    assert store.recover(CAMPAIGN, NOW + LEASE) == 0
    assert store.recover(CAMPAIGN, NOW + LEASE * 2) == 1
    callee = store.callee("c1", "r0")
    assert callee is not None
    assert (callee.in_call, callee.last, callee.code) == (False, CallCode.FAILED, None)


def test_do_not_call_is_kept_for_every_campaign(store: CampaignStore) -> None:
    """Who asks for no calls goes onto the list; no campaign can begin a call to them."""
    store.begin(CAMPAIGN, "r0", "x", NOW)
    store.finish(CAMPAIGN, "x", CallResult(CallCode.DO_NOT_CALL), NOW)
    other = replace(CAMPAIGN, id="c2")
    store.create(other, PEOPLE[:1], NOW)
    assert store.begin(other, "r0", "y", NOW) is None
    assert [phone for phone, _, _ in store.barred()] == [PEOPLE[0].phone]
    assert store.unbar(PEOPLE[0].phone)
    assert store.begin(other, "r0", "y", NOW)


def test_rehearsals_leave_the_do_not_call_list_alone(store: CampaignStore) -> None:
    """What a simulated customer wants binds nobody."""
    rehearsal = replace(CAMPAIGN, id="c2", rehearsal=True)
    store.create(rehearsal, PEOPLE, NOW)
    store.begin(rehearsal, "r0", "x", NOW)
    store.finish(rehearsal, "x", CallResult(CallCode.DO_NOT_CALL), NOW)
    assert store.barred() == ()


def test_snapshot_has_those_who_are_due_and_says_when_the_next_one_is(
    store: CampaignStore,
) -> None:
    """Customers who wait for a retry are left out until then."""
    store.begin(CAMPAIGN, "r0", "x", NOW)
    store.finish(CAMPAIGN, "x", CallResult(CallCode.LINE_BUSY), NOW)
    state = store.snapshot(CAMPAIGN, NOW)
    assert [callee.id for callee in state.callees] == ["r1", "r2", "r3"]
    assert state.later == NOW + timedelta(minutes=10)
    later = store.snapshot(CAMPAIGN, NOW + timedelta(minutes=10))
    assert "r0" in [callee.id for callee in later.callees]


def test_cancelled_campaigns_give_everybody_a_result(store: CampaignStore) -> None:
    """Who was called keeps that result, the others are cancelled."""
    store.begin(CAMPAIGN, "r0", "x", NOW)
    store.finish(CAMPAIGN, "x", CallResult(CallCode.BUSY), NOW)
    assert store.cancel("c1") == 4
    assert store.count("c1").codes == ((CallCode.BUSY, 1), (CallCode.CANCELLED, 3))


def test_erasing_a_customer_leaves_the_numbers(store: CampaignStore) -> None:
    """Telephone, fields and words go; the campaign's counts stay."""
    store.begin(CAMPAIGN, "r0", "x", NOW)
    store.finish(CAMPAIGN, "x", CallResult(CallCode.COMPLETED), NOW, '{"words": "secret"}')
    assert store.erase("k0") == 1
    callee = store.callee("c1", "r0")
    assert callee is not None
    assert (callee.phone, callee.fields, callee.code) == ("", (), CallCode.COMPLETED)
    (call,) = store.calls("c1", "r0")
    assert call.state is None
    assert call.result is None
    assert store.erase("k0") == 0
