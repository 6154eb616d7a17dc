"""Negative news with its subject, learned: is the news bad, and for which of its entities?

One linear model decides about the text, a second about each of its entities, trained on negative
texts alone. The least score of a subject is the one that fits the training texts best where the
models had not seen them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from news.classify_decision import micro_f1
from news.errors import DataFileError
from news.learned_file import LinearModels, ModelKind
from news.learned_linear import Bools, LinearModel, learn_linear
from news.learned_pieces import Family, Floats, Segment, plain
from news.learned_views import SUBJECT_FAMILIES, joined, subject_segments
from news.text import words

_FAMILIES = (Family("whole", 1, 3), Family("words", 1, 2), Family("lead", 1, 3))
_LEAD = 50
_PENALTY = 0.3
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
        expected: NegativeScores | None = None,
    ) -> None:
        self.expected = expected
        self._article = article
        self._subject = subject
        self._least = least

    @classmethod
    def fit(cls, rows: Sequence[NegativeRow]) -> NegativeNewsModel:
        """Train; about 20 s for 4,000 texts of 220 characters on one core.

        Raises DataFileError where negative and other texts, and subjects and other entities of
        negative texts, are too few to tell apart.
        """
        truth = np.array([[row.negative] for row in rows], np.bool_)
        pairs = _pairs(rows, np.flatnonzero(truth[:, 0]).tolist() if len(rows) else [])
        _check(truth, pairs.truth)
        names = [row.text for row in rows]
        article = learn_linear(
            _FAMILIES, _article_segments(rows), truth, penalty=_PENALTY, groups=names
        )
        subject = learn_linear(
            SUBJECT_FAMILIES, pairs.segments, pairs.truth, penalty=_PENALTY, groups=pairs.rows
        )
        least = _least(subject.unseen, pairs.truth)
        expected = _expected(rows, article.unseen > 0, subject.unseen > least, pairs)
        return cls(article.model, subject.model, least, expected)

    def judge(
        self, title: str, text: str, entities: Sequence[str], *, form: str | None = None
    ) -> Judgement:
        """Judge one text; of entities, the same name twice counts once."""
        form = joined(title, text) if form is None else form
        score = self._article.scores(article_segments(0, form), 1)
        chance = round(float(self._article.chances.of(score)[0, 0]), 3)
        names = tuple(dict.fromkeys(entities))
        if score[0, 0] <= 0 or not names:
            return Judgement(bool(score[0, 0] > 0), chance)
        return Judgement(True, chance, self._subjects(form, names))

    def _subjects(self, form: str, names: tuple[str, ...]) -> tuple[Subject, ...]:
        plains = [plain(name) for name in names]
        segments = [
            segment
            for place in range(len(names))
            for segment in subject_segments(place, form, plains, place)
        ]
        scores = self._subject.scores(segments, len(names))
        chances = self._subject.chances.of(scores)[:, 0]
        found = [
            Subject(name, round(float(chance), 3))
            for name, chance, score in zip(names, chances, scores[:, 0], strict=True)
            if score > self._least
        ]
        return tuple(sorted(found, key=lambda subject: -subject.chance))

    def save(self, folder: Path) -> int:
        """Write `model.json` and `model.npz` into a folder, plain data alone; bytes written."""
        thresholds = np.array([0.0, self._least], np.float32)
        parts = (self._article, self._subject)
        return LinearModels(ModelKind.SENTIMENT, (), parts, thresholds).save(folder)

    @classmethod
    def load(cls, folder: Path) -> NegativeNewsModel:
        """Read what `save` wrote; DataFileError where it is missing or of another format."""
        saved = LinearModels.load(folder, ModelKind.SENTIMENT)
        if len(saved.parts) != 2 or saved.thresholds.shape != (2,):
            raise DataFileError(f"{folder}: lacks a part; train and save it again")
        return cls(saved.parts[0], saved.parts[1], float(saved.thresholds[1]))


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


def _pairs(rows: Sequence[NegativeRow], chosen: Sequence[int]) -> _Pairs:
    segments: list[Segment] = []
    owners: list[int] = []
    names: list[str] = []
    truth: list[bool] = []
    for place in chosen:
        row = rows[place]
        form, entities = joined(row.title, row.text), tuple(dict.fromkeys(row.entities))
        plains = [plain(name) for name in entities]
        for which, name in enumerate(entities):
            segments += subject_segments(len(truth), form, plains, which)
            owners.append(place)
            names.append(name)
            truth.append(name in row.subjects)
    return _Pairs(segments, owners, names, np.array(truth, np.bool_).reshape(-1, 1))


def _article_segments(rows: Sequence[NegativeRow]) -> list[Segment]:
    return [
        segment
        for place, row in enumerate(rows)
        for segment in article_segments(place, joined(row.title, row.text))
    ]


def article_segments(row: int, form: str) -> list[Segment]:
    """Views of a whole plain text."""
    return [Segment(row, 0, form), Segment(row, 1, words(form)), Segment(row, 2, form[:_LEAD])]


def _check(truth: Bools, subjects: Bools) -> None:
    for what, column in (("negative texts", truth), ("subjects of negative texts", subjects)):
        positive, others = int(column.sum()), int(column.size - column.sum())
        if min(positive, others) < _FEWEST:
            raise DataFileError(
                f"{positive} {what} and {others} others: at least {_FEWEST} of either are needed;"
                " give more labelled texts, of both kinds"
            )


def _least(scores: Floats, truth: Bools) -> float:
    """The score above which entities of negative texts are best called subjects."""
    return float(max(_GRID, key=lambda least: micro_f1(scores > least, truth)))


def _expected(
    rows: Sequence[NegativeRow], negative: Bools, subjects: Bools, pairs: _Pairs
) -> NegativeScores:
    found: dict[int, list[Subject]] = {}
    for row, name, chosen in zip(pairs.rows, pairs.names, subjects[:, 0], strict=True):
        if chosen:
            found.setdefault(row, []).append(Subject(name, 1.0))
    # Texts wrongly called negative have no unseen scores of entities: all of these count as found.
    judged = [
        Judgement(
            bool(flag),
            1.0,
            (
                ()
                if not flag
                else tuple(found.get(place, ()))
                if rows[place].negative
                else tuple(Subject(name, 1.0) for name in rows[place].entities)
            ),
        )
        for place, flag in enumerate(negative[:, 0])
    ]
    return score_judgements(rows, judged)
