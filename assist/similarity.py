"""How alike two questions are, from their words alone or with a sentence encoder.

Shared characters and words weighted by how rare they are in the collection, the order of letters,
and two things that turn a question round: a negation on one side only, other numbers or names.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from assist.encode import Encoder
from assist.lexical import Family, Phrases, Tokeniser, plain

_NEGATION = re.compile("不|没|未|无法|别")
_NAMES_AND_NUMBERS = re.compile(r"[0-9a-z.]+")
_CHARS, _WORDS, _LETTERS = 1.0, 0.3, 0.45
_NEGATED, _OTHER_NAMES = 0.15, 0.1
_WORDS_BESIDE_VECTORS = 0.2


class LexicalSimilarity:
    """Similarity of texts, symmetric, about 0 to 1.75; rarity is learnt from `collection`."""

    def __init__(self, collection: Iterable[str], synonyms: Phrases | None = None) -> None:
        self._tokeniser = Tokeniser(synonyms)
        self._texts = 0
        self._found: Counter[tuple[int, str]] = Counter()
        for text in collection:
            self._texts += 1
            self._found.update(self._terms(plain(text)).keys())

    def score(self, a: str, b: str) -> float:
        """Similarity of two texts."""
        one, other = plain(a), plain(b)
        mine, theirs = self._terms(one), self._terms(other)
        shared = mine & theirs
        parts = [
            weight * self._dice(family, mine, theirs, shared)
            for family, weight in ((Family.CHAR, _CHARS), (Family.TERM, _WORDS))
        ]
        turned = bool(_NEGATION.search(one)) != bool(_NEGATION.search(other))
        letters = fuzz.ratio(one, other) / 100.0
        return (
            sum(parts)
            + _LETTERS * letters
            - _NEGATED * turned
            - _OTHER_NAMES * _unshared(one, other)
        )

    def scores(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Similarity of each pair."""
        return np.array([self.score(a, b) for a, b in pairs])

    def _dice(
        self,
        family: Family,
        mine: Counter[tuple[int, str]],
        theirs: Counter[tuple[int, str]],
        shared: Counter[tuple[int, str]],
    ) -> float:
        total = self._weight(family, mine) + self._weight(family, theirs)
        return 2 * self._weight(family, shared) / total if total else 0.0

    def _weight(self, family: Family, terms: Counter[tuple[int, str]]) -> float:
        return sum(n * self._idf(term) for term, n in terms.items() if term[0] == family)

    def _idf(self, term: tuple[int, str]) -> float:
        found = self._found[term]
        return math.log1p((self._texts - found + 0.5) / (found + 0.5))

    def _terms(self, plain_text: str) -> Counter[tuple[int, str]]:
        families = self._tokeniser.terms(plain_text)
        return Counter(
            (int(family), term)
            for family in (Family.CHAR, Family.TERM)
            for term in families[family]
        )


def hybrid_scores(
    pairs: Sequence[tuple[str, str]], lexical: LexicalSimilarity, encoder: Encoder
) -> NDArray[np.float64]:
    """Cosine of sentence vectors with a little of the words, which know names and numbers."""
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    vectors = encoder.encode(texts)
    place = {text: number for number, text in enumerate(texts)}
    one = vectors[[place[a] for a, _ in pairs]]
    other = vectors[[place[b] for _, b in pairs]]
    cosine = np.einsum("nd,nd->n", one, other).astype(np.float64)
    result: NDArray[np.float64] = cosine + _WORDS_BESIDE_VECTORS * lexical.scores(pairs)
    return result


def _unshared(one: str, other: str) -> float:
    """Share of numbers and Latin names that stand on one side only, 0 to 1."""
    mine, theirs = set(_NAMES_AND_NUMBERS.findall(one)), set(_NAMES_AND_NUMBERS.findall(other))
    every = mine | theirs
    return 1 - len(mine & theirs) / len(every) if every else 0.0
