"""An article on its way through the news pipeline, and what is found in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import xxhash

if TYPE_CHECKING:
    from news.event import ArticleEvent


class Sentiment(StrEnum):
    """Tone of a text from the reader's side."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class SourceTier(StrEnum):
    """How much a source's word counts, the most first."""

    OFFICIAL = "official"
    """Announcements of companies, exchanges and authorities."""
    MEDIA = "media"
    """Editorial media with a licence."""
    PORTAL = "portal"
    """Portals and aggregators, which reprint."""
    SOCIAL = "social"
    """Forums and personal accounts."""

    @property
    def rank(self) -> int:
        """0 for the tier that counts most."""
        return list(SourceTier).index(self)


class TagGroup(StrEnum):
    """What kind of question a tag answers."""

    TOPIC = "topic"
    INDUSTRY = "industry"
    MARKET = "market"


@dataclass(frozen=True, slots=True)
class RawArticle:
    """What a reader found in a source, before any cleaning.

    `origin` names the file or address and the place in it (`news.jsonl:12`), for messages.
    `published_at` carries a time zone, or is None where the source gives no date. `withdrawn`: the
    source takes back the article of this `url`; headline and text may then be empty.
    """

    headline: str
    text: str
    origin: str
    url: str | None = None
    published_at: datetime | None = None
    source: str = ""
    tier: SourceTier = SourceTier.MEDIA
    withdrawn: bool = False
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML page as it came, so that it can be read anew: bytes and their declared encoding."""

    body: bytes
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An item that could not become an article, kept with its reason so that it can be replayed.

    `payload` is the whole article as JSON (`news.raw.article_json`) where one was there, else the
    beginning of what could not be read. `seen_at`: last time; `settled_at`: when it was read after
    all; both None in a letter that was not kept yet.
    """

    origin: str
    stage: str
    error: str
    payload: str = ""
    seen_at: datetime | None = field(default=None, compare=False)
    times: int = field(default=1, compare=False)
    settled_at: datetime | None = field(default=None, compare=False)

    @property
    def id(self) -> str:
        """Name of the letter: the same fault at the same place has the same one."""
        whole = "\0".join((self.origin, self.stage, self.error))
        return xxhash.xxh3_64_hexdigest(whole.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Tag:
    """A label with the confidence (0 to 1) of the method that gave it."""

    name: str
    group: TagGroup
    confidence: float


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of an entity in an article.

    `start` and `end` are character offsets into `Article.content`, end exclusive;
    `surface` is that slice. `confidence` is 0 to 1.
    """

    entity_id: str
    surface: str
    start: int
    end: int
    method: str
    confidence: float


@dataclass(frozen=True, slots=True)
class EntityTone:
    """How an article speaks of one of its entities.

    `score` is -1 to 1; `confidence` of the sentiment and `relevance` of the entity to the article
    are 0 to 1.
    """

    entity_id: str
    sentiment: Sentiment
    score: float
    confidence: float
    relevance: float


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned and analysed article, one version of it.

    `id` stays the same over versions. `duplicate_of` is the id of the earlier article that this
    one repeats (near-duplicate), or None. `sentiment_score` is -1 (negative) to 1 (positive).
    `published_at` falls back to the time of ingestion (`dated` is then False). `language` is an
    ISO 639-1 code, `und` where there is too little text to tell. `novelty` is 1 for news and sinks
    to 0 the more of it earlier articles of its story said. `withdrawn_at` is when its source took
    it back. `pipeline` tells with which versions of the stages it was analysed.
    """

    id: str
    headline: str
    text: str
    source: str
    origin: str
    url: str | None
    published_at: datetime
    dated: bool
    ingested_at: datetime
    version: int
    content_hash: str
    sentiment: Sentiment
    sentiment_score: float
    tags: tuple[Tag, ...]
    mentions: tuple[Mention, ...]
    duplicate_of: str | None
    tier: SourceTier = SourceTier.MEDIA
    language: str = "zh"
    tones: tuple[EntityTone, ...] = ()
    events: tuple[ArticleEvent, ...] = ()
    story_id: str | None = None
    novelty: float = 1.0
    withdrawn_at: datetime | None = None
    pipeline: str = ""

    @property
    def content(self) -> str:
        """The text that mention offsets refer to: headline, a line break, text."""
        return content_of(self.headline, self.text)


def content_of(headline: str, text: str) -> str:
    """Join headline and text the one way that mention offsets rely on."""
    return f"{headline}\n{text}" if headline else text
