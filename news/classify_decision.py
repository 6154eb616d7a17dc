"""From scores of labels to labels: thresholds or whole label sets, whichever fits better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

_SEEN_AT_LEAST = 2
_MOST_SETS = 2000
_GRID = np.arange(-0.6, 0.61, 0.05)
_ROUNDS = 2
# Sets have nothing tuned on the rows that they are measured on: they win a near tie.
_TIE = 0.005


@dataclass(frozen=True)
class Decision:
    """`thresholds` float32[labels]; with `sets` (places of labels) one of these is chosen instead.

    The set chosen has the highest sum of scores above their thresholds.
    """

    thresholds: Floats
    sets: tuple[tuple[int, ...], ...] = ()

    def choose(self, scores: Floats) -> Bools:
        """Labels of each row, bool[n, labels]."""
        above = scores - self.thresholds
        if not self.sets:
            return np.asarray(above > 0)
        members = self._members
        return np.asarray(members[(above @ members.T).argmax(axis=1)] > 0)

    @cached_property
    def _members(self) -> Floats:
        """Which labels are in which set, float32[sets, labels]."""
        members = np.zeros((len(self.sets), len(self.thresholds)), np.float32)
        for row, places in enumerate(self.sets):
            members[row, list(places)] = 1
        return members


def label_matrix(rows: Sequence[Collection[str]], labels: Sequence[str]) -> Bools:
    """bool[rows, labels]; labels not listed are left out."""
    place = {label: j for j, label in enumerate(labels)}
    matrix = np.zeros((len(rows), len(labels)), np.bool_)
    for i, row in enumerate(rows):
        for label in row:
            if label in place:
                matrix[i, place[label]] = True
    return matrix


def micro_f1(found: Bools, truth: Bools) -> float:
    """F1 over all decisions; 1 where there is nothing to find and nothing found."""
    total = int(found.sum()) + int(truth.sum())
    return 2 * int((found & truth).sum()) / total if total else 1.0


def best_decision(scores: Floats, truth: Bools, complete: Bools) -> tuple[Decision, float]:
    """The better way to decide and its micro-F1, on rows that the scorer had not seen.

    `complete` (bool[n]) tells the rows whose labels are all in `truth`: only these show whole sets.
    """
    zeros = np.zeros(truth.shape[1], np.float32)
    counts = Counter(tuple(np.flatnonzero(row).tolist()) for row in truth[complete])
    sets = tuple(s for s, n in counts.most_common(_MOST_SETS) if n >= _SEEN_AT_LEAST)
    whole = Decision(zeros, sets)
    by_sets = micro_f1(whole.choose(scores), truth) if sets else -1.0
    by_thresholds = _honest_f1(scores, truth)
    if by_sets >= by_thresholds - _TIE:
        return whole, by_sets
    return Decision(_thresholds(scores, truth)), by_thresholds


def _honest_f1(scores: Floats, truth: Bools) -> float:
    """F1 of thresholds on the half of the rows that did not choose them, for either half."""
    found = np.zeros_like(truth)
    for part in (0, 1):
        chosen = _thresholds(scores[1 - part :: 2], truth[1 - part :: 2])
        found[part::2] = scores[part::2] > chosen
    return micro_f1(found, truth)


def _thresholds(scores: Floats, truth: Bools) -> Floats:
    """Thresholds that raise micro-F1 one label after another (coordinate ascent)."""
    best = np.zeros(truth.shape[1], np.float32)
    found = scores > best
    for _ in range(_ROUNDS):
        for j in range(truth.shape[1]):
            columns = [scores[:, j] > value for value in _GRID]
            hits = int((found & truth).sum()) - int((found[:, j] & truth[:, j]).sum())
            size = int(found.sum()) - int(found[:, j].sum()) + int(truth.sum())
            f1 = [
                2 * (hits + int((c & truth[:, j]).sum())) / max(1, size + int(c.sum()))
                for c in columns
            ]
            best[j] = _GRID[int(np.argmax(f1))]
            found[:, j] = columns[int(np.argmax(f1))]
    return best
