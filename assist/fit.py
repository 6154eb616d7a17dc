"""Fitting the order and the decision to a knowledge base.

Each of the base's own questions is taken out of its entry and asked (leave one out); lines that no
entry answers are asked too, and so are the labelled messages of customers. Where there are enough
of these the chances are fitted on them, else on the base's own questions. Nothing is random, so the
same base gives the same fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assist.calibrate import UNKNOWN_HARDER, Judged, Targets, choose_thresholds
from assist.decide import (
    RIGHT_NAMES,
    SCOPE_NAMES,
    Decider,
    Evidence,
    Logistic,
    Thresholds,
    fit_logistic,
    gather_evidence,
)
from assist.features import NAMES, EntryFeatures, Fit, Question
from assist.knowledge import NO_ENTRY, VAGUE, KnowledgeBase, Message
from assist.rank import FACTORY, Ranker, RankingTask, fit_ranker
from assist.retrieve import CandidateFinder, FaqRetriever
from assist.scope import Scope

MAX_QUESTIONS = 2000  # asked in a fit; more would cost time and change little
MIN_OUTSIDE = 50  # lines out of scope, below which the factory's scope is kept
MIN_MESSAGES = 100  # labelled messages, below which the base's own questions stand in for them
OWN_BESIDE_MESSAGES = 0.5  # weight of all own questions over that of all messages
VAGUE_COUNTS = 0.1  # beside a clear message: customers send fewer than collections hold
CONSIDERED = 10  # passages that the evidence looks at
NO_EVIDENCE = Evidence(scope=(0.0,) * len(SCOPE_NAMES), right=(0.0,) * len(RIGHT_NAMES))

# As fitted on the sample knowledge base.
FACTORY_DECIDER = Decider(
    scope=Logistic((4.6, 3.4, 1.5, 0.7, 0.1, 0.7), -13.6),
    right=Logistic((0.7, 1.3, 0.0), -1.0),
    thresholds=Thresholds(right=0.62, scope=0.92, clarify=0.35),
)
DEFAULT_TARGETS = Targets()


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learnt from a base: the order of candidates and the decision."""

    ranker: Ranker
    decider: Decider


FACTORY_FITTED = Fitted(FACTORY, FACTORY_DECIDER)


@dataclass(frozen=True, slots=True)
class Asked:
    """Evidence of a question that some entry answers, and whether the first candidate is it.

    To a vague one no candidate is right: the customer must be asked.
    """

    evidence: Evidence
    right: bool
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Samples:
    """What a fit rests on; `silent` counts lines out of scope for which nothing was found."""

    own: tuple[Asked, ...]
    messages: tuple[Asked, ...]
    outside: tuple[Evidence, ...]
    silent: int

    @property
    def enough(self) -> bool:
        """Whether a decision can be fitted at all."""
        both = {asked.right for asked in self.own}
        return len(self.own) >= 2 * MIN_OUTSIDE and len(both) == 2

    @property
    def calibrating(self) -> tuple[Asked, ...]:
        """The messages on which chances are fitted; none where there are too few."""
        both = {asked.right for asked in self.messages}
        return self.messages if len(self.messages) >= MIN_MESSAGES and len(both) == 2 else ()


@dataclass(frozen=True, slots=True)
class _Task:
    """A known question that was taken out of its entry: its fits and the place of the right one."""

    question: Question
    fit: Fit
    place: int


def fit_order(features: EntryFeatures, finder: CandidateFinder, start: Ranker = FACTORY) -> Ranker:
    """Weights of the order for this base; `start` where it has too few questions to learn from."""
    return _order(list(_own_questions(features, finder)), start)


def fit_base(
    retriever: FaqRetriever, scope: Scope, base: KnowledgeBase, targets: Targets = DEFAULT_TARGETS
) -> tuple[Fitted, Samples]:
    """Fit the order and the decision, and give what they rest on; sets the retriever's order.

    What there is too little to learn from stays the factory's.
    """
    tasks = list(_own_questions(retriever.features, retriever.finder))
    retriever.ranker = _order(tasks, retriever.ranker)
    samples = _samples(retriever, scope, base, tasks)
    decider = fit_decider(samples, targets) if samples.enough else FACTORY_DECIDER
    return Fitted(retriever.ranker, decider), samples


def fit_decider(samples: Samples, targets: Targets = DEFAULT_TARGETS) -> Decider:
    """Chances and thresholds from samples of which there are enough.

    Own questions count for half as much as the messages: among them are bare key words and short
    questions, which messages are not, and which must not be taken for vague or foreign ones
    because they are short.
    """
    own, messages, outside = samples.own, samples.calibrating, samples.outside
    inside = (*messages, *own)
    own_share = OWN_BESIDE_MESSAGES * len(messages) / len(own) if messages else 1.0
    share = [VAGUE_COUNTS if asked.vague else 1.0 for asked in messages] + [own_share] * len(own)
    right = fit_logistic(
        np.array([asked.evidence.right for asked in inside]),
        [asked.right for asked in inside],
        np.array(share),
    )
    scope = FACTORY_DECIDER.scope
    if len(outside) >= MIN_OUTSIDE:
        scope = fit_logistic(
            np.array([asked.evidence.scope for asked in inside] + [e.scope for e in outside]),
            np.arange(len(inside) + len(outside)) < len(inside),
            np.array(share + [1.0] * len(outside)),
        )
    return _with_thresholds(Decider(scope, right, FACTORY_DECIDER.thresholds), samples, targets)


