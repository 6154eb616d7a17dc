"""Corrections: 不对，是三千 changes what was said before, and the flow runs on from there.

What the speaking flow cannot take may be about one that waits below a digression: its value is
changed at once, and it runs on from there when its turn comes.
"""

from __future__ import annotations

from dataclasses import replace

from assist import flow_words as words
from assist.flow import Collect, FlowSlot
from assist.flow_question import Onward, Pending, Questions, evidence
from assist.flow_state import Entered, Filled, Wait
from assist.flow_turn import Turn
from assist.repair import Correction, correction, is_question
from assist.reply import ReplyKind
from assist.slot import SlotType, SlotValue
from assist.utterance import Utterance


class Corrections:
    """Finds what a correction is about and puts it right; keeps nothing between turns."""

    def __init__(self, questions: Questions, onward: Onward) -> None:
        self._questions = questions
        self._onward = onward

    def correct(self, turn: Turn, said: Utterance) -> bool:
        """Take a correction; False where words put nothing right."""
        found = correction(said.text) if turn.state.frame else None
        if found is None or turn.frame.wait not in (Wait.ANSWER, Wait.CONFIRM):
            return False
        if turn.frame.wait is Wait.CONFIRM and not found.words:
            return False  # a plain no to 您说的是…，对吗
        if found.words:
            return self._with_value(turn, said, found)
        return not is_question(said.text) and self._without_value(turn, found)

    def _with_value(self, turn: Turn, said: Utterance, found: Correction) -> bool:
        pending = self._questions.pending(turn)
        is_open = pending is not None and (
            turn.frame.wait is Wait.CONFIRM
            or turn.frame.tries > 0
            or self._answered_first(turn, pending, said, found)
        )
        earlier = self._earlier(turn, said.text)
        slots = [slot for slot in earlier if slot.spec.type is not SlotType.TEXT]
        if not found.explicit:
            slots = [slot for slot in slots if slot.spec.type is not SlotType.YES_NO]
        if pending and pending.slot.spec.type is not SlotType.TEXT:
            slots = [pending.slot, *slots] if is_open else [*slots, pending.slot]
        for slot in slots:
            reading = self._questions.read(turn, slot, _part(said, found.words))
            if not isinstance(reading, SlotValue):
                continue
            start, end = reading.start + found.start, reading.end + found.start
            reading = replace(reading, start=start, end=end)
            if pending and slot.name == pending.slot.name:
                turn.change_frame(wait=Wait.ANSWER, candidate=None)
                self._questions.answer(turn, said, reading, self._onward)
            else:
                self._change(turn, slot, evidence(slot, said, reading, turn.state.turn))
            return True
        return self._below(turn, said, found)

    def _below(self, turn: Turn, said: Utterance, found: Correction) -> bool:
        """Put right what a flow heard that waits below a digression, the upper ones first."""
        whole = turn.state.stack
        for place in reversed(range(len(whole) - 1)):
            if whole[place + 1].entered is not Entered.DIGRESSION:
                continue  # it waits for the result of the flow above, not at a question
            turn.change(stack=whole[: place + 1])
            value = self._waiting(turn, said, found)
            turn.change(stack=(*turn.state.stack, *whole[place + 1 :]))
            if value is not None:
                text = words.CORRECTED.replace("{value}", value.spoken)
                turn.say(ReplyKind.SAY, text, f"correction below: {value.name}")
                turn.change(failures=0, aside=False, offering=False)
                self._questions.restate(turn, self._onward)
                return True
        return False

    def _waiting(self, turn: Turn, said: Utterance, found: Correction) -> Filled | None:
        """Change a value of the flow on top, which does not speak now."""
        for slot in self._earlier(turn, said.text):
            if slot.spec.type in (SlotType.TEXT, SlotType.YES_NO):
                continue
            reading = self._questions.read(turn, slot, _part(said, found.words))
            if not isinstance(reading, SlotValue):
                continue
            start, end = reading.start + found.start, reading.end + found.start
            reading = replace(reading, start=start, end=end)
            value = evidence(slot, said, reading, turn.state.turn)
            turn.fill(value)
            self._again_from(turn, slot.name)
            return value
        return None

    def _again_from(self, turn: Turn, name: str) -> bool:
        """Let the flow on top run again from behind the question for a value."""
        step = self._asked_at(turn, name)
        if step is None:
            return False
        turn.change_frame(replay=tuple(d for d in turn.frame.done if d.step != step.id))
        turn.did(step.id, self._questions.wording(turn, step))
        turn.go(step.next)
        return True

    def _answered_first(
        self, turn: Turn, pending: Pending, said: Utterance, found: Correction
    ) -> bool:
        """Whether the pending question was answered in front of the correction."""
        before = _part(said, found.before)
        reading = self._questions.read(turn, pending.slot, before) if found.before else None
        return isinstance(reading, SlotValue)

    def _without_value(self, turn: Turn, found: Correction) -> bool:
        """我说错了 without what is right: ask for the last value again."""
        pending = self._questions.pending(turn)
        if pending and pending.slot.spec.type is SlotType.YES_NO and not found.explicit:
            return False  # 不对 answers a yes/no question
        earlier = self._earlier(turn, "")
        step = self._asked_at(turn, earlier[0].name) if earlier else None
        turn.say(ReplyKind.SAY, words.SAY_AGAIN, "correction")
        if step is None:
            self._questions.restate(turn, self._onward)
            return True
        turn.clear(step.slot)
        turn.go(step.id)
        self._onward.advance(turn)
        again = turn.state.frame
        if again and again.step == step.id:
            turn.change_frame(replay=tuple(d for d in again.done if d.step != step.id))
        return True

    def _change(self, turn: Turn, slot: FlowSlot, value: Filled) -> None:
        turn.fill(value)
        text = words.CORRECTED.replace("{value}", value.spoken)
        turn.say(ReplyKind.SAY, text, f"correction: {slot.name}")
        turn.change(failures=0, aside=False, offering=False)
        if self._again_from(turn, slot.name):
            self._onward.advance(turn)
        else:
            self._questions.restate(turn, self._onward)

    def _earlier(self, turn: Turn, text: str) -> list[FlowSlot]:
        """Slots that the customer filled before, the named ones first, then the latest."""
        filled = sorted(
            (value for value in turn.frame.slots if value.turn), key=lambda v: v.turn, reverse=True
        )
        slots = [slot for value in filled if (slot := turn.flow.slot(value.name))]
        return sorted(slots, key=lambda slot: not (slot.label and slot.label in text))

    def _asked_at(self, turn: Turn, name: str) -> Collect | None:
        """The step that asked for a slot last."""
        for done in reversed(turn.frame.done):
            step = turn.flow.step(done.step)
            if isinstance(step, Collect) and step.slot == name:
                return step
        return None


def _part(said: Utterance, words: str) -> Utterance:
    return replace(said, text=words)
