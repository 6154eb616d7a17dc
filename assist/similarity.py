"""How alike two questions are, from their words alone or with a sentence encoder.

Shared characters and words weighted by how rare they are in the collection, the order of letters,
and two things that turn a question round: a negation on one side only, other numbers or names.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from assist.encode import Encoder
from assist.lexical import Family, Phrases, Tokeniser, plain

_NEGATION = re.compile("不|没|未|无法|别")
_NAMES_AND_NUMBERS = re.compile(r"[0-9a-z.]+")


@dataclass(frozen=True, slots=True)
class PairWeights:
    """Weights of what two texts share.

    cosine: of their sentence vectors. characters, words: dice of terms weighted by rarity.
    letters: rapidfuzz ratio. turned: 1 where one side alone negates. names: share of numbers and
    Latin names that stand on one side only.
    """

    cosine: float
    characters: float
    words: float
    letters: float
    turned: float
    names: float


WORDS_ALONE = PairWeights(0.0, 1.0, 0.3, 0.45, -0.15, -0.1)
BESIDE_ANY_VECTORS = PairWeights(1.0, 0.2, 0.06, 0.09, -0.03, -0.02)
BESIDE_TRAINED_VECTORS = PairWeights(1.0, 0.0, 0.0, 0.0, -0.03, -0.05)


@runtime_checkable
class WeighsPairs(Protocol):
    """An encoder that says how its cosine goes with the words of a pair."""

    @property
    def pair_weights(self) -> PairWeights:
        """Weights to score a pair with."""


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
        return float(np.dot(astuple(WORDS_ALONE)[1:], self.parts(a, b)))

    def scores(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Similarity of each pair."""
        return np.array([self.score(a, b) for a, b in pairs])

    def parts(self, a: str, b: str) -> tuple[float, ...]:
        """What the words of two texts share, in the order of PairWeights without the cosine."""
        one, other = plain(a), plain(b)
        mine, theirs = self._terms(one), self._terms(other)
        shared = mine & theirs
        return (
            self._dice(Family.CHAR, mine, theirs, shared),
            self._dice(Family.TERM, mine, theirs, shared),
            fuzz.ratio(one, other) / 100.0,
            float(bool(_NEGATION.search(one)) != bool(_NEGATION.search(other))),
            _unshared(one, other),
        )

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
    """Cosine of sentence vectors with a little of the words, which know names and numbers.

    How little depends on the encoder: one trained on such pairs needs fewer (see WeighsPairs).
    """
    weights = encoder.pair_weights if isinstance(encoder, WeighsPairs) else BESIDE_ANY_VECTORS
    result: NDArray[np.float64] = pair_parts(pairs, lexical, encoder) @ np.array(astuple(weights))
    return result


def pair_parts(
    pairs: Sequence[tuple[str, str]], lexical: LexicalSimilarity, encoder: Encoder
) -> NDArray[np.float64]:
    """What each pair shares, [pairs, 6], in the order of PairWeights."""
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    vectors = encoder.encode(texts)
    place = {text: number for number, text in enumerate(texts)}
    one = vectors[[place[a] for a, _ in pairs]]
    other = vectors[[place[b] for _, b in pairs]]
    cosine = np.einsum("nd,nd->n", one, other).astype(np.float64)
    return np.column_stack([cosine, np.array([lexical.parts(a, b) for a, b in pairs])])


def _unshared(one: str, other: str) -> float:
    """Share of numbers and Latin names that stand on one side only, 0 to 1."""
    mine, theirs = set(_NAMES_AND_NUMBERS.findall(one)), set(_NAMES_AND_NUMBERS.findall(other))
    every = mine | theirs
    return 1 - len(mine & theirs) / len(every) if every else 0.0
