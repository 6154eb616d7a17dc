"""The customer's side of conversations: begin one, say something in it.

The bot answers outside any transaction, because that may take long; `ui/conversation_steps.py`
sees to it that nothing it says is written once a person has taken over meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from assist.bot import Bot, BotTurn
from assist.campaign_list import phone_number
from assist.errors import HandoverError
from assist.flow_ports import Moods
from assist.flow_state import Mode
from assist.handover import Handover, HandoverState, left
from assist.handover_note import AlertDraft, AlertKind
from assist.handover_rules import HandoverRules
from assist.privacy import Private, mask, private_spans
from assist.reply import ReplyKind
from assist.said import Draft, Speaker
from assist.talk import Happening, OnceKey, Talk
from assist.utterance import Event, Utterance
from ui.conversation_steps import Step, Steps, from_bot, system
from ui.errors import ConversationUnknownError
from ui.store import SavedConversation

_SPOKEN = (Event.WORDS, Event.KEYS)
_ROUTED_BY = 18  # latest lines whose customer's words choose the skill group
_MOOD_BY = 12  # latest lines whose customer's words a mood is compared with
_SHOWN = 200


class ConversationDesk:
    """What customers do; `token(n)` gives n random bytes as hex.

    With `moods`, anger that rises leaves an alert for supervisors, whoever speaks.
    """

    def __init__(
        self,
        steps: Steps,
        bot: Bot,
        rules: HandoverRules,
        token: Callable[[int], str],
        moods: Moods | None = None,
    ) -> None:
        self._steps = steps
        self._bot = bot
        self._rules = rules
        self._token = token
        self._moods = moods

    def begin(
        self,
        key_id: str | None,
        *,
        customer: str | None = None,
        channel: str = "text",
        once: OnceKey | None = None,
    ) -> Happening:
        """Begin a conversation in which nothing is said yet."""
        saved = SavedConversation(self._token(16), key_id, 1, "")
        talk = Talk(saved.id, Mode.BOT, customer, channel)
        return self._steps.repeat(lambda: Step(saved, talk, ()), once)

    def hear(
        self,
        conversation_id: str,
        utterance: Utterance,
        *,
        key_id: str | None,
        once: OnceKey | None = None,
    ) -> Happening:
        """Take in one event; the bot answers unless the customer waits for or has a person.

        Raises ConversationUnknownError, ConversationLostError, HandoverError.
        """

        def make() -> Step:
            step = self._heard(conversation_id, utterance, key_id)
            return replace(step, alert=self._alert(step, utterance))

        return self._steps.repeat(make, once)

    def found(self, conversation_id: str, key_id: str | None) -> Talk:
        """A conversation that this key began; raises ConversationUnknownError."""
        self._own(conversation_id, key_id)
        return self._steps.talk(conversation_id)

    def now(self, conversation_id: str, key_id: str | None) -> Happening:
        """How it stands, without what was said; raises ConversationUnknownError."""
        self._own(conversation_id, key_id)
        return self._steps.now(conversation_id)

    def _own(self, conversation_id: str, key_id: str | None) -> SavedConversation:
        saved = self._steps.next_version(conversation_id)
        if saved is None or saved.key_id != key_id:
            raise ConversationUnknownError(
                f"no conversation {conversation_id} was begun with this key; begin a new one"
            )
        return saved

    def _heard(self, conversation_id: str, utterance: Utterance, key_id: str | None) -> Step:
        saved = self._own(conversation_id, key_id)
        talk = self._steps.talk(conversation_id)
        handover = self._steps.handovers.open_handover(conversation_id)
        if talk.mode is Mode.ENDED:
            raise HandoverError("this conversation has ended; begin a new one")
        if handover and utterance.event in _SPOKEN and self._leaves(handover, utterance):
            return self._left(saved, talk, utterance, handover)
        if talk.mode is Mode.BOT:
            return self._answered(saved, talk, utterance, handover)
        if handover and utterance.event in _SPOKEN and (phone := _offered(handover, utterance)):
            return self._booked(saved, talk, utterance, replace(handover, callback=phone))
        if utterance.event is Event.HANGUP:
            gone = left(handover, self._steps.clock(), gone=True) if handover else None
            return Step(saved, replace(talk, mode=Mode.ENDED), (), gone)
        return self._kept(saved, talk, utterance, handover)

    def _leaves(self, handover: Handover, utterance: Utterance) -> bool:
        waits = handover.state is HandoverState.WAITING
        return waits and self._rules.cancels(utterance.text)

    def _left(
        self, saved: SavedConversation, talk: Talk, utterance: Utterance, handover: Handover
    ) -> Step:
        """The customer leaves the queue and the bot goes on."""
        now = self._steps.clock()
        turn = self._bot.resume(saved.state, now)
        saved = replace(saved, state=turn.state)
        told = system(self._rules.wordings.left)
        drafts = (*_customer(utterance), told, *from_bot(turn.replies))
        back = left(handover, now, gone=False)
        return Step(saved, replace(talk, mode=turn.mode), drafts, back)

    def _booked(
        self, saved: SavedConversation, talk: Talk, utterance: Utterance, handover: Handover
    ) -> Step:
        """The number for a call back is kept with the place in the queue; the bot goes on."""
        turn = self._bot.resume(saved.state, self._steps.clock())
        saved = replace(saved, state=turn.state)
        told = system(self._rules.booked(handover), ReplyKind.HANDOVER)
        drafts = (*_customer(utterance), told, *from_bot(turn.replies))
        return Step(saved, replace(talk, mode=turn.mode), drafts, handover)

    def _alert(self, step: Step, utterance: Utterance) -> AlertDraft | None:
        if self._moods is None or utterance.event is not Event.WORDS or not step.drafts:
            return None
        said = self._steps.lately(step.talk, _MOOD_BY)
        earlier = tuple(one.text for one in said if one.speaker is Speaker.CUSTOMER)
        reading = self._moods.read(utterance.text, earlier)
        if not reading.alert:
            return None
        text = mask(utterance.text)[:_SHOWN]
        return AlertDraft(AlertKind.ANGER, mask(reading.reason), text, reading.anger)

    def _kept(
        self,
        saved: SavedConversation,
        talk: Talk,
        utterance: Utterance,
        handover: Handover | None,
    ) -> Step:
        """The bot says nothing and listens, so that the context is whole when it goes on."""
        drafts = _customer(utterance)
        if drafts and utterance.text:
            saved = replace(saved, state=self._bot.listen(saved.state, utterance.text).state)
        if drafts and handover and talk.mode is Mode.WAITING:
            told = self._rules.waits(handover, self._steps.place(handover))
            drafts = (*drafts, system(told))
        return Step(saved, talk, drafts, message_for=handover)

    def _answered(
        self,
        saved: SavedConversation,
        talk: Talk,
        utterance: Utterance,
        waiting: Handover | None,
    ) -> Step:
        """The bot's turn; `waiting` is a handover that was asked for outside the hours."""
        read = talk.channel == "text"
        turn = self._bot.respond(
            saved.state, utterance, self._steps.clock(), read=read, conversation=saved.id
        )
        saved = replace(saved, state=turn.state)
        drafts = (*_customer(utterance), *from_bot(turn.replies))
        if turn.mode is not Mode.WAITING:
            return Step(saved, replace(talk, mode=turn.mode), drafts, message_for=waiting)
        now = self._steps.clock()
        handover = waiting or self._asked(talk, turn, utterance, now)
        told = system(
            self._rules.told(handover, self._steps.place(handover), now), ReplyKind.HANDOVER
        )
        new, mode, drafts = None if waiting else handover, Mode.WAITING, (*drafts, told)
        if handover.waits_from > now:
            # Nobody is there yet, so the bot goes on.
            turn = self._bot.resume(saved.state, now)
            saved, mode = replace(saved, state=turn.state), turn.mode
            drafts = (*drafts, *from_bot(turn.replies))
        return Step(saved, replace(talk, mode=mode), drafts, new, message_for=waiting)

    def _asked(self, talk: Talk, turn: BotTurn, utterance: Utterance, now: datetime) -> Handover:
        earlier = self._steps.lately(talk, _ROUTED_BY)
        texts = [said.text for said in earlier if said.speaker is Speaker.CUSTOMER]
        group = self._rules.route(turn.skill, (*texts, utterance.text))
        return Handover(
            self._token(16),
            talk.conversation_id,
            group.id,
            turn.reason,
            HandoverState.WAITING,
            now,
            self._rules.opens(group, now),
        )


def _offered(handover: Handover, utterance: Utterance) -> str | None:
    """The number that a customer gives who was offered a call back."""
    if handover.state is not HandoverState.WAITING or handover.offered_at is None:
        return None
    text = utterance.keys.rstrip("#") if utterance.event is Event.KEYS else utterance.text
    spans = (one for one in private_spans(text) if one.kind is Private.PHONE)
    return next((phone for s in spans if (phone := phone_number(text[s.start : s.end]))), None)


def _customer(utterance: Utterance) -> tuple[Draft, ...]:
    """What the customer said or typed, as it is kept; other events leave no line."""
    if utterance.event not in _SPOKEN:
        return ()
    text = utterance.keys if utterance.event is Event.KEYS else utterance.text
    return (Draft(Speaker.CUSTOMER, utterance.event, text),)
