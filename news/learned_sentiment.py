"""Negative news with its subject, learned: is the news bad, and for which of its entities?

One linear model looks at the text, with and without the names in it, a second at each of its
entities. News is negative where the score of the text and half of the highest score of an entity
are above 0 together; entities above a score of their own are its subjects, and that score is the
one that fits the training texts best where the models had not seen them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from news.classify_decision import micro_f1
from news.errors import DataFileError
from news.learned_file import LinearModels, ModelKind
from news.learned_linear import Bools, Chances, LinearModel, learn_linear
from news.learned_pieces import TEXT_FAMILIES, Family, Floats, Segment, plain, text_segments
from news.learned_views import MARK, SUBJECT_FAMILIES, joined, subject_segments

_FAMILIES = (*TEXT_FAMILIES, Family("around names", 3))
_AROUND = len(TEXT_FAMILIES)
_BEFORE, _BEHIND, _MOST = 10, 14, 6
_PENALTY = 0.3
_MARK = re.compile(MARK)
_OF_SUBJECT = 0.5
# An entity's score is seldom above this: where the text's score lies too low for it, none is made.
_HIGHEST = 1.0
_GRID = np.arange(-0.8, 0.81, 0.05)
_FEWEST = 10


@dataclass(frozen=True, slots=True)
class NegativeRow:
    """A labelled news item; `subjects` are those of its `entities` that it is bad news for."""

    title: str
    text: str
    entities: tuple[str, ...]
    negative: bool
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """An entity that a negative text is about, and the chance (0 to 1) that it is."""

    name: str
    chance: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a text is negative, the chance (0 to 1) of that, and for whom, surest first."""

    negative: bool
    chance: float
    subjects: tuple[Subject, ...] = ()


@dataclass(frozen=True, slots=True)
class NegativeScores:
    """F1 of `negative` and micro-F1 of (text, subject) pairs, over `n` texts.

    A subject counts as found where exactly this entity was named for this text.
    """

    negative_f1: float
    subject_f1: float
    n: int


class NegativeNewsModel:
    """Judges texts; make one with `fit` or `load`. `expected`: scores of cross-validation."""

    def __init__(
        self,
        article: LinearModel,
        subject: LinearModel,
        least: float,
        chances: Chances,
        expected: NegativeScores | None = None,
    ) -> None:
        self.expected = expected
        self._article = article
        self._subject = subject
        self._least = least
        self._chances = chances

    @classmethod
    def fit(cls, rows: Sequence[NegativeRow]) -> NegativeNewsModel:
        """Train; about 15 s for 4,000 texts of 220 characters on one core.

        Raises DataFileError where negative and other texts, and subjects and other entities, are
        too few to tell apart.
        """
        truth = np.array([[row.negative] for row in rows], np.bool_).reshape(-1, 1)
        pairs = _pairs(rows)
        _check(truth, pairs.truth)
        article = learn_linear(
            _FAMILIES,
            [s for place, row in enumerate(rows) for s in _row_segments(place, row)],
            truth,
            penalty=_PENALTY,
            groups=[row.text for row in rows],
        )
        subject = learn_linear(
            SUBJECT_FAMILIES,
            pairs.segments,
            pairs.truth,
            penalty=_PENALTY,
            groups=[rows[place].text for place in pairs.rows],
        )
        joint = _joint(article.unseen, subject.unseen, pairs)
        of_negative = joint[pairs.rows] > 0
        least = _least(subject.unseen, pairs.truth, of_negative)
        expected = _expected(rows, joint, of_negative & (subject.unseen > least), pairs)
        return cls(article.model, subject.model, least, Chances.learn(joint, truth), expected)

    def judge(self, title: str, text: str, entities: Sequence[str]) -> Judgement:
        """Judge one text; of entities, the same name twice counts once."""
        form, names = joined(title, text), tuple(dict.fromkeys(entities))
        plains = [plain(name) for name in names]
        score = float(self._article.text_scores(form)[0])
        score += float(self._article.scores(_around_names(0, form, plains), 1)[0, 0])
        if not names or score + _OF_SUBJECT * _HIGHEST < 0:
            return Judgement(score > 0, self._chance(score))
        segments = [
            segment
            for place in range(len(names))
            for segment in subject_segments(place, form, plains, place)
        ]
        scores = self._subject.scores(segments, len(names))
        score += _OF_SUBJECT * float(scores.max())
        subjects = self._subjects(names, scores) if score > 0 else ()
        return Judgement(score > 0, self._chance(score), subjects)

    def _chance(self, score: float) -> float:
        return round(float(self._chances.of(np.array([[score]], np.float32))[0, 0]), 3)

    def _subjects(self, names: tuple[str, ...], scores: Floats) -> tuple[Subject, ...]:
        chances = self._subject.chances.of(scores)[:, 0]
        found = [
            Subject(name, round(float(chance), 3))
            for name, chance, score in zip(names, chances, scores[:, 0], strict=True)
            if score > self._least
        ]
        return tuple(sorted(found, key=lambda subject: -subject.chance))

    def save(self, folder: Path) -> int:
        """Write `model.json` and `model.npz` into a folder, plain data alone; bytes written."""
        slope, offset = self._chances.slope[0], self._chances.offset[0]
        thresholds = np.array([self._least, slope, offset], np.float32)
        parts = (self._article, self._subject)
        return LinearModels(ModelKind.SENTIMENT, (), parts, thresholds).save(folder)

    @classmethod
    def load(cls, folder: Path) -> NegativeNewsModel:
        """Read what `save` wrote; DataFileError where it is missing or of another format."""
        saved = LinearModels.load(folder, ModelKind.SENTIMENT)
        if len(saved.parts) != 2 or saved.thresholds.shape != (3,):
            raise DataFileError(f"{folder}: lacks a part; train and save it again")
        chances = Chances(saved.thresholds[1:2], saved.thresholds[2:])
        return cls(saved.parts[0], saved.parts[1], float(saved.thresholds[0]), chances)


