"""Learned relations between two names in a text: one linear SVM a label over sparse features.

Labels are the user's own. Most come in pairs (持股, 被持股): the model learns from texts labelled
both ways which label is the other's inverse, and asks itself about (A, B) and (B, A) at once. How
readily it says that there is no relation is chosen on a part of the texts that it has not seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xxhash
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from news.errors import DataFileError
from news.relation_features import relation_features
from news.saved_model import SavedModel

UNKNOWN = "unknown"
"""The label of two names without a relation."""
FORMAT = "foreland-relations"
_VERSION = 1
_FEWEST = 3
_HELD_OUT = 5
_FEWEST_TO_TUNE = 200
_OFFSETS = np.round(np.arange(-0.1, 0.65, 0.05), 2)
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RelationExample:
    """Two names in a text and what the first is to the second."""

    head: str
    tail: str
    text: str
    relation: str


class RelationModel:
    """Tells the relation between two names; make one with `fit` or `load`."""

    def __init__(
        self,
        labels: Sequence[str],
        inverse: Sequence[int],
        terms: TfidfVectorizer,
        weights: Floats,
        bias: Floats,
        offset: float,
    ) -> None:
        self.labels = tuple(labels)
        self._inverse = np.asarray(inverse, np.intp)
        self._terms = terms
        self._weights = weights
        self._bias = bias
        self.offset = offset

    @classmethod
    def fit(
        cls, examples: Sequence[RelationExample], say: Callable[[str], None] = lambda line: None
    ) -> RelationModel:
        """Train on examples; about 15 s for 13,000 of 60 characters on one core.

        Raises DataFileError where there are not two labels of 3 examples.
        """
        counts = Counter(example.relation for example in examples)
        if sum(n >= _FEWEST for n in counts.values()) < 2:
            raise DataFileError(
                f"{len(examples)} rows with {len(counts)} relations: at least two relations of"
                f" {_FEWEST} rows are needed; give more rows"
            )
        offset = 0.0
        held = np.array(
            [
                xxhash.xxh32_intdigest(e.text.encode("utf-8", "replace")) % _HELD_OUT == 0
                for e in examples
            ]
        )
        known = {e.relation for e, out in zip(examples, held, strict=True) if not out}
        if len(examples) >= _FEWEST_TO_TUNE and held.any() and len(known) > 1:
            say("choosing how readily to say that there is no relation")
            model = cls._learn([e for e, out in zip(examples, held, strict=True) if not out])
            offset = model._best_offset([e for e, out in zip(examples, held, strict=True) if out])
        say(f"learning from {len(examples)} rows")
        trained = cls._learn(examples)
        trained.offset = offset
        return trained

    @classmethod
    def _learn(cls, examples: Sequence[RelationExample]) -> RelationModel:
        terms = TfidfVectorizer(
            analyzer=_same, min_df=2 if len(examples) > _FEWEST_TO_TUNE else 1, sublinear_tf=True
        )
        features = terms.fit_transform(relation_features(e.text, e.head, e.tail) for e in examples)
        svm = LinearSVC(C=1.0, random_state=0).fit(features, [e.relation for e in examples])
        labels = [str(label) for label in svm.classes_]
        weights, bias = svm.coef_.T, svm.intercept_
        if len(labels) == 2:
            weights, bias = np.hstack([-weights, weights]), np.array([-bias[0], bias[0]])
        return cls(
            labels,
            _inverses(examples, labels),
            terms,
            np.ascontiguousarray(weights, np.float32),
            bias.astype(np.float32),
            0.0,
        )

    def scores(self, asked: Sequence[tuple[str, str, str]]) -> Floats:
        """Signed distances float32[n, labels] for (text, head, tail)."""
        ahead = self._one_way([(text, head, tail) for text, head, tail in asked])
        back = self._one_way([(text, tail, head) for text, head, tail in asked])
        both = (ahead + back[:, self._inverse]) / 2
        if UNKNOWN in self.labels:
            both[:, self.labels.index(UNKNOWN)] -= self.offset
        return np.asarray(both, np.float32)

    def predict(self, asked: Sequence[tuple[str, str, str]]) -> tuple[str, ...]:
        """The likeliest relation for each (text, head, tail)."""
        if not asked:
            return ()
        return tuple(self.labels[j] for j in self.scores(asked).argmax(axis=1))

    def _one_way(self, asked: Sequence[tuple[str, str, str]]) -> Floats:
        features = self._terms.transform([relation_features(*row) for row in asked])
        return np.asarray(features @ self._weights + self._bias, np.float32)

    def _best_offset(self, held: Sequence[RelationExample]) -> float:
        if UNKNOWN not in self.labels:
            return 0.0
        scores = self.scores([(e.text, e.head, e.tail) for e in held])
        unknown = self.labels.index(UNKNOWN)
        truth = [e.relation for e in held]
        found = []
        for offset in _OFFSETS:
            moved = scores.copy()
            moved[:, unknown] -= offset
            found.append(micro_f1(truth, [self.labels[j] for j in moved.argmax(axis=1)]))
        return float(_OFFSETS[int(np.argmax(found))])

    def save(self, folder: Path) -> int:
        """Write the model into a folder without pickle; bytes written. Raises DataFileError."""
        head = {
            "labels": self.labels,
            "inverse": self._inverse.tolist(),
            "offset": self.offset,
        }
        arrays = {
            "terms": np.frombuffer(
                "\n".join(self._terms.get_feature_names_out()).encode(), np.uint8
            ),
            "idf": self._terms.idf_.astype(np.float32),
            "weights": self._weights.astype(np.float16),
            "bias": self._bias,
        }
        return SavedModel(FORMAT, _VERSION, head, arrays).write(folder)

    @classmethod
    def load(cls, folder: Path) -> RelationModel:
        """Read what `save` wrote; DataFileError with what is wrong with the folder."""
        saved = SavedModel.read(folder, FORMAT, _VERSION)
        try:
            labels = [str(label) for label in saved.head["labels"]]
            names = saved.arrays["terms"].tobytes().decode().split("\n")
            weights = saved.arrays["weights"].astype(np.float32)
            inverse = [int(j) for j in saved.head["inverse"]]
            fits = len(inverse) == len(labels) and set(inverse) <= set(range(len(labels)))
            if not fits or weights.shape != (len(names), len(labels)):
                raise ValueError(f"{weights.shape} weights for {len(names)} terms")
            terms = TfidfVectorizer(analyzer=_same, vocabulary=names, sublinear_tf=True)
            terms.idf_ = saved.arrays["idf"].astype(np.float64)
            offset = float(saved.head["offset"])
            return cls(labels, inverse, terms, weights, saved.arrays["bias"], offset)
        except (KeyError, ValueError, TypeError) as error:
            raise DataFileError(
                f"{folder}: does not fit together ({error}); train again"
            ) from error


def micro_f1(truth: Sequence[str], found: Sequence[str]) -> float:
    """F1 of all rows whose relation is known or found, `unknown` being none."""
    hits = sum(a == b != UNKNOWN for a, b in zip(truth, found, strict=True))
    total = sum(a != UNKNOWN for a in truth) + sum(b != UNKNOWN for b in found)
    return 2 * hits / total if total else 1.0


def _same(features: list[str]) -> list[str]:
    return features


def _inverses(examples: Sequence[RelationExample], labels: Sequence[str]) -> list[int]:
    """The place of each label's inverse, its own where none was seen."""
    pairs: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for example in examples:
        pairs[example.text, example.head, example.tail].append(example.relation)
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for (text, head, tail), relations in pairs.items():
        back = pairs.get((text, tail, head), [])
        if len(relations) == len(back) == 1 and head != tail:
            seen[relations[0]][back[0]] += 1
    found = []
    for place, label in enumerate(labels):
        other = seen[label].most_common(1)[0][0] if seen[label] else label
        mutual = bool(seen[other]) and seen[other].most_common(1)[0][0] == label
        found.append(labels.index(other) if mutual else place)
    return found
