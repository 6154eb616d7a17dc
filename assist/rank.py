"""The order of candidate entries: a weighted sum of their features.

The weights are a conditional logit (McFadden 1974): the chance that an entry is the right one among
the candidates is the softmax of the sums. They are fitted on a base's own similar questions, each
taken out of the base and looked for, and are held near FACTORY, which was fitted on the sample
knowledge base and messages of customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assist.features import NAMES

HOLD = 0.3  # pull of a weight back to its start, in units of one task's loss
MIN_TASKS = 200  # fewer than this say too little about the weights


@dataclass(frozen=True, slots=True)
class Ranker:
    """Weights of the features, in the order of `features.NAMES`."""

    weights: tuple[float, ...]

    def scores(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores of candidates, higher fits better; `values` is [candidates, features]."""
        result: NDArray[np.float64] = values @ np.asarray(self.weights)
        return result


_FACTORY = {
    "nearest_char": 2.6,
    "nearest_term": 2.5,
    "average_char": 1.1,
    "average_term": 1.7,
    "questions_char": 2.5,
    "questions_term": 2.0,
    "all_text_char": 2.1,
    "all_text_term": 1.6,
    "answer_char": 0.9,
    "answer_pair": 0.8,
    "answer_term": 1.2,
    "standard_term": 0.8,
    "letters_nearest": 3.5,
    "letters_average": 1.6,
    "start": 0.6,
    "meaning_nearest": 4.0,
    "meaning_average": 2.0,
}
FACTORY = Ranker(tuple(_FACTORY.get(name, 0.0) for name in NAMES))


@dataclass(frozen=True, slots=True)
class RankingTask:
    """Features of the candidates for one question, and the row of the right one."""

    values: NDArray[np.float64]
    right: int


def fit_ranker(tasks: Sequence[RankingTask], start: Ranker) -> Ranker:
    """Fit weights to the tasks, held near `start`; fewer than MIN_TASKS change nothing."""
    if len(tasks) < MIN_TASKS:
        return start
    values, right, real = _stacked(tasks)
    begin = np.asarray(start.weights)
    hold = HOLD / len(tasks)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = np.where(real, values @ weights, -np.inf)
        best = scores.max(axis=1, keepdims=True)
        chances = np.exp(scores - best)
        total = chances.sum(axis=1, keepdims=True)
        chances /= total
        rows = np.arange(len(tasks))
        error = (np.log(total[:, 0]) + best[:, 0] - scores[rows, right]).mean()
        chances[rows, right] -= 1.0
        slope = np.einsum("tc,tcf->f", chances, values) / len(tasks)
        away = weights - begin
        return float(error + hold * away @ away), slope + 2 * hold * away

    fitted = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return Ranker(tuple(float(round(w, 4)) for w in fitted))


def _stacked(
    tasks: Sequence[RankingTask],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    widest = max(len(task.values) for task in tasks)
    values = np.zeros((len(tasks), widest, len(NAMES)))
    real = np.zeros((len(tasks), widest), dtype=bool)
    for number, task in enumerate(tasks):
        values[number, : len(task.values)] = task.values
        real[number, : len(task.values)] = True
    return values, np.array([task.right for task in tasks]), real
