"""Conversations between customers, the bot and agents: who speaks, who waits, what is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assist.answer import Answer
from assist.conversation import Conversation
from assist.errors import HandoverError, TakenError
from assist.flow_state import Mode
from assist.handover import HandoverReason, HandoverState
from assist.said import Speaker
from assist.talk import Happening, LogKind, OnceKey
from assist.utterance import Event, Utterance
from ui.errors import ConversationUnknownError


def words(happening: Happening) -> list[tuple[Speaker, str]]:
    return [(said.speaker, said.text) for said in happening.said]


def test_the_bot_answers_and_everything_is_kept(office: Any) -> None:
    """Both sides of a turn are kept in order, for every process."""
    conversation = office.begin()
    happening = office.say(conversation, "创业板怎么开通")
    assert words(happening) == [
        (Speaker.CUSTOMER, "创业板怎么开通"),
        (Speaker.BOT, "答：创业板怎么开通"),
    ]
    store, _, _ = office.process()
    assert store.handovers.said(conversation) == happening.said


def test_a_wish_for_a_person_enters_the_queue(office: Any) -> None:
    """The customer hears the group and how many are ahead; the second waits behind the first."""
    office.queued()
    office.clock.now += timedelta(seconds=1)
    happening = office.say(office.begin(), "转人工")
    assert happening.mode is Mode.WAITING
    assert happening.place == 2
    assert "人工客服" in happening.said[-1].text
    assert "前面还有1位" in happening.said[-1].text


def test_the_bot_is_silent_after_takeover(office: Any) -> None:
    """With a person there, the customer's words are kept and nobody else answers."""
    conversation, handover = office.queued()
    office.agents.claim(handover, "小王")
    happening = office.say(conversation, "还有什么要求")
    assert happening.mode is Mode.HUMAN
    assert words(happening) == [(Speaker.CUSTOMER, "还有什么要求")]


def test_a_takeover_while_the_bot_thinks_keeps_its_answer_back(office: Any) -> None:
    """What the bot worked out before a takeover is never said after it."""
    conversation, handover = office.queued()
    office.say(conversation, "取消排队")
    office.clock.now += timedelta(seconds=1)
    office.say(conversation, "转人工")
    waiting = office.agents.waiting()[0].id
    assert waiting != handover
    office.customers.hear(conversation, Utterance("取消排队"), key_id="key")

    class Slow:
        taken = False

        def reply(
            self, text: str, conversation: Conversation | None = None
        ) -> tuple[Answer, Conversation]:
            if not self.taken:
                self.taken = True
                third = office.say(conversation_id, "转人工").handover
                assert third
                office.agents.claim(third.id, "小王")
            answer: tuple[Answer, Conversation] = office.desk.reply(text, conversation)
            return answer

    conversation_id = conversation
    _, slow, _ = office.process(Slow())
    happening = slow.hear(conversation, Utterance("费用多少"), key_id="key")
    assert happening.mode is Mode.HUMAN
    assert words(happening) == [(Speaker.CUSTOMER, "费用多少")]


def test_the_agents_words_stay_and_the_bot_goes_on(office: Any) -> None:
    """After the return the bot answers with the context of what was said to the person."""
    conversation, handover = office.queued()
    office.agents.claim(handover, "小王")
    office.agents.say(handover, "小王", "您好，请讲。")
    office.say(conversation, "科创板呢")
    back = office.agents.give_back(handover, "小王", "已说明")
    assert back.mode is Mode.BOT
    assert back.handover
    assert back.handover.state is HandoverState.RETURNED
    assert back.handover.note == "已说明"
    after = office.say(conversation, "费用多少")
    assert words(after)[-1] == (Speaker.BOT, "答：费用多少")
    speakers = [said.speaker for said in office.store.handovers.said(conversation)]
    assert speakers.count(Speaker.AGENT) == 1
    saved = office.store.conversations.find(conversation)
    assert saved
    assert "科创板呢" in [turn.text for turn in Conversation.from_json(saved.state).turns]


def test_two_agents_cannot_have_one_conversation(office: Any) -> None:
    """The second is told who has it; the first may claim again without effect."""
    _, handover = office.queued()
    _, _, other = office.process()
    office.agents.claim(handover, "小王")
    with pytest.raises(TakenError, match="小王"):
        other.claim(handover, "小李")
    assert office.agents.claim(handover, "小王").said == ()
    with pytest.raises(TakenError, match="小王"):
        other.say(handover, "小李", "您好")


def test_an_agent_has_only_so_many_at_once(office: Any) -> None:
    """The limit of the rules holds over all processes."""
    handovers = [office.queued()[1] for _ in range(office.rules.most_at_once + 1)]
    for handover in handovers[:-1]:
        office.agents.claim(handover, "小王")
    with pytest.raises(HandoverError, match="already"):
        office.agents.claim(handovers[-1], "小王")


def test_what_may_not_be_said_is_refused_to_the_agent(office: Any) -> None:
    """A promise of return does not leave, and the agent learns which words it was."""
    _, handover = office.queued()
    office.agents.claim(handover, "小王")
    with pytest.raises(HandoverError, match="reword"):
        office.agents.say(handover, "小王", "这款产品保证收益，稳赚不赔。")


def test_nobody_speaks_in_a_closed_conversation(office: Any) -> None:
    """Neither the customer nor the agent goes on after the end."""
    conversation, handover = office.queued()
    office.agents.claim(handover, "小王")
    assert office.agents.close(handover, "小王").mode is Mode.ENDED
    with pytest.raises(HandoverError, match="ended"):
        office.say(conversation, "还在吗")
    with pytest.raises(HandoverError, match="closed"):
        office.agents.say(handover, "小王", "您好")


