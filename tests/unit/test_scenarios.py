"""Every written conversation goes as it is written; the runner itself notices what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from assist.errors import KnowledgeError
from assist.flow_engine import Dialogue
from assist.flow_file import sound_flows
from assist.scenario import Expected, Scenario, ScenarioTurn, play, with_samples
from assist.scenario_file import read_scenarios
from assist.utterance import Utterance
from news.published import CHINA
from ui.outbound import SilentDesk, dialogue
from ui.settings import Settings
from ui.wiring import Wiring

FOLDER = Path(__file__).resolve().parents[1] / "scenarios"
OUTBOUND = ("business-revisit", "id-expired", "ipo-allotment", "suitability-revisit")
SERVICE = (
    "account-assets", "account-positions", "order-status", "chinext-check", "book-callback",
    "complaint",
)  # fmt: skip
SCENARIOS = [s for name in (*OUTBOUND, *SERVICE) for s in read_scenarios(FOLDER / f"{name}.yaml")]


@pytest.fixture(scope="module")
def speaker(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Dialogue:
    """The dialogue over the project's flows, with a desk that answers nothing."""
    wiring = Wiring(Settings(home=tmp_path_factory.mktemp("scenarios"), data=data))
    return dialogue(wiring, sound_flows(data / "flows"), SilentDesk())


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: f"{s.flow_id}: {s.name}")
def test_conversations_go_as_they_are_written(speaker: Dialogue, scenario: Scenario) -> None:
    """Replies, steps, results, evidence and what may never be said."""
    flow = next(flow for flow in speaker.flows if flow.id == scenario.flow_id)
    played = play(with_samples(scenario, flow), flow, speaker)
    assert not played.faults, "\n".join(f"{line.who}: {line.text}" for line in played.lines)


@pytest.mark.parametrize("flow_id", OUTBOUND)
def test_each_outbound_flow_has_its_scenarios(flow_id: str) -> None:
    """At least twelve each, and every result that its steps can end with."""
    own = [s for s in SCENARIOS if s.flow_id == flow_id]
    assert len(own) >= 12
    wanted = {
        "completed", "reached", "refused", "busy", "driving", "call_back", "wrong_person",
        "deceased", "do_not_call", "unverified", "handed_over", "silent", "hung_up", "voicemail",
    }  # fmt: skip
    assert wanted <= {s.result for s in own}


@pytest.mark.parametrize("flow_id", SERVICE)
def test_each_service_flow_has_its_scenarios(flow_id: str) -> None:
    """At least eight each; where accounts are asked about, strangers hear nothing."""
    own = [s for s in SCENARIOS if s.flow_id == flow_id]
    assert len(own) >= 8
    assert {"handed_over", "cancelled"} <= {s.result for s in own}
    if flow_id not in ("book-callback", "complaint"):
        assert sum(bool(s.never) for s in own) >= 4


def test_a_conversation_that_goes_otherwise_is_noticed(speaker: Dialogue) -> None:
    """Wrong words, steps, values, results and forbidden texts are each a fault."""
    flow = next(flow for flow in speaker.flows if flow.id == "ipo-allotment")
    scenario = Scenario(
        "x",
        flow.id,
        datetime(2026, 3, 3, 10, tzinfo=CHINA),
        (
            ScenarioTurn(None, Expected(says=("不会说的话",), says_not=("本人",))),
            ScenarioTurn(
                Utterance("是的"),
                Expected(
                    kind="end", step="done", mode="human", verified=True, slots=(("is_self", "no"),)
                ),
            ),
        ),
        result="completed",
        evidence=(("will_pay", "pay"),),
        disclosed=("pay_notice",),
        never=("出生",),
    )
    faults = play(with_samples(scenario, flow), flow, speaker).faults
    assert len(faults) == 11


def test_samples_stand_in_for_what_a_scenario_does_not_give(speaker: Dialogue) -> None:
    """A scenario's own values win."""
    flow = next(flow for flow in speaker.flows if flow.id == "ipo-allotment")
    scenario = replace(SCENARIOS[0], given=(("salutation", "王先生"),))
    given = dict(with_samples(scenario, flow).given)
    assert given["salutation"] == "王先生"
    assert given["shares"] == "1000"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scenarios: []", "scenarios"),
        ("scenarios: [{name: a, turns: [{user: x}]}]", "no flow is named"),
        ("flow: f\nscenarios: [{name: a, turns: [{user: x, keys: '1'}]}]", "more than one of"),
        ("flow: f\nscenarios: [{name: a, turns: [{says: x}]}]", "says"),
        ("flow: [", "cannot be read"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    """The error names the file and what is wrong in it."""
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message):
        read_scenarios(path)
