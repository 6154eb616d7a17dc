"""Repair of homophones: where a term was said but something else is written.

A noisy channel (Kernighan, Church and Gale 1990) with sounds for the channel: the best way through
a lattice of words as written and of terms that sound the same. A word costs the negative log of
its chance, of the knowledge base and of the dictionary mixed; a changed character costs more the
further its sound is. A repair must beat what is written by a margin, since most of what is
written is right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from assist.hearing_sounds import SoundIndex, distance
from news.text import segmenter

# What a repair must beat the written text by, in nats: the shorter the term the more often chance
# makes its sound; a phrase is no word that somebody may have meant.
_SHORT_MARGIN = 5.0  # of two characters
_LONG_MARGIN = 2.0
_PHRASE_MARGIN = 5.0
_POSSIBLE_MARGIN = 0.0
_POSSIBLE_NAME_MARGIN = -4.0  # 中心国际 is more likely said than 中芯国际, but asked about less
_LONG_NAME = 4
_CHANGE_COST = 5.0
_SOUND_COST = 1.5
_BASE_SHARE = 0.6
_DICTIONARY_SIZE = 60_101_967  # words counted for jieba's dictionary
_OTHER_COST = 8.0


@dataclass(frozen=True, slots=True)
class Repair:
    """`term` in place of [start, end) of a text."""

    term: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely customers say something: words, names, frequent phrases, single characters."""

    words: Mapping[str, float]
    names: Mapping[str, float]
    phrases: Mapping[str, float]
    singles: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Edge:
    start: int
    cost: float
    repair: Repair | None = None
    margin: float = 0.0
    possible_margin: float = 0.0


def dictionary_words(text: str) -> list[str]:
    """Words of a text by the dictionary alone; what it does not know falls into characters."""
    return list(segmenter().cut(text, False))


@lru_cache(maxsize=65_536)
def _frequency(word: str) -> int:
    return int(segmenter().suggest_freq(word))


class Repairer:
    """Finds what was said but written otherwise; immutable."""

    def __init__(self, chances: Chances) -> None:
        self._words = chances.words
        self._names = chances.names
        self._chances = {**chances.singles, **chances.phrases, **chances.names, **chances.words}
        self._index = SoundIndex([*chances.words, *chances.names, *chances.phrases])
        self._cost = lru_cache(maxsize=65_536)(self._word_cost)

    def repairs(self, text: str) -> tuple[tuple[Repair, ...], tuple[Repair, ...]]:
        """Repairs that are sure, and those that are possible, each in reading order."""
        edges = self._lattice(text)
        if not any(edge.repair for reaching in edges for edge in reaching):
            return (), ()
        return _best(edges, _sure), _best(edges, _possible)

    def named(self, text: str) -> tuple[tuple[int, int], ...]:
        """[start, end) of the names that stand in a text as they are written."""
        return tuple(
            (hit.start, hit.end)
            for hit in self._index.find(text)
            if hit.term in self._names and text.startswith(hit.term, hit.start)
        )

    def _lattice(self, text: str) -> list[list[_Edge]]:
        """For every place the words that end there."""
        edges: list[list[_Edge]] = [[] for _ in range(len(text) + 1)]
        for place, char in enumerate(text):
            edges[place + 1].append(_Edge(place, self._cost(char)))
        start = 0
        for word in dictionary_words(text):
            if len(word) > 1:
                edges[start + len(word)].append(_Edge(start, self._cost(word)))
            start += len(word)
        for hit in self._index.find(text):
            if text.startswith(hit.term, hit.start):
                edges[hit.end].append(_Edge(hit.start, self._cost(hit.term)))
            else:
                cost = self._repair_cost(text[hit.start : hit.end], hit.term)
                if cost is not None:
                    repair = Repair(hit.term, hit.start, hit.end)
                    edge = _Edge(hit.start, cost, repair, *self._margins(hit.term))
                    edges[hit.end].append(edge)
        return edges

    def _margins(self, term: str) -> tuple[float, float]:
        """What a repair must win by to be sure, and to be possible."""
        if term in self._words:
            return _margin(term), _POSSIBLE_MARGIN
        if term in self._names:
            is_long = len(term) >= _LONG_NAME
            possible = _POSSIBLE_NAME_MARGIN if is_long else _POSSIBLE_MARGIN
            return _margin(term), possible
        return _PHRASE_MARGIN, _POSSIBLE_MARGIN

    def _repair_cost(self, written: str, term: str) -> float | None:
        """None where more than half of the characters would change."""
        sounds = [distance(a, b) for a, b in zip(written, term, strict=True) if a != b]
        if 2 * len(sounds) > len(term):
            return None
        return self._cost(term) + sum(_CHANGE_COST + _SOUND_COST * sound for sound in sounds)

    def _word_cost(self, word: str) -> float:
        if len(word) == 1 and not "\u3400" <= word <= "\u9fff":
            return _OTHER_COST
        chance = self._chances.get(word, 0.0)
        general = 0.0
        if len(word) == 1 or segmenter().has_word(word):
            general = _frequency(word) / _DICTIONARY_SIZE
        mixed = _BASE_SHARE * chance + (1 - _BASE_SHARE) * general
        return -math.log(mixed) if mixed > 0 else 25.0


def _margin(term: str) -> float:
    return _SHORT_MARGIN if len(term) <= 2 else _LONG_MARGIN


def _sure(edge: _Edge) -> float:
    return edge.cost + edge.margin


def _possible(edge: _Edge) -> float:
    return edge.cost + edge.possible_margin


def _best(edges: list[list[_Edge]], price: Callable[[_Edge], float]) -> tuple[Repair, ...]:
    """Repairs on the cheapest way."""
    costs, last = [0.0], [_Edge(0, 0.0)]
    for reaching in edges[1:]:
        cost, edge = min(
            ((costs[edge.start] + price(edge), edge) for edge in reaching), key=lambda way: way[0]
        )
        costs.append(cost)
        last.append(edge)
    found: list[Repair] = []
    place = len(edges) - 1
    while place > 0:
        edge = last[place]
        if edge.repair:
            found.append(edge.repair)
        place = edge.start
    return tuple(reversed(found))
