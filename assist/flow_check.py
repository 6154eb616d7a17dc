"""What is wrong with flows beyond their form: dead ends, circles, unknown names, private facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from assist.action import ActionSpec
from assist.compliance import Context
from assist.flow import (
    RESULT,
    VERIFIED,
    Branch,
    Call,
    Collect,
    Comparison,
    Condition,
    Disclose,
    End,
    Flow,
    HandOver,
    Link,
    Say,
    Step,
)
from assist.flow_file import FlowLines, LoadedFlows
from assist.flow_ports import OutgoingGuard
from assist.flow_text import names_in
from assist.knowledge_found import Problem, Severity
from assist.repair import core
from assist.slot import YES
from assist.slot_bounds import bounds_fault

Report = Callable[[str, str], Problem]


def check_flows(
    loaded: LoadedFlows,
    guard: OutgoingGuard,
    *,
    interjections: Collection[str] = (),
    actions: Mapping[str, ActionSpec] | None = None,
) -> tuple[Problem, ...]:
    """Everything wrong with loaded flows, their reading included; errors come first.

    `interjections` are the names that the lexicon knows, `actions` those that are published (None:
    not checked).
    """
    known = {flow.id: flow for flow in loaded.flows}
    found = list(loaded.problems)
    for flow in loaded.flows:
        found += _FlowCheck(flow, known, loaded.lines[flow.id], guard).problems(
            set(interjections), actions
        )
    found += _shared_triggers(loaded)
    return tuple(sorted(found, key=lambda problem: problem.severity is not Severity.ERROR))


class _FlowCheck:
    """Checks one flow."""

    def __init__(
        self, flow: Flow, known: Mapping[str, Flow], lines: FlowLines, guard: OutgoingGuard
    ) -> None:
        self._flow = flow
        self._known = known
        self._lines = lines
        self._guard = guard
        self._steps = {step.id: step for step in flow.steps}

    def problems(
        self, interjections: set[str], actions: Mapping[str, ActionSpec] | None
    ) -> list[Problem]:
        found = [*self._goals(), *self._references(interjections, actions), *self._texts()]
        if not found:  # the ways through the flow make sense only where every step exists
            found += [*self._ways(), *self._circles(), *self._private()]
        return found

    def _error(self, step_id: str, message: str) -> Problem:
        name = f"step {step_id}" if step_id in self._steps else f"flow {self._flow.id}"
        return Problem(Severity.ERROR, self._lines.of(step_id), f"{name}: {message}")

    def _warning(self, step_id: str, message: str) -> Problem:
        return replace(self._error(step_id, message), severity=Severity.WARNING)

    # --- names -------------------------------------------------------------------------------

    def _goals(self) -> Iterator[Problem]:
        flow = self._flow
        seen: set[str] = set()
        for step in flow.steps:
            if step.id in seen:
                yield self._error(step.id, "stands twice; give each step an id of its own")
            seen.add(step.id)
            for goal in onward(step):
                if not goal:
                    yield self._error(
                        step.id, "nothing follows it; give it `next`, or an `end` step behind it"
                    )
                elif goal not in self._steps:
                    yield self._error(step.id, f"goes to {goal!r}, which is no step of the flow")
            for name in step.requires:
                if not isinstance(self._steps.get(name), Disclose):
                    yield self._error(step.id, f"requires {name!r}, which is no disclose step")
        others = {"start": flow.start, "on_silence": flow.on_silence, "on_cancel": flow.on_cancel}
        others |= {f"interjection {i.name}": i.go for i in flow.interjections}
        for where, entry in others.items():
            if entry and entry not in self._steps:
                yield self._error("", f"{where} goes to {entry!r}, which is no step of the flow")

    def _references(
        self, interjections: set[str], actions: Mapping[str, ActionSpec] | None
    ) -> Iterator[Problem]:
        flow = self._flow
        names = known_names(flow)
        for step in flow.steps:
            for name in _used(step):
                if name not in names:
                    listed = ", ".join(sorted(names)) or "none"
                    yield self._error(step.id, f"{name!r} is no value; known are {listed}")
            if isinstance(step, Collect) and flow.slot(step.slot) is None:
                yield self._error(step.id, f"collects {step.slot!r}, which is no slot")
            if isinstance(step, Link) and step.flow not in self._known:
                listed = ", ".join(self._known)
                yield self._error(step.id, f"links {step.flow!r}; known flows are {listed}")
            if isinstance(step, End) and step.result not in flow.results:
                listed = ", ".join(flow.results)
                yield self._error(step.id, f"ends with {step.result!r}; results are {listed}")
            if isinstance(step, Call) and actions is not None:
                for fault in call_faults(step, actions):
                    yield self._error(step.id, fault)
        for found in flow.interjections:
            if found.name not in interjections and not found.words:
                yield self._error(
                    "", f"interjection {found.name!r} is in no lexicon; give it `words`"
                )
        if flow.triggers and any(given.required for given in flow.given):
            yield self._error("", "has triggers and needs given values; nobody would give them")

    # --- texts -------------------------------------------------------------------------------

    def _texts(self) -> Iterator[Problem]:
        names = known_names(self._flow)
        for step_id, text in all_texts(self._flow):
            for name in names_in(text):
                if name not in names:
                    yield self._error(step_id, f"says {{{name}}}, which is no value of the flow")
            plain = re.sub(r"\{\w+\}", "某", text)
            checked = self._guard.check(plain, context=Context.APPROVED)
            if checked.changed:
                rules = ", ".join(checked.rules)
                yield self._error(step_id, f"says what {rules} forbids: {text[:40]!r}; reword it")
        for slot in self._flow.slots:
            if slot.spec.pattern is not None and not _compiles(slot.spec.pattern):
                yield self._error("", f"slot {slot.name}: {slot.spec.pattern!r} is no pattern")
            if fault := bounds_fault(slot.spec):
                yield self._error("", f"slot {slot.name}: {fault}")

    # --- ways through the flow -----------------------------------------------------------------

    def _ways(self) -> Iterator[Problem]:
        reached = self._reached(self._entries(), lambda step: True)
        ends = {s.id for s in self._flow.steps if isinstance(s, End | HandOver)}
        for step in self._flow.steps:
            if step.id not in reached:
                yield self._warning(step.id, "is never reached; delete it or lead to it")
            elif not ends & self._reached([step.id], lambda step: True):
                yield self._error(step.id, "leads to no end; let it end or hand over")

    def _circles(self) -> Iterator[Problem]:
        """Circles in which nobody is asked anything would never stop."""
        for step in self._flow.steps:
            if _waits(step):
                continue
            behind = self._reached(list(onward(step)), lambda s: not _waits(s))
            if step.id in behind:
                yield self._error(step.id, "goes in a circle without asking anything")
        for step in self._flow.steps:
            if isinstance(step, Link) and self._flow.id in self._linked(step.flow):
                yield self._error(step.id, f"links {step.flow!r}, which links back to this flow")

    def _private(self) -> Iterator[Problem]:
        """Steps with account facts that can be reached without a check of identity."""
        private = {name for name in known_names(self._flow) if self._flow.is_private(name)}
        for step in self._flow.steps:
            if isinstance(step, Call) and step.private:
                private |= set(step.returns)

        def unverified(step: Step) -> bool:
            return not isinstance(step, Link)

        reached = self._reached(self._entries(), unverified, onward_unverified)
        for step in self._flow.steps:
            said = {n for text in _said(self._flow, step) for n in names_in(text)}
            shown = sorted(said & private)
            if isinstance(step, Call) and step.private:
                shown = [step.action]
            if step.id in reached and shown:
                yield self._warning(
                    step.id,
                    f"{', '.join(shown)} is private and can be reached without verification;"
                    " the dialogue would hand over there: put a `verifies` call before it",
                )

        for found in self._flow.interjections:
            shown = sorted(private & set(names_in(found.say or "")))
            if shown:
                names = ", ".join(shown)
                yield self._warning(
                    "",
                    f"interjection {found.name} says {names}, which is private: to a customer who"
                    " is not verified the dialogue would hand over there",
                )

    def _entries(self) -> list[str]:
        flow = self._flow
        entries = [flow.start, flow.on_silence, flow.on_cancel]
        entries += [i.go for i in flow.interjections]
        return [entry for entry in entries if entry]

    def _reached(
        self,
        entries: Sequence[str],
        through: Callable[[Step], bool],
        goals: Callable[[Step], tuple[str, ...]] | None = None,
    ) -> set[str]:
        """Steps that can be reached; nothing is reached behind a step that is not `through`."""
        reached: set[str] = set()
        open_ = list(entries)
        while open_:
            step_id = open_.pop()
            if step_id in reached:
                continue
            reached.add(step_id)
            step = self._steps[step_id]
            if through(step):
                open_ += (*(goals or onward)(step), *step.requires)
                if isinstance(step, End) and step.result in self._flow.completing:
                    open_ += self._flow.mandatory
        return reached

    def _linked(self, flow_id: str) -> set[str]:
        found: set[str] = set()
        open_ = [flow_id]
        while open_:
            flow = self._known.get(open_.pop())
            for step in flow.steps if flow else ():
                if isinstance(step, Link) and step.flow not in found:
                    found.add(step.flow)
                    open_.append(step.flow)
        return found


def call_faults(call: Call, actions: Mapping[str, ActionSpec]) -> Iterator[str]:
    """What is wrong with a call of a published action."""
    spec = actions.get(call.action)
    if spec is None:
        listed = ", ".join(actions) or "none"
        yield f"calls {call.action!r}, which is not published; published are {listed}"
        return
    given = {argument for argument, _ in call.arguments}
    if unknown := sorted(given - set(spec.arguments)):
        listed = ", ".join(spec.arguments) or "nothing"
        yield f"gives {call.action} {', '.join(unknown)}, which it does not take; it takes {listed}"
    if missing := sorted(set(spec.arguments) - set(spec.optional) - given):
        yield f"does not give {call.action} its {', '.join(missing)}; add it to `with`"
    if strange := sorted(set(call.returns) - set(spec.returns)):
        listed = ", ".join(spec.returns) or "nothing"
        yield f"expects {', '.join(strange)} of {call.action}, which returns {listed}"
    if spec.private and not call.private:
        yield f"{call.action} tells facts of the customer; add `private: true`"
    if spec.verifies and not call.verifies:
        yield f"{call.action} tells who the customer is; add `verifies: true`"
    if call.verifies and not spec.verifies:
        yield f"{call.action} does not verify anybody; leave out `verifies`"


def onward(step: Step) -> tuple[str, ...]:
    """Where a step may lead; an empty name where nothing follows it."""
    match step:
        case End() | HandOver():
            return ()
        case Branch():
            return (*(case.go for case in step.cases), step.next)
        case Collect() | Call() | Link():
            return (step.next, step.otherwise) if step.otherwise else (step.next,)
        case _:
            return (step.next,)


def onward_unverified(step: Step) -> tuple[str, ...]:
    """Where a step may lead a customer who is not verified."""
    if not isinstance(step, Branch):
        return onward(step)
    goals: list[str] = []
    for case in step.cases:
        wants = [_wants_verified(condition) for condition in case.conditions]
        if True not in wants:
            goals.append(case.go)
        if wants == [False]:
            return tuple(goals)  # everybody who is not verified goes there
    return (*goals, step.next)


def _wants_verified(condition: Condition) -> bool | None:
    """True for a test that only verified customers pass, False for the opposite, else None."""
    if condition.slot != VERIFIED:
        return None
    positive = condition.comparison in (Comparison.IS, Comparison.IN)
    return (condition.values == (YES,)) == positive


def known_names(flow: Flow) -> set[str]:
    """Names of all values that a flow may hold."""
    names = {slot.name for slot in flow.slots} | {given.name for given in flow.given}
    for step in flow.steps:
        if isinstance(step, Call):
            names |= set(step.returns)
        if isinstance(step, Link):
            names |= {ours for ours, _ in step.take}
    return names


def all_texts(flow: Flow) -> Iterator[tuple[str, str]]:
    """Every text that a flow may say, with the step that it belongs to."""
    for step in flow.steps:
        for text in _said(flow, step):
            yield step.id, text
    for found in flow.interjections:
        if found.say:
            yield "", found.say


def _said(flow: Flow, step: Step) -> Iterable[str]:
    if isinstance(step, Collect):
        slot = flow.slot(step.slot)
        texts = [slot.spec.reask, slot.spec.invalid] if slot else []
        return [text for text in (step.ask or (slot.spec.ask if slot else ""), *texts) if text]
    if isinstance(step, Say | Disclose):
        return [step.text]
    if isinstance(step, HandOver | End):
        return [step.text] if step.text else []
    return []


def _used(step: Step) -> Iterator[str]:
    """Names of values that a step reads."""
    if isinstance(step, Call):
        yield from (name for _, name in step.arguments)
    if isinstance(step, Link):
        yield from (ours for _, ours in step.give)
    for case in step.cases if isinstance(step, Branch) else ():
        for condition in case.conditions:
            yield from (condition.slot,) if condition.slot not in (VERIFIED, RESULT) else ()
            if condition.comparison in (Comparison.SAME_AS, Comparison.DIFFERS_FROM):
                yield from condition.values


def _waits(step: Step) -> bool:
    return isinstance(step, Collect | Disclose | End | HandOver | Link)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _shared_triggers(loaded: LoadedFlows) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for flow in loaded.flows:
        for words in flow.triggers:
            other = seen.setdefault(core(words), flow.id)
            if other != flow.id:
                place = loaded.lines[flow.id].of("")
                message = f"flow {flow.id}: the trigger {words!r} starts {other!r} too"
                yield Problem(Severity.ERROR, place, message)
