"""How sure is sure enough: calibrated probabilities and the threshold below which a text is out of
scope, both from cross-validation.

Without examples of what is out of scope, whole intents are held out in turn: their texts stand for
what nobody taught. What may be given up for rejecting grows with how much of that can be caught:
where intents are as near to one another as in one bank's card service, next to nothing is rejected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

UNKNOWN_WEIGHT = 4.0
# Of the right answers, how much may be given up: at most, and for what share of texts kept out.
_MOST_GIVEN_UP, _PRICE = 0.009, 0.3
# Where examples of `oos` are at hand: one text in five is taken to be out of scope.
_LABELLED_GAIN = 0.25
_REFUSED = -1e6
_MOST_REJECTED, _STEPS = 0.15, 151
_FEWEST_TRIALS = 20
_FACTORS = np.geomspace(0.1, 20, 60)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a model says of n texts.

    logits: float [n, intents], -inf where the model did not know the intent. unknown: shares of
    unknown words [n]. blank: which texts say nothing that the model knows [n]. near: how near the
    next examples are [n], None without an encoder. outside: column of `oos`, None where no
    examples of it are at hand.
    """

    logits: NDArray[np.float64]
    unknown: NDArray[np.float64]
    blank: NDArray[np.bool_]
    near: NDArray[np.float64] | None
    outside: int | None

    def firmness(self) -> NDArray[np.float64]:
        """The best logit of an intent; with examples of `oos`, how far above that one [n]."""
        if self.outside is None:
            return np.asarray(self.logits.max(axis=1))
        best = np.delete(self.logits, self.outside, axis=1).max(axis=1)
        return np.asarray(best - self.logits[:, self.outside])


@dataclass(frozen=True, slots=True)
class Trials:
    """Evidence from models that had not seen the texts, and the truth.

    truth: column of the right intent [n], -1 for a text of an intent that the model did not know.
    """

    evidence: Evidence
    truth: NDArray[np.int64]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which texts have an intent."""
        outside = self.evidence.outside
        known = self.truth >= 0
        return known if outside is None else known & (self.truth != outside)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """From evidence to probabilities and to the decision whether a text is in scope.

    sharpness: what logits are multiplied with before the softmax. centre, spread: of the firmness
    of in-scope texts; near_centre, near_spread: of their nearness. threshold: the least standing
    of an accepted text.
    """

    sharpness: float = 1.0
    centre: float = 0.0
    spread: float = 1.0
    near_centre: float = 0.0
    near_spread: float = 1.0
    threshold: float = -np.inf

    def probabilities(self, evidence: Evidence) -> NDArray[np.float64]:
        """Calibrated probabilities [n, intents]; each row sums to 1."""
        scaled = evidence.logits * self.sharpness
        return np.asarray(np.exp(scaled - logsumexp(scaled, axis=1, keepdims=True)))

    def standing(self, evidence: Evidence) -> NDArray[np.float64]:
        """How surely each text is in scope [n]; unknown words speak against it.

        Where `oos` is the likeliest of all, nothing speaks for it.
        """
        firm = evidence.firmness()
        standing = (firm - self.centre) / self.spread
        if evidence.near is not None:
            standing = (standing + (evidence.near - self.near_centre) / self.near_spread) / 2
        standing = standing - UNKNOWN_WEIGHT * evidence.unknown
        if evidence.outside is not None:
            standing[firm < 0] = _REFUSED
        return np.asarray(standing)

    def accepted(self, evidence: Evidence) -> NDArray[np.bool_]:
        """Which of n texts are in scope."""
        return np.asarray((self.standing(evidence) >= self.threshold) & ~evidence.blank)


def settle(trials: Trials) -> Acceptance:
    """The acceptance that fits the trials; everything is accepted where they are too few."""
    inside, known = trials.inside, trials.truth >= 0
    if inside.sum() < _FEWEST_TRIALS:
        return Acceptance()
    evidence = trials.evidence
    firm = evidence.firmness()[inside]
    open_ = Acceptance(
        sharpness=_sharpness(evidence.logits[known], trials.truth[known]),
        centre=float(firm.mean()),
        spread=float(firm.std()) or 1.0,
    )
    if evidence.near is not None:
        near = evidence.near[inside]
        spread = float(near.std()) or 1.0
        open_ = replace(open_, near_centre=float(near.mean()), near_spread=spread)
    return replace(open_, threshold=_threshold(open_, trials))


def _sharpness(logits: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """The factor with which the right intents are likeliest (temperature scaling, Guo 2017)."""
    rows = np.arange(len(truth))

    def loss(factor: float) -> float:
        scaled = logits * factor
        return float(np.mean(logsumexp(scaled, axis=1) - scaled[rows, truth]))

    return float(min(_FACTORS, key=loss))


def _threshold(open_: Acceptance, trials: Trials) -> float:
    """With examples of `oos`: where what is kept out outweighs most what is turned away.

    Without: the highest that gives up few enough right answers for what it keeps out.
    """
    inside, column = trials.inside, trials.evidence.outside
    standing = open_.standing(trials.evidence)
    # Examples of the user's own say what is out of scope; intents held out only suggest it.
    outside = ~inside if column is None else trials.truth == column
    if not outside.any():
        return -float("inf")
    right = trials.evidence.logits[inside].argmax(axis=1) == trials.truth[inside]
    within, without = standing[inside], standing[outside]
    candidates = [-np.inf, *np.quantile(within, np.linspace(0, _MOST_REJECTED, _STEPS))]

    def caught(threshold: float) -> float:
        return float(np.mean(without < threshold))

    def rejected(threshold: float) -> float:
        return float(np.mean(within < threshold))

    def right_answers(threshold: float) -> float:
        return float(np.mean(right & (within >= threshold)))

    if column is not None:
        return float(max(candidates, key=lambda c: _LABELLED_GAIN * caught(c) - rejected(c)))
    all_right, margin = right_answers(-np.inf), 1 / len(within)
    afforded = [
        c
        for c in candidates
        if all_right - right_answers(c) + margin <= min(_MOST_GIVEN_UP, _PRICE * caught(c) ** 3)
    ]
    return float(max(afforded, default=-np.inf))
