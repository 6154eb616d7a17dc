"""How far a base's chances can be trusted, and what its thresholds cost, on labelled messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from assist.calibrate import (
    UNKNOWN_HARDER,
    Judged,
    Outcome,
    Reliability,
    Targets,
    choose_thresholds,
    curve,
    outcome,
    reliability,
)
from assist.decide import Verdict
from assist.errors import KnowledgeError
from assist.fit import Samples, fit_decider, judged, judged_outside
from assist.knowledge import NO_ENTRY, VAGUE, Message
from assist.matcher import Matcher

FOLDS = 5
_Item = TypeVar("_Item")


class Source(StrEnum):
    """What a report rests on."""

    OWN_QUESTIONS = "own_questions"
    MESSAGES = "messages"
    NEW_MESSAGES = "new_messages"


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """Reliability of the chance to be right and of covering the question, and the thresholds' cost.

    `right` is measured on messages that one entry answers, `scope` on all messages and on lines out
    of scope. `now` is what the thresholds in use give, `curve` what rising targets of wrong answers
    would give.
    """

    source: Source
    covered: int
    vague: int
    outside: int
    right: Reliability
    scope: Reliability
    now: Outcome
    curve: tuple[Outcome, ...]


def report_on_fit(matcher: Matcher, targets: Targets) -> CalibrationReport:
    """Report on what the matcher was fitted to, each part judged by a fit to the other parts.

    Raises KnowledgeError where the matcher was not fitted here or has too little to learn from.
    """
    samples = matcher.samples
    if samples is None or not samples.enough:
        raise KnowledgeError(
            f"{len(matcher.base.entries)} entries with"
            f" {sum(len(entry.questions) for entry in matcher.base.entries)} questions are too few"
            " to calibrate on; add similar questions or labelled messages"
        )
    covered, outside = _cross_judged(samples, targets)
    source = Source.MESSAGES if samples.calibrating else Source.OWN_QUESTIONS
    return _report(source, covered, outside, matcher, targets)


def report_on_messages(
    matcher: Matcher, messages: Sequence[Message], targets: Targets
) -> CalibrationReport:
    """Report on messages that the fit has not seen."""
    known = [m for m in messages if m.entry_id is None or matcher.base.entry(m.label)]
    found = [_judged_message(matcher, message) for message in known]
    covered = [judged for judged in found if judged.covered]
    if all(judged.vague for judged in covered):
        raise KnowledgeError(
            f"none of {len(messages)} messages names an entry of the base; give text and entry_id,"
            " oos where no entry answers"
        )
    outside = [judged for judged in found if not judged.covered]
    return _report(Source.NEW_MESSAGES, covered, outside, matcher, targets)


def _judged_message(matcher: Matcher, message: Message) -> Judged:
    match = matcher.match(message.text)
    first = match.passages[0].entry_id if match.passages else None
    covered, vague = message.label != NO_ENTRY, message.label == VAGUE
    correct = first is not None and first == message.entry_id
    decision = match.decision
    if decision.verdict is Verdict.REJECT and not decision.scope:
        return Judged(0.0, 0.0, covered, False, vague)
    return Judged(decision.scope, decision.right, covered, correct, vague)


def _cross_judged(samples: Samples, targets: Targets) -> tuple[list[Judged], list[Judged]]:
    """Every sample judged by a decision fitted without its fold."""
    inside = samples.calibrating or samples.own
    covered: list[Judged] = []
    outside: list[Judged] = []
    for fold in range(FOLDS):
        rest = replace(
            samples,
            own=_without(samples.own, fold),
            messages=_without(samples.messages, fold),
            outside=_without(samples.outside, fold),
        )
        decider = fit_decider(rest, targets)
        covered += [judged(decider, asked) for asked in inside[fold::FOLDS]]
        part = replace(samples, outside=samples.outside[fold::FOLDS], silent=0)
        outside += judged_outside(decider, part)
    return covered, outside + [Judged(0.0, 0.0, False, False)] * samples.silent


def _without(items: tuple[_Item, ...], fold: int) -> tuple[_Item, ...]:
    return tuple(item for number, item in enumerate(items) if number % FOLDS != fold)


def _report(
    source: Source,
    covered: Sequence[Judged],
    outside: Sequence[Judged],
    matcher: Matcher,
    targets: Targets,
) -> CalibrationReport:
    thresholds = matcher.fitted.decider.thresholds
    if source is Source.OWN_QUESTIONS:
        targets = replace(targets, wrong=targets.wrong * UNKNOWN_HARDER)
    if source is not Source.NEW_MESSAGES:
        thresholds = choose_thresholds(covered, outside, targets)
    everything = [*covered, *outside]
    clear = [judged for judged in covered if not judged.vague]
    return CalibrationReport(
        source,
        len(covered),
        sum(judged.vague for judged in covered),
        len(outside),
        right=reliability([j.right for j in clear], [j.correct for j in clear]),
        scope=reliability([j.scope for j in everything], [j.covered for j in everything]),
        now=outcome(covered, outside, thresholds),
        curve=curve(covered, outside, targets),
    )
