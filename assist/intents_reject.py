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

UNKNOWN_WEIGHT = 2.5
_UNSEEN_GAIN, _LABELLED_GAIN = 0.1, 0.5
_OUTSIDE_WEIGHT = 0.5
_MOST_REJECTED, _STEPS = 0.15, 151
_FEWEST_TRIALS = 20
_FACTORS = np.geomspace(0.1, 20, 60)


@dataclass(frozen=True, slots=True)
class Trials:
    """What models said of n texts that they had not seen.

    logits: float [n, intents], -inf where the model did not know the intent. truth: column of the
    right intent [n], -1 for a text of an intent that the model did not know. unknown: shares of
    unknown words [n]. outside: column of `oos`, None where no examples of it are at hand.
    """

    logits: NDArray[np.float64]
    truth: NDArray[np.int64]
    unknown: NDArray[np.float64]
    outside: int | None

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which texts have an intent."""
        known = self.truth >= 0
        return known if self.outside is None else known & (self.truth != self.outside)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """From logits to probabilities and to the decision whether a text is in scope.

    sharpness: what logits are multiplied with before the softmax. centre, spread: of the firmness
    of in-scope texts. threshold: the least standing of an accepted text.
    """

    sharpness: float = 1.0
    centre: float = 0.0
    spread: float = 1.0
    threshold: float = -np.inf

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probabilities [n, intents]; each row sums to 1."""
        scaled = logits * self.sharpness
        return np.asarray(np.exp(scaled - logsumexp(scaled, axis=1, keepdims=True)))

    def standing(
        self, logits: NDArray[np.float64], unknown: NDArray[np.float64], outside: int | None
    ) -> NDArray[np.float64]:
        """How surely each text is in scope [n]; unknown words speak against it."""
        firm = (firmness(logits, outside) - self.centre) / self.spread
        return np.asarray(firm - UNKNOWN_WEIGHT * unknown)


def firmness(logits: NDArray[np.float64], outside: int | None) -> NDArray[np.float64]:
    """The best logit of an intent, less half of that of `oos` [n]."""
    if outside is None:
        return np.asarray(logits.max(axis=1))
    best = np.delete(logits, outside, axis=1).max(axis=1)
    return np.asarray(best - _OUTSIDE_WEIGHT * logits[:, outside])


def settle(trials: Trials) -> Acceptance:
    """The acceptance that fits the trials; everything is accepted where they are too few."""
    inside, known = trials.inside, trials.truth >= 0
    if inside.sum() < _FEWEST_TRIALS:
        return Acceptance()
    firm = firmness(trials.logits[inside], trials.outside)
    open_ = Acceptance(
        sharpness=_sharpness(trials.logits[known], trials.truth[known]),
        centre=float(firm.mean()),
        spread=float(firm.std()) or 1.0,
    )
    return replace(open_, threshold=_threshold(open_, trials))


def _sharpness(logits: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """The factor with which the right intents are likeliest (temperature scaling, Guo 2017)."""
    rows = np.arange(len(truth))

    def loss(factor: float) -> float:
        scaled = logits * factor
        return float(np.mean(logsumexp(scaled, axis=1) - scaled[rows, truth]))

    return float(min(_FACTORS, key=loss))


def _threshold(open_: Acceptance, trials: Trials) -> float:
    """The threshold with the most right answers plus the gain of what is kept out."""
    inside = trials.inside
    standing = open_.standing(trials.logits, trials.unknown, trials.outside)
    # Examples of the user's own say what is out of scope; intents held out only suggest it.
    outside = ~inside if trials.outside is None else trials.truth == trials.outside
    if not outside.any():
        return -float("inf")
    right = trials.logits[inside].argmax(axis=1) == trials.truth[inside]
    within, without = standing[inside], standing[outside]
    candidates = [-np.inf, *np.quantile(within, np.linspace(0, _MOST_REJECTED, _STEPS))]

    def gain(threshold: float) -> float:
        caught = float(np.mean(without < threshold))
        worth = _UNSEEN_GAIN * caught**2 if trials.outside is None else _LABELLED_GAIN * caught
        return float(np.mean(right & (within >= threshold))) + worth

    return float(max(candidates, key=gain))
