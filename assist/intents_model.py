"""A learnt model of intents as a whole: terms, linear weights and, with an encoder, neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assist.intents_examples import OUT_OF_SCOPE
from assist.intents_features import TermFeatures, Terms
from assist.intents_linear import LinearModel, learn, many_examples
from assist.intents_reject import Evidence
from assist.intents_vectors import Neighbours

# What sentence vectors count beside the words, by few and by many examples.
_WEIGHT_FEW, _WEIGHT_MANY = 4.0, 1.5


@dataclass(frozen=True, slots=True)
class IntentModel:
    """What is known of the intents. linear: its columns are the terms, then the vectors'."""

    linear: LinearModel
    terms: TermFeatures
    neighbours: Neighbours | None

    @property
    def outside(self) -> int | None:
        """Column of `oos`, where there were examples of it."""
        names = self.linear.intents
        return names.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in names else None

    def evidence(self, texts: Sequence[Terms], vectors: NDArray[np.float32] | None) -> Evidence:
        """What speaks for each intent in n texts; vectors: [n, d], None without an encoder."""
        features, unknown = self.terms.matrix(texts)
        logits = self.linear.logits(features, vectors)
        # An encoder understands words that no example has; without one they say nothing.
        wordless = np.array([not words for words, _, _ in texts], dtype=np.bool_)
        blank = wordless if vectors is not None else np.diff(features.indptr) == 0
        near = None
        if vectors is not None and self.neighbours is not None:
            near = self.neighbours.nearness(vectors)
        return Evidence(logits, unknown, blank, near, self.outside)


def learn_model(
    texts: Sequence[Terms], intents: NDArray[np.str_], vectors: NDArray[np.float32] | None
) -> IntentModel:
    """A model of n texts; vectors: [n, d], None without an encoder."""
    terms = TermFeatures.learn(texts)
    features, _ = terms.matrix(texts)
    if vectors is None:
        return IntentModel(learn(features, intents.tolist()), terms, None)
    weight = np.float32(_WEIGHT_MANY if many_examples(intents.tolist()) else _WEIGHT_FEW)
    beside = sparse.hstack([features, sparse.csr_matrix(vectors * weight)]).tocsr()
    linear = learn(beside, intents.tolist())
    linear.weights[terms.width :] *= weight  # so that guessing takes vectors as they are
    known = vectors[intents != OUT_OF_SCOPE]
    return IntentModel(linear, terms, Neighbours(known))
