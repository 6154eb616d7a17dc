"""A linear-chain tagger that finds the subject of an event in a text.

Trained by CRFsuite's averaged perceptron (Collins 2002; python-crfsuite, MIT) on the features of
`news.event_features`; the weights are then read out, so that using it needs numpy only. A subject
is tagged B I … E, everything else O.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

TAGS = ("O", "B", "I", "E")
_O, _B, _I, _E = range(4)
_ROUNDS = 12
LONGEST_NAME = 32
_SMALLEST = 1e-4
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Span:
    """[start, end) of the form, and how much likelier it is than no subject there."""

    start: int
    end: int
    score: float


class SubjectTagger:
    """Weights of a trained tagger: `emissions` float32[features, 4], `moves` float32[4, 4]."""

    def __init__(self, features: Sequence[str], emissions: Floats, moves: Floats) -> None:
        self.features = tuple(features)
        self.emissions = emissions
        self.moves = moves
        self._place = {name: row for row, name in enumerate(self.features)}

    @classmethod
    def fit(cls, rows: Iterable[tuple[list[list[str]], list[str]]]) -> SubjectTagger:
        """Train on features and tags of each text's characters."""
        import pycrfsuite

        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.select("ap")
        trainer.set_params({"max_iterations": _ROUNDS})
        for features, tags in rows:
            trainer.append(features, tags)
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "tagger.crf")
            trainer.train(path)
            tagger = pycrfsuite.Tagger()
            tagger.open(path)
            weights = tagger.info()
            tagger.close()
        return cls._of(weights.state_features, weights.transitions)

    @classmethod
    def _of(
        cls, states: dict[tuple[str, str], float], transitions: dict[tuple[str, str], float]
    ) -> SubjectTagger:
        place = {tag: i for i, tag in enumerate(TAGS)}
        kept = [(f, tag, w) for (f, tag), w in states.items() if abs(w) > _SMALLEST]
        rows = {name: row for row, name in enumerate(sorted({f for f, _, _ in kept}))}
        emissions = np.zeros((len(rows), len(TAGS)), np.float32)
        for feature, tag, weight in kept:
            emissions[rows[feature], place[tag]] = weight
        moves = np.zeros((len(TAGS), len(TAGS)), np.float32)
        for (before, after), weight in transitions.items():
            moves[place[before], place[after]] = weight
        return cls(list(rows), emissions, moves)

    def spans(self, features: Sequence[Sequence[str]]) -> tuple[Span, ...]:
        """Subjects of a text, the likeliest first; the likeliest span where the tags show none."""
        if not features:
            return ()
        scores = self._scores(features)
        path = self._path(scores)
        gains = self._gains(scores)
        found = [Span(s, e, float(gains[s, e - 1 - s])) for s, e in spans_of(path)]
        if found:
            return tuple(sorted(found, key=lambda span: -span.score))
        start, extra = np.unravel_index(int(gains.argmax()), gains.shape)
        best = Span(int(start), int(start + extra + 1), float(gains[start, extra]))
        return (best,)

    def _scores(self, features: Sequence[Sequence[str]]) -> Floats:
        found = np.zeros((len(features), len(TAGS)), np.float32)
        for i, names in enumerate(features):
            rows = [row for name in names if (row := self._place.get(name)) is not None]
            found[i] = self.emissions[rows].sum(axis=0)
        return found

    def _path(self, scores: Floats) -> list[int]:
        """The likeliest tags (Viterbi)."""
        best = scores[0]
        back = np.zeros(scores.shape, np.intp)
        for i in range(1, len(scores)):
            ways = best[:, None] + self.moves
            back[i] = ways.argmax(axis=0)
            best = ways.max(axis=0) + scores[i]
        path = [int(best.argmax())]
        for i in range(len(scores) - 1, 0, -1):
            path.append(int(back[i, path[-1]]))
        return path[::-1]

    def _gains(self, scores: Floats) -> Floats:
        """Score of a subject from s of length 1 + k against none: float32[n, LONGEST_NAME]."""
        n, moves = len(scores), self.moves
        rest = np.concatenate([[0.0], np.cumsum(scores[:, _O] + moves[_O, _O])])
        inner = np.concatenate([[0.0], np.cumsum(scores[:, _I] + moves[_I, _I])])
        gains = np.full((n, LONGEST_NAME), -np.inf, np.float32)
        for extra in range(1, min(LONGEST_NAME, n)):
            s = np.arange(n - extra)
            e = s + extra
            tagged = moves[_O, _B] + scores[s, _B] + scores[e, _E] + moves[_E, _O]
            if extra == 1:
                tagged = tagged + moves[_B, _E]
            else:
                between = inner[e] - inner[s + 1] - moves[_I, _I]
                tagged = tagged + between + moves[_B, _I] + moves[_I, _E]
            gains[s, extra] = tagged - (rest[e + 1] - rest[s]) - moves[_O, _O]
        if n == 1:
            gains[0, 0] = scores[0, _B] - scores[0, _O]
        return gains


def spans_of(path: Sequence[int]) -> list[tuple[int, int]]:
    """[start, end) of each whole name of two characters or more among tags."""
    found: list[tuple[int, int]] = []
    start = None
    for i, tag in enumerate(path):
        if tag == _B:
            start = i
        elif tag == _O:
            start = None
        elif tag == _E and start is not None:
            if i - start < LONGEST_NAME:
                found.append((start, i + 1))
            start = None
    return found


def tags_of(size: int, names: Iterable[tuple[int, int]]) -> list[str]:
    """Tags of `size` characters with names at [start, end), each two characters or longer."""
    tags = ["O"] * size
    for start, end in names:
        tags[start:end] = ["B", *"I" * (end - start - 2), "E"]
    return tags
