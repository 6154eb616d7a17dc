"""Conversations that move between agents, customers who wait too long, agents who vanish."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assist.errors import HandoverError, HandoverInputError, TakenError, UnknownHandoverError
from assist.flow import Confirm, Flow, FlowSlot
from assist.flow_state import DialogueState, Filled, Frame, Mode
from assist.handover import Handover, HandoverReason, HandoverState
from assist.handover_context import context_of
from assist.handover_note import AlertKind, NoteKind
from assist.handover_store import HandoverStore
from assist.said import Speaker
from assist.slot import SlotSpec, SlotType
from assist.talk import LogKind, OnceKey
from assist.utterance import Event, Utterance


def taken(office: Any, agent: str = "小王") -> tuple[str, str]:
    """A conversation that an agent has, and its handover."""
    conversation, handover = office.queued()
    office.agents.claim(handover, agent)
    return conversation, handover


# --- transfer, release, takeover -----------------------------------------------------------


def test_a_transfer_keeps_the_place_of_the_first_wait(office: Any) -> None:
    """Who was moved to a group stands before those who came later, and is told so."""
    conversation, handover = taken(office)
    office.wait(seconds=30)
    other = office.begin()
    office.say(other, "我要投诉你们")
    office.say(other, "转人工")
    moved = office.transfers.to_group(handover, "小王", "complaints", "客户要投诉")
    assert moved.mode is Mode.WAITING
    assert moved.place == 1
    assert "投诉专席" in moved.said[-1].text
    assert "前面还有0位" in moved.said[-1].text
    office.agents.claim(handover, "小李")
    assert office.agents.handover(handover).agent == "小李"
    with pytest.raises(TakenError, match="小李"):
        office.agents.say(handover, "小王", "您好")
    assert office.say(conversation, "在吗").mode is Mode.HUMAN


def test_a_transfer_is_counted_once(office: Any) -> None:
    """The service level counts the first claim; waiting again begins no new count."""
    _, handover = office.queued()
    office.wait(seconds=10)
    office.agents.claim(handover, "小王")
    office.transfers.release(handover, "小王")
    office.wait(hours=1)
    level = office.agents.level(office.clock.now - timedelta(days=1))
    assert (level.counted, level.in_time, level.waiting) == (1, 1, 1)
    assert level.longest == timedelta(hours=1)


def test_a_transfer_outside_the_hours_lets_the_bot_go_on(office: Any) -> None:
    """The customer hears when the other group opens, and is served by the bot until then."""
    office.clock.now = datetime(2025, 3, 3, 11, 0, tzinfo=UTC)  # 19:00, trading has gone home
    conversation, handover = taken(office)
    moved = office.transfers.to_group(handover, "小王", "trading")
    assert moved.mode is Mode.BOT
    assert "3月4日（周二）08:30" in moved.said[0].text
    assert office.say(conversation, "费用多少").said[-1].speaker is Speaker.BOT
    assert office.agents.waiting()[0].group == "trading"


def test_a_colleague_must_be_there_and_have_room(office: Any) -> None:
    """Somebody who gave no sign is refused; one who did has it at once."""
    _, handover = taken(office)
    with pytest.raises(HandoverError, match="no sign"):
        office.transfers.to_agent(handover, "小王", "小李")
    office.agents.sign("小李")
    joined = office.transfers.to_agent(handover, "小王", "小李", "请看合同")
    assert joined.mode is Mode.HUMAN
    assert "小李" in joined.said[-1].text
    assert office.agents.handover(handover).agent == "小李"
    for _ in range(office.rules.most_at_once):
        taken(office)
    office.agents.sign("小王")
    with pytest.raises(HandoverError, match="already"):
        office.transfers.to_agent(handover, "小李", "小王")


def test_only_its_agent_moves_it_on(office: Any) -> None:
    """Nor can it go where it is, to nobody's group, or after the end."""
    _, handover = taken(office)
    with pytest.raises(TakenError):
        office.transfers.release(handover, "小李")
    with pytest.raises(HandoverInputError, match="already"):
        office.transfers.to_group(handover, "小王", "general")
    with pytest.raises(HandoverInputError, match="there are"):
        office.transfers.to_group(handover, "小王", "nobody")
    with pytest.raises(HandoverInputError, match="already"):
        office.transfers.to_agent(handover, "小王", "小王")
    office.agents.close(handover, "小王")
    with pytest.raises(HandoverError, match="closed"):
        office.transfers.release(handover, "小王")


