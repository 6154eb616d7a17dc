"""The words of a question: its plain form and its terms in three families.

CHAR  single Han characters, Latin words and numbers
PAIR  neighbouring pairs of those
TERM  concepts of the synonym lexicon where one is named, dictionary words elsewhere

Everything is cut from the plain form, so blanks between Han characters, punctuation, full-width
and traditional characters change nothing.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import ahocorasick_rs
import yaml

from assist.errors import KnowledgeError
from news import text as news_text

MAX_CHARACTERS = 200  # a question's gist; longer input is cut, so that no input is slow

_MARKS = re.compile(r"[\W_]+")


class Family(IntEnum):
    """Families of terms; the number is the column in every per-family array."""

    CHAR = 0
    PAIR = 1
    TERM = 2


def plain(text: str) -> str:
    """Matching form: NFKC, simplified, lower case, without marks; cut at 200 characters.

    A blank stays only between two Latin words or numbers, a point only inside a number.
    """
    text = text[: 4 * MAX_CHARACTERS].encode("utf-8", "ignore").decode("utf-8")
    text = news_text.simplify(unicodedata.normalize("NFKC", text)).lower()
    return _MARKS.sub(_mark, text)[:MAX_CHARACTERS].strip()


def _mark(match: re.Match[str]) -> str:
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    if not (before.isascii() and before.isalnum() and after.isascii() and after.isalnum()):
        return ""
    inside_number = match.group() == "." and before.isdigit() and after.isdigit()
    return "." if inside_number else " "


@dataclass(frozen=True, slots=True)
class Span:
    """A phrase of a lexicon found in a plain text: `names` of the phrase, [start, end)."""

    names: tuple[str, ...]
    start: int
    end: int


class Phrases:
    """Finds the phrases of a lexicon in plain texts, longest first, without overlaps."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        names: dict[str, list[str]] = {}
        for name, phrase in named:
            key = plain(phrase)
            if key:
                names.setdefault(key, []).append(name)
        self._names = [tuple(dict.fromkeys(found)) for found in names.values()]
        self._automaton = (
            ahocorasick_rs.AhoCorasick(
                list(names), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
            )
            if names
            else None
        )

    def find(self, plain_text: str) -> tuple[Span, ...]:
        """Phrases of a plain text in reading order."""
        if self._automaton is None:
            return ()
        return tuple(
            Span(self._names[number], start, end)
            for number, start, end in self._automaton.find_matches_as_indexes(plain_text)
        )


def load_synonyms(path: Path) -> Phrases:
    """Read the synonym lexicon: a YAML mapping of a concept to other ways to say it."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise KnowledgeError(f"{path}: is no readable UTF-8 YAML file ({error})") from error
    if not isinstance(raw, dict) or not all(isinstance(v, list) for v in raw.values()):
        raise KnowledgeError(
            f"{path}: must be a mapping of a concept to a list of phrases, as 销户: [注销账户]"
        )
    return Phrases(
        (str(concept), str(phrase))
        for concept, phrases in raw.items()
        for phrase in (concept, *phrases)
    )


class Tokeniser:
    """Cuts texts into terms; without a lexicon TERM is plain words."""

    def __init__(self, synonyms: Phrases | None = None) -> None:
        self._synonyms = synonyms or Phrases(())

    def terms(self, plain_text: str) -> tuple[tuple[str, ...], ...]:
        """Terms of a plain text, one tuple per Family, in reading order, repeated as they stand."""
        chars = news_text.unigrams(plain_text)
        pairs = tuple(a + b for a, b in itertools.pairwise(chars)) or chars
        return chars, pairs, self._mixed(plain_text)

    def concepts(self, plain_text: str) -> tuple[str, ...]:
        """Names of the concepts that a plain text speaks of."""
        return tuple(
            dict.fromkeys(n for span in self._synonyms.find(plain_text) for n in span.names)
        )

    def _mixed(self, plain_text: str) -> tuple[str, ...]:
        terms: list[str] = []
        done = 0
        for span in self._synonyms.find(plain_text):
            terms += news_text.words(plain_text[done : span.start])
            terms += ["#" + name for name in span.names]
            done = span.end
        return (*terms, *news_text.words(plain_text[done:]))
