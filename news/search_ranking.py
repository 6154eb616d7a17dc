"""In which order articles are shown: BM25, how new they are, whose word it is, what they mean.

score = BM25 x recency x tier, over the articles that have the best BM25. Recency sinks from 1 to
1 - `fading` with the age, half of the way every `half_life`: old articles stay findable. Where an
encoder is set, the order by words and the order by meaning are fused by their ranks alone
(reciprocal rank fusion: Cormack, Clarke & Büttcher 2009), and BM25 gives way to that sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from news.article_row import to_ms
from news.errors import SearchError
from news.index_document import key_ms
from news.index_query import HIT, Hits

FUSION = 60
"""k of the fusion, as in its paper."""
Floats = npt.NDArray[np.float64]
_RANKS = ("by_words", "by_meaning", "best")


@dataclass(frozen=True, slots=True)
class Relevance:
    """What beside the words decides on relevance.

    `fading` is 0 (age does not matter) to below 1; `tiers` are the weights of official, media,
    portal and social sources.
    """

    half_life: timedelta = timedelta(days=30)
    fading: float = 0.2
    tiers: tuple[float, float, float, float] = (1.1, 1.0, 0.95, 0.85)

    def __post_init__(self) -> None:
        if not (self.half_life > timedelta() and 0 <= self.fading < 1 and min(self.tiers) > 0):
            raise SearchError(
                f"half_life={self.half_life}, fading={self.fading}, tiers={self.tiers}: give a"
                " span above 0, a share from 0 to below 1, and weights above 0"
            )

    def recency(self, age: timedelta) -> float:
        """1 for what is new (or of the future), sinking to 1 - `fading`."""
        return float(self.recencies(np.array([age / self.half_life]))[0])

    def recencies(self, halves: Floats) -> Floats:
        """The same for many ages, in half lives."""
        faded: Floats = 1.0 - self.fading * (1.0 - np.exp2(-np.clip(halves, 0.0, 1_000.0)))
        return faded

    def tier(self, rank: int) -> float:
        """Weight of a source's tier by its rank."""
        return self.tiers[min(rank, len(self.tiers) - 1)]


RANKED = np.dtype([*((name, HIT[name]) for name in HIT.names or ()), *((n, "<i8") for n in _RANKS)])
"""A hit in its place.

`by_words` and `by_meaning` are its ranks (from 1) in the two orders that were fused; 0 where it is
not in that order, both 0 where nothing was fused. `best` is the number of the article of the same
story with the weightiest source, 0 where results are not collapsed by story.
"""


def by_relevance(words: Hits, meanings: Hits, relevance: Relevance, now: datetime) -> Hits:
    """Rows of `RANKED`, best first, of equals the newer one; no `meanings` without an encoder."""
    rows = _fused(words, meanings) if len(meanings) else as_ranked(words)
    halves = (to_ms(now) - key_ms(rows["key"])) / (relevance.half_life / timedelta(milliseconds=1))
    tiers = np.array(relevance.tiers)[np.minimum(rows["tier"], len(relevance.tiers) - 1)]
    rows["score"] *= relevance.recencies(halves) * tiers
    return rows[np.lexsort((rows["seq"], -rows["key"], -rows["score"]))]


def as_ranked(hits: Hits) -> Hits:
    """Hits as rows of `RANKED`, in the order that they have."""
    rows = np.zeros(len(hits), RANKED)
    for name in HIT.names or ():
        rows[name] = hits[name]
    return rows


def collapsed(ranked: Hits) -> Hits:
    """The first article of each story, with the best one of the story by tier."""
    stories = np.where(ranked["story"] > 0, ranked["story"], -ranked["seq"])
    _, first, group = np.unique(stories, return_index=True, return_inverse=True)
    # By story, then by tier, then as they stand: the first of each story is its best.
    order = np.lexsort((np.arange(len(ranked)), ranked["tier"], group))
    leads = order[np.unique(group[order], return_index=True)[1]]
    rows = ranked[first].copy()
    rows["best"] = ranked["seq"][leads]
    return rows[np.argsort(first)]


def _fused(words: Hits, meanings: Hits) -> Hits:
    _, first = np.unique(np.concatenate((words["seq"], meanings["seq"])), return_index=True)
    rows = as_ranked(np.concatenate((words, meanings))[first])
    rows["score"] = 0.0
    for name, hits in (("by_words", words), ("by_meaning", meanings)):
        places = np.searchsorted(rows["seq"], hits["seq"])
        ranks = np.arange(1, len(hits) + 1)
        rows[name][places] = ranks
        rows["score"][places] += 1.0 / (FUSION + ranks)
    return rows
