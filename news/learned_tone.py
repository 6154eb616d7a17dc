"""Tone towards one entity of a text, learned: negative, neutral or positive.

A linear model of the text and of the entity's surroundings: its clause and sentence, what stands
before and behind it, and what follows the list that it stands in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from news.article import Sentiment
from news.classify_decision import micro_f1
from news.errors import DataFileError
from news.learned_file import LinearModels, ModelKind
from news.learned_linear import LinearModel, learn_linear
from news.learned_pieces import Floats, Segment, plain, text_segments
from news.learned_views import TONE_FAMILIES, tone_segments

_PENALTY = 0.2
_FEWEST = 5


@dataclass(frozen=True, slots=True)
class ToneRow:
    """A labelled entity of a text."""

    text: str
    entity: str
    sentiment: Sentiment


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone, its chance (0 to 1), and good minus bad chances as a score of -1 to 1."""

    sentiment: Sentiment
    chance: float
    score: float


@dataclass(frozen=True, slots=True)
class ToneScores:
    """Share of right tones and the mean F1 of the tones that occur, over `n` entities of texts."""

    accuracy: float
    macro_f1: float
    n: int


class EntityToneModel:
    """Tells tones towards entities; make one with `fit` or `load`.

    `expected`: scores of cross-validation, in which a text's entities are held out together.
    """

    def __init__(
        self,
        sentiments: Sequence[Sentiment],
        model: LinearModel,
        expected: ToneScores | None = None,
    ) -> None:
        self.sentiments = tuple(sentiments)
        self.expected = expected
        self._model = model

    @classmethod
    def fit(cls, rows: Sequence[ToneRow]) -> EntityToneModel:
        """Train; about 20 s for 4,000 entities of texts of 130 characters on one core.

        Raises DataFileError where fewer than two tones have five examples.
        """
        counts = Counter(row.sentiment for row in rows)
        known = [sentiment for sentiment in Sentiment if counts[sentiment] >= _FEWEST]
        if len(known) < 2:
            seen = ", ".join(f"{name} {n}" for name, n in counts.items()) or "none"
            raise DataFileError(
                f"examples: {seen}; two tones with {_FEWEST} examples or more are needed: give"
                " more labelled texts, of more than one tone"
            )
        rows = [row for row in rows if row.sentiment in known]
        segments: list[Segment] = []
        for place, row in enumerate(rows):
            form = plain(row.text)
            segments += [
                *text_segments(place, form),
                *tone_segments(place, form, plain(row.entity)),
            ]
        truth = np.array([[row.sentiment is s for s in known] for row in rows], np.bool_)
        groups = [row.text for row in rows]
        learned = learn_linear(TONE_FAMILIES, segments, truth, penalty=_PENALTY, groups=groups)
        best = learned.unseen.argmax(axis=1)
        expected = score_tones([row.sentiment for row in rows], [known[j] for j in best])
        return cls(known, learned.model, expected)

    def tones(self, text: str, entities: Sequence[str]) -> tuple[Tone, ...]:
        """The tone of a text towards each of its entities, all told at once."""
        if not entities:
            return ()
        form = plain(text)
        segments = [
            segment
            for place, name in enumerate(entities)
            for segment in tone_segments(place, form, plain(name))
        ]
        scores = self._model.scores(segments, len(entities)) + self._model.text_scores(form)
        chances = self._model.chances.of(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        return tuple(self._tone(*row) for row in zip(scores, chances, strict=True))

    def _tone(self, scores: Floats, chances: Floats) -> Tone:
        share = dict(zip(self.sentiments, chances.tolist(), strict=True))
        score = share.get(Sentiment.POSITIVE, 0.0) - share.get(Sentiment.NEGATIVE, 0.0)
        best = self.sentiments[int(scores.argmax())]
        return Tone(best, round(share[best], 3), round(score, 4))

    def save(self, folder: Path) -> int:
        """Write `model.json` and `model.npz` into a folder, plain data alone; bytes written."""
        labels = tuple(str(s) for s in self.sentiments)
        nothing = np.zeros(0, np.float32)
        return LinearModels(ModelKind.ENTITY_SENTIMENT, labels, (self._model,), nothing).save(
            folder
        )

    @classmethod
    def load(cls, folder: Path) -> EntityToneModel:
        """Read what `save` wrote; DataFileError where it is missing or of another format."""
        saved = LinearModels.load(folder, ModelKind.ENTITY_SENTIMENT)
        try:
            sentiments = [Sentiment(label) for label in saved.labels]
        except ValueError as error:
            raise DataFileError(f"{folder}: {error}; train and save it again") from error
        return cls(sentiments, saved.parts[0])


def score_tones(truth: Sequence[Sentiment], found: Sequence[Sentiment]) -> ToneScores:
    """How well found tones agree with labels."""
    each = []
    for sentiment in Sentiment:
        mine = np.array([[s is sentiment] for s in found], np.bool_)
        theirs = np.array([[s is sentiment] for s in truth], np.bool_)
        if mine.any() or theirs.any():
            each.append(micro_f1(mine, theirs))
    right = [a is b for a, b in zip(truth, found, strict=True)]
    accuracy, macro = float(np.mean(right or [False])), float(np.mean(each or [0.0]))
    return ToneScores(round(accuracy, 4), round(macro, 4), len(truth))
