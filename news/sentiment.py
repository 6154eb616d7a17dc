"""Tone of an article by a weighted word list.

Points of a word are polarity x weight x degree, turned over by an odd number of negations before it
in its clause (`没有下滑` speaks mildly for a company). Repeats count less and less, a word in the
headline twice. The score is points / sqrt(points^2 + 4), the normal form of VADER (Hutto & Gilbert
2014) with a shorter run-up: one plain word gives 0.45, two give 0.71. Between -0.2 and 0.2 the
tone is neutral: nothing found, or good and bad in balance.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

from news.article import Sentiment
from news.comparable import comparable
from news.errors import DataFileError

HEADLINE_WEIGHT = 2.0
NEUTRAL_BAND = 0.2
NEGATION_WINDOW = 8
NEGATED = -0.6
_RUN_UP = 4.0
_COLUMNS = ("word", "polarity", "weight")
_CLAUSE_END = re.compile(r"[,。;:!?、\n]")
_STRONG = "大幅 显著 明显 严重 急剧 剧烈 极 极为 极其 非常 特别 十分 极度 重大 巨额 持续 连续 全面"
_WEAK = "小幅 略 略微 略有 微 稍 稍微 轻微 有所 部分 短暂 一定"
_DEGREES = dict.fromkeys(_STRONG.split(), 1.5) | dict.fromkeys(_WEAK.split(), 0.6)
# 涨3%, 跌超4%: a bare movement counts where a figure says that it is one.
_MOVES = {
    f"{move}{after}": value
    for move, value in (("涨", 1.0), ("升", 1.0), ("跌", -1.0), ("降", -1.0))
    for after in (*"0123456789超近逾约", "幅居前")
}
_DEGREE_WINDOW = 4
# Words that begin like a negation and are none.
_APPARENT = (
    "不断 不仅 不但 不止 不只 不光 不少 不同 不过 不久 不管 不论 不单 不得不 不限 不锈 不动产"
)
_NO_NEGATION = f"{_APPARENT} 不等 不一 不低于 不超过 不高于 未来 没有停止 无不 莫不".split()


@dataclass(frozen=True, slots=True)
class SentimentWord:
    """A word that speaks for (`polarity` 1) or against (-1) the one it is said of."""

    word: str
    polarity: int
    weight: float


@dataclass(frozen=True, slots=True)
class _Role:
    """What a found word does: adds its value, scales the next word, turns it over, or nothing."""

    value: float = 0.0
    degree: float = 0.0
    negates: bool = False


class SentimentLexicon:
    """Scores texts; immutable."""

    def __init__(self, words: Iterable[SentimentWord], negations: Iterable[str]) -> None:
        values = _MOVES | {comparable(w.word): w.polarity * w.weight for w in words}
        roles = dict.fromkeys(_NO_NEGATION, _Role())
        roles |= {word: _Role(degree=factor) for word, factor in _DEGREES.items()}
        roles |= {comparable(word): _Role(negates=True) for word in negations}
        roles |= {word: _Role(value=value) for word, value in values.items()}
        self._roles = tuple(roles.values())
        self._automaton = AhoCorasick(roles, MatchKind.LeftmostLongest)

    @classmethod
    def load(cls, words: Path, negations: Path) -> SentimentLexicon:
        """Read a TSV file (word, polarity, weight) and a file of negations, one a line.

        Raises DataFileError that names the file and line.
        """
        return cls(_read_words(words), _read_negations(negations))

    def score(self, headline: str, text: str) -> tuple[Sentiment, float]:
        """Tone and score, -1 (negative) to 1 (positive)."""
        points = HEADLINE_WEIGHT * self._points(headline) + self._points(text)
        score = round(points / math.sqrt(points * points + _RUN_UP), 4)
        if score >= NEUTRAL_BAND:
            return Sentiment.POSITIVE, score
        return (Sentiment.NEGATIVE if score <= -NEUTRAL_BAND else Sentiment.NEUTRAL), score

    def _points(self, text: str) -> float:
        form = comparable(text)
        total = 0.0
        seen: dict[int, int] = {}
        negations: list[int] = []
        degree, degree_end = 1.0, -1
        for which, start, end in self._automaton.find_matches_as_indexes(form):
            role = self._roles[which]
            if role.value:
                times = seen[which] = seen.get(which, 0) + 1
                value = role.value / times
                value *= degree if start - degree_end <= _DEGREE_WINDOW else 1.0
                total += value * (NEGATED if _is_negated(form, start, negations) else 1.0)
            elif role.negates:
                negations.append(end)
            elif role.degree:
                degree, degree_end = role.degree, end
        return total


def _is_negated(form: str, start: int, negations: list[int]) -> bool:
    """Whether an odd number of negations stands before `start` within its clause and window."""
    near = [end for end in negations if 0 <= start - end <= NEGATION_WINDOW]
    if not near:
        return False
    clause = max((m.end() for m in _CLAUSE_END.finditer(form, near[0], start)), default=0)
    return sum(end > clause for end in near) % 2 == 1


def _read_words(path: Path) -> list[SentimentWord]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = [c for c in _COLUMNS if c not in (rows.fieldnames or ())]
            if missing:
                raise DataFileError(
                    f"{path}:1: no column {', '.join(missing)}; the header is {' '.join(_COLUMNS)}"
                )
            return [_word(row, f"{path}:{n}") for n, row in enumerate(rows, start=2)]
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read as UTF-8 text ({error})") from error


def _word(row: dict[str, str | None], place: str) -> SentimentWord:
    word, polarity, weight = ((row[column] or "").strip() for column in _COLUMNS)
    try:
        value = float(weight)
    except ValueError:
        value = math.nan
    if not word or polarity not in ("1", "-1") or not 0 < value < math.inf:
        raise DataFileError(
            f"{place}: {word!r}, {polarity!r}, {weight!r}; expected a word, a polarity of 1 or -1"
            " and a weight above 0: correct or remove the line"
        )
    return SentimentWord(word, int(polarity), value)


def _read_negations(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    return [line.strip() for line in lines if line.strip()]
