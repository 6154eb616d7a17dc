"""Learned event types: linear SVMs over pieces of characters and words.

One learns from all texts, four members from three quarters each. A text that was learned from is
scored by the member that has not seen it, so that what is said of it is a judgement and not a
memory: news repeats itself word for word, and one text may tell of several events.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import xxhash
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from news.event_features import tag_form
from news.text import words

MEMBERS = 4
_C = 0.5
_NUMBER = re.compile(r"0+(?:\.0+)?")
_EVIDENCE_SIZES = (2, 3)
Floats = npt.NDArray[np.float32]


def pieces_of(form: str) -> list[str]:
    """Pieces of 1 to 3 characters."""
    return [form[i : i + n] for n in (1, 2, 3) for i in range(len(form) - n + 1)]


def words_of(form: str) -> list[str]:
    """Dictionary words and pairs of neighbours."""
    said = words(form)
    return [*said, *(f"{a}_{b}" for a, b in pairwise(said))]


ANALYSERS = (pieces_of, words_of)


def type_form(text: str) -> str:
    """What the types are told from: `tag_form` with every number as one 0."""
    return _NUMBER.sub("0", tag_form(text))


def text_key(text: str) -> int:
    """Key of a text by which the member that has not seen it is found."""
    return xxhash.xxh64_intdigest(type_form(text).encode("utf-8", "replace"))


class TypeModel:
    """Scores of event types for a text.

    `weights` are float32[models, terms, types]: that of all texts first, then perhaps the members'.
    """

    def __init__(
        self,
        types: Sequence[str],
        vectorizers: Sequence[TfidfVectorizer],
        weights: Floats,
        bias: Floats,
        learned: frozenset[int] = frozenset(),
    ) -> None:
        self.types = tuple(types)
        self.vectorizers = tuple(vectorizers)
        self.weights = weights
        self.bias = bias
        self._learned = learned
        self._place = {name: j for j, name in enumerate(self.types)}
        self._pieces = self.vectorizers[0].vocabulary_

    @classmethod
    def fit(cls, texts: Sequence[str], types: Sequence[str]) -> TypeModel:
        """Train on texts and the type of each, two types or more."""
        forms = [type_form(text) for text in texts]
        vectorizers = [
            TfidfVectorizer(analyzer=f, min_df=min(2, len(forms)), sublinear_tf=True)
            for f in ANALYSERS
        ]
        features = sparse.hstack([v.fit_transform(forms) for v in vectorizers], format="csr")
        names, truth = np.unique(np.asarray(types), return_inverse=True)
        keys = np.array([text_key(text) % MEMBERS for text in texts])
        every = np.ones(len(keys), np.bool_)
        parts = [every, *(keys != k for k in range(MEMBERS))]
        trained = [_svms(features, truth, rows, len(names)) for rows in parts]
        return cls(
            [str(name) for name in names],
            vectorizers,
            np.stack([weights for weights, _ in trained]),
            np.stack([bias for _, bias in trained]),
            frozenset(text_key(text) for text in texts),
        )

    def scores(self, texts: Sequence[str]) -> Floats:
        """Signed distances float32[n, types]."""
        forms = [type_form(text) for text in texts]
        features = sparse.hstack([v.transform(forms) for v in self.vectorizers], format="csr")
        chosen = np.array([self._model(text) for text in texts], np.intp)
        found = np.zeros((len(texts), len(self.types)), np.float32)
        for model in np.unique(chosen):
            rows = chosen == model
            found[rows] = features[rows] @ self.weights[model] + self.bias[model]
        return found

    def evidence(self, text: str, kind: str) -> npt.NDArray[np.float64]:
        """How much each character of `tag_form(text)` speaks for a type, about -1 to 1."""
        form = tag_form(text)
        found = np.zeros(len(form))
        j = self._place.get(kind)
        if j is None or not form:
            return found
        column = self.weights[self._model(text), :, j]
        idf = self.vectorizers[0].idf_
        for size in _EVIDENCE_SIZES:
            for i in range(len(form) - size + 1):
                term = self._pieces.get(form[i : i + size])
                if term is not None:
                    found[i : i + size] += column[term] * idf[term] / size
        return np.asarray(found / np.sqrt(max(len(form), 10)), np.float64)

    def _model(self, text: str) -> int:
        """Place of the model that judges a text: 0 is that of all texts."""
        key = text_key(text)
        return 1 + key % MEMBERS if key in self._learned and len(self.weights) > 1 else 0


def _svms(
    features: sparse.csr_matrix, truth: npt.NDArray[np.intp], rows: npt.NDArray[np.bool_], n: int
) -> tuple[Floats, Floats]:
    """Weights float32[terms, n] and bias float32[n]; types that these rows lack stay at -1."""
    weights = np.zeros((features.shape[1], n), np.float32)
    bias = np.full(n, -1.0, np.float32)
    present = np.unique(truth[rows])
    if len(present) == 1:
        bias[present] = 1.0
        return weights, bias
    svm = LinearSVC(C=_C, random_state=0).fit(features[rows], truth[rows])
    coefficients, intercepts = svm.coef_, svm.intercept_
    if len(present) == 2:
        coefficients = np.vstack([-coefficients, coefficients])
        intercepts = np.array([-intercepts[0], intercepts[0]])
    weights[:, present] = coefficients.T
    bias[present] = intercepts
    return weights, bias
