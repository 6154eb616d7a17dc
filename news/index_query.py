"""What is asked of the search index, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from news.article import Sentiment, SourceTier
from news.event import EventKind


class SortOrder(StrEnum):
    """How results are ordered."""

    RELEVANCE = "relevance"
    TIME = "time"


class FacetName(StrEnum):
    """By what the articles found can be counted."""

    ENTITY = "entity"
    TAG = "tag"
    INDUSTRY = "industry"
    SENTIMENT = "sentiment"
    TIER = "tier"
    SOURCE = "source"
    EVENT = "event"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """A search as the engine sees it: free text and filters, all of which must hold.

    `entities` must all be mentioned, or one of them where `any_entity`; `tone` is that towards one
    of them. `industry` is an id and holds those below it. `since` is inclusive, `until` exclusive.
    `known_at` asks for what had arrived by then, in its version of then, and not been withdrawn.
    `before_key` leaves out what is not older than the hit with that key; `seqs` keeps to these
    articles. `any_term`: a text need not hold all words.
    """

    text: str = ""
    entities: tuple[str, ...] = ()
    any_entity: bool = False
    tag: str | None = None
    industry: str | None = None
    sentiment: Sentiment | None = None
    tone: Sentiment | None = None
    tier: SourceTier | None = None
    language: str | None = None
    event: EventKind | None = None
    source: str | None = None
    story: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    known_at: datetime | None = None
    duplicates: bool = False
    sort: SortOrder = SortOrder.RELEVANCE
    limit: int = 20
    before_key: int | None = None
    seqs: tuple[int, ...] = ()
    any_term: bool = False

    @property
    def by_time(self) -> bool:
        """Newest first: asked for, or because there are no words to be relevant to."""
        return self.sort is SortOrder.TIME or not self.text.strip()


HIT = np.dtype(
    [
        ("seq", "<i8"),
        ("version", "<i8"),
        ("score", "<f8"),
        ("key", "<i8"),
        ("tier", "<i8"),
        ("story", "<i8"),
    ]
)
"""A hit as a row of an array: thousands are put in order for each search."""
Hits = npt.NDArray[Any]
"""Rows of `HIT`, or of a type that has its fields."""


@dataclass(frozen=True, slots=True)
class IndexHit:
    """One result: which article (its number in the order of arrival) in which version.

    `score` is BM25 (0 by time), `key` sorts by time, `tier` is the rank of the source's tier,
    `story` a number that articles of one story share (0: of no story).
    """

    seq: int
    version: int
    score: float
    key: int
    tier: int
    story: int


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Results in order, as rows of `HIT`, and how many match in all."""

    rows: Hits
    total: int

    @property
    def hits(self) -> tuple[IndexHit, ...]:
        """The results one by one."""
        return tuple(IndexHit(*row) for row in self.rows.tolist())


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the articles found have a value."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The most frequent values, most frequent first; days latest first."""

    name: FacetName
    counts: tuple[FacetCount, ...]
