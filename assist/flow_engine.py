"""The dialogue: flows, repairs, digressions and hand-over behind one pure function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from assist import flow_words as words
from assist.action import Action, Actions, LocalActions
from assist.conversation import chosen
from assist.errors import FlowError
from assist.flow import Flow
from assist.flow_listen import Listener, readable
from assist.flow_ports import Desk, Moods, OutgoingGuard, PersonWish, ValueReader
from assist.flow_question import Questions
from assist.flow_run import Runner
from assist.flow_state import DialogueState, Entered, Filled, Mode, Wait
from assist.flow_turn import Turn, first_frame
from assist.repair import Remarks
from assist.reply import Reply, ReplyKind
from assist.slot import SlotType, SlotValue
from assist.utterance import Event, Utterance

LONGEST_TEXT = 1000
MOST_SILENCES = 3
SILENT = "silent"
HUNG_UP = "hung_up"
HANDED_OVER = "handed_over"
_AT_ONCE = (SlotType.PHONE, SlotType.ID_NUMBER, SlotType.YES_NO, SlotType.CHOICE)
"""Slots whose keys are complete without #."""

Outcome = tuple[DialogueState, tuple[Reply, ...]]


class Dialogue:
    """Holds conversations. It keeps nothing: all that is known stands in a `DialogueState`.

    The same state, utterance and moment give the same replies, as far as the desk and the actions
    do. A front end reports DELIVERED for each reply that was played, or shown, to its end; a flow
    waits for that at its disclosures.
    """

    def __init__(
        self,
        flows: Iterable[Flow],
        slots: ValueReader,
        desk: Desk,
        guard: OutgoingGuard,
        actions: Actions | Mapping[str, Action],
        *,
        remarks: Remarks,
        person: PersonWish | None = None,
        mood: Moods | None = None,
    ) -> None:
        self._flows = {flow.id: flow for flow in flows}
        self._guard = guard
        self._questions = Questions(slots)
        wired = LocalActions(actions) if isinstance(actions, Mapping) else actions
        self._runner = Runner(self._flows, wired, self._questions)
        self._listener = Listener(
            self._flows, desk, guard, remarks, self._questions, self._runner, person, mood
        )

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The flows that can run."""
        return tuple(self._flows.values())

    def start(
        self,
        flow_id: str,
        given: Mapping[str, str],
        now: datetime,
        *,
        state: DialogueState | None = None,
        outbound: bool = False,
    ) -> Outcome:
        """Begin a flow; `outbound`: we call, and the conversation ends with the flow.

        Raises FlowError where the flow is unknown or lacks a given value.
        """
        flow = self._flows.get(flow_id)
        if flow is None:
            known = ", ".join(self._flows) or "none"
            raise FlowError(f"flow {flow_id!r} is unknown; known are {known}")
        lacking = [g.name for g in flow.given if g.required and not given.get(g.name)]
        if lacking:
            raise FlowError(f"flow {flow_id!r} needs a value for {', '.join(lacking)}; give it")
        begun = replace(state or DialogueState(), outbound=outbound)
        turn = self._turn(begun, now)
        values = tuple(
            Filled(g.name, given[g.name], given[g.name], g.private)
            for g in flow.given
            if given.get(g.name)
        )
        entered = Entered.DIGRESSION if begun.stack else Entered.START
        turn.push(first_frame(flow, values, entered))
        self._runner.advance(turn)
        return turn.result()

    def respond(self, state: DialogueState, utterance: Utterance, now: datetime) -> Outcome:
        """The state after an event, and the replies to it; never raises for any utterance."""
        turn = self._turn(state, now)
        if state.mode is Mode.BOT and not self._is_known(state):
            # The flows were changed under a conversation: a person sees to it.
            turn.change(stack=())
            turn.hand_over("a flow was changed", words.HAND_OVER_FAILED)
            return turn.result()
        said = readable(utterance, LONGEST_TEXT)
        if said.event is Event.HANGUP:
            if state.mode is not Mode.ENDED:
                turn.end(HANDED_OVER if state.mode is not Mode.BOT else HUNG_UP)
        elif said.event is Event.DELIVERED and said.heard >= 1:
            self._runner.delivered(turn, said.reply_id or "")
        elif said.event in (Event.DELIVERED, Event.INTERRUPT):
            self._interrupted(turn, said)
        elif state.mode is Mode.BOT:
            self._heard(turn, said)
        elif said.event is Event.WORDS:
            turn.change(turn=state.turn + 1)
        return turn.result()

    def shown(self, outcome: Outcome, now: datetime) -> Outcome:
        """What comes of replies that are read, not heard: each counts as delivered at once."""
        state, replies = outcome
        done = 0
        while done < len(replies):
            read = Utterance(event=Event.DELIVERED, reply_id=replies[done].id)
            state, more = self.respond(state, read, now)
            replies = (*replies, *more)
            done += 1
        return state, replies

    def take_over(self, state: DialogueState) -> DialogueState:
        """A person speaks from now on; the bot is silent."""
        if state.mode is Mode.ENDED:
            raise FlowError("the conversation has ended; nobody can take it over")
        return replace(state, mode=Mode.HUMAN)

    def resume(self, state: DialogueState, now: datetime) -> Outcome:
        """The bot speaks again and comes back to the question that was open."""
        turn = self._turn(state, now)
        if state.mode not in (Mode.WAITING, Mode.HUMAN):
            return turn.result()
        turn.change(mode=Mode.BOT, failures=0, silences=0, alerts=0)
        turn.say(ReplyKind.SAY, words.BACK_AGAIN, "back from a person")
        frame = turn.state.frame
        if frame and frame.wait is Wait.NOTHING:
            # It stopped at a step that a person has to settle, so the person has settled it.
            self._runner.leave(turn, HANDED_OVER)
            if turn.state.mode is Mode.ENDED:
                turn.say(ReplyKind.END, words.GOODBYE, "back from a person")
                return turn.result()
        elif frame:
            turn.change_frame(tries=0, said=0)
            self._questions.restate(turn, self._runner)
        if turn.state.frame is None:
            turn.say(ReplyKind.ASK, words.ANYTHING_ELSE, "back from a person")
        return turn.result()

    # --- events ------------------------------------------------------------------------------

    def _turn(self, state: DialogueState, now: datetime) -> Turn:
        return Turn(self._flows, self._guard, state, now)

    def _is_known(self, state: DialogueState) -> bool:
        for frame in state.stack:
            flow = self._flows.get(frame.flow)
            if flow is None or all(step.id != frame.step for step in flow.steps):
                return False
            known = {step.id for step in flow.steps}
            if any(done.step not in known for done in frame.done):
                return False
        return True

    def _heard(self, turn: Turn, said: Utterance) -> None:
        if said.event is Event.SILENCE:
            self._silent(turn)
        elif said.event is Event.KEYS:
            turn.change(turn=turn.state.turn + 1, silences=0, patience=0)
            self._keyed(turn, said)
        elif said.event is Event.WORDS:
            state = turn.state
            turn.change(turn=state.turn + 1, silences=0, patience=0, keys="")
            self._listener.hear(turn, said)

    def _interrupted(self, turn: Turn, said: Utterance) -> None:
        """A disclosure that was cut off is said again; other replies were heard well enough."""
        sent = next((s for s in turn.state.sent if s.id == said.reply_id), None)
        if sent is None:
            return
        turn.change(sent=tuple(s for s in turn.state.sent if s.id != sent.id))
        frame = turn.state.frame
        waits = frame and frame.wait is Wait.DISCLOSURE and frame.disclosure == sent.disclosure
        if waits and sent.disclosure and turn.state.mode is Mode.BOT:
            turn.say(ReplyKind.SAY, words.HEAR_OUT, "a disclosure was interrupted")
            self._runner.disclose(turn, sent.disclosure)

    def _silent(self, turn: Turn) -> None:
        state = turn.state
        if state.keys:
            self._read_keys(turn, Utterance(event=Event.KEYS, keys=state.keys + "#"))
            return
        if state.patience:
            turn.change(patience=state.patience - 1)
            return
        turn.change(silences=state.silences + 1)
        if turn.state.silences >= MOST_SILENCES:
            self._gave_up(turn)
            return
        turn.say(ReplyKind.SAY, words.STILL_THERE, "silence")
        waits = turn.state.frame.wait if turn.state.frame else None
        if turn.state.silences == MOST_SILENCES - 1 and waits is not Wait.DISCLOSURE:
            self._questions.restate(turn, self._runner)
            turn.say(ReplyKind.ASK, words.OFFER_PERSON, "silence")
            turn.change(offering=turn.state.mode is Mode.BOT)
        else:
            self._questions.restate(turn, self._runner)

    def _gave_up(self, turn: Turn) -> None:
        """The customer stays silent: the flow's own step, or the end."""
        frame = turn.state.frame
        step = turn.flow.on_silence if frame else None
        if frame and step and turn.state.silences == MOST_SILENCES and frame.step != step:
            turn.go(step)
            self._runner.advance(turn)
            return
        turn.say(ReplyKind.END, words.SILENT_END, "silence")
        turn.end(SILENT)

    def _keyed(self, turn: Turn, said: Utterance) -> None:
        state = turn.state
        keys = said.keys
        pending = self._questions.pending(turn)
        own = {choice.value for choice in pending.slot.spec.choices} if pending else set()
        if keys == "0" and not state.keys and "0" not in own:
            turn.hand_over("key 0", words.HAND_OVER)
        elif state.frame and state.frame.wait is Wait.DISCLOSURE:
            return
        elif keys == "*":
            turn.change(keys="")
            self._listener.repeat(turn)
        else:
            self._read_keys(turn, replace(said, keys=(state.keys + keys)[:40]))

    def _read_keys(self, turn: Turn, said: Utterance) -> None:
        """Keys as an answer, once they are complete."""
        turn.change(keys="")
        digits = said.keys.strip("#")
        pending = self._questions.pending(turn)
        if turn.state.offering and digits in ("1", "2"):
            self._listener.hear(turn, Utterance("需要" if digits == "1" else "不需要"))
        elif not digits or turn.state.aside or pending is None:
            self._keys_beside(turn, said, digits)
        elif turn.frame.wait is Wait.CONFIRM:
            if not self._questions.confirmed(turn, said, self._runner):
                self._questions.not_understood(turn, said, self._runner)
        elif turn.frame.offered:
            place = chosen(digits, [value.spoken for value in turn.frame.offered])
            if place is None:
                self._questions.not_understood(turn, said, self._runner)
            else:
                value = turn.frame.offered[place]
                self._questions.accept(turn, replace(value, words=said.keys), self._runner)
        else:
            reading = self._questions.read(turn, pending.slot, said)
            complete = "#" in said.keys or (
                pending.slot.spec.type in _AT_ONCE and isinstance(reading, SlotValue)
            )
            if not complete:
                turn.change(keys=said.keys)
            elif isinstance(reading, SlotValue):
                self._questions.answer(turn, said, reading, self._runner)
            elif reading is None:
                self._questions.not_understood(turn, said, self._runner)
            else:
                self._questions.problem(turn, said, reading, self._runner)

    def _keys_beside(self, turn: Turn, said: Utterance, digits: str) -> None:
        """Keys where no flow asks for a value: a choice of the desk's options, or nothing."""
        if digits and turn.state.conversation.options:
            self._listener.hear(turn, Utterance(digits))
        elif turn.state.frame:
            self._questions.restate(turn, self._runner)
        else:
            turn.say(ReplyKind.ASK, words.NOTHING_TO_REPEAT, "keys without a question")
