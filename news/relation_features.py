"""What a learned model sees of two names in a text: the words between, around and in them.

Features are strings. A `>` or `<` before one says which of the two stands first, so that the same
words mean one thing for (A, B) and another for (B, A).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from news.comparable import comparable
from news.text import words

_FIGURE = re.compile(r"<N>|\d+(?:\.\d+)?")
_LONGEST = 600
_MIDDLE, _BEFORE, _BEHIND = 40, 8, 12
_PIECES = (2, 3)


def relation_features(text: str, head: str, tail: str) -> list[str]:
    """Features of the relation from `head` to `tail`; a name that is not there stands at 0."""
    text, head, tail = comparable(text[:_LONGEST]), comparable(head), comparable(tail)
    first, second = _places(text, head, tail)
    way = ">" if first < second or (first == second and len(head) <= len(tail)) else "<"
    spans = sorted(((first, first + len(head)), (second, second + len(tail))))
    (start, end), (start2, end2) = spans
    before = _plain(text[max(0, start - 20) : start])
    middle = _plain(text[end:start2])
    behind = _plain(text[end2 : end2 + 25])
    return [
        *_between(middle, way),
        *_around(before, behind, way),
        *_whole(_plain(text).replace(head, "H").replace(tail, "T"), way),
        *_names(head, tail),
        f"brackets{middle[-1:] == '(' and len(middle) < 12}{behind[:1] == ')'}",
    ]


def _places(text: str, head: str, tail: str) -> tuple[int, int]:
    """Where the two stand nearest to each other without overlapping."""
    found = [
        (not (a + len(head) <= b or b + len(tail) <= a), abs(a - b), a, b)
        for a in _all(text, head)
        for b in _all(text, tail)
    ]
    return min(found)[2:] if found else (0, 0)


def _all(text: str, name: str) -> Iterator[int]:
    return (m.start() for m in re.finditer(re.escape(name), text)) if name else iter(())


def _plain(text: str) -> str:
    return _FIGURE.sub("0", text)


def _grams(text: str, prefix: str, sizes: Sequence[int]) -> list[str]:
    return [prefix + text[i : i + n] for n in sizes for i in range(len(text) - n + 1)]


def _between(middle: str, way: str) -> list[str]:
    half = _MIDDLE // 2
    shown = middle if len(middle) <= _MIDDLE else f"{middle[:half]}…{middle[-half:]}"
    found = _grams(f"^{shown}$", f"{way}m", (1, 2, 3, 4)) + _grams(f"^{shown}$", "m", _PIECES)
    said = words(shown)
    found += [f"{way}mw{word}" for word in said] + [f"mw{word}" for word in said]
    found += [f"{way}mb{a}_{b}" for a, b in pairwise(said)]
    if len(middle) <= _BEFORE:
        found.append(f"{way}M{middle}")
    length = f"x{len(middle)}" if len(middle) < 4 else str(min(len(middle), 60) // 4)
    marks = min(9, sum(middle.count(mark) for mark in ",。;、"))
    listed = middle in ("、", "和", "与", "及")
    return [*found, f"{way}length{length}", f"marks{marks}", f"{way}list{listed}"]


def _around(before: str, behind: str, way: str) -> list[str]:
    left, right = f"{before[-_BEFORE:]}^", f"${behind[:_BEHIND]}"
    return [
        *_grams(left, f"{way}p", (1, 2, 3)),
        *_grams(right, f"{way}q", (1, 2, 3, 4)),
        *_grams(right, "q", _PIECES),
        *(f"{way}qw{word}" for word in words(behind[:_BEHIND])),
    ]


def _whole(marked: str, way: str) -> list[str]:
    return _grams(marked, "f", _PIECES) + [f"{way}fw{word}" for word in words(marked)]


def _names(head: str, tail: str) -> list[str]:
    """Kinds of the names by their ends, and whether one is the other shortened."""
    found = [f"hs{head[-n:]}" for n in (1, 2, 3)] + [f"ts{tail[-n:]}" for n in (1, 2, 3)]
    found += [f"hp{head[:2]}", f"tp{tail[:2]}", f"h={head}", f"t={tail}", f"=={head}|{tail}"]
    shared = min(4, _prefix(head, tail))
    found += [f"same{min(5, len(set(head) & set(tail)))}", f"prefix{shared}{len(head) > len(tail)}"]
    found += [f"set{set(head) <= set(tail)}{set(head) >= set(tail)}"]
    found += [f"order{_shortens(head, tail)}{_shortens(tail, head)}"]
    found += [f"in{head in tail}{tail in head}{min(4, abs(len(head) - len(tail)))}"]
    return [*found, f"hl{min(len(head), 8)}", f"tl{min(len(tail), 8)}"]


def _prefix(head: str, tail: str) -> int:
    return next(
        (i for i, (a, b) in enumerate(zip(head, tail, strict=False)) if a != b),
        min(len(head), len(tail)),
    )


def _shortens(short: str, long: str) -> bool:
    """Whether the characters of `short` stand in `long` in their order (东航, 东方航空)."""
    rest = iter(long)
    return all(character in rest for character in short)
