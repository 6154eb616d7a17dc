"""One turn in the making: the state as it changes and the replies that pile up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from assist import flow_words as words
from assist.answer import Answer, AnswerKind, CitationKind
from assist.compliance import Context
from assist.flow import RESULT as RESULT_NAME
from assist.flow import Flow, Link, Step
from assist.flow_ports import OutgoingGuard
from assist.flow_state import (
    DialogueState,
    Done,
    Entered,
    Filled,
    Finished,
    Frame,
    Mode,
    Sent,
    Spoken,
    Wait,
)
from assist.flow_text import render
from assist.reply import Reply, ReplyKind, Why

_KEPT_SENT = 40
_KINDS = {
    AnswerKind.ANSWER: ReplyKind.ANSWER,
    AnswerKind.CLARIFY: ReplyKind.CLARIFY,
    AnswerKind.REJECT: ReplyKind.REJECT,
    AnswerKind.HANDOFF: ReplyKind.HANDOVER,
}


class Turn:
    """Collects what one event leads to. It lives for one call of `Dialogue.respond` only."""

    def __init__(
        self,
        flows: Mapping[str, Flow],
        guard: OutgoingGuard,
        state: DialogueState,
        now: datetime,
    ) -> None:
        self._flows = flows
        self._guard = guard
        self.state = state
        self.now = now
        self.replies: list[Reply] = []
        self._spoken: list[Spoken] = []
        self._acts: list[str] = []

    # --- the state ---------------------------------------------------------------------------

    @property
    def frame(self) -> Frame:
        """The flow that speaks; there must be one."""
        frame = self.state.frame
        if frame is None:
            raise AssertionError("no flow is running; ask `state.frame` first")
        return frame

    @property
    def flow(self) -> Flow:
        """The definition of the flow that speaks."""
        return self._flows[self.frame.flow]

    @property
    def step(self) -> Step:
        """The step that the speaking flow stands at."""
        return self.flow.step(self.frame.step)

    def flow_of(self, frame: Frame) -> Flow:
        """The definition of a running flow."""
        return self._flows[frame.flow]

    def change(self, **changes: Any) -> None:
        """Change fields of the state."""
        self.state = replace(self.state, **changes)

    def change_frame(self, **changes: Any) -> None:
        """Change fields of the flow that speaks."""
        frame = replace(self.frame, **changes)
        self.change(stack=(*self.state.stack[:-1], frame))

    def go(self, step_id: str) -> None:
        """Go to a step of the flow that speaks; nothing is pending there yet."""
        self.change_frame(
            step=step_id, wait=Wait.NOTHING, tries=0, candidate=None, offered=(),
            disclosure=None, said=0,
        )  # fmt: skip

    def fill(self, *values: Filled) -> None:
        """Set values of the flow that speaks."""
        new = {value.name: value for value in values}
        kept = [slot for slot in self.frame.slots if slot.name not in new]
        self.change_frame(slots=(*kept, *new.values()))

    def clear(self, name: str) -> None:
        """Forget a value of the flow that speaks."""
        self.change_frame(slots=tuple(slot for slot in self.frame.slots if slot.name != name))

    def replayed(self, step_id: str, print_: str) -> bool:
        """Whether a correction runs through a step that was taken with the same words before.

        True once for each: a flow that comes by again takes the step.
        """
        done = Done(step_id, print_)
        if done not in self.frame.replay:
            return False
        self.change_frame(replay=tuple(d for d in self.frame.replay if d != done))
        return True

    def did(self, step_id: str, print_: str) -> None:
        """Note that a step was taken, and with what."""
        kept = [done for done in self.frame.done if done.step != step_id]
        self.change_frame(done=(*kept, Done(step_id, print_)))

    def forget_customer(self) -> None:
        """Nobody is verified any longer."""
        self.change(verified=False, customer="")

    def acted(self, what: str) -> None:
        """Note an action for the trace of the next reply: names only, no value."""
        self._acts.append(what)

    def push(self, frame: Frame) -> None:
        """Start a flow above the others."""
        self.change(stack=(*self.state.stack, frame))

    def pop(self, result: str) -> Frame:
        """Take the speaking flow off, with its result kept."""
        frame = self.frame
        finished = Finished(frame.flow, frame.version, result, frame.slots, self.now)
        self.change(stack=self.state.stack[:-1], finished=(*self.state.finished, finished))
        return frame

    def end(self, result: str) -> None:
        """End the conversation; flows that are still running end with the same result."""
        while self.state.stack:
            self.pop(result)
        self.change(mode=Mode.ENDED, result=self.state.result or result)

    def hand_over(self, rule: str, text: str, skill: str | None = None) -> None:
        """Give the conversation to the queue; the flows stay where they are."""
        wanted = next(
            (f.skill for frame in reversed(self.state.stack) if (f := self.flow_of(frame)).skill),
            None,
        )
        self.say(ReplyKind.HANDOVER, text, rule)
        self.change(
            mode=Mode.WAITING, skill=skill or wanted, failures=0, silences=0, keys="",
            offering=False, aside=False,
        )  # fmt: skip

    def return_to_link(self, ended: Frame, result: str, *, broken_off: bool = False) -> bool:
        """Take over a sub-flow's values and go on after the link; False where it broke off."""
        link = self.step
        if not isinstance(link, Link):
            return False
        if broken_off:
            if link.otherwise is None:
                return False
            self.go(link.otherwise)
            return True
        code = Filled(RESULT_NAME, result, result)
        for ours, theirs in link.take:
            value = code if theirs == RESULT_NAME else ended.value(theirs)
            if value is not None:
                self.fill(replace(value, name=ours))
        self.did(link.id, "")
        self.go(link.next)
        return True

    # --- replies -----------------------------------------------------------------------------

    def guarded(self, text: str) -> str:
        """A flow's text as the guard lets it out."""
        return self._guard.check(text, context=Context.APPROVED).text

    def say(
        self,
        kind: ReplyKind,
        text: str,
        rule: str,
        *,
        private: bool = False,
        options: tuple[str, ...] = (),
        link: str | None = None,
        disclosure: str | None = None,
        approved: bool = True,
    ) -> Reply:
        """Say a text; those of flows and our own are approved: their questions may ask anything."""
        context = Context.APPROVED if approved else Context.REPLY
        checked = self._guard.check(text, context=context)
        frame = self.state.frame
        why = Why(
            rule,
            frame.flow if frame else None,
            frame.step if frame else None,
            tuple(str(rule) for rule in checked.rules),
        )
        reply = Reply(
            self._next_id(), kind, checked.text, disclosure is None, options, (), link, why,
            self.state.slow, private,
        )  # fmt: skip
        self._send(reply, disclosure, approved=approved)
        return reply

    def say_answer(self, answer: Answer) -> None:
        """Say what the desk answered, with its risk notice."""
        approved = any(c.kind is CitationKind.FAQ for c in answer.citations)
        text = answer.reply
        if answer.risk_notice:
            text = f"{text.rstrip()}\n风险提示：{answer.risk_notice.strip()}"
        context = Context.APPROVED if approved else Context.REPLY
        checked = self._guard.check(text, context=context)
        rule = answer.trace.rule if answer.trace else "desk"
        frame = self.state.frame
        why = Why(
            f"digression: {rule}" if frame else rule,
            frame.flow if frame else None,
            frame.step if frame else None,
            tuple(str(rule) for rule in checked.rules),
            answer.trace,
        )
        reply = Reply(
            self._next_id(), _KINDS[answer.kind], checked.text, True, answer.options,
            answer.citations, None, why, self.state.slow,
        )  # fmt: skip
        self._send(reply, None, approved=approved)

    def render_to_say(self, template: str) -> tuple[str, bool] | None:
        """A flow's text with its values, and whether it is private.

        None where it may not be said now: a value is missing or the customer is not verified. The
        conversation was handed over then.
        """
        rendered = render(template, self.frame, self.flow)
        if rendered.missing:
            self.hand_over(f"missing value: {rendered.missing[0]}", words.HAND_OVER_FAILED)
            return None
        if rendered.private and not self.state.verified:
            self.hand_over("private before verification", words.HAND_OVER_UNVERIFIED)
            return None
        return rendered.text, rendered.private

    def keep_last(self) -> None:
        """What is said in this turn is not worth repeating: what was said before it is."""
        self._spoken = []

    def result(self) -> tuple[DialogueState, tuple[Reply, ...]]:
        """The state after the turn and its replies."""
        if self._spoken:
            self.change(last=tuple(self._spoken))
        return self.state, tuple(self.replies)

    def _next_id(self) -> str:
        self.change(replies=self.state.replies + 1)
        return f"r{self.state.replies}"

    def _send(self, reply: Reply, disclosure: str | None, *, approved: bool) -> None:
        if self._acts and reply.trace:
            reply = replace(reply, trace=replace(reply.trace, acts=tuple(self._acts)))
            self._acts = []
        self.replies.append(reply)
        spoken = Spoken(reply.kind, reply.text, reply.private, reply.options, approved)
        self._spoken.append(spoken)
        frame = self.state.frame
        text = reply.text if disclosure else None
        sent = Sent(reply.id, reply.kind, frame.flow if frame else None, disclosure, text)
        self.change(sent=(*self.state.sent, sent)[-_KEPT_SENT:])


def first_frame(flow: Flow, values: tuple[Filled, ...], entered: Entered) -> Frame:
    """A flow at its beginning."""
    return Frame(flow.id, flow.version, flow.start, values, entered=entered)
