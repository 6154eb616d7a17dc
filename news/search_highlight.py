"""Where the words of a search stand in an article, and the part of it that shows them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import pairwise

from news.text import runs, simplify

_SNIPPET = 120
_MOST_SPANS = 200


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marked:
    """A piece of a text with the words found: `html` is escaped but for its <mark> elements."""

    text: str
    spans: tuple[Span, ...]

    @property
    def html(self) -> str:
        """The piece with <mark> around the words, safe to show in a page."""
        parts, last = [], 0
        for span in self.spans:
            parts.append(escape(self.text[last : span.start]))
            parts.append(f"<mark>{escape(self.text[span.start : span.end])}</mark>")
            last = span.end
        return "".join((*parts, escape(self.text[last:])))


def spans(text: str, query: str) -> tuple[Span, ...]:
    """Where words of a search occur, in order, without overlaps.

    A word that does not occur as a whole is looked for by its character pairs.
    """
    plain = _plain(text)
    found: list[tuple[int, int]] = []
    for run in dict.fromkeys(run for word in simplify(query).split() for run in runs(word)):
        places = _places(plain, run)
        if not places and not run.isascii():
            pairs = dict.fromkeys("".join(pair) for pair in pairwise(run))
            places = [place for pair in pairs for place in _places(plain, pair)]
        found += places
    return _merged(found)


def marked(text: str, query: str) -> Marked:
    """A whole text with the words of a search."""
    return Marked(text, spans(text, query) if query.strip() else ())


def excerpt(text: str, query: str) -> Marked:
    """About 120 characters of a text around the first word of the search that it holds."""
    found = spans(text, query) if query.strip() else ()
    start = max(0, found[0].start - _SNIPPET // 4) if found else 0
    end = start + _SNIPPET
    before, after = "…" if start else "", "…" if end < len(text) else ""
    cut = f"{before}{text[start:end]}{after}".replace("\n", " ")
    shift = len(before) - start
    inside = (span for span in found if span.start < min(end, len(text)))
    moved = (Span(s.start + shift, min(s.end, end) + shift) for s in inside)
    return Marked(cut, tuple(moved))


def _plain(text: str) -> str:
    """The text in the form of the index, character for character."""
    simple = simplify(text)
    if len(simple) != len(text):
        simple = "".join(_one(simplify(c), c) for c in text)
    low = unicodedata.normalize("NFKC", simple).lower()
    return low if len(low) == len(text) else "".join(_one(_folded(c), c) for c in simple)


@lru_cache(maxsize=65_536)
def _folded(character: str) -> str:
    return unicodedata.normalize("NFKC", character).lower()


def _one(changed: str, character: str) -> str:
    """A character's changed form, if that is one character too."""
    return changed if len(changed) == 1 else character


def _places(plain: str, run: str) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    at = plain.find(run)
    while at >= 0 and len(places) < _MOST_SPANS:
        end = at + len(run)
        if not run.isascii() or _whole(plain, at, end):
            places.append((at, end))
        at = plain.find(run, at + 1)
    return places


def _whole(plain: str, start: int, end: int) -> bool:
    """Whether Latin letters or digits stand alone, as the index holds them."""

    def kind(c: str) -> int:
        return 1 if "a" <= c <= "z" else 2 if "0" <= c <= "9" else 0

    before = start > 0 and kind(plain[start - 1]) == kind(plain[start])
    after = end < len(plain) and kind(plain[end]) == kind(plain[end - 1])
    return not before and not after


def _merged(places: list[tuple[int, int]]) -> tuple[Span, ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(Span(start, end) for start, end in merged[:_MOST_SPANS])