def judged(decider: Decider, asked: Asked) -> Judged:
    """A covered question with its chances."""
    scope = decider.scope.chance(asked.evidence.scope)
    right = decider.right.chance(asked.evidence.right)
    return Judged(scope, right, True, asked.right, asked.vague)


def judged_outside(decider: Decider, samples: Samples) -> list[Judged]:
    """Lines out of scope with their chances; those for which nothing was found have none."""
    found = [
        Judged(decider.scope.chance(e.scope), decider.right.chance(e.right), False, False)
        for e in samples.outside
    ]
    return found + [Judged(0.0, 0.0, False, False)] * samples.silent


def _with_thresholds(decider: Decider, samples: Samples, targets: Targets) -> Decider:
    messages = samples.calibrating
    if not messages:
        targets = replace(targets, wrong=targets.wrong * UNKNOWN_HARDER)
    covered = [judged(decider, asked) for asked in messages or samples.own]
    chosen = choose_thresholds(covered, judged_outside(decider, samples), targets)
    if len(samples.outside) < MIN_OUTSIDE:
        factory = FACTORY_DECIDER.thresholds
        chosen = replace(chosen, scope=factory.scope, clarify=factory.clarify)
    return replace(decider, thresholds=chosen)


def _order(tasks: Sequence[_Task], start: Ranker) -> Ranker:
    """Weights fitted to the tasks; those of meaning stay as they are.

    An encoder has often been trained on these very questions: judged by them it would be trusted
    beyond measure.
    """
    words = np.array([not name.startswith("meaning") for name in NAMES], dtype=np.float64)
    return fit_ranker([RankingTask(task.fit.values * words, task.place) for task in tasks], start)


def _own_questions(features: EntryFeatures, finder: CandidateFinder) -> Iterator[_Task]:
    """Questions that can be taken out, evenly spread over the base."""
    counts = np.diff(features.first)[features.entry_of]
    numbers = np.flatnonzero(counts > 1)
    asked = np.linspace(0, len(numbers) - 1, min(len(numbers), MAX_QUESTIONS)).astype(np.int64)
    for number in numbers[asked].tolist():
        own = int(features.entry_of[number])
        question = features.known_question(number)
        entries = np.union1d(finder.by_words(question), [own])
        fit = features.fit(question, entries, without=number)
        yield _Task(question, fit, int(np.searchsorted(entries, own)))


def _samples(
    retriever: FaqRetriever, scope: Scope, base: KnowledgeBase, tasks: Sequence[_Task]
) -> Samples:
    covered = [m for m in base.messages if m.label == VAGUE or base.entry(m.label)]
    lines = [m.text for m in base.messages if m.label == NO_ENTRY]
    asked = [_ask(retriever, scope, line, known=True) for line in base.out_of_scope]
    asked += [_ask(retriever, scope, line) for line in lines]
    outside = tuple(evidence for evidence, _ in asked if evidence is not None)
    return Samples(
        own=tuple(_own(retriever, scope, task) for task in tasks),
        messages=tuple(_message(retriever, scope, message) for message in covered),
        outside=outside,
        silent=len(asked) - len(outside),
    )


def _own(retriever: FaqRetriever, scope: Scope, task: _Task) -> Asked:
    passages = retriever.passages(task.fit, CONSIDERED)
    odds = scope.odds(task.question.terms, known_inside=True)
    own = retriever.entries[int(task.fit.entries[task.place])].id
    # Where every candidate contradicts the question, the right one does too.
    evidence = gather_evidence(task.question, passages, odds) or NO_EVIDENCE
    return Asked(evidence, passages[0].entry_id == own)


def _message(retriever: FaqRetriever, scope: Scope, message: Message) -> Asked:
    evidence, first = _ask(retriever, scope, message.text)
    return Asked(evidence or NO_EVIDENCE, first == message.entry_id, message.label == VAGUE)


def _ask(
    retriever: FaqRetriever, scope: Scope, line: str, *, known: bool = False
) -> tuple[Evidence | None, str | None]:
    """Evidence and first candidate of a text; `known` where the scope has learnt this very line."""
    found = retriever.find(line, CONSIDERED)
    question, passages = found.question, found.passages
    odds = scope.odds(question.terms, known_outside=known)
    first = passages[0].entry_id if passages else None
    return gather_evidence(question, passages, odds), first
