"""Flows inside conversations of the database: a person in the middle, and back to the question."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assist.answer import Answer, AnswerKind, Trace
from assist.conversation import Conversation
from assist.flow_state import Mode
from assist.handover import HandoverReason
from assist.said import Speaker
from assist.talk import Happening
from assist.utterance import Event, Utterance
from ui.settings import Settings
from ui.wiring import Wiring

MONDAY = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2025, 3, 2, 15, 0, tzinfo=UTC)


class Desk:
    """Answers every question with what it was asked."""

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """Always an answer."""
        answer = Answer(AnswerKind.ANSWER, f"答：{text}", 1.0, trace=Trace("test", text))
        return answer, (conversation or Conversation()).after(text, answer)


class Workspace(Wiring):
    """The workspace with that desk."""

    assistant: Any = Desk()


class Caller:
    """A customer in a flow that asks for an ID number."""

    def __init__(self, wiring: Workspace, now: datetime, channel: str = "text") -> None:
        self.wiring, self.now = wiring, now
        begun = wiring.conversation_desk(self.clock).begin("key", channel=channel)
        self.id = begun.conversation_id

    def clock(self) -> datetime:
        return self.now

    def hears(self, utterance: Utterance) -> Happening:
        desk = self.wiring.conversation_desk(self.clock)
        return desk.hear(self.id, utterance, key_id="key")

    def says(self, text: str) -> Happening:
        return self.hears(Utterance(text))


@pytest.fixture
def wiring(tmp_path: Path, data: Path) -> Workspace:
    return Workspace(Settings(home=tmp_path, data=data))


def asked(happening: Happening) -> str:
    """What the bot said, as one text."""
    return " ".join(said.text for said in happening.said if said.speaker is Speaker.BOT)


def test_after_a_person_the_open_question_is_asked_again(wiring: Workspace) -> None:
    """The flow waits while the agent speaks and goes on where it was."""
    customer = Caller(wiring, MONDAY)
    assert "身份证号码" in asked(customer.says("帮我重置密码"))
    waits = customer.says("转人工")
    assert waits.mode is Mode.WAITING
    assert waits.handover
    assert waits.handover.reason is HandoverReason.ASKED
    agents = wiring.agent_desk(customer.clock)
    agents.claim(waits.handover.id, "小王")
    assert asked(customer.says("为什么要身份证")) == ""
    back = agents.give_back(waits.handover.id, "小王")
    assert back.mode is Mode.BOT
    assert "身份证号码" in asked(back)


def test_outside_the_hours_the_flow_goes_on(wiring: Workspace) -> None:
    """Nobody is there: the wish is kept and the open question asked again at once."""
    customer = Caller(wiring, SUNDAY_NIGHT)
    customer.says("帮我重置密码")
    kept = customer.says("转人工")
    assert kept.mode is Mode.BOT
    assert "身份证号码" in asked(kept)
    assert len(wiring.agent_desk(customer.clock).waiting()) == 1


def test_leaving_the_queue_leads_back_to_the_question(wiring: Workspace) -> None:
    """取消排队 brings the flow back."""
    customer = Caller(wiring, MONDAY)
    customer.says("帮我重置密码")
    customer.says("转人工")
    back = customer.says("取消排队")
    assert back.mode is Mode.BOT
    assert "身份证号码" in asked(back)


def test_what_is_heard_waits_for_its_delivery(wiring: Workspace) -> None:
    """In a voice conversation replies have ids, and reports of their delivery are taken."""
    customer = Caller(wiring, MONDAY, "voice")
    reply = customer.says("帮我重置密码").said[-1]
    assert reply.reply_id
    done = customer.hears(Utterance(event=Event.DELIVERED, reply_id=reply.reply_id))
    assert done.mode is Mode.BOT
    assert [said.speaker for said in done.said if said.speaker is Speaker.CUSTOMER] == []
