"""The runner over a line: results, evidence, faults; and the table that comes out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assist.call_result import CallCode
from assist.campaign import Call, Callee, Campaign, CampaignStatus
from assist.campaign_export import masked, result_table, results
from assist.campaign_line import LineEvent
from assist.campaign_outcome import given_values, identity_matches
from assist.campaign_rules import CallRules, Retries
from assist.campaign_run import CampaignRunner
from assist.campaign_store import CampaignStore
from assist.errors import AssistError
from assist.flow import Flow
from assist.flow_file import sound_flows
from assist.rehearsal_line import Behaviour, RehearsalLine
from assist.reply import Reply
from assist.trading_days import TradingDays
from ui.outbound import OutboundSpeaker, SilentDesk, dialogue, rehearse
from ui.settings import Settings
from ui.wiring import Wiring

NOW = datetime(2025, 9, 30, 2, 0, tzinfo=UTC)
FIELDS = (
    ("name", "张小敏"), ("salutation", "张女士"), ("birth_date", "1980-01-02"),
    ("stock_name", "示例股份"), ("stock_code", "730001"), ("shares", "1000"),
    ("amount", "12500"), ("pay_by", "3月5日下午四点"),
)  # fmt: skip
PEOPLE = tuple(Callee(f"r{n}", f"1390000{n:04d}", f"K{n}", FIELDS) for n in range(6))
RULES = CallRules(lines=3, retries=Retries(attempts=2, pause=timedelta(minutes=30)))
CAMPAIGN = Campaign("c", "测试", "ipo-allotment", RULES, CampaignStatus.RUNNING)


@pytest.fixture(scope="module")
def wiring(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Wiring:
    """A workspace without a knowledge base."""
    return Wiring(Settings(home=tmp_path_factory.mktemp("run"), data=data))


@pytest.fixture(scope="module")
def flow(data: Path) -> Flow:
    """The flow of the allotment notice."""
    return next(f for f in sound_flows(data / "flows") if f.id == "ipo-allotment")


@pytest.fixture(scope="module")
def speaker(wiring: Wiring, flow: Flow) -> OutboundSpeaker:
    """The dialogue engine with a desk that answers nothing."""
    return OutboundSpeaker(dialogue(wiring, (flow,), SilentDesk()), flow)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CampaignStore]:
    """A store with one running campaign."""
    store = CampaignStore.open(tmp_path / "w.db")
    store.create(CAMPAIGN, PEOPLE, NOW)
    yield store
    store.close()


def run(
    store: CampaignStore, flow: Flow, speaker: OutboundSpeaker, behaviour: Behaviour
) -> RehearsalLine:
    """A whole campaign whose customers all behave alike."""
    line = RehearsalLine(flow, NOW, weights={behaviour: 1.0})
    assert runner(store, flow, speaker, line).run()
    return line


def runner(
    store: CampaignStore, flow: Flow, speaker: OutboundSpeaker, line: RehearsalLine
) -> CampaignRunner:
    """A runner on the line's clock."""
    return CampaignRunner(
        CAMPAIGN, flow, store, line, speaker, TradingDays({}), clock=line.now,
        call_id=lambda callee: f"{callee.id}-{callee.attempts + 1}",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("behaviour", "codes"),
    [
        (Behaviour.NO_ANSWER, {CallCode.NO_ANSWER}),
        (Behaviour.LINE_BUSY, {CallCode.LINE_BUSY}),
        (Behaviour.SWITCHED_OFF, {CallCode.SWITCHED_OFF}),
        (Behaviour.INVALID_NUMBER, {CallCode.INVALID_NUMBER}),
        (Behaviour.SILENT, {CallCode.SILENT}),
        (Behaviour.NOT_ME, {CallCode.WRONG_PERSON}),
        (Behaviour.FORGETS, {CallCode.UNVERIFIED}),
        (Behaviour.WILLING, {CallCode.COMPLETED, CallCode.HANDED_OVER}),
    ],
)
def test_behaviours_end_in_their_results(
    store: CampaignStore,
    flow: Flow,
    speaker: OutboundSpeaker,
    behaviour: Behaviour,
    codes: set[CallCode],
) -> None:
    """What a customer does decides the one result that they get."""
    run(store, flow, speaker, behaviour)
    assert {callee.code for callee in store.callees("c")} <= codes
    found = store.find("c")
    assert found is not None
    assert found.status is CampaignStatus.CLOSED
    assert store.count("c").open_calls == 0


def test_whoever_asks_for_it_is_never_called_again(
    store: CampaignStore, flow: Flow, speaker: OutboundSpeaker
) -> None:
    """They are on the list that holds for every campaign."""
    run(store, flow, speaker, Behaviour.NEVER)
    barred = {phone for phone, _, _ in store.barred()}
    never = {c.phone for c in store.callees("c") if c.code is CallCode.DO_NOT_CALL}
    assert never
    assert never <= barred


