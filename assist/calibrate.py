"""Chances that mean what they say, and the thresholds that follow from error rates.

An operator sets how many wrong answers are bearable; the thresholds on the chances follow from
messages whose right entry is known. Where a base has no such messages, its own questions, each
taken out and asked, stand in for them: they are harder than what customers send.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assist.decide import Thresholds

LEAST_RIGHT = 0.5  # never answer on a lower chance, however well the messages fare
UNKNOWN_HARDER = 3.0
"""How many more wrong answers a base's own questions give, each taken out and asked, than messages
of customers do (measured on the sample base: 6% where messages have 2%)."""
BINS = 10


@dataclass(frozen=True, slots=True)
class Targets:
    """What answers may cost, as shares.

    `wrong`: of the messages that one entry answers, those that may get a wrong answer.
    `outside_answered` and `outside_clarified`: of the lines that no entry answers, those that may
    be answered and asked back.
    """

    wrong: float = 0.02
    outside_answered: float = 0.04
    outside_clarified: float = 0.15


@dataclass(frozen=True, slots=True)
class Judged:
    """A message with both chances; whether it is covered and its first candidate is right.

    A vague one is covered, but no candidate is right: the customer must be asked.
    """

    scope: float
    right: float
    covered: bool
    correct: bool
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Bin:
    """Messages whose chance lies in [low, high): the mean chance and the share that came true."""

    low: float
    high: float
    count: int
    chance: float
    share: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far chances can be trusted.

    `brier` is the mean squared error, `error` the expected calibration error (Naeini et al. 2015):
    the mean distance of chance and share over the bins, weighted by their counts.
    """

    bins: tuple[Bin, ...]
    brier: float
    error: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of covered messages and of lines out of scope at some thresholds, as shares.

    right, wrong, clarified and rejected are shares of the messages that one entry answers,
    `vague_clarified` of the vague ones.
    """

    thresholds: Thresholds
    right: float
    wrong: float
    clarified: float
    rejected: float
    outside_answered: float
    outside_clarified: float
    vague_clarified: float = 0.0


def reliability(chances: Sequence[float], truth: Sequence[bool]) -> Reliability:
    """Compare chances with what came true, in ten bins of equal width; empty bins are left out."""
    chance = np.asarray(chances, dtype=np.float64)
    came = np.asarray(truth, dtype=np.float64)
    place = np.minimum((chance * BINS).astype(np.int64), BINS - 1)
    bins = tuple(
        Bin(
            number / BINS,
            (number + 1) / BINS,
            int((place == number).sum()),
            round(float(chance[place == number].mean()), 4),
            round(float(came[place == number].mean()), 4),
        )
        for number in np.unique(place).tolist()
    )
    error = sum(b.count * abs(b.chance - b.share) for b in bins) / max(1, len(chance))
    brier = float(np.mean((chance - came) ** 2)) if len(chance) else 0.0
    return Reliability(bins, round(brier, 4), round(error, 4))


def choose_thresholds(
    covered: Sequence[Judged], outside: Sequence[Judged], targets: Targets
) -> Thresholds:
    """Lowest thresholds that keep the targets on these messages."""
    clear = [judged for judged in covered if not judged.vague]
    wrong = [judged.right for judged in clear if not judged.correct]
    right = max(LEAST_RIGHT, _cut(wrong, targets.wrong * len(clear)))
    tempting = [judged.scope for judged in outside if judged.right >= right]
    return Thresholds(
        right,
        _cut(tempting, targets.outside_answered * len(outside)),
        _cut([judged.scope for judged in outside], targets.outside_clarified * len(outside)),
    )


def outcome(
    covered: Sequence[Judged], outside: Sequence[Judged], thresholds: Thresholds
) -> Outcome:
    """What becomes of the messages at these thresholds."""
    inside = _verdicts(covered, thresholds)
    far = _verdicts(outside, thresholds)
    correct = np.array([judged.correct for judged in covered], dtype=bool)
    vague = np.array([judged.vague for judged in covered], dtype=bool)
    return Outcome(
        thresholds,
        right=_share((inside[0] & correct)[~vague]),
        wrong=_share((inside[0] & ~correct)[~vague]),
        clarified=_share(inside[1][~vague]),
        rejected=_share(inside[2][~vague]),
        outside_answered=_share(far[0]),
        outside_clarified=_share(far[1]),
        vague_clarified=_share(inside[1][vague]),
    )


def curve(
    covered: Sequence[Judged], outside: Sequence[Judged], targets: Targets
) -> tuple[Outcome, ...]:
    """Outcomes for rising targets of wrong answers, 0.1% to 10%; the other targets stay.

    Targets that give the same thresholds are given once.
    """
    rates = (0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1)
    limits = (choose_thresholds(covered, outside, replace(targets, wrong=rate)) for rate in rates)
    return tuple(outcome(covered, outside, chosen) for chosen in dict.fromkeys(limits))


def _verdicts(
    judged: Sequence[Judged], thresholds: Thresholds
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Which are answered, clarified and rejected."""
    scope = np.array([j.scope for j in judged])
    right = np.array([j.right for j in judged])
    answered = (scope >= thresholds.scope) & (right >= thresholds.right)
    clarified = ~answered & (scope >= thresholds.clarify)
    return answered, clarified, ~answered & ~clarified


def _cut(chances: Sequence[float], allowed: float) -> float:
    """Threshold that at most `allowed` of the chances reach."""
    downwards = sorted(chances, reverse=True)
    place = int(allowed + 1e-9)
    if place >= len(downwards):
        return 0.5
    return min(0.999, round(downwards[place] + 1e-6, 6))


def _share(hits: NDArray[np.bool_]) -> float:
    return round(float(hits.mean()), 4) if len(hits) else 0.0
