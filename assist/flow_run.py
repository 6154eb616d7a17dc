"""Runs the steps of a flow until it waits for the customer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from assist import flow_words as words
from assist.action import CUSTOMER, ActionOrder, Actions, action_key
from assist.errors import ActionError
from assist.flow import (
    VERIFIED,
    Branch,
    Call,
    Collect,
    Condition,
    Disclose,
    End,
    Flow,
    HandOver,
    Link,
    Say,
    Step,
)
from assist.flow_question import Questions
from assist.flow_state import Delivered, Entered, Filled, Mode, Wait
from assist.flow_text import holds
from assist.flow_turn import Turn, first_frame
from assist.reply import ReplyKind
from assist.slot import YES

_LOG = logging.getLogger(__name__)
MOST_STEPS = 200
MOST_SAID = 3
DEEPEST = 8
MOST_PROOFS = 5
"""Failed checks of identity in one conversation, after which nobody may guess on."""
BROKEN_OFF = "cancelled"


class Runner:
    """Takes steps; keeps nothing between turns."""

    def __init__(self, flows: Mapping[str, Flow], actions: Actions, questions: Questions) -> None:
        self._flows = flows
        self._actions = actions
        self._questions = questions

    def advance(self, turn: Turn) -> None:
        """Take steps until the flow waits, ends or is handed over."""
        for _ in range(MOST_STEPS):
            frame = turn.state.frame
            if frame is None or frame.wait is not Wait.NOTHING or turn.state.mode is not Mode.BOT:
                return
            step = turn.step
            missing = self._undelivered(turn, step)
            if missing is not None:
                self.disclose(turn, missing)
            else:
                self._take(turn, step)
        turn.hand_over("a flow goes in circles", words.HAND_OVER_FAILED)

    def disclose(self, turn: Turn, disclosure: str) -> None:
        """Say a disclosure and wait for the proof that it was heard to its end."""
        step = turn.flow.step(disclosure)
        if not isinstance(step, Disclose):
            turn.hand_over("no such disclosure", words.HAND_OVER_FAILED)
            return
        if turn.frame.disclosure == disclosure and turn.frame.said >= MOST_SAID:
            turn.hand_over("a disclosure was not heard to its end", words.HAND_OVER_FAILED)
            return
        rendered = turn.render_to_say(step.text)
        if rendered is None:
            return
        said = turn.frame.said if turn.frame.disclosure == disclosure else 0
        turn.change_frame(wait=Wait.DISCLOSURE, disclosure=disclosure, said=said + 1)
        text, private = rendered
        turn.say(ReplyKind.DISCLOSE, text, "disclosure", private=private, disclosure=disclosure)

    def delivered(self, turn: Turn, reply_id: str) -> None:
        """A reply was heard to its end: keep the proof of a disclosure, and go on."""
        sent = next((s for s in turn.state.sent if s.id == reply_id), None)
        if sent is None:
            return
        turn.change(sent=tuple(s for s in turn.state.sent if s.id != reply_id))
        if sent.disclosure is None or sent.flow is None or sent.text is None:
            return
        flow = self._flows.get(sent.flow)
        if flow is None:
            return
        proof = Delivered(flow.id, flow.version, sent.disclosure, reply_id, turn.now, sent.text)
        turn.change(delivered=(*turn.state.delivered, proof))
        frame = turn.state.frame
        if frame and frame.flow == flow.id and frame.disclosure == sent.disclosure:
            turn.go(frame.step)
            self.advance(turn)

    def leave(self, turn: Turn, result: str, *, broken_off: bool = False) -> None:
        """End the flow that speaks from outside its steps; the one below it goes on."""
        self._finish(turn, result, broken_off=broken_off)
        self.advance(turn)

    def _finish(self, turn: Turn, result: str, *, broken_off: bool = False) -> None:
        """End the flow that speaks and return to whatever waits below it."""
        ended = turn.pop(result)
        if turn.state.frame is None:
            if turn.state.outbound:
                turn.end(result)
            return
        if ended.entered is Entered.LINK:
            if not turn.return_to_link(ended, result, broken_off=broken_off):
                self._finish(turn, result, broken_off=True)
            return
        self._questions.restate(turn, self)

    def _undelivered(self, turn: Turn, step: Step) -> str | None:
        """The first disclosure that must be heard before a step is taken."""
        flow = turn.flow
        wanted = step.requires
        if isinstance(step, Disclose):
            return None
        if isinstance(step, End) and step.result in flow.completing:
            wanted = (*wanted, *flow.mandatory)
        return next((name for name in wanted if not self._is_delivered(turn, name)), None)

    def _is_delivered(self, turn: Turn, disclosure: str) -> bool:
        step = turn.flow.step(disclosure)
        if not isinstance(step, Disclose):
            return True
        rendered = self._questions.rendered(turn, step.text)
        return any(
            proof.flow == turn.flow.id
            and proof.version == turn.flow.version
            and proof.disclosure == disclosure
            and proof.text == rendered
            for proof in turn.state.delivered
        )

    def _take(self, turn: Turn, step: Step) -> None:
        match step:
            case Say():
                self._say(turn, step)
            case Disclose():
                if self._is_delivered(turn, step.id):
                    turn.did(step.id, "")
                    turn.go(step.next)
                else:
                    self.disclose(turn, step.id)
            case Collect():
                self._collect(turn, step)
            case Branch():
                case_ = next((c for c in step.cases if self._fits(turn, c.conditions)), None)
                turn.go(case_.go if case_ else step.next)
            case Call():
                self._call(turn, step)
            case Link():
                self._link(turn, step)
            case HandOver():
                self._hand_over(turn, step)
            case End():
                self._end(turn, step)

    def _fits(self, turn: Turn, conditions: tuple[Condition, ...]) -> bool:
        return all(holds(condition, turn.frame, turn.state) for condition in conditions)

    def _say(self, turn: Turn, step: Say) -> None:
        rendered = turn.render_to_say(step.text)
        if rendered is None:
            return
        text, private = rendered
        if not turn.replayed(step.id, text):
            kind = ReplyKind.LINK if step.page else ReplyKind.SAY
            turn.say(kind, text, "step", private=private, link=step.page)
        turn.did(step.id, text)
        turn.go(step.next)

    def _collect(self, turn: Turn, step: Collect) -> None:
        known = turn.frame.value(step.slot)
        taken = any(done.step == step.id for done in turn.frame.done)
        if known and turn.frame.replay:
            if turn.replayed(step.id, self._questions.wording(turn, step)):
                turn.go(step.next)
                return
        elif known and not taken and not step.fresh:
            turn.did(step.id, self._questions.wording(turn, step))
            turn.go(step.next)
            return
        turn.clear(step.slot)
        self._questions.ask(turn, step)

    def _call(self, turn: Turn, step: Call) -> None:
        if step.private and not turn.state.verified:
            turn.hand_over("private before verification", words.HAND_OVER_UNVERIFIED)
            return
        values = {argument: turn.frame.value(name) for argument, name in step.arguments}
        arguments = {argument: value.value for argument, value in values.items() if value}
        print_ = repr(sorted(arguments.items()))
        if turn.replayed(step.id, print_):
            turn.go(step.next)
            return
        if step.verifies:
            turn.forget_customer()
            if turn.state.unproven >= MOST_PROOFS:
                turn.hand_over("too many checks of identity failed", words.HAND_OVER_UNVERIFIED)
                return
        results = self._called(turn, step, arguments)
        turn.did(step.id, print_)
        if results is None:
            if step.otherwise:
                turn.go(step.otherwise)
            else:
                turn.hand_over(f"action {step.action} failed", words.HAND_OVER_FAILED)
            return
        if step.verifies:
            self._verified(turn, results)
        private = {n: step.private or turn.flow.is_private(n) for n in step.returns}
        turn.fill(
            *(Filled(n, results[n], results[n], private[n]) for n in step.returns if n in results)
        )
        turn.go(step.next)

    def _verified(self, turn: Turn, results: Mapping[str, str]) -> None:
        """Take what a check of identity found."""
        if results.get(VERIFIED) == YES:
            turn.change(verified=True, customer=results.get(CUSTOMER, ""), unproven=0)
        else:
            turn.change(unproven=turn.state.unproven + 1)

    def _called(
        self, turn: Turn, step: Call, arguments: Mapping[str, str]
    ) -> Mapping[str, str] | None:
        state = turn.state
        key = action_key(state.key, state.turn, turn.flow.id, step.id)
        order = ActionOrder(step.action, arguments, turn.now, state.customer, key)
        try:
            results = self._actions.run(order)
            turn.acted(f"{step.action}({', '.join(arguments)}) → {', '.join(results) or 'done'}")
            return results
        except ActionError as error:
            # Its message holds no data of the customer.
            _LOG.error("flow %s: %s", turn.flow.id, error)
        except Exception as error:  # noqa: BLE001  foreign code; the conversation must go on
            # The message may hold the customer's data, so only the error's kind is logged.
            _LOG.error("action %s of flow %s: %s", step.action, turn.flow.id, type(error).__name__)
        turn.acted(f"{step.action}({', '.join(arguments)}) → failed")
        return None

    def _link(self, turn: Turn, step: Link) -> None:
        flow = self._flows.get(step.flow)
        if flow is None or len(turn.state.stack) >= DEEPEST:
            turn.hand_over(f"flow {step.flow} cannot be linked", words.HAND_OVER_FAILED)
            return
        if turn.replayed(step.id, ""):  # the sub-flow ran already: its values are known
            turn.go(step.next)
            return
        frame = turn.frame
        given = [
            replace(value, name=theirs, private=value.private or turn.flow.is_private(ours))
            for theirs, ours in step.give
            if (value := frame.value(ours))
        ]
        turn.push(first_frame(flow, tuple(given), Entered.LINK))

    def _hand_over(self, turn: Turn, step: HandOver) -> None:
        text = words.HAND_OVER
        if step.text:
            rendered = turn.render_to_say(step.text)
            if rendered is None:
                return
            text = rendered[0]
        turn.hand_over("step", text, step.skill)

    def _end(self, turn: Turn, step: End) -> None:
        frame = turn.frame
        closes = len(turn.state.stack) == 1 and turn.state.outbound
        rendered = turn.render_to_say(step.text or words.GOODBYE)
        if rendered is None:
            return
        if step.text or closes:
            text, private = rendered
            turn.say(ReplyKind.END if closes else ReplyKind.SAY, text, "step", private=private)
        turn.did(step.id, "")
        if frame.entered is Entered.START and not closes:
            turn.change(offering=False, aside=False)
        self._finish(turn, step.result)
