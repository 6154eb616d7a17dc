"""Pieces of texts as numbered columns: n-grams by hash, weighted by TF-IDF.

A family is a way to look at a text (the whole of it, its lead, the clause around a name); each has
columns of its own and is scaled to length 1, so that a long text does not outweigh a short clause.
All texts of a call are cut in one pass of array operations, and an article that several models
look at is cut once. Hashes stand for pieces (Weinberger et al. 2009), so that no dictionary of
strings is kept or searched; a saved model holds the hashes that training saw at least twice.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from news.comparable import comparable
from news.errors import DataFileError
from news.text import words

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

BITS = 19
"""A family has 2^19 hashes: of 100,000 pieces that are kept about one in ten shares its hash."""
LONGEST = 4000
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_ODD_1, _ODD_2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xFF51AFD7ED558CCD)
_FEWEST = 2
_BATCH = 2000
_FEW_ROWS = 32


@dataclass(frozen=True, slots=True)
class Family:
    """A way to look at a text: pieces of 1 to `longest` characters or words."""

    name: str
    longest: int


class Segment(NamedTuple):
    """A stretch of text that belongs to a row and a family (place); words where it is a tuple."""

    row: int
    family: int
    said: str | tuple[str, ...]


@lru_cache(maxsize=32)
def plain(text: str) -> str:
    """The form that models see: comparable characters, every figure as 0, at most 4,000."""
    # Some feeds write line breaks as backslash and n.
    return _FIGURE.sub("0", comparable(text[:LONGEST].replace("\\n", "\n")))


TEXT_FAMILIES = (Family("whole", 3), Family("words", 2), Family("lead", 3))
"""How every model looks at a whole text; a model's other families come behind these."""
_LEAD = 40


def text_segments(row: int, form: str) -> tuple[Segment, ...]:
    """Views of a whole plain text: its characters, its words, and how it begins."""
    return Segment(row, 0, form), Segment(row, 1, words(form)), Segment(row, 2, form[:_LEAD])


class PieceSpace:
    """The columns of a model. buckets: sorted int64[columns]; idf: float32[columns]."""

    def __init__(self, families: Sequence[Family], buckets: Places, idf: Floats) -> None:
        self.families = tuple(families)
        self.buckets = buckets
        self.idf = idf
        self._column = np.zeros(len(self.families) << BITS, np.int32)
        self._column[buckets] = np.arange(1, len(buckets) + 1, dtype=np.int32)

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.buckets)

    @classmethod
    def learn(
        cls, families: Sequence[Family], segments: Sequence[Segment], rows: int
    ) -> PieceSpace:
        """Columns for every piece that at least two of `rows` rows have (one, of a single row)."""
        seen = np.zeros(len(families) << BITS, np.int32)
        for batch, _, size in _batches(segments, rows):
            _, buckets, _ = _counted(batch, families)
            seen += np.bincount(buckets, minlength=len(seen)).astype(np.int32) if size else 0
        kept = np.flatnonzero(seen >= min(_FEWEST, rows))
        if not len(kept):
            raise DataFileError(
                "the training texts share no words or characters; give more texts, in the language"
                " of those to come"
            )
        idf = np.log((1 + rows) / (1 + seen[kept])) + 1
        return cls(families, kept.astype(np.int64), idf.astype(np.float32))

    def matrix(self, segments: Sequence[Segment], rows: int) -> sparse.csr_matrix:
        """Features float32[rows, columns]; segments come in the order of their rows."""
        parts = [self._part(batch, size, first) for batch, first, size in _batches(segments, rows)]
        empty = sparse.csr_matrix((0, self.width), dtype=np.float32)
        return sparse.vstack(parts, format="csr") if parts else empty

    def _part(self, segments: Sequence[Segment], rows: int, first: int) -> sparse.csr_matrix:
        places, columns, values = self._weighted(*_counted(segments, self.families))
        ends = np.concatenate([[0], np.cumsum(np.bincount(places, minlength=rows))])
        return sparse.csr_matrix((values, columns, ends), shape=(rows, self.width))

    def _weighted(
        self, places: Places, buckets: Places, times: Places
    ) -> tuple[Places, Places, Floats]:
        """Row, column and value of every known feature, in the order given."""
        columns = self._column[buckets].astype(np.int64)
        known = np.flatnonzero(columns)
        places, columns = places[known], columns[known] - 1
        values = (1 + np.log(times[known])) * self.idf[columns]
        group = places * len(self.families) + (buckets[known] >> BITS)
        squares = np.bincount(group, values * values, minlength=1)
        return places, columns, (values / np.sqrt(squares[group])).astype(np.float32)

    def scores(self, segments: Sequence[Segment], rows: int, weights: Floats) -> Floats:
        """features @ weights, float32[rows, outputs], without a matrix for a few rows."""
        if rows > _FEW_ROWS:
            return np.asarray(self.matrix(segments, rows) @ weights, np.float32)
        places, columns, values = self._weighted(*_counted(segments, self.families))
        ends = np.searchsorted(places, np.arange(rows + 1))
        found = np.zeros((rows, weights.shape[1]), np.float32)
        for row in range(rows):
            part = slice(ends[row], ends[row + 1])
            found[row] = values[part] @ weights[columns[part]]
        return found

    def text_scores(self, form: str, weights: Floats) -> Floats:
        """What `TEXT_FAMILIES` of a plain text add to its scores, float32[outputs]."""
        _, columns, values = self._weighted(*_counted_text(form))
        return np.asarray(values @ weights[columns], np.float32)