def test_a_fault_in_one_dialogue_ends_that_call_only(
    store: CampaignStore, flow: Flow, speaker: OutboundSpeaker
) -> None:
    """A customer without the needed values fails; the others are called."""
    broken = Callee("bad", "13911119999", "K99", ())
    other = replace(CAMPAIGN, id="d")
    store.create(other, (broken, PEOPLE[0]), NOW)
    line = RehearsalLine(flow, NOW, weights={Behaviour.WILLING: 1.0})
    CampaignRunner(
        other, flow, store, line, speaker, TradingDays({}), clock=line.now,
        call_id=lambda callee: f"d-{callee.id}-{callee.attempts + 1}",
    ).run()  # fmt: skip
    codes = {callee.id: callee.code for callee in store.callees("d")}
    assert codes["bad"] is CallCode.FAILED
    assert codes["r0"] in (CallCode.COMPLETED, CallCode.HANDED_OVER)


def test_a_paused_campaign_ends_its_calls_and_begins_none(
    store: CampaignStore, flow: Flow, speaker: OutboundSpeaker
) -> None:
    """Pausing stops new calls; those that run are held to their end."""
    line = RehearsalLine(flow, NOW, weights={Behaviour.WILLING: 1.0})
    ended: list[int] = []

    def pause() -> None:
        ended.append(1)
        store.set_status("c", CampaignStatus.PAUSED)

    assert not runner(store, flow, speaker, line).run(finished=pause)
    assert len(ended) == 3
    assert store.count("c").open_calls == 0


def test_a_line_that_dies_is_an_error_not_a_silent_end(
    store: CampaignStore, flow: Flow, speaker: OutboundSpeaker
) -> None:
    """Calls that nothing can be heard from any more are not forgotten."""

    class DeadLine(RehearsalLine):
        def dial(self, call: Call, callee: Callee) -> None:
            """Ring nowhere."""

        def say(self, call_id: str, replies: Sequence[Reply], *, last: bool) -> None:
            """Say nothing."""

        def wait(self, until: datetime | None) -> LineEvent | None:
            """Hear nothing; the time goes on."""
            return super().wait(until)

    store.create(replace(CAMPAIGN, id="e"), PEOPLE[:1], NOW)
    line = DeadLine(flow, NOW)
    with pytest.raises(AssistError, match="calls open"):
        CampaignRunner(
            replace(CAMPAIGN, id="e"), flow, store, line, speaker, TradingDays({}),
            clock=line.now, call_id=lambda callee: callee.id,
        ).run()  # fmt: skip


def test_evidence_is_the_words_and_their_place(
    store: CampaignStore, flow: Flow, speaker: OutboundSpeaker
) -> None:
    """Every answer of a completed call points at the words that prove it."""
    run(store, flow, speaker, Behaviour.WILLING)
    told = [c.result for c in store.calls("c") if c.result and c.result.code == "completed"]
    assert told
    for result in told:
        assert tuple(name for name, _ in result.disclosed) == ("pay_notice",)
        assert {"is_self", "birthday", "understood", "will_pay"} <= {
            e.slot for e in result.evidence
        }
        assert all(e.text[e.start : e.end] for e in result.evidence)


def test_the_table_masks_who_it_was(
    store: CampaignStore, flow: Flow, speaker: OutboundSpeaker
) -> None:
    """The masked table has answers but no telephone, name or birth date; the full one has all."""
    run(store, flow, speaker, Behaviour.WILLING)
    found = list(results(store.callees("c"), store.calls("c")))
    full = [" ".join(row) for row in result_table(found, flow)]
    hidden = [" ".join(row) for row in result_table([masked(f, flow) for f in found], flow)]
    assert len(full) == len(hidden) == 7
    for secret in (PEOPLE[0].phone, "张小敏", "1980-01-02"):
        assert secret in "".join(full)
        assert secret not in "".join(hidden)
    assert "139****0000" in hidden[1]
    assert "缴款打算（原话）" in hidden[0]


def test_a_rehearsal_leaves_the_campaign_as_it_is(wiring: Wiring) -> None:
    """Results go to a campaign of their own; the same seed gives the same results."""
    store = wiring.campaign_store
    draft = replace(CAMPAIGN, id="real", status=CampaignStatus.DRAFT)
    store.create(draft, PEOPLE, NOW)
    first = rehearse(wiring, draft, seed=3)
    codes = [callee.code for callee in store.callees(first.id)]
    assert all(codes)
    assert all(callee.code is None for callee in store.callees("real"))
    again = rehearse(wiring, draft, seed=3, fresh=True)
    assert [callee.code for callee in store.callees(again.id)] == codes


@pytest.mark.parametrize(
    ("said", "known", "verified"),
    [
        ("1980-01-02", "19800102", "yes"),
        ("1980-01-02", "1980年1月2日", "yes"),
        ("1980-01-02", "1980/1/2", "yes"),
        ("1980-01-02", "1980-02-01", "no"),
        ("1980-01-02", "", "no"),
        ("", "", "no"),
    ],
)
def test_identities_are_compared_however_they_are_written(
    said: str, known: str, verified: str
) -> None:
    """Nothing is never the same as nothing."""
    assert identity_matches({"said": said, "known": known}, NOW) == {"verified": verified}


def test_a_flow_is_given_what_it_knows(flow: Flow) -> None:
    """Columns that the flow does not know stay in the list."""
    callee = Callee("a", "1", "k", (("salutation", "张女士"), ("shares", "1"), ("other", "x")))
    assert given_values(flow, callee) == {"salutation": "张女士", "shares": "1"}
