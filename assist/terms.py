"""Sparse rows of weighted terms, scored against a question in compiled code."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assist.lexical import Family

FAMILIES = len(Family)
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Families = NDArray[np.int8]  # family of each term

Terms = tuple[tuple[str, ...], ...]  # one tuple of terms per family


class Vocabulary:
    """Numbers for terms; a term of one family never equals a term of another."""

    def __init__(self) -> None:
        self._numbers: tuple[dict[str, int], ...] = tuple({} for _ in range(FAMILIES))
        self.family = array("b")

    def __len__(self) -> int:
        return len(self.family)

    def add(self, terms: Terms) -> Counter[int]:
        """Number the terms of a text, new ones included, and count them."""
        counts: Counter[int] = Counter()
        for family, found in enumerate(terms):
            numbers = self._numbers[family]
            for term in found:
                number = numbers.get(term)
                if number is None:
                    number = numbers[term] = len(self.family)
                    self.family.append(family)
                counts[number] += 1
        return counts

    def look_up(self, terms: Terms) -> tuple[list[int], list[int]]:
        """Numbers of the distinct known terms, and how many per family are unknown."""
        known: list[int] = []
        unknown = [0] * FAMILIES
        for family, found in enumerate(terms):
            numbers = self._numbers[family]
            for term in dict.fromkeys(found):
                number = numbers.get(term)
                if number is None:
                    unknown[family] += 1
                else:
                    known.append(number)
        return known, unknown


@dataclass(frozen=True, slots=True)
class Row:
    """The terms of one text: numbers, each once, and how often each stands there."""

    terms: Ints
    counts: Doubles


class TermCounts:
    """How often each term stands in each text: a sparse matrix [texts, terms]."""

    def __init__(self, matrix: sparse.csr_matrix) -> None:
        self.matrix = matrix

    @classmethod
    def of(cls, rows: Iterable[Counter[int]]) -> TermCounts:
        """From counted texts, taken one by one, so that a million of them fit into memory."""
        ends, terms, counts = array("q", [0]), array("i"), array("f")
        for row in rows:
            terms.extend(row.keys())
            counts.extend(row.values())
            ends.append(len(terms))
        indices = np.frombuffer(terms, np.int32) if terms else np.zeros(0, np.int32)
        data = np.frombuffer(counts, np.float32) if counts else np.zeros(0, np.float32)
        width = int(indices.max()) + 1 if len(indices) else 0
        parts = data, indices, np.frombuffer(ends, np.int64)
        return cls(sparse.csr_matrix(parts, shape=(len(ends) - 1, width)))

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def same_as(self, other: TermCounts) -> bool:
        """Whether both hold the same texts in the same order."""
        mine, theirs = self.matrix, other.matrix
        return mine.shape == theirs.shape and mine.nnz == theirs.nnz and not (mine != theirs).nnz

    def row(self, number: int) -> Row:
        """Terms of one text."""
        start, end = self.matrix.indptr[number : number + 2]
        terms = self.matrix.indices[start:end].astype(np.int64)
        return Row(terms, self.matrix.data[start:end].astype(np.float64))

    def widened(self, width: int) -> TermCounts:
        """The same texts among more terms."""
        parts = self.matrix.data, self.matrix.indices, self.matrix.indptr
        return TermCounts(sparse.csr_matrix(parts, shape=(len(self), width)))

    def some(self, numbers: Ints) -> TermCounts:
        """These texts alone."""
        return TermCounts(self.matrix[numbers])

    def merged(self, groups: sparse.csr_matrix) -> TermCounts:
        """Texts put together: `groups` [new texts, texts] holds 1 where a text belongs."""
        return TermCounts((groups @ self.matrix).tocsr())

    def plus(self, other: TermCounts) -> TermCounts:
        """Each text together with the text of the same number."""
        return TermCounts((self.matrix + other.matrix).tocsr())

    def totals(self) -> Doubles:
        """How often each term stands in all texts together, [terms]."""
        sums: Doubles = np.asarray(self.matrix.sum(axis=0), dtype=np.float64)[0]
        return sums


@dataclass(frozen=True, slots=True)
class TermQuery:
    """A question as terms.

    `columns` [terms, families] holds 1.0 at the question's terms, each in the column of its
    family; `numbers` are those terms and `unknown` counts the others per family.
    """

    numbers: list[int]
    unknown: list[int]
    columns: Floats


class TermWeights:
    """Weights of terms in a collection; `bm25` saturates counts and lengths (k1 1.2, b 0.4).

    Without `bm25` a text is a set of terms weighted by idf, which gives coverages and dice.
    """

    def __init__(self, counts: TermCounts, family: Families, *, bm25: bool) -> None:
        self._bm25 = bm25
        self._family = family
        size = len(counts)
        frequency = np.bincount(counts.matrix.indices, minlength=counts.matrix.shape[1])
        self.idf: Doubles = np.log1p((size - frequency + 0.5) / (frequency + 0.5))
        self._unknown_idf = float(np.log1p((size + 0.5) / 0.5))
        self._lengths = masses(counts.matrix, family)
        self._mean_length = np.maximum(self._lengths.sum(axis=0) / max(1, size), 1e-9)

    def rows(self, counts: TermCounts) -> sparse.csr_matrix:
        """The collection's own texts as rows of weights, [texts, terms]."""
        matrix = counts.matrix
        text_of = np.repeat(np.arange(len(counts)), np.diff(matrix.indptr))
        lengths = self._lengths[text_of, self._family[matrix.indices]]
        weights = self._weigh(matrix.indices, matrix.data, lengths).astype(np.float32)
        return sparse.csr_matrix((weights, matrix.indices, matrix.indptr), matrix.shape)

    def _weigh(self, terms: NDArray[Any], counts: NDArray[Any], lengths: NDArray[Any]) -> Doubles:
        idf: Doubles = self.idf[terms]
        if not self._bm25:
            return idf
        length = lengths / self._mean_length[self._family[terms]]
        weights: Doubles = idf * counts * 2.2 / (counts + 1.2 * (0.6 + 0.4 * length))
        return weights

    def common_with(self, query: TermQuery, row: Row) -> Doubles:
        """Weight that a text outside the collection shares with the question, [families]."""
        family = self._family[row.terms]
        lengths = np.bincount(family, row.counts, FAMILIES)
        weights = self._weigh(row.terms, row.counts, lengths[family])
        result: Doubles = weights @ query.columns[row.terms]
        return result

    def query_mass(self, query: TermQuery) -> Doubles:
        """Idf of all terms of the question, unknown ones included, [families]; at least 1e-9."""
        numbers = np.asarray(query.numbers, dtype=np.int64)
        known = np.bincount(self._family[numbers], self.idf[numbers], FAMILIES)
        return np.maximum(known + self._unknown_idf * np.asarray(query.unknown), 1e-9)


