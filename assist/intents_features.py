"""What the intent classifier sees of a text: words, pairs of words and pieces of words, weighted.

TF-IDF with sublinear term frequency (1 + ln tf) and smoothed inverse document frequency, each
family scaled to its own length, so that long texts and many pieces outweigh nothing. Written out
here because a saved model must load without fitting anything, and look one text up in microseconds.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from news.text import clean, simplify, words

FAMILIES = ("word", "pair", "piece")
# How much each family adds to the likeness of two texts, for Latin and for Chinese examples; chosen
# by cross-validation. Pairs of words say something only where there are many examples to see them
# in; Chinese dictionary words say little that their characters do not say.
_LATIN_FEW, _LATIN_MANY = (1.0, 0.25, 1.0), (1.0, 1.0, 1.0)
_HAN_FEW, _HAN_MANY = (0.15, 0.05, 1.0), (0.3, 0.3, 1.0)
_MANY = 2000
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_APOSTROPHE = re.compile(r"(?<=[a-z])['\u2019](?=[a-z])")
_ENDINGS = ("ing", "ed", "es", "s", "ly")
_SHORTEST_STEM = 3
_LATIN_PIECES, _HAN_PIECES = (2, 3, 4, 5), (1, 2)

Terms = tuple[list[str], list[str], list[str]]


class TermFeatures:
    """TF-IDF features of three families over a vocabulary that `learn` makes.

    terms: one vocabulary a family, in column order. idf: one weight a column, float32. weights:
    the squared length of each family, float32 [3].
    """

    def __init__(
        self,
        terms: Sequence[Sequence[str]],
        idf: NDArray[np.float32],
        weights: NDArray[np.float32],
    ) -> None:
        self.weights = weights
        self.terms = tuple(tuple(family) for family in terms)
        self.idf = idf
        self._places: tuple[dict[str, int], ...] = ()
        begin = 0
        for family in self.terms:
            self._places += ({term: begin + n for n, term in enumerate(family)},)
            begin += len(family)

    @classmethod
    def learn(cls, texts: Sequence[Terms]) -> TermFeatures:
        """A vocabulary out of texts; of many, pairs and pieces that only one has are left out."""
        counts: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
        for text in texts:
            for counter, found in zip(counts, text, strict=True):
                counter.update(set(found))
        many = len(texts) > _MANY
        rarest = (1, 2, 2) if many else (1, 1, 1)
        kept = [
            sorted(term for term, n in counter.items() if n >= least)
            for counter, least in zip(counts, rarest, strict=True)
        ]
        documents = [counts[f][term] for f, family in enumerate(kept) for term in family]
        idf = np.log((1 + len(texts)) / (1 + np.array(documents, dtype=np.float64))) + 1
        latin, han = (_LATIN_MANY, _HAN_MANY) if many else (_LATIN_FEW, _HAN_FEW)
        chinese = sum(any(map(_is_han, found)) for found, _, _ in texts) / len(texts)
        weights = chinese * np.array(han) + (1 - chinese) * np.array(latin)
        return cls(kept, idf.astype(np.float32), weights.astype(np.float32))

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.idf)

    def row(self, text: Terms) -> tuple[NDArray[np.int64], NDArray[np.float32], float]:
        """Columns and values of one text, and the share (0 to 1) of its words that are unknown.

        A text without any word is unknown altogether.
        """
        columns: list[NDArray[np.int64]] = []
        values: list[NDArray[np.float32]] = []
        for found, places, weight in zip(text, self._places, self.weights, strict=True):
            counted = Counter(place for term in found if (place := places.get(term)) is not None)
            where = np.fromiter(counted.keys(), dtype=np.int64, count=len(counted))
            times = np.fromiter(counted.values(), dtype=np.float32, count=len(counted))
            value = (1 + np.log(times)) * self.idf[where]
            length = float(np.sqrt(value @ value)) or 1.0
            columns.append(where)
            values.append((value * (float(weight) ** 0.5 / length)).astype(np.float32))
        known = sum(word in self._places[0] for word in text[0])
        unknown = 1 - known / len(text[0]) if text[0] else 1.0
        return np.concatenate(columns), np.concatenate(values), unknown

    def matrix(self, texts: Iterable[Terms]) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
        """Features [n, width] and shares of unknown words [n] of texts."""
        rows = [self.row(text) for text in texts]
        ends = np.cumsum([0, *(len(columns) for columns, _, _ in rows)])
        if not rows:
            return sparse.csr_matrix((0, self.width), dtype=np.float32), np.zeros(0)
        data = np.concatenate([values for _, values, _ in rows])
        indices = np.concatenate([columns for columns, _, _ in rows])
        matrix = sparse.csr_matrix((data, indices, ends), shape=(len(rows), self.width))
        return matrix, np.array([unknown for _, _, unknown in rows])


def terms_of(text: str) -> Terms:
    """The three families of a text in any form and script."""
    plain = _APOSTROPHE.sub("", simplify(clean(text)).lower())
    found: list[str] = []
    pieces: list[str] = []
    for run in _RUN.findall(plain):
        if _is_han(run):
            found.extend(words(run))
            pieces.extend(_cut(run, _HAN_PIECES))
        else:
            found.append(_stem(run))
            pieces.extend(_cut(f" {run} ", _LATIN_PIECES))
    return found, [f"{a} {b}" for a, b in itertools.pairwise(found)], pieces


def _is_han(run: str) -> bool:
    return "\u3400" <= run[0] <= "\ufaff"


def _cut(run: str, lengths: Iterable[int]) -> Iterator[str]:
    for length in lengths:
        for begin in range(max(len(run) - length + 1, 0)):
            yield run[begin : begin + length]


def _stem(word: str) -> str:
    """An English word without its commonest ending; crude, and enough to join card and cards."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word
