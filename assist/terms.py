"""Sparse rows of weighted terms, scored against a question without leaving numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assist.lexical import Family

FAMILIES = len(Family)
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Terms = tuple[tuple[str, ...], ...]  # one tuple of terms per family


class Vocabulary:
    """Numbers for terms; a term of one family never equals a term of another."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, str], int] = {}
        self.family: list[int] = []

    def __len__(self) -> int:
        return len(self.family)

    def add(self, terms: Terms) -> Counter[int]:
        """Number the terms of a text, new ones included, and count them."""
        counts: Counter[int] = Counter()
        for family, found in enumerate(terms):
            for term in found:
                number = self._numbers.get((family, term))
                if number is None:
                    number = self._numbers[(family, term)] = len(self.family)
                    self.family.append(family)
                counts[number] += 1
        return counts

    def look_up(self, terms: Terms) -> tuple[list[int], list[int]]:
        """Numbers of the distinct known terms, and how many per family are unknown."""
        known: list[int] = []
        unknown = [0] * FAMILIES
        for family, found in enumerate(terms):
            for term in dict.fromkeys(found):
                number = self._numbers.get((family, term))
                if number is None:
                    unknown[family] += 1
                else:
                    known.append(number)
        return known, unknown


@dataclass(frozen=True, slots=True)
class TermQuery:
    """A question as weights: `present` is 1.0 at its terms, shape [terms]; `numbers` are those."""

    numbers: list[int]
    unknown: list[int]
    present: Floats


class TermRows:
    """Rows of terms with the idf of each; `bm25` saturates counts and lengths (k1 1.2, b 0.4).

    Without `bm25` a row is a set of terms weighted by idf, which gives coverages and dice.
    """

    def __init__(self, rows: Sequence[Counter[int]], vocabulary: Vocabulary, *, bm25: bool) -> None:
        self._bm25 = bm25
        size = len(vocabulary)
        self._family = np.asarray(vocabulary.family, dtype=np.int64)
        self._starts = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in rows], out=self._starts[1:])
        total = int(self._starts[-1])
        self._terms = np.fromiter((t for row in rows for t in row), np.int64, total)
        counts = np.fromiter((c for row in rows for c in row.values()), np.float64, total)
        row_of = np.repeat(np.arange(len(rows)), np.diff(self._starts))
        frequency = np.bincount(self._terms, minlength=size)
        self.idf = np.log1p((len(rows) - frequency + 0.5) / (frequency + 0.5))
        self.unknown_idf = float(np.log1p((len(rows) + 0.5) / 0.5))
        cells = row_of * FAMILIES + self._family[self._terms]
        lengths = _sums(cells, counts, len(rows) * FAMILIES).reshape(-1, FAMILIES)
        self._mean_length = np.maximum(lengths.sum(axis=0) / max(1, len(rows)), 1e-9)
        weights = self._weigh(self._terms, counts, lengths[row_of])
        self._weights = weights.astype(np.float32)
        self.mass = _sums(cells, weights, len(rows) * FAMILIES).reshape(-1, FAMILIES)

    def _weigh(self, terms: Ints, counts: Doubles, lengths: Doubles) -> Doubles:
        idf: Doubles = self.idf[terms]
        if not self._bm25:
            return idf
        family = self._family[terms]
        length = lengths[np.arange(len(terms)), family] / self._mean_length[family]
        weights: Doubles = idf * counts * 2.2 / (counts + 1.2 * (0.6 + 0.4 * length))
        return weights

    def common(self, query: TermQuery, rows: Ints) -> Doubles:
        """Weight of the terms that each row shares with the question, [rows, families]."""
        starts, lengths = self._starts[rows], self._starts[rows + 1] - self._starts[rows]
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        place = np.arange(total) + np.repeat(starts - ends + lengths, lengths)
        terms = self._terms[place]
        hits = self._weights[place] * query.present[terms]
        cells = np.repeat(np.arange(len(rows)) * FAMILIES, lengths) + self._family[terms]
        return _sums(cells, hits, len(rows) * FAMILIES).reshape(-1, FAMILIES)

    def common_with(self, query: TermQuery, row: Counter[int]) -> Doubles:
        """The same for one row that is not stored, [families]."""
        terms = np.fromiter(row, np.int64, len(row))
        counts = np.fromiter(row.values(), np.float64, len(row))
        lengths = _sums(self._family[terms], counts, FAMILIES)
        weights = self._weigh(terms, counts, np.broadcast_to(lengths, (len(terms), FAMILIES)))
        return _sums(self._family[terms], weights * query.present[terms], FAMILIES)

    def query_mass(self, query: TermQuery) -> Doubles:
        """Idf of all terms of the question, unknown ones included, [families]; at least 1e-9."""
        numbers = np.asarray(query.numbers, dtype=np.int64)
        known = _sums(self._family[numbers], self.idf[numbers], FAMILIES)
        return np.maximum(known + self.unknown_idf * np.asarray(query.unknown), 1e-9)


def _sums(cells: Ints, values: Doubles, size: int) -> Doubles:
    return np.bincount(cells, values, size).astype(np.float64, copy=False)


def merged(counters: Iterable[Counter[int]]) -> Counter[int]:
    """Sum of term counts."""
    total: Counter[int] = Counter()
    for counter in counters:
        total.update(counter)
    return total