class PooledWeights:
    """Texts of a group poured together: idf times log(1 + sum of their unit vectors / 0.1).

    A term's first text counts much and the tenth little, as in a naive Bayes classifier whose
    classes are the groups (Rennie et al. 2003: lengths normalised, counts damped).
    """

    _FIRST = 0.1

    def __init__(
        self, weights: TermWeights, counts: TermCounts, groups: sparse.csr_matrix, family: Families
    ) -> None:
        """`groups` [groups, texts] holds 1 where a text belongs."""
        self._idf = weights.idf
        self._family = family
        matrix = counts.matrix
        text_of = np.repeat(np.arange(len(counts)), np.diff(matrix.indptr))
        values = self._unit(matrix.indices, matrix.data, text_of, len(counts)).astype(np.float32)
        units = sparse.csr_matrix((values, matrix.indices, matrix.indptr), matrix.shape)
        pooled = (groups @ units).tocsr()
        pooled.sort_indices()
        pooled.data = self._damped(pooled.data, pooled.indices).astype(np.float32)
        self.rows = pooled

    def loss(self, query: TermQuery, group: int, row: Row) -> Doubles:
        """Weight shared with the question that a group loses without one of its texts."""
        start, end = self.rows.indptr[group : group + 2]
        place = start + np.searchsorted(self.rows.indices[start:end], row.terms)
        weights = self.rows.data[place].astype(np.float64)
        sums = self._FIRST * np.expm1(weights / self._idf[row.terms])
        unit = self._unit(row.terms, row.counts, np.zeros(len(row.terms), np.int64), 1)
        without = self._damped(np.maximum(sums - unit, 0.0), row.terms)
        result: Doubles = (weights - without) @ query.columns[row.terms]
        return result

    def _unit(self, terms: NDArray[Any], counts: NDArray[Any], text_of: Ints, size: int) -> Doubles:
        """Weights of the terms of texts, each text of length 1 in each family."""
        values: Doubles = (1 + np.log(counts)) * self._idf[terms]
        cells = text_of * FAMILIES + self._family[terms]
        lengths = np.sqrt(np.bincount(cells, values**2, size * FAMILIES))
        result: Doubles = values / lengths[cells]
        return result

    def _damped(self, sums: NDArray[Any], terms: NDArray[Any]) -> Doubles:
        result: Doubles = self._idf[terms] * np.log1p(sums / self._FIRST)
        return result


class StackedRows:
    """Several kinds of rows in one matrix, so that one product scores them all."""

    def __init__(self, kinds: Sequence[sparse.csr_matrix]) -> None:
        self._matrix = sparse.vstack(kinds, format="csr")
        sizes = [kind.shape[0] for kind in kinds]
        self._starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def common(self, query: TermQuery, rows: Sequence[Ints]) -> list[Doubles]:
        """Weight of the terms shared with the question: for each kind [its rows, families]."""
        places = np.concatenate([r + start for r, start in zip(rows, self._starts, strict=True)])
        shared = np.asarray(self._matrix[places] @ query.columns, dtype=np.float64)
        return np.split(shared, np.cumsum([len(r) for r in rows])[:-1])


def masses(matrix: sparse.csr_matrix, family: Families) -> Doubles:
    """Sum of each row's values per family, [rows, families]."""
    return np.asarray(matrix @ np.eye(FAMILIES, dtype=np.float32)[family], dtype=np.float64)


def together(rows: Iterable[Row]) -> Row:
    """Several texts as one."""
    parts = list(rows)
    terms = np.concatenate([part.terms for part in parts])
    distinct, place = np.unique(terms, return_inverse=True)
    counts = np.bincount(place, np.concatenate([part.counts for part in parts]))
    return Row(distinct, counts.astype(np.float64))
