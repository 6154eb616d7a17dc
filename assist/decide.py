"""Whether to answer, to ask back or to decline.

Two chances are estimated by logistic regression: that the base covers the question at all (scope)
and, if so, that the first candidate is the right one (right). Both are fitted on the base's own
questions, each taken out and asked, the first also on lines that no entry answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from assist.features import NAMES, Question
from assist.retrieve import Passage

SCOPE_NAMES = ("score", "characters", "share", "odds_char", "odds_pair", "odds_term")
RIGHT_NAMES = ("margin", "share", "pooled_term")
_POOLED_TERM = NAMES.index("pooled_term")
MAX_MARGIN = 5.0  # a lead in score beyond which nothing changes


class Verdict(StrEnum):
    """What to do with a question."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the decision rests on.

    `scope`: score of the first candidate, log of the question's length, the candidate's softmax
    share, odds of scope.Scope. `right`: lead over the second candidate, the share again, and how
    far the question is made of words that are commonplace in the candidate, as vague ones are. In
    the order of SCOPE_NAMES and RIGHT_NAMES.
    """

    scope: tuple[float, ...]
    right: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted logistic regression: chance = 1 / (1 + exp(-(weights · x + bias)))."""

    weights: tuple[float, ...]
    bias: float

    def chance(self, values: Sequence[float]) -> float:
        """Chance from 0 to 1."""
        total = self.bias + sum(w * float(v) for w, v in zip(self.weights, values, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, total))))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Least chances: `right` and `scope` to answer, `clarify` (of scope) to ask back."""

    right: float
    scope: float
    clarify: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict with the two chances and the name of the rule that fired."""

    verdict: Verdict
    right: float
    scope: float
    rule: str


@dataclass(frozen=True, slots=True)
class Decider:
    """Both chances and the thresholds that turn them into a verdict."""

    scope: Logistic
    right: Logistic
    thresholds: Thresholds

    def decide(self, passages: Sequence[Passage], evidence: Evidence | None) -> Decision:
        """Decide on passages in order; `evidence` is None where nothing was found."""
        if evidence is None or not passages or passages[0].clash:
            return Decision(Verdict.REJECT, 0.0, 0.0, "nothing found")
        right = self.right.chance(evidence.right)
        scope = self.scope.chance(evidence.scope)
        limits = self.thresholds
        if scope >= limits.scope and right >= limits.right:
            return Decision(Verdict.ANSWER, right, scope, "sure of the first candidate")
        if scope >= limits.clarify:
            return Decision(Verdict.CLARIFY, right, scope, "several candidates fit")
        return Decision(Verdict.REJECT, right, scope, "outside the knowledge base")


def gather_evidence(
    question: Question, passages: Sequence[Passage], odds: tuple[float, ...]
) -> Evidence | None:
    """Evidence of a question and its passages in order; None where none is left to answer."""
    rivals = [p for p in passages if not p.clash]
    if not rivals:
        return None
    scores = [p.score for p in rivals]
    shares = np.exp(np.array(scores) - scores[0])
    margin = scores[0] - scores[1] if len(scores) > 1 else MAX_MARGIN
    share = float(1 / shares.sum())
    return Evidence(
        scope=(scores[0] / 10, math.log1p(len(question.plain)), share, *odds),
        right=(min(margin, MAX_MARGIN), share, rivals[0].features[_POOLED_TERM]),
    )


def fit_logistic(
    values: NDArray[np.float64],
    truth: NDArray[np.bool_] | Sequence[bool],
    share: NDArray[np.float64] | None = None,
) -> Logistic:
    """Fit on standardised columns and give weights for the raw ones; deterministic.

    `share` is how much each row counts; None: each counts once.
    """
    from sklearn.linear_model import LogisticRegression

    mean, scale = values.mean(axis=0), values.std(axis=0)
    scale[scale < 1e-9] = 1.0
    model = LogisticRegression(max_iter=1000).fit((values - mean) / scale, truth, share)
    weights = model.coef_[0] / scale
    bias = float(model.intercept_[0] - weights @ mean)
    return Logistic(tuple(float(round(w, 6)) for w in weights), round(bias, 6))
