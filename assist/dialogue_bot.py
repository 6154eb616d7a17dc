"""The dialogue engine as a bot: flows, repairs and digressions in conversations of the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from assist.bot import BotTurn, Desk, Heard, conversation_of, listened
from assist.errors import AssistError
from assist.flow_engine import Dialogue, Outcome
from assist.flow_state import DialogueState
from assist.handover import HandoverReason
from assist.reply import Reply, ReplyKind
from assist.utterance import Utterance

_BACK = "back from a person"  # the engine's rule for its own words there; the desk has its own
_ASKED = ("asked for a person", "took the offer of a person", "key 0")
_STEP = "step"
_ANGER = "anger"


class DialogueBot:
    """Speaks through the engine; `dialogue()` and `desk()` give those in service."""

    def __init__(self, dialogue: Callable[[], Dialogue], desk: Callable[[], Desk]) -> None:
        self._dialogue = dialogue
        self._desk = desk

    def respond(
        self,
        state: str,
        utterance: Utterance,
        now: datetime,
        *,
        read: bool = True,
        conversation: str = "",
    ) -> BotTurn:
        """The engine's replies; what is read counts as delivered at once."""
        dialogue = self._dialogue()
        before = state_of(state)
        before = before if before.key else replace(before, key=conversation)
        outcome = dialogue.respond(before, utterance, now)
        if read:
            outcome = dialogue.shown(outcome, now)
        return _turn(outcome)

    def listen(self, state: str, text: str) -> Heard:
        """What the desk would answer; flows stand still while a person speaks."""
        before = state_of(state)
        answer, after = self._desk().reply(text, before.conversation)
        context = listened(before.conversation, answer, after)
        following = replace(before, conversation=context, turn=before.turn + 1)
        candidates = answer.trace.candidates if answer.trace else ()
        return Heard(answer, candidates, following.to_json())

    def resume(self, state: str, now: datetime) -> BotTurn:
        """Back to the question that was open, which is asked again."""
        after, replies = self._dialogue().resume(state_of(state), now)
        kept = tuple(reply for reply in replies if not _is_greeting(reply))
        return _turn((after, kept))


def state_of(state: str) -> DialogueState:
    """The dialogue's state; a state of the desk alone goes on inside it, a broken one is new."""
    if '"stack"' not in state:
        return DialogueState(conversation=conversation_of(state))
    try:
        return DialogueState.from_json(state)
    except AssistError:
        return DialogueState()


def _turn(outcome: Outcome) -> BotTurn:
    state, replies = outcome
    rules = [r.trace.rule for r in replies if r.kind is ReplyKind.HANDOVER and r.trace]
    return BotTurn(replies, state.to_json(), state.mode, _reason(rules), state.skill)


def _reason(rules: list[str]) -> HandoverReason:
    """Why the engine hands over, by the rule of its reply."""
    rule = rules[-1] if rules else _ASKED[0]
    if rule in _ASKED:
        return HandoverReason.ASKED
    if rule.startswith(_ANGER):
        return HandoverReason.ANGER
    return HandoverReason.FLOW if rule == _STEP else HandoverReason.FAILURES


def _is_greeting(reply: Reply) -> bool:
    rule = reply.trace.rule if reply.trace else ""
    return rule == _BACK and reply.kind in (ReplyKind.SAY, ReplyKind.ASK)