def score_judgements(
    rows: Sequence[NegativeRow], judgements: Sequence[Judgement]
) -> NegativeScores:
    """How well judgements agree with labels."""
    found = np.array([[j.negative] for j in judgements], np.bool_)
    truth = np.array([[row.negative] for row in rows], np.bool_)
    pairs = [
        ({s.name for s in j.subjects}, set(row.subjects))
        for row, j in zip(rows, judgements, strict=True)
    ]
    named = sum(len(mine) + len(theirs) for mine, theirs in pairs)
    hits = sum(len(mine & theirs) for mine, theirs in pairs)
    return NegativeScores(
        round(micro_f1(found, truth), 4), round(2 * hits / named if named else 1.0, 4), len(rows)
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Entities of texts; `rows` and `names` say whose and which, `truth` whether a subject."""

    segments: list[Segment]
    rows: list[int]
    names: list[str]
    truth: Bools


def _pairs(rows: Sequence[NegativeRow]) -> _Pairs:
    segments: list[Segment] = []
    owners: list[int] = []
    names: list[str] = []
    truth: list[bool] = []
    for place, row in enumerate(rows):
        form, entities = joined(row.title, row.text), tuple(dict.fromkeys(row.entities))
        plains = [plain(name) for name in entities]
        for which, name in enumerate(entities):
            segments += subject_segments(len(truth), form, plains, which)
            owners.append(place)
            names.append(name)
            truth.append(name in row.subjects)
    return _Pairs(segments, owners, names, np.array(truth, np.bool_).reshape(-1, 1))


def _row_segments(place: int, row: NegativeRow) -> list[Segment]:
    plains = [plain(name) for name in row.entities]
    form = joined(row.title, row.text)
    return [*text_segments(place, form), *_around_names(place, form, plains)]


def _around_names(row: int, form: str, plains: Sequence[str]) -> list[Segment]:
    """Views of the surroundings of its entities, by their plain names, in a plain text."""
    for name in sorted((name for name in plains if name), key=len, reverse=True):
        form = form.replace(name, MARK)
    places = islice((m.start() for m in _MARK.finditer(form)), _MOST)
    return [Segment(row, _AROUND, form[max(0, n - _BEFORE) : n + 1 + _BEHIND]) for n in places]


def _check(truth: Bools, subjects: Bools) -> None:
    for what, column in (("negative texts", truth), ("entities that are subjects", subjects)):
        positive, others = int(column.sum()), int(column.size - column.sum())
        if min(positive, others) < _FEWEST:
            raise DataFileError(
                f"{positive} {what} and {others} others: at least {_FEWEST} of either are needed;"
                " give more labelled texts, of both kinds"
            )


def _joint(article: Floats, subject: Floats, pairs: _Pairs) -> Floats:
    """Scores of texts float32[rows, 1] with half of the highest score of their entities."""
    highest = np.full(len(article), -np.inf, np.float32)
    np.maximum.at(highest, pairs.rows, subject[:, 0])
    highest[np.isinf(highest)] = 0
    return np.asarray(article + _OF_SUBJECT * highest[:, None], np.float32)


def _least(scores: Floats, truth: Bools, of_negative: Bools) -> float:
    """The score above which entities of texts found negative are best called subjects."""
    return float(max(_GRID, key=lambda least: micro_f1(of_negative & (scores > least), truth)))


def _expected(
    rows: Sequence[NegativeRow], joint: Floats, subjects: Bools, pairs: _Pairs
) -> NegativeScores:
    found: dict[int, list[Subject]] = {}
    for row, name, chosen in zip(pairs.rows, pairs.names, subjects[:, 0], strict=True):
        if chosen:
            found.setdefault(row, []).append(Subject(name, 1.0))
    judged = [
        Judgement(bool(score > 0), 1.0, tuple(found.get(place, ())))
        for place, score in enumerate(joint[:, 0])
    ]
    return score_judgements(rows, judged)
