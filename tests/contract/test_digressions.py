"""Whatever else a customer brings up, an outbound flow comes back to its question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from assist.flow_engine import Dialogue
from assist.flow_state import DialogueState, Mode
from assist.reply import Reply, ReplyKind
from assist.utterance import Event, Utterance
from news.published import CHINA
from ui.outbound import SilentDesk, dialogue
from ui.settings import Settings
from ui.wiring import Wiring

NOW = datetime(2026, 3, 3, 10, tzinfo=CHINA)
FLOWS = ("ipo-allotment", "id-expired", "suitability-revisit", "business-revisit")
LEAST_BACK = 0.995
"""A few lines of the public set say what ends a call in earnest: 我在吃饭, 我正在睡觉."""


@pytest.fixture(scope="module")
def engine(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Dialogue:
    """The dialogue over the project's flows, with a desk that answers nothing."""
    wiring = Wiring(Settings(home=tmp_path_factory.mktemp("digressions"), data=data))
    return dialogue(wiring, wiring.flows, SilentDesk())


def delivered(engine: Dialogue, outcome: tuple[DialogueState, tuple[Reply, ...]]) -> DialogueState:
    """The state once everything was heard to its end."""
    state, replies = outcome
    waiting = list(replies)
    while waiting:
        heard = Utterance(event=Event.DELIVERED, reply_id=waiting.pop(0).id)
        state, more = engine.respond(state, heard, NOW)
        waiting += more
    return state


def at_each_depth(engine: Dialogue, flow_id: str) -> Iterator[DialogueState]:
    """The flow before verification, and at its first question after it."""
    flow = next(flow for flow in engine.flows if flow.id == flow_id)
    given = {item.name: item.sample for item in flow.given}
    state = delivered(engine, engine.start(flow_id, given, NOW, outbound=True))
    for words in ("是的", "一九八零年一月二号"):
        state = delivered(engine, engine.respond(state, Utterance(words), NOW))
        yield state


@pytest.mark.parametrize("flow_id", FLOWS)
def test_flows_come_back_from_public_digressions(
    engine: Dialogue, shared: Path, flow_id: str
) -> None:
    """Requests of the SMP-2019 set in the middle of a flow: the pending question is asked again."""
    rows = (shared / "eval/intents/smp2019.domains.tsv").read_text(encoding="utf-8").splitlines()
    digressions = [row.split("\t")[0] for row in rows[1:]]
    for state in at_each_depth(engine, flow_id):
        assert state.frame is not None
        back = 0
        for text in digressions:
            after, replies = engine.respond(state, Utterance(text), NOW)
            assert state.verified or not any(reply.private for reply in replies)
            same = after.mode is Mode.BOT and after.frame and after.frame.step == state.frame.step
            back += bool(same and replies and replies[-1].kind is ReplyKind.ASK)
        assert back / len(digressions) >= LEAST_BACK
