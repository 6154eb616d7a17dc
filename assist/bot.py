"""Who answers in a conversation until a person does: the port, and the desk behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from assist.answer import Answer, AnswerKind, Candidate
from assist.conversation import Conversation
from assist.errors import AssistError
from assist.flow_state import Mode
from assist.handover import HandoverReason
from assist.reply import Reply, ReplyKind
from assist.utterance import Event, Utterance

PERSON_KEY = "0"
_KINDS = {
    AnswerKind.ANSWER: ReplyKind.ANSWER,
    AnswerKind.CLARIFY: ReplyKind.CLARIFY,
    AnswerKind.REJECT: ReplyKind.REJECT,
    AnswerKind.HANDOFF: ReplyKind.HANDOVER,
}


@dataclass(frozen=True, slots=True)
class BotTurn:
    """What the bot says to an event and how it stands then; a mode of WAITING asks for a person.

    `reason` and `skill` say why and of which group.
    """

    replies: tuple[Reply, ...]
    state: str
    mode: Mode = Mode.BOT
    reason: HandoverReason = HandoverReason.ASKED
    skill: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What the bot would have said while a person speaks, and its context after listening."""

    answer: Answer | None
    candidates: tuple[Candidate, ...]
    state: str


class Bot(Protocol):
    """Answers events; its state is text that only it reads, empty at the beginning."""

    def respond(
        self,
        state: str,
        utterance: Utterance,
        now: datetime,
        *,
        read: bool = True,
        conversation: str = "",
    ) -> BotTurn:
        """The replies to an event; `read`: they are read, so they need no proof of delivery.

        `conversation` names it to the firm's systems, so that nothing is done twice in it.
        """
        ...

    def listen(self, state: str, text: str) -> Heard:
        """Follow what a customer says to a person, without a word, so that the context stays."""
        ...

    def resume(self, state: str, now: datetime) -> BotTurn:
        """The bot speaks again after a person, or after a queue that the customer left."""
        ...


class Desk(Protocol):
    """Answers messages; `assist.front_desk.FrontDesk` is one."""

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """The answer and the conversation after it."""
        ...


class DeskBot:
    """The front desk as a bot: every message is a question, no flows.

    `desk()` gives the desk in service; `failures` replies in a row that do not help bring a person.
    """

    def __init__(self, desk: Callable[[], Desk], *, failures: int = 3) -> None:
        self._desk = desk
        self._failures = failures

    def respond(
        self,
        state: str,
        utterance: Utterance,
        now: datetime,
        *,
        read: bool = True,
        conversation: str = "",
    ) -> BotTurn:
        """The desk's answer; silence and what a recogniser has half heard get none."""
        if utterance.event is Event.HANGUP:
            return BotTurn((), state, Mode.ENDED)
        if utterance.event is Event.KEYS and utterance.keys.rstrip("#") == PERSON_KEY:
            return BotTurn((), state, Mode.WAITING)
        text = utterance.keys if utterance.event is Event.KEYS else utterance.text
        if utterance.event not in (Event.WORDS, Event.KEYS):
            return BotTurn((), state)
        answer, after = self._desk().reply(text, conversation_of(state))
        if answer.kind is AnswerKind.HANDOFF:
            mood = answer.trace.mood if answer.trace else None
            reason = HandoverReason.ANGER if mood and mood.alert else HandoverReason.ASKED
            return BotTurn((), after.to_json(), Mode.WAITING, reason)
        replies = replies_of(answer, f"r{now.timestamp():.6f}")
        kinds = [turn.kind for turn in after.turns[-self._failures :]]
        if len(kinds) == self._failures and set(kinds) == {AnswerKind.REJECT}:
            return BotTurn(replies, after.to_json(), Mode.WAITING, HandoverReason.FAILURES)
        return BotTurn(replies, after.to_json())

    def listen(self, state: str, text: str) -> Heard:
        """What the desk would answer; a question that it would ask back stays unasked."""
        before = conversation_of(state)
        answer, after = self._desk().reply(text, before)
        candidates = answer.trace.candidates if answer.trace else ()
        return Heard(answer, candidates, listened(before, answer, after).to_json())

    def resume(self, state: str, now: datetime) -> BotTurn:
        """The same context with the failures before the person forgotten."""
        before = conversation_of(state)
        helped = tuple(
            replace(turn, kind=AnswerKind.HANDOFF) if turn.kind is AnswerKind.REJECT else turn
            for turn in before.turns
        )
        return BotTurn((), replace(before, turns=helped).to_json())


def conversation_of(state: str) -> Conversation:
    """The desk's conversation; a state that this program cannot read begins a new one."""
    try:
        return Conversation.from_json(state) if state else Conversation()
    except AssistError:
        return Conversation()


def listened(before: Conversation, answer: Answer, after: Conversation) -> Conversation:
    """The context after a message that a person answered: what was clear in it counts.

    The customer has seen no options, so nothing that they say later chooses among any.
    """
    if answer.kind is AnswerKind.ANSWER:
        return replace(after, options=(), option_ids=())
    return replace(before, turns=after.turns, options=(), option_ids=())


def replies_of(answer: Answer, reply_id: str) -> tuple[Reply, ...]:
    """An answer as replies, with its risk notice and the offer of a person behind it."""
    first = Reply(
        reply_id,
        _KINDS[answer.kind],
        answer.reply,
        options=answer.options,
        citations=answer.citations,
    )
    further = (
        Reply(f"{reply_id}-{name}", ReplyKind.SAY, text.strip())
        for name, text in (("risk", answer.risk_notice), ("offer", answer.offer))
        if text
    )
    return (first, *further)
