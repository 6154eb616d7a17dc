"""What a learned tagger of subjects sees at each character of a text.

Features are strings: characters, words, known names, ends of organisations' names, and how much
the text around speaks for the event type (the evidence of `news.event_types`). Those that begin
with the event type let the same words mean different subjects for different events.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import AhoCorasick, MatchKind

from news.comparable import comparable
from news.text import segmenter

LONGEST = 400
_FIGURE = re.compile(r"\d")
_ORGANISATION = re.compile(
    r"(?:(?![的在对由被与和及向将是为于因])[\u4e00-\u9fffA-Z0()]){2,24}?"
    r"(?:有限责任公司|股份有限公司|有限公司|分公司|支公司|公司|集团|银行|证券|基金|保险|信托|农商行|理财|金服|金融|控股|科技|股份)"
)
_LEVELS = ((-0.05, "n"), (0.15, "z"), (0.4, "a"), (0.8, "b"), (1.4, "c"))
_WINDOW, _AHEAD, _BEFORE = 5, 20, 12
_DISTANCES = (3, 8, 16, 30)
_MARKS = frozenset(':,。"、 ()')
_PLACES = (0, 3, 14, 39)
Numbers = npt.NDArray[np.float64]


def tag_form(text: str) -> str:
    """The first 400 characters in the comparable form, every digit 0; offsets stay the same."""
    return _FIGURE.sub("0", comparable(text[:LONGEST]))


class NameFlags:
    """Marks the names of a list in a form: B, I and E of each, O elsewhere."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted({name for name in names if len(name) > 1}))
        self._automaton = AhoCorasick(self.names, MatchKind.LeftmostLongest) if self.names else None

    def __call__(self, form: str, without: Collection[str] = ()) -> list[str]:
        """Flags of each character; names of `without` are passed over."""
        flags = ["O"] * len(form)
        for which, start, end in (
            self._automaton.find_matches_as_indexes(form) if self._automaton else ()
        ):
            if self.names[which] not in without:
                _mark(flags, start, end)
        return flags


def organisation_flags(form: str) -> list[str]:
    """B, I and E of what reads as an organisation by its end (…有限公司, …集团, …金服)."""
    flags = ["O"] * len(form)
    for match in _ORGANISATION.finditer(form):
        _mark(flags, match.start(), match.end())
    return flags


def _mark(flags: list[str], start: int, end: int) -> None:
    flags[start:end] = ["B", *"I" * (end - start - 2), "E"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A text to tag: its form, flags of listed names and of subjects of other texts, evidence."""

    form: str
    listed: list[str]
    known: list[str]
    evidence: Numbers


def position_features(seen: Seen, kind: str) -> list[list[str]]:
    """Features of each character for an event type."""
    form, size = seen.form, len(seen.form)
    if not size:
        return []
    boundaries, words = _words(form)
    organisations = organisation_flags(form)
    sums = np.concatenate([[0.0], np.cumsum(seen.evidence)])
    smooth = np.convolve(seen.evidence, np.ones(_WINDOW), "same")[:size]
    top = int(smooth.argmax())
    starts = [i for i, flag in enumerate(seen.listed) if flag == "B"]
    segments = _segments(starts, sums, size)
    between = np.concatenate([[0], np.cumsum([flag == "B" for flag in seen.listed])])
    padded = f"^^^{form}$$$$"
    marks = list(_marks(form))
    found = []
    for i in range(size):
        p, listed, known = padded[i : i + 7], seen.listed[i], seen.known[i]
        side = "L" if i < top else "R"
        far = side + str(sum(abs(i - top) >= d for d in _DISTANCES))
        low, high = min(i, top) + 1, max(i, top) + 1
        names = side + str(min(3, int(between[high] - between[low])) if high > low else 0)
        ahead = _level(sums[min(size, i + _AHEAD)] - sums[i])
        before = _level(sums[i] - sums[max(0, i - _BEFORE)])
        following = seen.listed[i + 1] if i + 1 < size else "$"
        place = sum(i > limit for limit in _PLACES)
        found.append(
            [
                "b", f"c{p[3]}", f"-1{p[2]}", f"-2{p[1]}", f"1{p[4]}", f"2{p[5]}", f"3{p[6]}",
                f"bb{p[2:4]}", f"b1{p[3:5]}", f"b2{p[4:6]}", f"b-{p[1:3]}",
                f"t{p[2:5]}", f"t1{p[3:6]}", f"t-{p[1:4]}",
                f"w{words[i]}", f"wb{boundaries[i]}",
                f"g{listed}", f"g1{listed}{following}", f"gs{known}",
                f"gw{listed}{known}{boundaries[i]}",
                f"o{organisations[i]}", f"og{organisations[i]}{listed}{known}",
                f"k{_kind(p[2])}{_kind(p[3])}{_kind(p[4])}{_kind(p[5])}",
                f"d{far}", f"n{names}", f"ng{names}{listed}{known}",
                f"r{ahead}", f"l{before}", f"rg{ahead}{listed}{known}",
                f"s{segments[i]}{listed}", f"sk{segments[i]}{known}",
                f"T{kind}", f"Tc{kind}{p[3]}", f"Tg{kind}{listed}{known}", f"Td{kind}{far}",
                f"T1{kind}{p[4:6]}", f"T-{kind}{p[1:3]}",
                f"p{place}{listed}",
                f"5{p[4:7]}", f"-5{p[0:3]}", f"ww{words[i]}{p[4]}", f"T5{kind}{p[4:7]}",
                f"q{marks[i][1]}", f"qw{marks[i][1]}{boundaries[i]}", f"qg{marks[i][1]}{listed}",
                f"u{marks[i][0]}",
            ]
        )  # fmt: skip
    return found


def _words(form: str) -> tuple[str, list[str]]:
    """For each character: where in its word it stands, and the word."""
    boundaries, words = "", []
    for word in segmenter().cut(form):
        size = len(word)
        boundaries += "S" if size == 1 else f"B{'M' * (size - 2)}E"
        words += [word] * size
    return boundaries, words


def _marks(form: str) -> Iterator[tuple[str, str]]:
    """For each character how far the marks before and behind it are, and which (not past 9).

    A bracket with a code ends a name; a colon ends the one that a headline begins with.
    """
    places = [i for i, character in enumerate(form) if character in _MARKS]
    after = 0
    for i in range(len(form)):
        while after < len(places) and places[after] < i:
            after += 1
        behind = places[after] if after < len(places) else None
        before = places[after - 1] if after else None
        left = f"{min(9, i - before)}{form[before]}" if before is not None else "^"
        right = "$"
        if behind is not None:
            code = "0" if form.startswith("(000", behind) else ""
            right = f"{min(9, behind - i)}{form[behind]}{code}"
        yield left, right


def _segments(starts: list[int], sums: Numbers, size: int) -> list[str]:
    """How much the text from a listed name to the next one speaks for the event; * for the most."""
    bounds = [*starts, size]
    values = [float(sums[b] - sums[a]) for a, b in pairwise(bounds)]
    best = max(values, default=0.0)
    found = ["-"] * (starts[0] if starts else size)
    for value, start, end in zip(values, starts, bounds[1:], strict=True):
        found += [f"{'*' if value == best else ''}{_level(value)}"] * (end - start)
    return found


def _level(value: float) -> str:
    return next((name for limit, name in _LEVELS if value < limit), "d")


def _kind(character: str) -> str:
    if "\u4e00" <= character <= "\u9fff":
        return "H"
    return "A" if character.isalpha() else character
