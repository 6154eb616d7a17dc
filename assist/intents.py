"""Few-shot intents: what a customer wants, out of intents that examples define.

5 to 20 examples an intent, Chinese and English, learnt in seconds on a CPU; texts that fit none of
the intents are told apart, and probabilities are calibrated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assist.encode import Encoder
from assist.errors import KnowledgeError
from assist.intents_examples import OUT_OF_SCOPE as OUT_OF_SCOPE
from assist.intents_features import terms_of
from assist.intents_file import SavedIntents, load_intents, save_intents
from assist.intents_fit import Fitted, fit_intents
from assist.intents_vectors import check_encoder, probe, vectors_of

_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class RankedIntent:
    """An intent and its calibrated probability (0 to 1)."""

    intent: str
    probability: float


@dataclass(frozen=True, slots=True)
class IntentGuess:
    """The likeliest intent with its probability, and whether the text is out of scope.

    alternatives: the likeliest intents, at most three, the best first. Where the text is out of
    scope they are what it is nearest to.
    """

    intent: str
    probability: float
    out_of_scope: bool
    alternatives: tuple[RankedIntent, ...]

    @property
    def label(self) -> str:
        """The intent, or `oos`."""
        return OUT_OF_SCOPE if self.out_of_scope else self.intent


class IntentClassifier:
    """Learns intents from examples, guesses them, and is saved and loaded.

    encoder: adds sentence vectors to the words; the same one is needed to load what was saved.
    """

    def __init__(self, *, encoder: Encoder | None = None) -> None:
        self._encoder = encoder
        self._fitted: Fitted | None = None

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents that were learnt, without `oos`."""
        return tuple(i for i in self._learnt().model.linear.intents if i != OUT_OF_SCOPE)

    def fit(self, texts: Sequence[str], intents: Sequence[str]) -> IntentClassifier:
        """Learn from texts and their intents; `oos` marks examples of no intent.

        Raises KnowledgeError where fewer than two intents have examples.
        """
        known = set(intents) - {OUT_OF_SCOPE}
        if len(texts) != len(intents):
            raise ValueError(f"{len(texts)} texts with {len(intents)} intents; give one a text")
        if len(known) < 2:
            raise KnowledgeError(
                f"intents: {len(known)} intents in {len(texts)} examples; two or more are needed,"
                " with a few examples each"
            )
        self._fitted = fit_intents(texts, intents, self._encoder)
        return self

    def predict(self, texts: Sequence[str]) -> tuple[IntentGuess, ...]:
        """One guess a text."""
        fitted = self._learnt()
        if not texts:
            return ()
        evidence = fitted.model.evidence(
            [terms_of(text) for text in texts], vectors_of(self._encoder, texts)
        )
        probabilities = fitted.acceptance.probabilities(evidence)
        if evidence.outside is not None:
            probabilities = np.delete(probabilities, evidence.outside, axis=1)
        accepted = fitted.acceptance.accepted(evidence)
        return tuple(
            _guess(self.intents, row, not inside)
            for row, inside in zip(probabilities, accepted, strict=True)
        )

    def save(self, folder: Path) -> None:
        """Write the classifier to a folder, which is made; raises KnowledgeError where it cannot.

        A folder that holds anything but saved intents is left alone.
        """
        fitted = self._learnt()
        sentence = None if self._encoder is None else probe(self._encoder)
        save_intents(folder, SavedIntents(fitted.model, fitted.acceptance, sentence))

    @classmethod
    def load(cls, folder: Path, *, encoder: Encoder | None = None) -> IntentClassifier:
        """A saved classifier. Raises KnowledgeError for a damaged or foreign folder, EncoderError
        where it was trained with another encoder, or with one while none is given."""
        saved = load_intents(folder)
        classifier = cls(encoder=check_encoder(str(folder), encoder, saved.probe))
        classifier._fitted = Fitted(saved.model, saved.acceptance)
        return classifier

    def _learnt(self) -> Fitted:
        if self._fitted is None:
            raise KnowledgeError("intents: nothing was learnt yet; call fit with examples first")
        return self._fitted


def _guess(names: Sequence[str], row: NDArray[np.float64], outside: bool) -> IntentGuess:
    best = np.argsort(-row, kind="stable")[:_ALTERNATIVES]
    ranked = tuple(RankedIntent(names[n], float(row[n])) for n in best)
    return IntentGuess(ranked[0].intent, ranked[0].probability, outside, ranked)
