"""Is this the base's business at all: naive Bayes over terms, inside against outside.

Follows Rennie et al. 2003 in dividing by the root of the length, so that many weak terms do not
count as one strong one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from assist.terms import FAMILIES, Terms

_SMOOTHING = 0.5


class Scope:
    """Log odds per family that a text is a known question rather than a line out of scope."""

    def __init__(self, inside: Sequence[Terms], outside: Sequence[Terms]) -> None:
        self._inside = _document_counts(inside)
        self._outside = _document_counts(outside)
        self._sizes = len(inside) + 2 * _SMOOTHING, len(outside) + 2 * _SMOOTHING

    def odds(
        self, terms: Terms, *, known_inside: bool = False, known_outside: bool = False
    ) -> tuple[float, ...]:
        """Odds in each family, 0 where nothing is known; positive speaks for inside.

        A text that was counted itself is taken out by `known_inside` or `known_outside`.
        """
        return tuple(
            self._family_odds(family, set(terms[family]), int(known_inside), int(known_outside))
            for family in range(FAMILIES)
        )

    def _family_odds(self, family: int, terms: set[str], inside: int, outside: int) -> float:
        total = 0.0
        for term in sorted(terms):
            here = self._inside[(family, term)] - inside
            there = self._outside[(family, term)] - outside
            if here > 0 or there > 0:
                total += math.log((max(0, here) + _SMOOTHING) / self._sizes[0])
                total -= math.log((max(0, there) + _SMOOTHING) / self._sizes[1])
        return total / math.sqrt(max(1, len(terms)))


def _document_counts(texts: Iterable[Terms]) -> Counter[tuple[int, str]]:
    return Counter(
        (family, term) for terms in texts for family in range(FAMILIES) for term in {*terms[family]}
    )