@lru_cache(maxsize=8)
def _counted_text(form: str) -> tuple[Places, Places, Places]:
    """`_counted` of a whole text, kept while several models look at it."""
    return _counted(text_segments(0, form), TEXT_FAMILIES)


def _counted(
    segments: Sequence[Segment], families: Sequence[Family]
) -> tuple[Places, Places, Places]:
    """Row, bucket and number of every different piece, sorted by row and bucket."""
    places, buckets = _hashed(segments, families)
    keys, times = np.unique((places << 32) | buckets, return_counts=True)
    return keys >> 32, keys & 0xFFFFFFFF, times


def _batches(
    segments: Sequence[Segment], rows: int
) -> Iterable[tuple[Sequence[Segment], int, int]]:
    """Segments of 2,000 rows at a time, renumbered from 0, with the first row and their number."""
    if rows <= _BATCH:
        yield segments, 0, rows
        return
    begin = 0
    for first in range(0, rows, _BATCH):
        end = begin
        while end < len(segments) and segments[end].row < first + _BATCH:
            end += 1
        part = [Segment(s.row - first, s.family, s.said) for s in segments[begin:end]]
        yield part, first, min(_BATCH, rows - first)
        begin = end


def _hashed(segments: Sequence[Segment], families: Sequence[Family]) -> tuple[Places, Places]:
    """Row and bucket (family and hash) of every piece."""
    texts = [s for s in segments if isinstance(s.said, str) and s.said]
    lists = [s for s in segments if not isinstance(s.said, str) and s.said]
    found = []
    if texts:
        # surrogatepass: a lone surrogate in a text must not stop a search.
        joined = "".join(str(s.said) for s in texts).encode("utf-32-le", "surrogatepass")
        found.append(_cut(np.frombuffer(joined, np.uint32).astype(np.uint64), texts, families))
    if lists:
        crcs = [_code(word) for s in lists for word in s.said]
        found.append(_cut(np.array(crcs, np.uint64), lists, families))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return (
        np.concatenate([places for places, _ in found]),
        np.concatenate([buckets for _, buckets in found]),
    )


def _cut(
    codes: npt.NDArray[np.uint64], segments: Sequence[Segment], families: Sequence[Family]
) -> tuple[Places, Places]:
    """Pieces of segments that lie one behind the other in `codes`; none crosses a border."""
    rows, kinds, said = zip(*segments, strict=True)
    lengths = np.array([len(part) for part in said], np.int64)
    family, row = np.array(kinds, np.int64), np.array(rows, np.int64)
    longest = np.array([family.longest for family in families], np.int64)[family]
    owner = np.repeat(np.arange(len(segments)), lengths)
    # The longest piece that begins here: as its family allows and up to the segment's end.
    room = np.minimum(longest[owner], np.cumsum(lengths)[owner] - np.arange(len(codes)))
    hashes, whose = codes, [owner]
    found = [codes + np.uint64(1)]
    for size in range(2, min(int(longest.max()), len(codes)) + 1):
        hashes = hashes[:-1] * _ODD_1 + codes[size - 1 :]
        chosen = np.flatnonzero(room[: len(hashes)] >= size)
        whose.append(owner[chosen])
        found.append(hashes[chosen] + np.uint64(size))
    holder = np.concatenate(whose)
    return row[holder], (family << BITS)[holder] | _mixed(np.concatenate(found))


@lru_cache(maxsize=65_536)
def _code(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def _mixed(hashes: npt.NDArray[np.uint64]) -> Places:
    """Well spread 19 bits of rolling hashes (the finish of MurmurHash3)."""
    spread = (hashes ^ (hashes >> np.uint64(29))) * _ODD_2
    spread = (spread ^ (spread >> np.uint64(32))) * _ODD_1
    return (spread >> np.uint64(64 - BITS)).astype(np.int64)
