"""How characters sound: toneless syllables, which of them are confused, and terms by sound.

A term is indexed by its folded syllables: one class for syllables that speakers and recognisers
confuse (zh/z, ch/c, sh/s, n/l/r, f/h, an/ang, en/eng, in/ing; tones are ignored). One
Aho-Corasick pass over the folded syllables of a text then gives every place where a term may have
been said. Characters with several readings are indexed under each and looked up under two.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import ahocorasick_rs
from pypinyin.pinyin_dict import pinyin_dict

MOST_READINGS = 2
_MOST_CODES = 6
_FIRST_CODE = 0xE000  # private use: a folded syllable as one character
_NO_SOUND = "\0"

_INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
_FOLDED_INITIAL = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l"}
_AFTER_F = {"a": "ua", "an": "uan", "ang": "uan", "ei": "ui", "en": "un", "eng": "un", "u": "u"}
_NASALS = {"ang": "an", "eng": "en", "ing": "in", "uang": "uan", "iang": "ian"}
_WIDE = frozenset("fhrln")


@dataclass(frozen=True, slots=True)
class Sounding:
    """A term that may have been said at [start, end) of a text."""

    term: str
    start: int
    end: int


@lru_cache(maxsize=16_384)
def readings(char: str) -> tuple[str, ...]:
    """Toneless syllables of a Han character, the usual one first; none for other characters."""
    marked = pinyin_dict.get(ord(char), "")
    plain = (_toneless(one) for one in marked.split(",") if one)
    return tuple(dict.fromkeys(plain))[:MOST_READINGS]


def _toneless(syllable: str) -> str:
    letters = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(c for c in letters if c.isascii())


@lru_cache(maxsize=1024)
def folded(syllable: str) -> str:
    """The class of syllables that are confused with this one, by one of its members."""
    initial, final = split(syllable)
    if initial == "f":
        initial, final = "h", _AFTER_F.get(final, final)
    return _FOLDED_INITIAL.get(initial, initial) + _NASALS.get(final, final)


def split(syllable: str) -> tuple[str, str]:
    """Initial and final: zhang is (zh, ang); an initial may be empty."""
    initial = next((i for i in _INITIALS if syllable.startswith(i)), "")
    return initial, syllable[len(initial) :]


@lru_cache(maxsize=65_536)
def distance(written: str, meant: str) -> float:
    """How differently two characters sound.

    0 alike but for the tone; 1 for each of initial and final where a narrow pair is confused
    (zh/z, in/ing), 1.5 where a wide one is (n/l, f/h, r/l); 1 more where the written character
    has the sound only as its second reading, half where the meant one has; 9 where nothing fits.
    """
    if written == meant:
        return 0.0
    pairs = itertools.product(enumerate(readings(written)), enumerate(readings(meant)))
    return min(
        (_syllable_distance(a, b) + (i > 0) + 0.5 * (j > 0) for (i, a), (j, b) in pairs),
        default=9.0,
    )


@lru_cache(maxsize=16_384)
def _syllable_distance(a: str, b: str) -> float:
    if a == b:
        return 0.0
    if folded(a) != folded(b):
        return 9.0
    (initial_a, final_a), (initial_b, final_b) = split(a), split(b)
    if "f" in (initial_a, initial_b) and initial_a != initial_b:
        return 1.5
    wide = bool(_WIDE & {initial_a, initial_b})
    return (initial_a != initial_b) * (1.5 if wide else 1.0) + (final_a != final_b) * 1.0


class SoundIndex:
    """Finds where terms may have been said; immutable. Terms are of Han characters only."""

    def __init__(self, terms: Iterable[str]) -> None:
        by_code: dict[str, list[str]] = {}
        for term in dict.fromkeys(terms):
            for code in _codes(term):
                by_code.setdefault(code, []).append(term)
        self._terms = tuple(tuple(same) for same in by_code.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(by_code)) if by_code else None

    def find(self, text: str) -> Iterator[Sounding]:
        """Terms by sound, overlapping ones too; those written as they are among them."""
        if self._automaton is None:
            return
        seen: set[tuple[int, int, int]] = set()
        for code in dict.fromkeys((_coded(text, 0), _coded(text, 1))):
            for hit in self._automaton.find_matches_as_indexes(code, overlapping=True):
                if hit not in seen:
                    seen.add(hit)
                    for term in self._terms[hit[0]]:
                        yield Sounding(term, hit[1], hit[2])


_numbers: dict[str, str] = {}


@lru_cache(maxsize=1024)
def _code(syllable: str) -> str:
    return _numbers.setdefault(folded(syllable), chr(_FIRST_CODE + len(_numbers)))


@lru_cache(maxsize=16_384)
def _char_codes(char: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_code(reading) for reading in readings(char))) or (_NO_SOUND,)


def _coded(text: str, which: int) -> str:
    return "".join([codes[min(which, len(codes) - 1)] for codes in map(_char_codes, text)])


def _codes(term: str) -> Iterator[str]:
    choices = [_char_codes(char) for char in term]
    if any(codes[0] == _NO_SOUND for codes in choices):
        return iter(())
    return itertools.islice(("".join(code) for code in itertools.product(*choices)), _MOST_CODES)
