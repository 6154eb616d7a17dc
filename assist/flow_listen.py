"""What a customer's words lead to: a person, a repair, an answer, a digression, a question back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from assist import flow_words as words
from assist.answer import AnswerKind
from assist.conversation import chosen, declines
from assist.flow import Flow
from assist.flow_correct import Corrections
from assist.flow_interject import Interjections
from assist.flow_ports import Desk, Moods, OutgoingGuard, PersonWish
from assist.flow_question import Questions, beside
from assist.flow_run import BROKEN_OFF, DEEPEST, Runner
from assist.flow_state import Entered, Mode, Wait
from assist.flow_turn import Turn, first_frame
from assist.handoff import Wish
from assist.repair import Remarks, Repair, core, is_question
from assist.reply import ReplyKind
from assist.slot import NO, YES, Reading, SlotProblem, SlotType, SlotValue
from assist.utterance import Utterance

MOST_FAILURES = 6
_IDLE_FAILURES = 3
_PATIENCE = 3
_KEPT_MESSAGES, _KEPT_TEXT = 3, 200
_KEEPS_OFFER = (Repair.REPEAT, Repair.SLOWER, Repair.HOLD)
"""After these the offer of a person is still open."""
_POLITE = re.compile("^(?:请问)?(?:能不能|可不可以|可以|能|行不行)|(?:吗|么|行不行|好不好)?[？?]?$")
"""The form of a polite request; what is left is a question about it or the request."""


class Listener:
    """Decides what words mean where the conversation stands; keeps nothing between turns."""

    def __init__(
        self,
        flows: Mapping[str, Flow],
        desk: Desk,
        guard: OutgoingGuard,
        remarks: Remarks,
        questions: Questions,
        runner: Runner,
        person: PersonWish | None,
        mood: Moods | None,
    ) -> None:
        self._desk = desk
        self._guard = guard
        self._remarks = remarks
        self._questions = questions
        self._runner = runner
        self._corrections = Corrections(questions, runner)
        self._interjections = Interjections(flows, remarks, questions, runner)
        self._person = person
        self._mood = mood
        self._flows = flows
        self._triggers = {
            core(words): flow.id for flow in flows.values() for words in flow.triggers
        }

    def hear(self, turn: Turn, said: Utterance) -> None:
        """Answer what was said."""
        if self._wish(said) is Wish.SURE and not self._asks_who(turn, said):
            turn.hand_over("asked for a person", words.HAND_OVER)
            return
        if self._is_angry(turn, said) or self._offer_answered(turn, said):
            return
        if self._remarks.repair(said.text) not in _KEEPS_OFFER:
            turn.change(offering=False)
        frame = turn.state.frame
        if frame and frame.wait is Wait.DISCLOSURE:
            self._during_disclosure(turn, said)
        elif not self._picked(turn, said):
            self._understood(turn, said)
        if turn.state.failures >= MOST_FAILURES and turn.state.mode is Mode.BOT:
            turn.hand_over(f"{turn.state.failures} failures in a row", words.HAND_OVER_FAILED)

    def repeat(self, turn: Turn) -> None:
        """Say the last turn again; account facts only to a verified customer."""
        again = [s for s in turn.state.last if turn.state.verified or not s.private]
        asked = False
        for spoken in again:
            asked = spoken.kind in (ReplyKind.ASK, ReplyKind.CLARIFY)
            turn.say(
                spoken.kind, spoken.text, "repeated", private=spoken.private,
                options=spoken.options, approved=spoken.approved,
            )  # fmt: skip
        if not asked and turn.state.frame:
            self._questions.restate(turn, self._runner)
        elif not again:
            turn.say(ReplyKind.ASK, words.NOTHING_TO_REPEAT, "nothing to repeat")

    def _wish(self, said: Utterance) -> Wish:
        return self._person.wish(said.text) if self._person else Wish.NONE

    def _asks_who(self, turn: Turn, said: Utterance) -> bool:
        """你是真人吗 asks about us, where the flow has an answer to it."""
        found = self._interjections.find(turn, said, None) if is_question(said.text) else None
        return found is not None

    # --- the person ----------------------------------------------------------------------------

    def _is_angry(self, turn: Turn, said: Utterance) -> bool:
        """Keep the mood; offer a person at the first alert, hand over at the second."""
        if self._mood is None:
            return False
        earlier = turn.state.heard
        reading = self._mood.read(said.text, earlier)
        turn.change(
            mood=str(reading.mood),
            mood_reason=reading.reason,
            heard=(*earlier, said.text[:_KEPT_TEXT])[-_KEPT_MESSAGES:],
        )
        pending = self._questions.pending(turn)
        if not reading.alert or (pending and pending.slot.heated):
            return False
        turn.change(alerts=turn.state.alerts + 1)
        if turn.state.alerts >= 2:
            turn.hand_over(f"anger: {reading.reason}", words.HAND_OVER)
            return True
        value = pending and self._questions.read(turn, pending.slot, said)
        if isinstance(value, SlotValue) and pending and pending.slot.spec.type != SlotType.TEXT:
            return False
        turn.say(ReplyKind.ASK, self._mood.offer, f"anger: {reading.reason}")
        turn.change(offering=True)
        return True

    def _offer_answered(self, turn: Turn, said: Utterance) -> bool:
        if not turn.state.offering:
            return False
        reply = self._questions.yes_or_no(turn, said)
        if reply == YES:
            turn.hand_over("took the offer of a person", words.HAND_OVER)
        elif reply == NO:
            if turn.state.frame is None:
                turn.say(ReplyKind.ASK, words.ANYTHING_ELSE, "declined a person")
            self._questions.restate(turn, self._runner)
        return reply is not None

    # --- words in their place --------------------------------------------------------------------

    def _during_disclosure(self, turn: Turn, said: Utterance) -> None:
        """Only what ends the matter counts before a disclosure was heard to its end."""
        found = self._interjections.find(turn, said, None)
        repair = self._remarks.repair(said.text)
        if found and found[1].go:
            self._interjections.answer(turn, *found)
        elif repair is Repair.CANCEL:
            self.cancel(turn)
        elif repair is not Repair.BACKCHANNEL:
            self._questions.restate(turn, self._runner)

    def _picked(self, turn: Turn, said: Utterance) -> bool:
        """Whether words choose among what the desk asked back."""
        options = turn.state.conversation.options
        is_open = turn.state.aside or turn.state.frame is None
        if not (is_open and options):
            return False
        if chosen(said.text, options) is None and not declines(said.text):
            return False
        self._ask_desk(turn, said)
        return True

    def _understood(self, turn: Turn, said: Utterance) -> None:
        pending = self._questions.pending(turn)
        reading = self._reading(turn, said)
        asks = is_question(said.text)
        settled = isinstance(reading, SlotValue) and not asks
        # Outside flows the desk minds this itself, knowing what is approved.
        in_flow = turn.state.frame is not None
        declined = self._guard.advice(said.text) if in_flow and not settled else None
        if declined is not None:
            turn.say(ReplyKind.REJECT, declined.reply, f"compliance: {declined.topic}")
            turn.change(failures=0)
            self._questions.restate(turn, self._runner)
        elif self._remarked(turn, said, reading) or self._corrections.correct(turn, said):
            return
        elif pending and turn.frame.wait is Wait.CONFIRM and not asks:
            if not self._questions.confirmed(turn, said, self._runner):
                self._beside(turn, said, None)
        elif isinstance(reading, SlotValue) and settled:
            self._questions.answer(turn, said, reading, self._runner)
        else:
            self._beside(turn, said, reading)

    def _reading(self, turn: Turn, said: Utterance) -> Reading:
        """What words say for the pending question; nothing while that was not asked last."""
        pending = self._questions.pending(turn)
        if pending is None or turn.frame.wait is Wait.CONFIRM:
            return None
        if turn.state.aside and pending.slot.spec.type in (SlotType.YES_NO, SlotType.TEXT):
            return None
        return self._questions.read(turn, pending.slot, said)

    def _beside(self, turn: Turn, said: Utterance, reading: Reading) -> None:
        """Words that do not simply answer: another business, a question, or nothing usable."""
        if self._began_flow(turn, said):
            return
        if turn.state.frame and self._wish(said) is Wish.LIKELY:
            turn.hand_over("asked for a person", words.HAND_OVER)
            return
        asks = is_question(said.text)
        if isinstance(reading, SlotProblem) and not asks:
            self._questions.problem(turn, said, reading, self._runner)
        elif not self._ask_desk(turn, said, only_answers=not asks):
            self._left(turn, said, reading)

    def _left(self, turn: Turn, said: Utterance, reading: Reading) -> None:
        """Nobody else could use the words."""
        pending = self._questions.pending(turn)
        usable = pending is not None and pending.slot.spec.type is not SlotType.YES_NO
        if usable and pending and isinstance(reading, SlotValue) and is_question(said.text):
            asked = self._questions.wording(turn, pending.step)
            usable = not beside(pending.slot, said, reading, asked)
        if isinstance(reading, SlotValue) and usable:
            self._questions.answer(turn, said, reading, self._runner)
            return
        if isinstance(reading, SlotProblem):
            self._questions.problem(turn, said, reading, self._runner)
            return
        lead = words.NOT_ANSWERABLE if is_question(said.text) else None
        self._questions.not_understood(turn, said, self._runner, lead)

    # --- digressions -----------------------------------------------------------------------------

    def _began_flow(self, turn: Turn, said: Utterance) -> bool:
        """Whether words ask for a flow's business; it runs above what is open."""
        asked = core(said.text)
        found = self._triggers.get(asked)
        if found is None and not is_question(_POLITE.sub("", said.text)):
            near = (t for t in self._triggers if t in asked and len(asked) <= len(t) + 6)
            longest = max(near, key=len, default=None)
            found = self._triggers[longest] if longest else None
        running = {frame.flow for frame in turn.state.stack}
        if found in running:  # the wish for what is going on already
            self._questions.restate(turn, self._runner)
            return True
        if found is None or len(turn.state.stack) >= DEEPEST:
            return False
        entered = Entered.DIGRESSION if turn.state.stack else Entered.START
        turn.change(failures=0, aside=False)
        turn.push(first_frame(self._flows[found], (), entered))
        self._runner.advance(turn)
        return True

    def _ask_desk(self, turn: Turn, said: Utterance, *, only_answers: bool = False) -> bool:
        """Let the desk answer, then go back to the pending question; False where it cannot."""
        in_flow = turn.state.frame is not None
        answer, conversation = self._desk.reply(said.text, turn.state.conversation)
        if answer.kind is AnswerKind.HANDOFF:
            turn.change(conversation=conversation)
            turn.hand_over("asked for a person", answer.reply)
            return True
        if answer.kind is AnswerKind.REJECT and in_flow and not turn.state.aside:
            return False
        if answer.kind is AnswerKind.CLARIFY and in_flow and only_answers:
            return False
        turn.change(conversation=conversation)
        turn.say_answer(answer)
        if answer.kind is AnswerKind.REJECT and not in_flow:
            turn.change(failures=turn.state.failures + 1)
            if turn.state.failures >= _IDLE_FAILURES:
                turn.hand_over(f"{_IDLE_FAILURES} failures in a row", words.HAND_OVER_FAILED)
            return True
        turn.change(failures=0, aside=answer.kind is AnswerKind.CLARIFY and in_flow)
        if in_flow and answer.kind is not AnswerKind.CLARIFY:
            self._questions.restate(turn, self._runner)
        return True

    # --- remarks ---------------------------------------------------------------------------------

    def _remarked(self, turn: Turn, said: Utterance, reading: Reading) -> bool:
        """Whether words were a repair or an interjection, which was answered then."""
        pending = self._questions.pending(turn)
        kind = pending.slot.spec.type if pending else None
        is_value = isinstance(reading, SlotValue)
        if is_value and kind not in (SlotType.YES_NO, SlotType.TEXT):
            return False
        found = self._interjections.find(turn, said, kind if is_value else None)
        if found:
            self._interjections.answer(turn, *found)
            return True
        repair = self._remarks.repair(said.text, whole=kind is SlotType.TEXT)
        mild = (Repair.NEVER_MIND, Repair.BACKCHANNEL, Repair.WHAT_CAN_I_SAY)
        if repair is None or (is_value and repair in mild):
            return False
        return self._repair(turn, said, repair)

    def _repair(self, turn: Turn, said: Utterance, repair: Repair) -> bool:
        frame = turn.state.frame
        match repair:
            case Repair.REPEAT:
                self.repeat(turn)
            case Repair.SLOWER:
                turn.change(slow=True)
                turn.say(ReplyKind.SAY, words.SLOWER, "slower")
                turn.keep_last()
                self.repeat(turn)
            case Repair.HOLD:
                turn.change(patience=_PATIENCE)
                turn.say(ReplyKind.SAY, words.HOLD, "hold on")
                turn.keep_last()
            case Repair.CANCEL | Repair.NEVER_MIND:
                if frame is None and repair is Repair.NEVER_MIND:
                    turn.say(ReplyKind.ASK, words.ANYTHING_ELSE, "never mind")
                else:
                    self.cancel(turn)
            case Repair.BACK if frame:
                self._questions.restate(turn, self._runner)
            case Repair.WHAT_CAN_I_SAY if self._questions.pending(turn):
                self._questions.help(turn)
            case Repair.BACKCHANNEL if frame:
                self._questions.restate(turn, self._runner)
            case _:
                return False
        return True

    def cancel(self, turn: Turn) -> None:
        """Break off the business that is open and return to the one below it."""
        frame = turn.state.frame
        if frame is None:
            turn.say(ReplyKind.ASK, words.NOTHING_OPEN, "nothing to cancel")
            return
        step = turn.flow.on_cancel
        if step and frame.step != step:
            turn.go(step)
            self._runner.advance(turn)
            return
        last = len(turn.state.stack) == 1
        if last and turn.state.outbound:
            turn.say(ReplyKind.END, words.END_CANCELLED, "cancelled")
            turn.end("refused")
            return
        turn.say(ReplyKind.SAY, words.CANCELLED.replace("{title}", turn.flow.title), "cancelled")
        self._runner.leave(turn, BROKEN_OFF, broken_off=True)
        if turn.state.mode is Mode.ENDED:
            turn.say(ReplyKind.END, words.END_CANCELLED, "cancelled")
        elif turn.state.frame is None:
            turn.say(ReplyKind.ASK, words.ANYTHING_ELSE, "cancelled")


def readable(said: Utterance, longest: int) -> Utterance:
    """An utterance of bearable length without half characters, which no file can hold."""
    text = said.text[:longest].encode("utf-8", "ignore").decode("utf-8")
    keys = "".join(key for key in said.keys if key in "0123456789*#")
    if text == said.text and keys == said.keys:
        return said
    return replace(said, text=text, keys=keys)
