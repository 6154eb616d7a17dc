"""What an encoder learns from: pairs of texts with how alike they are."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry
from assist.labelled import read_table
from assist.lexical import plain

PARTNERS = 4  # questions of its own entry that each question is paired with
RIVALS = 2  # questions of other entries, the likest by their letters
_ALIKE = 0.75  # degree from which two texts say the same
_CHUNK = 200

Say = Callable[[str], None]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PairSet:
    """Pairs of one source; `degrees` 0 (unlike) to 1 (the same), one for each pair.

    Degrees of one source compare with each other, those of two sources do not.
    """

    name: str
    pairs: tuple[Pair, ...]
    degrees: tuple[float, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Distinct texts in the order of their first pair."""
        return tuple(dict.fromkeys(text for pair in self.pairs for text in pair))

    def alike(self) -> NDArray[np.bool_]:
        """Which pairs say the same."""
        return np.array(self.degrees) >= _ALIKE

    def only(self, keep: Sequence[bool] | NDArray[np.bool_]) -> PairSet:
        """The pairs that `keep` marks."""
        chosen = [n for n, kept in enumerate(keep) if kept]
        return PairSet(
            self.name,
            tuple(self.pairs[n] for n in chosen),
            tuple(self.degrees[n] for n in chosen),
        )


def read_pairs(path: Path, *, say: Say = lambda line: None) -> PairSet:
    """Read text_a, text_b, label; labels may be 0 and 1 or degrees, the highest is the same.

    Raises KnowledgeError where the file is broken or every label is equal.
    """
    rows = read_table(path, ("text_a", "text_b", "label"), say=say, check=label_problem).rows
    labels = [float(label) for _, _, label in rows]
    low, high = min(labels), max(labels)
    if low == high:
        raise KnowledgeError(
            f"{path}: every label is {low:g}; an encoder learns from two values or more"
        )
    degrees = tuple((label - low) / (high - low) for label in labels)
    return PairSet(path.name, tuple((a, b) for a, b, _ in rows), degrees)


def label_problem(row: tuple[str, ...]) -> str | None:
    """What is wrong with the label of a row (text_a, text_b, label); None where nothing is."""
    try:
        value = float(row[2])
    except ValueError:
        return f"label {row[2]!r} is no number"
    return None if math.isfinite(value) else f"label {row[2]!r} is no finite number"


def pairs_of_base(entries: Iterable[FaqEntry], *, seed: int) -> PairSet:
    """Pairs out of a knowledge base: questions of one entry are alike.

    Unlike are the questions of other entries that look likest, so that what tells entries apart is
    learnt. Raises KnowledgeError where no entry has a similar question.
    """
    owned = [entry for entry in entries if entry.similar]
    if not owned:
        raise KnowledgeError(
            "no entry has a similar question (相似问); an encoder learns from entries with two"
            " questions or more"
        )
    chance = random.Random(seed)
    alike: dict[Pair, None] = {}
    for entry in owned:
        for question in entry.questions:
            others = [other for other in entry.questions if plain(other) != plain(question)]
            for other in chance.sample(others, min(PARTNERS, len(others))):
                alike[min(question, other), max(question, other)] = None
    unlike = tuple(_rivals(owned))
    degrees = (1.0,) * len(alike) + (0.0,) * len(unlike)
    return PairSet("knowledge base", (*alike, *unlike), degrees)


def _rivals(entries: Sequence[FaqEntry]) -> Iterable[Pair]:
    """For each question the likest questions of other entries, by characters and pairs."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    questions = [question for entry in entries for question in entry.questions]
    owner = np.repeat(np.arange(len(entries)), [len(entry.questions) for entry in entries])
    if len(entries) < 2:
        return
    rows = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit_transform(map(plain, questions))
    for start in range(0, len(questions), _CHUNK):
        likeness = (rows[start : start + _CHUNK] @ rows.T).toarray()
        likeness[owner[start : start + _CHUNK, None] == owner[None, :]] = -1.0
        best = np.argsort(-likeness, axis=1, kind="stable")[:, :RIVALS]
        for number, row in enumerate(best, start=start):
            for other in row:
                if likeness[number - start, other] >= 0:
                    yield questions[number], questions[other]