def test_a_supervisor_takes_over(office: Any) -> None:
    """The customer is told who has joined, the former agent may not speak; twice is once."""
    _, handover = taken(office)
    joined = office.transfers.take_over(handover, "陈主管", "客户情绪激动")
    assert "陈主管" in joined.said[-1].text
    assert office.transfers.take_over(handover, "陈主管").said == ()
    with pytest.raises(TakenError, match="陈主管"):
        office.agents.say(handover, "小王", "您好")
    waiting = office.queued()[1]
    with pytest.raises(HandoverError, match="claim it"):
        office.transfers.take_over(waiting, "陈主管")


def test_notes_are_for_colleagues_only(office: Any) -> None:
    """They stand with the moves in order, and neither in what was said nor in the bot's state."""
    conversation, handover = taken(office)
    once = OnceKey("key", "n1", "d")
    for _ in range(2):
        office.transfers.note(handover, "小王", "客户是老股民", once=once)
    office.transfers.release(handover, "小王", "我要去开会")
    office.agents.claim(handover, "小李")
    office.agents.close(handover, "小李", "办好了", "solved")
    office.transfers.note(handover, "小李", "已补录")
    notes = office.agents.notes(office.agents.handover(handover))
    assert [(n.kind, n.agent, n.text) for n in notes] == [
        (NoteKind.NOTE, "小王", "客户是老股民"),
        (NoteKind.RELEASE, "小王", "我要去开会"),
        (NoteKind.NOTE, "小李", "已补录"),
    ]
    said = "".join(one.text for one in office.store.handovers.said(conversation))
    state = office.store.conversations.find(conversation).state
    assert "老股民" not in said + state
    kinds = [line.kind for line in office.store.handovers.log_after(0)]
    assert kinds.count(LogKind.NOTE) == 2


def test_an_outcome_is_one_of_the_rules(office: Any) -> None:
    """It is kept at the end; a code that nobody defined is refused with those that exist."""
    _, handover = taken(office)
    with pytest.raises(HandoverInputError, match="solved"):
        office.agents.close(handover, "小王", "", "fine")
    assert office.agents.close(handover, "小王", "", "solved").handover.outcome == "solved"


# --- what time does ------------------------------------------------------------------------


def test_a_long_wait_is_offered_a_call_back_once(office: Any) -> None:
    """Not before the group's limit, and by one of two processes only."""
    conversation, _ = office.queued()
    office.wait(seconds=179)
    assert office.watch.tick() == 0
    office.wait(seconds=2)
    _, other = office.watcher(office.process()[0])
    assert office.watch.tick() + other.tick() == 1
    assert office.watch.tick() == 0
    said = office.store.handovers.said(conversation)
    assert [one.speaker for one in said].count(Speaker.SYSTEM) == 2
    assert "手机号" in said[-1].text


def test_a_number_becomes_a_call_back_in_the_queue(office: Any) -> None:
    """The bot goes on, the place and the reason stay, agents see the number."""
    conversation, handover = office.queued()
    office.wait(minutes=4)
    office.watch.tick()
    booked = office.say(conversation, "那回电吧，我的手机号是 138-0013-8000")
    assert booked.mode is Mode.BOT
    assert "138****8000" in booked.said[1].text
    waiting = office.agents.waiting()
    assert [(h.id, h.callback, h.reason) for h in waiting] == [
        (handover, "13800138000", HandoverReason.ASKED)
    ]
    assert office.agents.context(waiting[0]).callback == "13800138000"
    assert office.say(conversation, "费用多少").said[-1].text == "答：费用多少"
    office.wait(hours=2)
    assert office.watch.tick() == 0
    office.agents.claim(handover, "小王")
    closed = office.agents.close(handover, "小王", "", "called_back")
    assert closed.handover.outcome == "called_back"


def test_a_number_before_the_offer_is_just_said(office: Any) -> None:
    """Nobody was promised a call; keys count as a number after the offer."""
    conversation, _ = office.queued()
    assert office.say(conversation, "13800138000").mode is Mode.WAITING
    office.wait(minutes=4)
    office.watch.tick()
    keys = Utterance(event=Event.KEYS, keys="13800138000#")
    assert office.customers.hear(conversation, keys, key_id="key").mode is Mode.BOT


def test_the_hours_end_while_somebody_waits(office: Any) -> None:
    """The customer hears it once, the bot goes on, the place is kept for the next morning."""
    office.clock.now = datetime(2025, 3, 3, 11, 59, tzinfo=UTC)  # 19:59
    conversation, handover = office.queued()
    office.wait(minutes=1)
    assert office.watch.tick() == 1
    assert office.watch.tick() == 0
    said = office.store.handovers.said(conversation)
    assert "3月4日（周二）08:30" in said[-1].text
    assert office.store.handovers.talk(conversation).mode is Mode.BOT
    office.clock.now = datetime(2025, 3, 4, 0, 31, tzinfo=UTC)
    later = office.begin()
    office.say(later, "转人工")
    assert office.agents.waiting()[0].id == handover


