"""Each result code can come about: in a written conversation, on the line, in a campaign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assist.call_result import UNANSWERED, WITHOUT_CALL, CallCode
from assist.campaign import Call, Callee, Campaign, CampaignStatus
from assist.campaign_file import read_campaign
from assist.campaign_line import LineEvent
from assist.campaign_list import read_list
from assist.campaign_rules import CallRules, Retries
from assist.campaign_run import CampaignRunner
from assist.campaign_store import CampaignStore
from assist.flow import Flow
from assist.rehearsal_line import WEIGHTS, RehearsalLine
from assist.reply import Reply
from assist.scenario_file import read_scenarios
from assist.trading_days import TradingDays
from ui.outbound import OutboundSpeaker, SilentDesk, dialogue, outbound_flow
from ui.settings import Settings
from ui.wiring import Wiring

NOW = datetime(2025, 9, 29, 2, 0, tzinfo=UTC)
SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
OUTBOUND = ("business-revisit", "id-expired", "ipo-allotment", "suitability-revisit")
SPOKEN = set(CallCode) - WITHOUT_CALL - UNANSWERED - {CallCode.FAILED} | {CallCode.VOICEMAIL}
RULES = CallRules(lines=20, retries=Retries(attempts=3, pause=timedelta(minutes=30)))
CAMPAIGN = Campaign("c", "测试", "suitability-revisit", RULES, CampaignStatus.RUNNING)
CUSTOMERS = 240


@pytest.fixture(scope="module")
def wiring(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Wiring:
    """A workspace without a knowledge base."""
    return Wiring(Settings(home=tmp_path_factory.mktemp("codes"), data=data))


@pytest.fixture(scope="module")
def flow(wiring: Wiring) -> Flow:
    """The flow of the suitability revisit, which has every result."""
    found = outbound_flow(wiring, "suitability-revisit")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def speaker(wiring: Wiring, flow: Flow) -> OutboundSpeaker:
    """The dialogue engine with a desk that answers nothing."""
    return OutboundSpeaker(dialogue(wiring, (flow,), SilentDesk()), flow)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CampaignStore]:
    """An empty store."""
    store = CampaignStore.open(tmp_path / "w.db")
    yield store
    store.close()


def customers(data: Path) -> tuple[Callee, ...]:
    """Many customers like the first of the sample list; one misses what the flow must say, and
    the last one's day is over before it is their turn.
    """
    folder = data / "campaigns"
    columns = dict(read_campaign(folder / "suitability-revisit.yaml").columns)
    first = read_list(folder / "suitability-revisit.csv", columns=columns).callees[0]
    people = [replace(first, id=f"c{n}", phone=f"139{n:08d}") for n in range(CUSTOMERS)]
    people[0] = replace(people[0], fields=())
    people[-1] = replace(people[-1], deadline=NOW + timedelta(seconds=1), priority=-1)
    return tuple(people)


class FailingLine:
    """A line that reports the same of every call, an hour after the last."""

    def __init__(self, code: CallCode) -> None:
        self._code, self._now = code, NOW
        self._rings: list[str] = []

    def now(self) -> datetime:
        """The time on this line."""
        return self._now

    def dial(self, call: Call, callee: Callee) -> None:
        """Ring."""
        self._rings.append(call.id)

    def say(self, call_id: str, replies: Sequence[Reply], *, last: bool) -> None:
        """Nobody is there to hear it."""

    def wait(self, until: datetime | None) -> LineEvent | None:
        """What became of the ringing."""
        self._now = until or self._now + timedelta(minutes=1)
        if not self._rings:
            return None
        return LineEvent(self._rings.pop(), self._now, failure=self._code)


def runner(
    store: CampaignStore, flow: Flow, speaker: OutboundSpeaker, line: FailingLine | RehearsalLine
) -> CampaignRunner:
    """A runner on the line's clock."""
    return CampaignRunner(
        CAMPAIGN, flow, store, line, speaker, TradingDays({}), clock=line.now,
        call_id=lambda callee: f"{callee.id}-{callee.attempts + 1}",
    )  # fmt: skip


def test_every_result_of_a_conversation_has_a_scenario() -> None:
    """Each flow's scenarios end in every code that its words can end in, and in no other."""
    told = {
        name: {CallCode(s.result) for s in read_scenarios(SCENARIOS / f"{name}.yaml") if s.result}
        for name in OUTBOUND
    }
    assert set.union(*told.values()) == SPOKEN
    for codes in told.values():
        assert codes >= SPOKEN - {CallCode.REVIEW}


@pytest.mark.parametrize("code", CallCode)
def test_what_the_line_reports_is_the_result(
    store: CampaignStore, data: Path, flow: Flow, speaker: OutboundSpeaker, code: CallCode
) -> None:
    """Where nobody answered it is the code; a code that needs a conversation is a fault."""

    store.create(CAMPAIGN, customers(data)[1:2], NOW)
    runner(store, flow, speaker, FailingLine(code)).run()
    known = code in UNANSWERED | {CallCode.FAILED}
    assert {c.result.code for c in store.calls("c") if c.result} == {
        code if known else CallCode.FAILED
    }


def test_a_simulated_campaign_draws_every_code(
    store: CampaignStore, data: Path, flow: Flow, speaker: OutboundSpeaker
) -> None:
    """Behaviours drawn alike often, a customer with a fault, one past their day, an early end."""
    store.create(CAMPAIGN, customers(data), NOW)
    line = RehearsalLine(flow, NOW, weights=dict.fromkeys(WEIGHTS, 1.0))

    def stop_before_the_last() -> None:
        if store.count("c").calls >= CUSTOMERS - 10:
            store.cancel("c")

    runner(store, flow, speaker, line).run(finished=stop_before_the_last)
    final = {callee.code for callee in store.callees("c")}
    ended = {call.result.code for call in store.calls("c") if call.result}
    assert None not in final
    assert final | ended == set(CallCode)
    assert final >= WITHOUT_CALL
