"""Normal forms and tokens of Chinese text, for news and for the assistant.

Two normal forms: `clean` keeps a text readable (it is what is stored and shown), `fold` keeps only
what decides whether two texts say the same words (it is what is matched and hashed).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from operator import add

import opencc
import rjieba

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_BLANK = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n\s*")
_NOT_WORD = re.compile(r"[\W_]+")
_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[a-z]+|[0-9]+(?:\.[0-9]+)*")
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*")


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1)
def segmenter() -> rjieba.Jieba:
    """The one dictionary of words of this process: it takes 0.1 s and 25 MB to load."""
    return rjieba.Jieba()


def clean(text: str) -> str:
    """Readable normal form: composed characters, no control or zero-width ones, single blanks.

    Full-width Latin letters and digits become half-width (as NFKC does); Chinese marks stay.
    Lone surrogates, which no encoder accepts, are dropped.
    """
    text = text.encode("utf-8", "ignore").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate(_HALF_WIDTH)
    text = _CONTROL.sub("", unicodedata.normalize("NFC", text))
    return _BREAKS.sub("\n", _BLANK.sub(" ", text)).strip()


# Of the full-width block only letters, digits, blank and %: ， and （ are proper Chinese marks.
_HALF_WIDTH = {
    code: code - 0xFEE0
    for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF05)
} | {0x3000: 0x20, 0xA0: 0x20}


def simplify(text: str) -> str:
    """Traditional characters to simplified ones (OpenCC t2s); the length may change."""
    return str(_simplifier().convert(text))


@lru_cache(maxsize=65_536)
def _fold_short(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    text = text.encode("utf-8", "ignore").decode("utf-8")
    return _NOT_WORD.sub("", simplify(unicodedata.normalize("NFKC", text)).lower())


def fold(text: str) -> str:
    """Matching form: NFKC, simplified, lower case; letters and digits only, no blanks or marks."""
    return _fold_short(text) if len(text) <= 64 else _fold(text)


def runs(text: str) -> tuple[str, ...]:
    """Maximal runs of Han characters, of Latin letters and of digits of a lower-cased text."""
    return tuple(_RUN.findall(unicodedata.normalize("NFKC", text).lower()))


def bigrams(text: str) -> tuple[str, ...]:
    """Index terms in reading order: character pairs of Han runs, Latin words and numbers whole.

    A run of a single Han character gives that character, so that no text is without a term.
    """
    terms: list[str] = []
    for run in runs(text):
        if run[0].isascii() or len(run) == 1:
            terms.append(run)
        else:
            terms.extend(map(add, run, run[1:]))
    return tuple(terms)


def unigrams(text: str) -> tuple[str, ...]:
    """Single Han characters, Latin words and numbers whole, in reading order."""
    terms: list[str] = []
    for run in runs(text):
        terms.extend((run,) if run[0].isascii() else run)
    return tuple(terms)


def words(text: str) -> tuple[str, ...]:
    """Dictionary words (jieba's dictionary and model), without blanks and punctuation."""
    return tuple(w for w in segmenter().cut(text) if not _NOT_WORD.fullmatch(w))


def sentences(text: str) -> tuple[str, ...]:
    """Sentences with their closing marks, split at 。！？； and line breaks."""
    return tuple(s for s in (m.group().strip() for m in _SENTENCE.finditer(text)) if s)
