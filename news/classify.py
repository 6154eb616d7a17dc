"""Learned tags: TF-IDF features and one linear SVM for each label.

Features are characters 1 to 3 and dictionary words of the whole text and, apart from these,
characters 1 to 3 of its first 40 characters, where news says what it is about; every figure counts
as 0. The labels of a text are decided together. Cross-validation on the training rows chooses the
better of two ways: the likeliest of the label sets seen in training (so that labels that exclude
each other do), or a threshold of its own for each label. It chooses the penalty of the SVMs too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import KFold
from sklearn.svm import LinearSVC

from news.classify_decision import Decision, best_decision, label_matrix, micro_f1
from news.classify_features import ANALYSERS, fitted, restored, stacked
from news.errors import DataFileError

Floats = npt.NDArray[np.float32]

_FEWEST = 3
_PENALTIES = (0.2, 1.0)
_FOLDS = 3
_MOST_TUNING_ROWS = 20_000
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class TagScores:
    """F1 over all decisions (`micro_f1`) and the mean over labels (`macro_f1`) of `n` texts."""

    micro_f1: float
    macro_f1: float
    n: int


class TextClassifier:
    """Gives texts the labels that it was trained on; make one with `fit` or `load`."""

    def __init__(
        self,
        labels: Sequence[str],
        vectorizers: Sequence[TfidfVectorizer],
        weights: Floats,
        bias: Floats,
        decision: Decision,
    ) -> None:
        self.labels = tuple(labels)
        self._vectorizers = tuple(vectorizers)
        self._weights = weights
        self._bias = bias
        self._decision = decision

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[Collection[str]]) -> TextClassifier:
        """Train on texts and the labels of each; a label of fewer than 3 texts is not learned.

        Takes about 15 s for 7,000 texts of 100 characters and 18 labels on one core. Raises
        DataFileError where nothing can be learned.
        """
        counts = Counter(label for row in labels for label in set(row))
        known = sorted(label for label, n in counts.items() if n >= _FEWEST)
        if len(texts) != len(labels) or not known:
            raise DataFileError(
                f"{len(texts)} texts with {len(labels)} rows of labels, none of them on"
                f" {_FEWEST} texts or more: give as many rows as texts and more examples a label"
            )
        vectorizers = [
            TfidfVectorizer(analyzer=f, min_df=min(2, len(texts)), sublinear_tf=True)
            for f in ANALYSERS
        ]
        features = stacked(fitted(v, texts) for v in vectorizers)
        truth = label_matrix(labels, known)
        complete = np.array([set(row) <= set(known) for row in labels], np.bool_)
        penalty, decision = _tuned(features, truth, complete)
        weights, bias = _svms(features, truth, penalty)
        return cls(known, vectorizers, weights, bias, decision)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Signed distance from each label's plane, float32[n, labels]."""
        if not texts:
            return np.zeros((0, len(self.labels)), np.float32)
        features = stacked(v.transform(texts) for v in self._vectorizers)
        return np.asarray(features @ self._weights + self._bias, np.float32)

    def predict(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Labels of each text, surest first; perhaps none."""
        scores = self.scores(texts)
        chosen = self._decision.choose(scores)
        return tuple(
            tuple(self.labels[j] for j in np.argsort(-row, kind="stable") if picks[j])
            for row, picks in zip(scores, chosen, strict=True)
        )

    def save(self, folder: Path) -> None:
        """Write `model.json` and `weights.npz` into a folder; plain data, nothing executable."""
        folder.mkdir(parents=True, exist_ok=True)
        vocabularies = [v.get_feature_names_out().tolist() for v in self._vectorizers]
        described = {
            "format": _FORMAT,
            "labels": self.labels,
            "vocabularies": vocabularies,
            "sets": self._decision.sets,
        }
        (folder / "model.json").write_text(
            json.dumps(described, ensure_ascii=False), encoding="utf-8"
        )
        idf = {f"idf{i}": v.idf_ for i, v in enumerate(self._vectorizers)}
        np.savez_compressed(
            folder / "weights.npz",
            weights=self._weights,
            bias=self._bias,
            thresholds=self._decision.thresholds,
            **idf,
        )

    @classmethod
    def load(cls, folder: Path) -> TextClassifier:
        """Read what `save` wrote; DataFileError where it is missing or of another format."""
        try:
            described = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            if described["format"] != _FORMAT:
                raise ValueError(f"format {described['format']!r}, expected {_FORMAT}")
            with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
                vectorizers = [
                    restored(analyser, terms, arrays[f"idf{i}"])
                    for i, (analyser, terms) in enumerate(
                        zip(ANALYSERS, described["vocabularies"], strict=True)
                    )
                ]
                sets = tuple(tuple(int(j) for j in s) for s in described["sets"])
                decision = Decision(arrays["thresholds"], sets)
                weights, bias = arrays["weights"], arrays["bias"]
            _check_shapes(described["labels"], vectorizers, weights, decision)
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise DataFileError(
                f"{folder}: holds no classifier ({error}); train and save it again"
            ) from error
        return cls(described["labels"], vectorizers, weights, bias, decision)


def evaluate_tags(
    train: Sequence[tuple[str, Collection[str]]], test: Sequence[tuple[str, Collection[str]]]
) -> TagScores:
    """Train on (text, labels) rows and score on others; macro is over the labels of either side."""
    classifier = TextClassifier.fit([text for text, _ in train], [row for _, row in train])
    predicted = classifier.predict([text for text, _ in test])
    names = sorted({label for _, row in test for label in row} | {n for p in predicted for n in p})
    gold, found = label_matrix([row for _, row in test], names), label_matrix(predicted, names)
    each = [micro_f1(found[:, [j]], gold[:, [j]]) for j in range(len(names))]
    return TagScores(
        round(micro_f1(found, gold), 4), round(float(np.mean(each or [0.0])), 4), len(test)
    )


def _check_shapes(
    labels: Sequence[str],
    vectorizers: Sequence[TfidfVectorizer],
    weights: Floats,
    decision: Decision,
) -> None:
    terms = sum(len(v.vocabulary) for v in vectorizers)
    places = {place for members in decision.sets for place in members}
    if weights.shape != (terms, len(labels)) or not places <= set(range(len(labels))):
        raise ValueError(f"{terms} terms and {len(labels)} labels do not fit the weights")


def _svms(
    features: sparse.csr_matrix, truth: npt.NDArray[np.bool_], penalty: float
) -> tuple[Floats, Floats]:
    """Weights float32[features, labels] and bias float32[labels] of one SVM a label."""
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


def _tuned(
    features: sparse.csr_matrix, truth: npt.NDArray[np.bool_], complete: npt.NDArray[np.bool_]
) -> tuple[float, Decision]:
    """Penalty and decision that fit best where the SVMs have not seen the rows."""
    rows = np.random.default_rng(0).permutation(len(truth))[:_MOST_TUNING_ROWS]
    features, truth, complete = features[rows], truth[rows], complete[rows]
    best = (-1.0, _PENALTIES[0], Decision(np.zeros(truth.shape[1], np.float32)))
    for penalty in _PENALTIES if len(truth) >= 2 * _FOLDS else ():
        scores = np.zeros(truth.shape, np.float32)
        for seen, held in KFold(_FOLDS).split(truth):
            weights, bias = _svms(features[seen], truth[seen], penalty)
            scores[held] = features[held] @ weights + bias
        decision, f1 = best_decision(scores, truth, complete)
        best = max(best, (f1, penalty, decision), key=lambda choice: choice[0])
    return best[1], best[2]
