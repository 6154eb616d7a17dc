"""The small model behind moods: softmax regression over characters, their runs and mood words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from assist.emotion_words import Mood, MoodWords

MOODS = tuple(Mood)
_LONGEST_RUN = 3
_SHOWN = 3
_RIDGE = 0.05
_STEPS = 400
_WORD_WEIGHT = 0.25
_MARKS = "\0marks"


@dataclass(frozen=True, slots=True)
class MoodGuess:
    """Chances in the order of MOODS, and the parts of the text that spoke for the likeliest."""

    chances: tuple[float, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoodModel:
    """weights: float32 [features + 1, moods], the last row the bias; columns: feature to row."""

    columns: dict[str, int]
    weights: NDArray[np.float32]
    words: MoodWords

    @classmethod
    def fit(cls, texts: Sequence[str], moods: Sequence[Mood], words: MoodWords) -> MoodModel:
        """Learn from plain texts and their moods; the same examples give the same model."""
        rows = [_features(text, words) for text in texts]
        columns = {name: n for n, name in enumerate(dict.fromkeys(f for row in rows for f in row))}
        seen = np.zeros((len(texts), len(columns) + 1), dtype=np.float32)
        for place, row in enumerate(rows):
            seen[place, [columns[f] for f in row]] = list(row.values())
        seen[:, -1] = 1
        wanted = np.eye(len(MOODS), dtype=np.float32)[[MOODS.index(mood) for mood in moods]]
        weights = seen.T @ _duals(seen @ seen.T, wanted)
        # Every mood counts the same, however many examples it has (logit adjustment, Menon 2021).
        weights[-1] -= np.log(wanted.mean(axis=0))
        return cls(columns, weights, words)

    def guess(self, text: str) -> MoodGuess:
        """The mood of a plain text."""
        row = {f: v for f, v in _features(text, self.words).items() if f in self.columns}
        places = [self.columns[f] for f in row]
        values = np.fromiter(row.values(), dtype=np.float32, count=len(row))
        shares = values[:, None] * self.weights[places]
        logits = shares.sum(axis=0) + self.weights[-1]
        chances = np.exp(logits - logits.max())
        chances /= chances.sum()
        best = int(chances.argmax())
        likely = shares[:, best] - shares.mean(axis=1)
        parts = [name for name, share in zip(row, likely, strict=True) if share > 0]
        parts.sort(key=lambda name: -likely[list(row).index(name)])
        shown = [name for name in parts if not name.startswith("\0")]
        return MoodGuess(tuple(float(c) for c in chances), tuple(_without_parts(shown)))


def _features(text: str, words: MoodWords) -> dict[str, float]:
    """Runs of one to three characters, of length 1 together, and counts of mood words."""
    letters = text.rstrip("!")
    runs = {
        letters[start : start + n]
        for n in range(1, _LONGEST_RUN + 1)
        for start in range(len(letters) - n + 1)
    }
    row = dict.fromkeys(sorted(runs), len(runs) ** -0.5 if runs else 0.0)
    for _, mood in words.found(letters):
        name = f"\0{mood}"
        row[name] = min(row.get(name, 0.0) + _WORD_WEIGHT, 2 * _WORD_WEIGHT)
    if letters != text:
        row[_MARKS] = _WORD_WEIGHT
    return row


def _duals(kernel: NDArray[np.float32], wanted: NDArray[np.float32]) -> NDArray[np.float32]:
    """Duals of a softmax regression with a ridge: accelerated steps bounded as by Boehning 1992."""
    with threadpool_limits(1):  # waiting threads cost more than they help at this size
        bound = float(np.linalg.eigvalsh(kernel)[-1]) / 2 + _RIDGE * len(kernel)
        duals = ahead = np.zeros_like(wanted)
        for step in range(_STEPS):
            logits = kernel @ ahead
            likely = np.exp(logits - logits.max(axis=1, keepdims=True))
            likely /= likely.sum(axis=1, keepdims=True)
            following = ahead - (likely - wanted + _RIDGE * ahead) / bound
            ahead = following + np.float32(step / (step + 3)) * (following - duals)
            duals = following
    return duals


def _without_parts(names: Sequence[str]) -> list[str]:
    """The strongest few, none inside another."""
    kept: list[str] = []
    for name in sorted(names[: 4 * _SHOWN], key=len, reverse=True):
        if len(name) > 1 and not any(name in other for other in kept):
            kept.append(name)
    return sorted(kept[:_SHOWN], key=list(names).index)