def test_a_waiting_customer_is_heard_and_may_leave(office: Any) -> None:
    """Waiting, every message is kept and acknowledged; 取消排队 brings the bot back."""
    conversation, _ = office.queued()
    happening = office.say(conversation, "快一点")
    assert [said.speaker for said in happening.said] == [Speaker.CUSTOMER, Speaker.SYSTEM]
    assert office.say(conversation, "取消排队").mode is Mode.BOT
    assert office.agents.waiting() == ()


def test_after_failures_in_a_row_a_person_is_called(office: Any) -> None:
    """The third refusal brings the queue; after a person's return the count begins again."""
    conversation = office.begin()
    modes = [office.say(conversation, "天气").mode for _ in range(3)]
    assert modes == [Mode.BOT, Mode.BOT, Mode.WAITING]
    handover = office.agents.waiting()[0]
    assert handover.reason is HandoverReason.FAILURES
    office.agents.claim(handover.id, "小王")
    office.agents.give_back(handover.id, "小王")
    assert office.say(conversation, "天气").mode is Mode.BOT


def test_outside_the_hours_the_bot_goes_on(office: Any) -> None:
    """The customer hears when the group opens; the clock of the service level begins then."""
    office.clock.now = datetime(2025, 3, 2, 15, 0, tzinfo=UTC)  # Sunday 23:00
    conversation = office.begin()
    happening = office.say(conversation, "转人工")
    assert happening.mode is Mode.BOT
    assert "3月3日（周一）08:30" in happening.said[-1].text
    assert words(office.say(conversation, "费用多少"))[-1] == (Speaker.BOT, "答：费用多少")
    office.clock.now = datetime(2025, 3, 3, 0, 30, 15, tzinfo=UTC)
    handover = office.agents.waiting()[0]
    office.agents.claim(handover.id, "小王")
    assert office.agents.level(office.clock.now - timedelta(days=2)).in_time == 1


def test_time_that_passes_in_a_step_closes_nobody(office: Any) -> None:
    """While a group works, its customers wait, however long the bot took to answer."""
    office.clock.step = timedelta(milliseconds=7)
    happening = office.say(office.begin(), "转人工")
    assert happening.mode is Mode.WAITING
    assert "前面还有0位" in happening.said[-1].text


def test_words_choose_the_group(office: Any) -> None:
    """A complaint goes to those who handle complaints."""
    conversation = office.begin()
    office.say(conversation, "我要投诉你们")
    handover = office.say(conversation, "转人工").handover
    assert handover
    assert handover.group == "complaints"


def test_a_repeated_request_takes_effect_once(office: Any) -> None:
    """The same key gives the same answer, also from another process; another body is refused."""
    conversation = office.begin()
    once = OnceKey("key", "k1", "digest")
    first = office.say(conversation, "费用多少", once)
    _, other, _ = office.process()
    again = other.hear(conversation, Utterance("费用多少"), key_id="key", once=once)
    assert again == first
    assert len(office.store.handovers.said(conversation)) == 2
    with pytest.raises(HandoverError, match="idempotency"):
        office.say(conversation, "别的", OnceKey("key", "k1", "other"))


def test_a_key_and_a_hangup_are_events_too(office: Any) -> None:
    """0 calls a person; hanging up in the queue empties it."""
    conversation = office.begin()
    keys = Utterance(event=Event.KEYS, keys="0")
    assert office.customers.hear(conversation, keys, key_id="key").mode is Mode.WAITING
    gone = office.customers.hear(conversation, Utterance(event=Event.HANGUP), key_id="key")
    assert gone.mode is Mode.ENDED
    assert office.agents.waiting() == ()


def test_another_key_cannot_speak_or_look(office: Any) -> None:
    """A conversation belongs to the key that began it."""
    conversation = office.begin()
    with pytest.raises(ConversationUnknownError):
        office.customers.hear(conversation, Utterance("你好"), key_id="other")
    with pytest.raises(ConversationUnknownError):
        office.customers.found(conversation, "other")


def test_suggestions_fit_the_latest_question(office: Any) -> None:
    """The wish for a person is no question: the one before it gets the approved answer."""
    _, handover = office.queued()
    suggestions = office.agents.suggestions(office.agents.handover(handover))
    assert [(s.entry_id, s.text) for s in suggestions] == [("board-open", "在App内办理。")]


def test_the_log_tells_watchers_everything(office: Any) -> None:
    """States and the customer's messages come in order, each once, after any line."""
    conversation, handover = office.queued()
    office.agents.claim(handover, "小王")
    office.say(conversation, "在吗")
    office.agents.close(handover, "小王")
    log = office.store.handovers.log_after(0)
    assert [(line.kind, line.state) for line in log] == [
        (LogKind.STATE, HandoverState.WAITING),
        (LogKind.STATE, HandoverState.ASSIGNED),
        (LogKind.MESSAGE, HandoverState.ASSIGNED),
        (LogKind.STATE, HandoverState.CLOSED),
    ]
    assert office.store.handovers.log_after(log[1].seq) == log[2:]


def test_a_deleted_conversation_takes_all_with_it(office: Any) -> None:
    """Retention deletes what was said, handovers and stored replies."""
    conversation, _ = office.queued()
    office.store.conversations.forget_before(office.clock.now + timedelta(days=1))
    assert office.store.handovers.said(conversation) == ()
    assert office.agents.waiting() == ()
    assert office.store.handovers.log_after(0) == ()