def test_an_agent_who_vanishes_loses_the_conversation(office: Any) -> None:
    """After the limit, while the customer waits, with an alert; another sign keeps it."""
    conversation, handover = taken(office)
    office.agents.say(handover, "小王", "请稍等")
    office.wait(minutes=30)
    assert office.watch.tick() == 0  # the customer waits for nothing
    office.say(conversation, "好了吗")
    office.wait(minutes=2)
    office.agents.sign("小王")
    office.wait(minutes=2)
    assert office.watch.tick() == 0
    office.wait(minutes=2)
    assert office.watch.tick() == 1
    assert office.watch.tick() == 0
    alert = office.agents.alerts()[0]
    assert (alert.kind, alert.handover_id) == (AlertKind.AGENT_GONE, handover)
    assert "小王" in alert.reason
    assert office.agents.waiting()[0].id == handover
    assert office.agents.notes(office.agents.handover(handover))[-1].kind is NoteKind.GONE


# --- alerts ----------------------------------------------------------------------------------


def test_anger_leaves_an_alert_whoever_speaks(office: Any) -> None:
    """With the bot and with a person; the text is masked, a supervisor takes note once."""
    conversation = office.begin()
    office.say(conversation, "气死了，我的手机号13800138000没人打")
    office.say(conversation, "转人工")
    handover = office.agents.waiting()[0].id
    office.agents.claim(handover, "小王")
    office.say(conversation, "气死我了")
    latest, first = office.agents.alerts()
    assert (first.number, first.handover_id, first.anger) == (1, None, 0.9)
    assert "138****8000" in first.text
    assert latest.handover_id == handover
    office.wait(seconds=5)
    seen = office.agents.acknowledge(first.seq, "陈主管")
    assert office.agents.acknowledge(first.seq, "李主管") == seen
    assert [alert.seq for alert in office.agents.alerts()] == [latest.seq]
    assert len(office.agents.alerts(open_only=False)) == 2
    with pytest.raises(UnknownHandoverError):
        office.agents.acknowledge(10_000, "陈主管")


def test_alerts_and_notes_go_with_the_conversation(office: Any) -> None:
    """Retention leaves neither, nor a number to call."""
    conversation, handover = taken(office)
    office.say(conversation, "气死我了")
    office.transfers.note(handover, "小王", "老股民")
    office.store.conversations.forget_before(office.clock.now + timedelta(days=1))
    assert office.agents.alerts(open_only=False) == ()
    assert office.store.handovers.notes.of(conversation) == ()


# --- what the agent should know -------------------------------------------------------------


def test_the_context_tells_what_was_gathered(office: Any) -> None:
    """The running business, its values by their names, the last questions and the mood."""
    spec = SlotSpec("amount", SlotType.AMOUNT)
    flow = Flow("transfer", "银证转账", 1, "a", (), (FlowSlot(spec, Confirm.LOW, False, "金额"),))
    state = DialogueState(
        stack=(Frame("transfer", 1, "a", (Filled("amount", "5000", "五千元"),)),), verified=True
    )
    conversation, handover_id = office.queued()
    office.say(conversation, "气死了，怎么这么久")
    handover = office.agents.handover(handover_id)
    said = office.agents.said(handover)
    context = context_of(handover, state.to_json(), said, (flow,), office.moods)
    assert context.flow == "银证转账"
    assert [(g.label, g.value) for g in context.gathered] == [("金额", "五千元")]
    assert context.questions == ("创业板怎么开通", "气死了，怎么这么久")
    assert (context.mood, context.verified) == ("angry", True)
    assert office.agents.context(handover).flow is None


def test_an_older_database_gets_the_new_columns(tmp_path: Path) -> None:
    """Handovers of before are read, and written with what is new."""
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE handovers (id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL,"
        " skill_group TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL,"
        " asked_at INTEGER NOT NULL, counts_from INTEGER NOT NULL, claimed_at INTEGER,"
        " replied_at INTEGER, ended_at INTEGER, agent TEXT, note TEXT NOT NULL) WITHOUT ROWID"
    )
    connection.execute(
        "INSERT INTO handovers VALUES ('h', 'c', 'general', 'asked', 'waiting', 1, 1, NULL, NULL,"
        " NULL, NULL, '')"
    )
    connection.commit()
    connection.close()
    for _ in range(2):
        store = HandoverStore.open(path)
        old: Handover = store.handover("h")
        assert (old.state, old.callback) == (HandoverState.WAITING, None)
        store.close()
