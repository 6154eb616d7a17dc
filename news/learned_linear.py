"""Linear models over pieces of texts: support vector machines, with chances that mean something.

One machine an output, L2-regularised with squared hinge loss (liblinear). Scores of rows that a
machine had not seen, from cross-validation, tell how a score becomes a chance (Platt 1999).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC

from news.learned_pieces import Family, Floats, PieceSpace, Segment

Bools = npt.NDArray[np.bool_]
FOLDS = 4
_WIDE = 1000.0
_DEFAULT_SLOPE = 2.0


@dataclass(frozen=True, slots=True)
class Chances:
    """Chance = 1 / (1 + exp(-slope * score - offset)), one slope and offset an output."""

    slope: Floats
    offset: Floats

    @classmethod
    def learn(cls, scores: Floats, truth: Bools) -> Chances:
        """From scores [n, outputs] of rows not seen in training and the truth about them."""
        slope = np.full(scores.shape[1], _DEFAULT_SLOPE, np.float32)
        offset = np.zeros(scores.shape[1], np.float32)
        for j in range(scores.shape[1]):
            if truth[:, j].any() and not truth[:, j].all():
                fit = LogisticRegression(C=_WIDE).fit(scores[:, [j]], truth[:, j])
                slope[j], offset[j] = fit.coef_[0, 0], fit.intercept_[0]
        return cls(slope, offset)

    def of(self, scores: Floats) -> Floats:
        """Chances of scores [n, outputs], float32, 0 to 1."""
        return np.asarray(1 / (1 + np.exp(-self.slope * scores - self.offset)), np.float32)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Scores = features @ weights + bias. weights: float32[columns, outputs]; bias: [outputs]."""

    space: PieceSpace
    weights: Floats
    bias: Floats
    chances: Chances

    def scores(self, segments: Sequence[Segment], rows: int) -> Floats:
        """Signed distances from the planes, float32[rows, outputs]."""
        return self.space.scores(segments, rows, self.weights) + self.bias

    def text_scores(self, form: str) -> Floats:
        """What the views of a whole plain text add to scores, without the bias, [outputs]."""
        return self.space.text_scores(form, self.weights)


@dataclass(frozen=True, slots=True)
class Learned:
    """A model, and the scores that models gave to the training rows without having seen them."""

    model: LinearModel
    unseen: Floats


def learn_linear(
    families: Sequence[Family],
    segments: Sequence[Segment],
    truth: Bools,
    *,
    penalty: float,
    groups: Sequence[object] | None = None,
) -> Learned:
    """Learn truth bool[rows, outputs] from segments; rows of one group are held out together."""
    space = PieceSpace.learn(families, segments, len(truth))
    features = space.matrix(segments, len(truth))
    unseen = unseen_scores(features, truth, penalty, groups)
    weights, bias = machines(features, truth, penalty)
    return Learned(LinearModel(space, weights, bias, Chances.learn(unseen, truth)), unseen)


def unseen_scores(
    features: sparse.csr_matrix,
    truth: Bools,
    penalty: float,
    groups: Sequence[object] | None = None,
) -> Floats:
    """Scores of each row by machines that learned from the others (four parts)."""
    scores = np.zeros(truth.shape, np.float32)
    names = range(len(truth)) if groups is None else groups
    numbers = np.unique(np.array([str(name) for name in names]), return_inverse=True)[1]
    parts = min(FOLDS, len(set(numbers.tolist())))
    if parts < 2:
        return scores
    for seen, held in GroupKFold(parts, shuffle=True, random_state=0).split(truth, groups=numbers):
        weights, bias = machines(features[seen], truth[seen], penalty)
        scores[held] = features[held] @ weights + bias
    return scores


def machines(features: sparse.csr_matrix, truth: Bools, penalty: float) -> tuple[Floats, Floats]:
    """Weights float32[columns, outputs] and bias float32[outputs] of one SVM an output."""
    weights = np.zeros((features.shape[1], truth.shape[1]), np.float32)
    bias = np.zeros(truth.shape[1], np.float32)
    for j in range(truth.shape[1]):
        positive = int(truth[:, j].sum())
        if 0 < positive < len(truth):
            svm = LinearSVC(C=penalty, random_state=0).fit(features, truth[:, j])
            weights[:, j], bias[j] = svm.coef_[0], svm.intercept_[0]
        else:
            bias[j] = 1.0 if positive else -1.0
    return weights, bias
