"""Few-shot intents: a linear classifier over words and character pieces, with rejection.

With few examples an intent (`FEW`) a softmax regression generalises best, with many a linear SVM
(both measured on BANKING77). Out of scope is what stays below a threshold, set so that
cross-validation rejects a given share of in-scope texts; examples labelled `oos` raise it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.svm import LinearSVC

from assist.encode import Encoder
from assist.errors import KnowledgeError
from news.text import clean, simplify, words

OUT_OF_SCOPE = "oos"
REJECT_SHARE = 0.04
FEW = 20
_FOLDS = 3
_SOFTMAX_C, _SVM_C = 20.0, 1.0
_ENCODER_WEIGHT_FEW, _ENCODER_WEIGHT = 2.5, 1.5
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class IntentGuess:
    """The likeliest intent, its score (higher is surer) and whether the text is out of scope."""

    intent: str
    score: float
    out_of_scope: bool

    @property
    def label(self) -> str:
        """The intent, or `oos`."""
        return OUT_OF_SCOPE if self.out_of_scope else self.intent


class IntentClassifier:
    """Learns intents from examples in seconds on a CPU; Chinese and English.

    encoder: adds sentence vectors to the words; the same one must be used for `predict`.
    reject_share: share (0 to 1) of in-scope texts that may be rejected.
    """

    def __init__(
        self, *, encoder: Encoder | None = None, reject_share: float = REJECT_SHARE
    ) -> None:
        self._encoder = encoder
        self._reject_share = reject_share
        self._vectorizers = (
            TfidfVectorizer(analyzer=_word_terms, sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), sublinear_tf=True),
        )
        self._few = True
        self._model: Any = None
        self._threshold = -np.inf

    def fit(self, texts: Sequence[str], intents: Sequence[str]) -> IntentClassifier:
        """Learn from texts and their intents; `oos` marks examples of no intent."""
        labels = np.array(intents)
        known = labels != OUT_OF_SCOPE
        if len(set(labels[known])) < 2:
            raise KnowledgeError(
                f"intents: {len(set(labels[known]))} intents in {len(texts)} examples; two or more"
                " are needed, with a few examples each"
            )
        self._few = known.sum() / len(set(labels[known])) <= FEW
        features = self._features(texts, fit=True)
        self._model = self._classifier().fit(features[known], labels[known])
        scores = self._cross_validated(features[known], labels[known])
        outside = (
            self._decision(self._model, features[~known]).max(axis=1) if (~known).any() else ()
        )
        self._threshold = _threshold(scores, np.array(outside), self._reject_share)
        return self

    def predict(self, texts: Sequence[str]) -> tuple[IntentGuess, ...]:
        """One guess a text."""
        if self._model is None:
            raise KnowledgeError("intents: nothing was learnt yet; call fit with examples first")
        if not texts:
            return ()
        decision = self._decision(self._model, self._features(texts, fit=False))
        best = decision.argmax(axis=1)
        scores = decision[np.arange(len(texts)), best]
        return tuple(
            IntentGuess(str(self._model.classes_[b]), float(s), bool(s < self._threshold))
            for b, s in zip(best, scores, strict=True)
        )

    def _classifier(self) -> Any:
        if self._few:
            return LogisticRegression(C=_SOFTMAX_C, max_iter=200, tol=1e-3)
        return LinearSVC(C=_SVM_C, random_state=0)

    def _features(self, texts: Sequence[str], *, fit: bool) -> Any:
        normal = [simplify(clean(text)).lower() for text in texts]
        parts = [v.fit_transform(normal) if fit else v.transform(normal) for v in self._vectorizers]
        if self._encoder is not None:
            weight = _ENCODER_WEIGHT_FEW if self._few else _ENCODER_WEIGHT
            parts.append(sparse.csr_matrix(self._encoder.encode(texts) * weight))
        return sparse.hstack(parts).tocsr()

    @staticmethod
    def _decision(model: Any, features: Any) -> NDArray[np.float64]:
        """Scores [n, classes]; a model of two classes gives one column, its sign the class."""
        scores = np.asarray(model.decision_function(features), dtype=np.float64)
        return np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores

    def _cross_validated(self, features: Any, labels: Any) -> NDArray[np.float64]:
        """Best score of each training text by a model that has not seen it; empty if too few."""
        fewest = int(np.unique(labels, return_counts=True)[1].min())
        folds = min(_FOLDS, fewest)
        if folds < 2:
            return np.array([])
        split = StratifiedKFold(folds, shuffle=True, random_state=0)
        decision = cross_val_predict(
            self._classifier(), features, labels, cv=split, method="decision_function"
        )
        best = np.abs(decision) if decision.ndim == 1 else decision.max(axis=1)
        return np.asarray(best, dtype=np.float64)


def _threshold(
    inside: NDArray[np.float64], outside: NDArray[np.float64], reject_share: float
) -> float:
    """Lowest score to accept: the share's quantile of in-scope scores.

    Where out-of-scope examples are at hand, a higher one is taken if it refuses more of them than
    it costs of in-scope texts.
    """
    if not len(inside):
        return -float("inf")
    base = float(np.quantile(inside, reject_share))
    candidates = [base, *np.quantile(inside, np.linspace(reject_share, 4 * reject_share, 10))]
    gains = [
        (float(np.mean(outside < c)) if len(outside) else 0.0) - 2 * float(np.mean(inside < c))
        for c in candidates
    ]
    return float(candidates[int(np.argmax(gains))]) if len(outside) else base


def _word_terms(text: str) -> list[str]:
    """Words and pairs of neighbouring words."""
    found = words(text) if _HAN.search(text) else tuple(_LATIN_WORD.findall(text))
    return [*found, *(f"{a} {b}" for a, b in itertools.pairwise(found))]
