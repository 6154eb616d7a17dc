"""What a user searches for, and what a search answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from news.article import Article, Sentiment, SourceTier
from news.errors import SearchError
from news.event import EventKind
from news.index_query import FacetName, SortOrder
from news.search_highlight import Marked
from news.text import fold

MOST_TEXT = 500
MOST_RESULTS = 100
MOST_ENTITIES = 20
WINDOW = 2_000
"""How many articles are put in order; by relevance no page goes further."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a user searches for; all of it must hold.

    `entities` are codes, symbols, ids (`company:300750`, `person:…`) or names; all of them must be
    mentioned, or one where `any_entity`. `tone` is the sentiment towards them. `industry` is an id,
    a code or a name and holds those below it. `since` is inclusive, `until` exclusive. `as_of`
    searches what had arrived by then, as it was then. `collapse` shows one article of a story.
    `limit` is 1 to 100; `cursor` comes from a page of the same search.
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
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    sort: SortOrder = SortOrder.RELEVANCE
    duplicates: bool = False
    collapse: bool = False
    facets: tuple[FacetName, ...] = ()
    limit: int = 20
    cursor: str | None = None

    def check(self) -> None:
        """Raise SearchError naming a parameter that makes no sense."""
        if not 1 <= self.limit <= MOST_RESULTS:
            raise SearchError(f"limit={self.limit} is out of range; give 1 to {MOST_RESULTS}")
        if len(self.text) > MOST_TEXT:
            raise SearchError(f"q has {len(self.text)} characters; give at most {MOST_TEXT}")
        if self.text.strip() and not fold(self.text):
            raise SearchError(f"q={self.text[:40]!r} holds no letter or digit to search for")
        if len(self.entities) > MOST_ENTITIES:
            raise SearchError(
                f"entity has {len(self.entities)} values; give at most {MOST_ENTITIES}"
            )
        if self.tone and not self.entities:
            raise SearchError(f"tone={self.tone} is towards whom? give an entity with it")
        for name, value in (("from", self.since), ("to", self.until), ("as_of", self.as_of)):
            if value is not None and value.tzinfo is None:
                raise SearchError(f"{name}={value} has no time zone; give one, as +08:00")
        if self.since and self.until and self.since >= self.until:
            raise SearchError(f"from={self.since} is not before to={self.until}; swap them")


@dataclass(frozen=True, slots=True)
class Explained:
    """Where a score comes from: score = words x recency x tier.

    `words` is BM25; where meaning counts too, the sum of 1 / (60 + rank) over the two orders, whose
    ranks are `by_words` and `by_meaning` (0: not in that order).
    """

    words: float
    recency: float
    tier: float
    by_words: int
    by_meaning: int


@dataclass(frozen=True, slots=True)
class StoryHits:
    """Of a story that is shown once: how many more of its articles match, and the best of them.

    `best` is the one whose source weighs most.
    """

    story_id: str
    more: int
    best: Article


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An article found, its score (0 in searches by time) and where the words stand in it."""

    article: Article
    score: float
    headline: Marked
    excerpt: Marked
    explained: Explained
    story: StoryHits | None = None

    @property
    def snippet(self) -> str:
        """The words around the match."""
        return self.excerpt.text


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value that articles found have, its name for people, and how many have it."""

    value: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class SearchFacet:
    """The most frequent values among all articles found."""

    name: FacetName
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of results; `relaxed` says that not every word is in every result.

    `stories`: how many stories the results that were put in order belong to; None where the
    search does not collapse them.
    """

    hits: tuple[SearchHit, ...]
    total: int
    next_cursor: str | None
    relaxed: bool
    facets: tuple[SearchFacet, ...] = ()
    stories: int | None = None
