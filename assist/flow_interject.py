"""Interjections: 我在开车, 你是谁, 打错了, at any point of a flow that has an answer to them."""

from __future__ import annotations

from collections.abc import Mapping

from assist.flow import Flow, Interjection
from assist.flow_question import Onward, Questions
from assist.flow_run import BROKEN_OFF
from assist.flow_turn import Turn
from assist.lexical import plain
from assist.repair import Remarks, Wordings
from assist.reply import ReplyKind
from assist.slot import SlotType
from assist.utterance import Utterance

_WEAK = ("refuse",)
"""Interjections that a yes/no question hears as its answer."""


class Interjections:
    """Finds and answers interjections; keeps nothing between turns."""

    def __init__(
        self, flows: Mapping[str, Flow], remarks: Remarks, questions: Questions, onward: Onward
    ) -> None:
        self._remarks = remarks
        self._questions = questions
        self._onward = onward
        self._own_words = {
            (flow.id, i.name): Wordings(i.words, ())
            for flow in flows.values()
            for i in flow.interjections
            if i.words
        }

    def find(
        self, turn: Turn, said: Utterance, kind: SlotType | None
    ) -> tuple[int, Interjection] | None:
        """The interjection that words are, with the place of its flow in the stack.

        `kind` is the type of the pending question where the words answer it too.
        """
        text = plain(said.text)
        for place in reversed(range(len(turn.state.stack))):
            frame = turn.state.stack[place]
            flow = turn.flow_of(frame)
            known = {i.name: i for i in flow.interjections if i.go != frame.step}
            if kind is not None:
                known = {name: i for name, i in known.items() if name not in _WEAK}
            name = self._remarks.interjection(said.text, known)
            for own in known if name is None else ():
                wordings = self._own_words.get((flow.id, own))
                if wordings and wordings.fit(text):
                    name = own
            if name is not None:
                return place, known[name]
        return None

    def answer(self, turn: Turn, place: int, found: Interjection) -> None:
        """Say the interjection's reply, then go where it leads or back to the question."""
        if found.unverifies:
            turn.forget_customer()
        if found.go:
            while len(turn.state.stack) > place + 1:
                turn.pop(BROKEN_OFF)
        if found.say and not self._said(turn, place, found):
            return
        turn.change(failures=0, offering=False, aside=False)
        if found.go:
            turn.go(found.go)
            self._onward.advance(turn)
        else:
            self._questions.restate(turn, self._onward)

    def _said(self, turn: Turn, place: int, found: Interjection) -> bool:
        """Say an interjection's reply with the values of the flow that it belongs to."""
        whole = turn.state.stack
        turn.change(stack=whole[: place + 1])
        rendered = turn.render_to_say(found.say or "")
        turn.change(stack=whole)
        if rendered is None:
            return False
        turn.say(ReplyKind.SAY, rendered[0], f"interjection: {found.name}", private=rendered[1])
        return True
