"""Learned tags: pieces of texts and one linear SVM for each label.

Pieces are characters 1 to 3 and dictionary words, alone and in pairs, of the whole text and, apart
from these, characters 1 to 3 of its first 40 characters, where news says what it is about; every
figure counts as 0. The labels of a text are decided together. Cross-validation on the training rows
chooses the better of two ways: the likeliest of the label sets seen in training (so that labels
that exclude each other do), or a threshold of its own for each label. It chooses the penalty of the
SVMs too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from news.classify_decision import Decision, best_decision, label_matrix, micro_f1
from news.errors import DataFileError
from news.learned_file import LinearModels, ModelKind
from news.learned_linear import Chances, LinearModel, machines, unseen_scores
from news.learned_pieces import TEXT_FAMILIES, Floats, PieceSpace, Segment, plain, text_segments

_FEWEST = 3
_PENALTIES = (0.2, 0.5)
_MOST_TUNING_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class TagScores:
    """F1 over all decisions (`micro_f1`) and the mean over labels (`macro_f1`) of `n` texts."""

    micro_f1: float
    macro_f1: float
    n: int


class TextClassifier:
    """Gives texts the labels that it was trained on; make one with `fit` or `load`.

    `expected` is the micro-F1 that cross-validation found, None of a model that was loaded.
    """

    def __init__(
        self,
        labels: Sequence[str],
        model: LinearModel,
        decision: Decision,
        expected: float | None = None,
    ) -> None:
        self.labels = tuple(labels)
        self.expected = expected
        self._model = model
        self._decision = decision

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[Collection[str]]) -> TextClassifier:
        """Train on texts and the labels of each; a label of fewer than 3 texts is not learned.

        Takes about 25 s for 7,000 texts of 100 characters and 18 labels on one core. Raises
        DataFileError where nothing can be learned.
        """
        counts = Counter(label for row in labels for label in set(row))
        known = sorted(label for label, n in counts.items() if n >= _FEWEST)
        if len(texts) != len(labels) or not known:
            raise DataFileError(
                f"{len(texts)} texts with {len(labels)} rows of labels, none of them on"
                f" {_FEWEST} texts or more: give as many rows as texts and more examples a label"
            )
        segments = _segments(texts)
        space = PieceSpace.learn(TEXT_FAMILIES, segments, len(texts))
        features = space.matrix(segments, len(texts))
        tuned = _tuned(features, label_matrix(labels, known), labels, known, texts)
        weights, bias = machines(features, label_matrix(labels, known), tuned.penalty)
        model = LinearModel(space, weights, bias, tuned.chances)
        return cls(known, model, tuned.decision, tuned.f1)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Signed distance from each label's plane, float32[n, labels]."""
        if len(texts) == 1:
            return np.asarray(self._model.text_scores(plain(texts[0])) + self._model.bias)[None]
        return self._model.scores(_segments(texts), len(texts))

    def predict(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Labels of each text, surest first; perhaps none."""
        return tuple(tuple(name for name, _ in row) for row in self.judge(texts))

    def judge(self, texts: Sequence[str]) -> tuple[tuple[tuple[str, float], ...], ...]:
        """Labels of each text with the chance (0 to 1) that each is right, surest first."""
        scores = self.scores(texts)
        chosen = self._decision.choose(scores)
        chances = self._model.chances.of(scores)
        return tuple(
            tuple(
                (self.labels[j], float(chance[j]))
                for j in np.argsort(-row, kind="stable")
                if picks[j]
            )
            for row, chance, picks in zip(scores, chances, chosen, strict=True)
        )

    def save(self, folder: Path) -> int:
        """Write `model.json` and `model.npz` into a folder, plain data alone; bytes written."""
        thresholds, sets = self._decision.thresholds, self._decision.sets
        parts = (self._model,)
        return LinearModels(ModelKind.TAGS, self.labels, parts, thresholds, sets).save(folder)

    @classmethod
    def load(cls, folder: Path) -> TextClassifier:
        """Read what `save` wrote; DataFileError where it is missing or of another format."""
        saved = LinearModels.load(folder, ModelKind.TAGS)
        return cls(saved.labels, saved.parts[0], Decision(saved.thresholds, saved.sets))


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


def _segments(texts: Sequence[str]) -> list[Segment]:
    return [s for row, text in enumerate(texts) for s in text_segments(row, plain(text))]


@dataclass(frozen=True, slots=True)
class _Tuned:
    penalty: float
    decision: Decision
    chances: Chances
    f1: float


def _tuned(
    features: sparse.csr_matrix,
    truth: npt.NDArray[np.bool_],
    labels: Sequence[Collection[str]],
    known: Sequence[str],
    texts: Sequence[str],
) -> _Tuned:
    """Penalty and decision that fit best where the SVMs have not seen the rows."""
    rows = np.random.default_rng(0).permutation(len(truth))[:_MOST_TUNING_ROWS]
    complete = np.array([set(labels[row]) <= set(known) for row in rows], np.bool_)
    best: _Tuned | None = None
    for penalty in _PENALTIES:
        scores = unseen_scores(features[rows], truth[rows], penalty, [texts[r] for r in rows])
        decision, f1 = best_decision(scores, truth[rows], complete)
        if best is None or f1 > best.f1:
            best = _Tuned(penalty, decision, Chances.learn(scores, truth[rows]), f1)
    if best is None:
        raise AssertionError("there are penalties to choose from")
    return best
