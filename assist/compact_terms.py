"""The terms of the compact encoder: pieces of a plain text, and their rows in its table.

Families: characters (Latin words and numbers whole), neighbouring pairs with the text's two ends,
and three-letter pieces of Latin words. Everything is cut from the plain form, so blanks,
punctuation, full-width and traditional characters change nothing.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assist.lexical import plain
from news import text as news_text

UNKNOWN_ROWS = 2048  # rows that terms outside the vocabulary share by their checksum
_CHAR, _PAIR, _PIECE = "c", "b", "l"
_FAMILY_WEIGHTS = {_CHAR: 1.0, _PAIR: 0.7, _PIECE: 0.3}
_FIRST, _LAST = "^", "$"
_UNKNOWN_WEIGHT = 0.5
_LEAST_LETTERS = 3
_LEAST_WEIGHT = 0.05

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


def terms_of(text: str) -> tuple[str, ...]:
    """Terms of a text, repeated as they stand; none where it has no letter, digit or character."""
    said = plain(text)
    units = news_text.unigrams(said)
    if not units:
        return ()
    pairs = itertools.pairwise((_FIRST, *units, _LAST))
    return (
        *(_CHAR + unit for unit in units),
        *(f"{_PAIR}{one} {other}" for one, other in pairs),
        *(_PIECE + piece for unit in units for piece in _pieces(unit)),
    )


def _pieces(unit: str) -> tuple[str, ...]:
    if len(unit) < _LEAST_LETTERS or not (unit.isascii() and unit[0].isalpha()):
        return ()
    framed = f"<{unit}>"
    return tuple(framed[i : i + 3] for i in range(len(framed) - 2))


class TermTable:
    """Row numbers of terms: the known ones first, then UNKNOWN_ROWS rows for all others."""

    def __init__(self, terms: Sequence[str]) -> None:
        self.terms = tuple(terms)
        self._rows = {term: row for row, term in enumerate(self.terms)}

    def __len__(self) -> int:
        return len(self.terms) + UNKNOWN_ROWS

    def rows(self, text: str) -> Rows:
        """Rows of a text's terms, [terms]."""
        known, first = self._rows, len(self.terms)
        return np.array(
            [
                row if (row := known.get(term)) is not None else first + _bucket(term)
                for term in terms_of(text)
            ],
            dtype=np.int64,
        )


def _bucket(term: str) -> int:
    return zlib.crc32(term.encode("utf-8")) % UNKNOWN_ROWS


@dataclass(frozen=True, slots=True)
class CountedTerms:
    """The commonest terms of a collection, and the weight that each row starts with."""

    table: TermTable
    weights: Floats


def count_terms(texts: Iterable[str], *, most: int, least_texts: int = 2) -> CountedTerms:
    """At most `most` terms that stand in `least_texts` texts or more; weights are idf by family.

    Rarer terms get no row of their own: a row that one text alone has trained knows that text only.
    """
    found: Counter[str] = Counter()
    size = 0
    for text in texts:
        size += 1
        found.update(set(terms_of(text)))
    kept = sorted(
        (term for term, count in found.items() if count >= least_texts),
        key=lambda term: (-found[term], term),
    )[:most]
    known = [_FAMILY_WEIGHTS[term[0]] * math.log((size + 1) / (found[term] + 0.5)) for term in kept]
    unknown = [_UNKNOWN_WEIGHT * math.log(size + 1)] * UNKNOWN_ROWS
    weights = np.maximum(np.array(known + unknown, dtype=np.float32), np.float32(_LEAST_WEIGHT))
    return CountedTerms(TermTable(kept), weights)
