"""Groups of near-duplicates in memory, and how well they match labelled ones."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from news.dedupe import Fingerprint, fingerprint, near_duplicate

_MOST_CANDIDATES = 64


@dataclass(frozen=True, slots=True)
class PairScores:
    """Agreement of predicted with labelled groups, counted over pairs of texts in one group.

    A share without any pair to count is 1. `docs_per_s` covers fingerprints and comparisons.
    """

    pair_precision: float
    pair_recall: float
    pair_f1: float
    docs_per_s: float
    n: int


def no_subjects(text: str) -> Iterable[str]:
    """Subjects where no linker is at hand: none, so that names alone tell no texts apart."""
    return ()


def duplicate_groups(
    texts: Sequence[str], subjects_of: Callable[[str], Iterable[str]] = no_subjects
) -> tuple[int, ...]:
    """Group of each text: the place of the first text that it repeats, its own place otherwise.

    `subjects_of` gives the ids of the companies that a text is about.
    """
    marks: list[Fingerprint] = []
    groups: list[int] = []
    places: dict[int, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        mark = fingerprint(text, subjects_of(text))
        shared = Counter(known for band in mark.bands() for known in places[band])
        candidates = (known for known, _ in shared.most_common(_MOST_CANDIDATES))
        original = next((k for k in candidates if near_duplicate(marks[k], mark)), None)
        groups.append(place if original is None else groups[original])
        marks.append(mark)
        for band in mark.bands():
            places[band].append(place)
    return tuple(groups)


def evaluate_duplicates(
    texts: Sequence[str],
    gold: Sequence[Hashable],
    subjects_of: Callable[[str], Iterable[str]] = no_subjects,
    *,
    timer: Callable[[], float] = time.perf_counter,
) -> PairScores:
    """Group the texts and compare with the labelled groups (equal labels belong together)."""
    began = timer()
    groups = duplicate_groups(texts, subjects_of)
    seconds = max(timer() - began, 1e-9)
    predicted, labelled = _pairs(groups), _pairs(gold)
    both = _pairs(tuple(zip(groups, gold, strict=True)))
    precision = both / predicted if predicted else 1.0
    recall = both / labelled if labelled else 1.0
    f1 = (
        2 * precision * recall / (precision + recall) if both else float(predicted == labelled == 0)
    )
    return PairScores(
        round(precision, 4),
        round(recall, 4),
        round(f1, 4),
        round(len(texts) / seconds, 1),
        len(texts),
    )


def _pairs(labels: Iterable[Hashable]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(labels).values())
