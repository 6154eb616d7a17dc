"""Fitting the order and the decision to a knowledge base, from the base alone.

Each of the base's own questions is taken out of its entry and asked (leave one out); lines that no
entry answers are asked too. Nothing is random, so the same base gives the same model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

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
from assist.features import EntryFeatures
from assist.rank import FACTORY, Ranker, RankingTask, fit_ranker
from assist.retrieve import CandidateFinder, FaqRetriever
from assist.scope import Scope
from assist.terms import Ints

MAX_QUESTIONS = 2000  # asked in a fit; more would cost time and change little
MIN_OUTSIDE = 50  # lines out of scope, below which the factory's scope is kept
LEAST_RIGHT = 0.62  # never answer on a lower chance, however well a base's own questions fare
CONSIDERED = 10  # passages that the evidence looks at
NO_EVIDENCE = Evidence(scope=(0.0,) * len(SCOPE_NAMES), right=(0.0,) * len(RIGHT_NAMES))

# As fitted on the sample knowledge base.
FACTORY_DECIDER = Decider(
    scope=Logistic((4.6, 3.4, 1.5, 0.7, 0.1, 0.7), -13.6),
    right=Logistic((0.7, 1.3), -1.0),
    thresholds=Thresholds(right=LEAST_RIGHT, scope=0.92, clarify=0.35),
)


@dataclass(frozen=True, slots=True)
class Targets:
    """What the thresholds may cost.

    `wrong`: share of the base's own questions that may be answered wrongly when each is taken out
    and asked. Customers fare better, for they meet the whole base. `outside_answered` and
    `outside_clarified`: shares of the out-of-scope lines that may be answered and asked back.
    """

    wrong: float = 0.10
    outside_answered: float = 0.03
    outside_clarified: float = 0.15


DEFAULT_TARGETS = Targets()


@dataclass(frozen=True, slots=True)
class _Asked:
    evidence: Evidence
    right: bool


def fit_order(features: EntryFeatures, finder: CandidateFinder, start: Ranker = FACTORY) -> Ranker:
    """Weights of the order for this base; `start` where it has too few questions to learn from."""
    tasks = [
        RankingTask(features.fit(features.known_question(n), entries, without=n).values, place)
        for n, entries, place in _own_questions(features, finder)
    ]
    return fit_ranker(tasks, start)


def fit_decider(
    retriever: FaqRetriever,
    scope_odds: Scope,
    out_of_scope: Sequence[str],
    targets: Targets = DEFAULT_TARGETS,
) -> Decider:
    """Chances and thresholds for this base; the factory's where there is too little to learn."""
    own = _own_questions(retriever.features, retriever.finder)
    inside = [_ask_known(retriever, scope_odds, number, entries) for number, entries, _ in own]
    asked = (_ask_outside(retriever, scope_odds, line) for line in out_of_scope)
    outside = [evidence for evidence in asked if evidence is not None]
    missed = len(out_of_scope) - len(outside)
    if len(inside) < 2 * MIN_OUTSIDE or len({asked.right for asked in inside}) < 2:
        return FACTORY_DECIDER
    right = fit_logistic(
        np.array([a.evidence.right for a in inside]), np.array([a.right for a in inside])
    )
    scope = FACTORY_DECIDER.scope
    if len(outside) >= MIN_OUTSIDE:
        values = np.array([a.evidence.scope for a in inside] + [e.scope for e in outside])
        scope = fit_logistic(values, np.arange(len(values)) < len(inside))
    return Decider(scope, right, _thresholds(scope, right, inside, outside, missed, targets))


def _own_questions(
    features: EntryFeatures, finder: CandidateFinder
) -> Iterator[tuple[int, Ints, int]]:
    """Questions that can be taken out: number, candidate entries, place of the right one."""
    counts = np.diff(features.first)[features.entry_of]
    numbers = np.flatnonzero(counts > 1)
    asked = np.linspace(0, len(numbers) - 1, min(len(numbers), MAX_QUESTIONS)).astype(np.int64)
    for number in numbers[asked]:
        own = int(features.entry_of[number])
        entries = np.union1d(finder.by_words(features.known_question(int(number))), [own])
        yield int(number), entries, int(np.searchsorted(entries, own))


def _ask_known(retriever: FaqRetriever, scope: Scope, number: int, entries: Ints) -> _Asked:
    features = retriever.features
    question = features.known_question(number)
    passages = retriever.passages(features.fit(question, entries, without=number), CONSIDERED)
    odds = scope.odds(question.terms, known_inside=True)
    evidence = gather_evidence(question, passages, odds)
    own = retriever.entries[int(features.entry_of[number])].id
    # Where every candidate contradicts the question, the right one does too.
    return _Asked(evidence or NO_EVIDENCE, passages[0].entry_id == own)


def _ask_outside(retriever: FaqRetriever, scope: Scope, line: str) -> Evidence | None:
    features = retriever.features
    question = features.question(line)
    entries = retriever.finder.by_words(question)
    if not len(entries):
        return None
    passages = retriever.passages(features.fit(question, entries), CONSIDERED)
    return gather_evidence(question, passages, scope.odds(question.terms, known_outside=True))


def _thresholds(
    scope: Logistic,
    right: Logistic,
    inside: Sequence[_Asked],
    outside: Sequence[Evidence],
    missed: int,
    targets: Targets,
) -> Thresholds:
    factory = FACTORY_DECIDER.thresholds
    sure = sorted((right.chance(a.evidence.right) for a in inside if not a.right), reverse=True)
    least = max(LEAST_RIGHT, _cut(sure, targets.wrong * len(inside)))
    total = len(outside) + missed
    if len(outside) < MIN_OUTSIDE:
        return Thresholds(least, factory.scope, factory.clarify)
    far = sorted((scope.chance(e.scope) for e in outside), reverse=True)
    tempting = sorted(
        (scope.chance(e.scope) for e in outside if right.chance(e.right) >= least), reverse=True
    )
    return Thresholds(
        least,
        _cut(tempting, targets.outside_answered * total),
        _cut(far, targets.outside_clarified * total),
    )


def _cut(chances: Sequence[float], allowed: float) -> float:
    """Threshold that at most `allowed` of the chances, sorted downwards, reach."""
    place = int(allowed)
    if place >= len(chances):
        return 0.5
    return min(0.999, round(chances[place] + 1e-6, 6))
