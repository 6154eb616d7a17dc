"""From a raw article to an analysed one: the part of ingestion that needs no database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import xxhash

from news.article import Article, EntityTone, Mention, RawArticle, content_of
from news.correction import NO_CORRECTIONS, Corrections
from news.dedupe import Fingerprint, content_hash, fingerprint
from news.event import ArticleEvent
from news.fact import EntityKind
from news.judged import names_of, told, told_of
from news.language import language_of
from news.learned_sentiment import Judgement
from news.pipeline import Pipeline, Stage
from news.relation import RelationFound
from news.sentiment import SentimentLexicon
from news.stage_times import stage
from news.taggers import Tagger
from news.text import clean

LONGEST_TEXT = 200_000
UNVERSIONED = Pipeline.of({})
"""The stages of this code without the files that they use."""
_COMPANY = f"{EntityKind.COMPANY}:"
_TRACKING = re.compile(r"^(utm_\w+|spm|from|share_token|gclid|fbclid)$")


class Linker(Protocol):
    """Finds entities; `news.link.EntityLinker` and `news.article_linker.ArticleLinker` do."""

    def link(
        self, content: str, corrections: Corrections = ..., *, article_id: str | None = None
    ) -> tuple[Mention, ...]:
        """Mentions in reading order, without overlaps; corrections win."""


class ToneReader(Protocol):
    """Tells how a text speaks of each of its entities; `EntitySentiment` does."""

    def score(self, content: str, mentions: Sequence[Mention]) -> tuple[EntityTone, ...]:
        """One tone for each entity that the mentions name."""


class NegativeReader(Protocol):
    """Tells whether news is bad, and for whom; `NegativeNews` with a model does."""

    def judge(self, headline: str, text: str, entities: Sequence[str]) -> Judgement:
        """The judgement of an article that names these entities."""


class EventReader(Protocol):
    """Finds what an article reports as happened."""

    def extract(
        self, headline: str, text: str, mentions: tuple[Mention, ...]
    ) -> tuple[ArticleEvent, ...]:
        """Events in the order of their evidence."""


class RelationReader(Protocol):
    """Finds what a text says that entities have to do with each other."""

    def extract(self, content: str, mentions: tuple[Mention, ...]) -> tuple[RelationFound, ...]:
        """Relations between the entities that the mentions name."""


@dataclass(frozen=True, slots=True)
class Analyser:
    """Cleans an article, then finds its language, entities, labels, tones and events."""

    tagger: Tagger
    sentiment: SentimentLexicon
    linker: Linker
    pipeline: Pipeline = UNVERSIONED
    tones: ToneReader | None = None
    negative: NegativeReader | None = None
    events: EventReader | None = None
    relation_reader: RelationReader | None = None

    def prepare(self, raw: RawArticle) -> Prepared:
        """Clean a raw article and give it its identity; cheap, done for known articles too."""
        with stage(Stage.NORMALISE):
            headline, text = clean(raw.headline), clean(raw.text)[:LONGEST_TEXT]
            digest = content_hash(headline, text)
            return Prepared(raw, article_id(raw.url, digest), headline, text, digest)

    def mentions(
        self, prepared: Prepared, corrections: Corrections = NO_CORRECTIONS
    ) -> tuple[Mention, ...]:
        """Entities that the article names; editors' corrections win."""
        content = content_of(prepared.headline, prepared.text)
        with stage(Stage.ENTITIES):
            return self.linker.link(content, corrections, article_id=prepared.id)

    def fingerprint(self, prepared: Prepared, mentions: tuple[Mention, ...]) -> Fingerprint:
        """Fingerprint for near-duplicates of the whole content."""
        with stage(Stage.DUPLICATE):
            subjects = {m.entity_id for m in mentions if m.entity_id.startswith(_COMPANY)}
            return fingerprint(content_of(prepared.headline, prepared.text), subjects)

    def analyse(
        self,
        prepared: Prepared,
        mentions: tuple[Mention, ...],
        *,
        now: datetime,
        version: int,
        duplicate_of: str | None,
    ) -> Article:
        """The article with everything that its text tells."""
        raw, headline, text = prepared.raw, prepared.headline, prepared.text
        content = content_of(headline, text)
        with stage(Stage.LANGUAGE):
            language = language_of(content)
        with stage(Stage.TAGS):
            found = self.tagger.tag(headline, text)
            tags = tuple(sorted(found, key=lambda tag: (-tag.confidence, tag.name)))
        with stage(Stage.SENTIMENT):
            sentiment, score = self.sentiment.score(headline, text)
            tones = self.tones.score(content, mentions) if self.tones else ()
            if self.negative is not None:
                names = names_of(mentions)
                judged = self.negative.judge(headline, text, tuple(names))
                sentiment, score = told(judged, sentiment, score)
                tones = told_of(judged, tones, names)
        with stage(Stage.EVENTS):
            events = self.events.extract(headline, text, mentions) if self.events else ()
        return Article(
            id=prepared.id,
            headline=headline,
            text=text,
            source=clean(raw.source),
            origin=raw.origin,
            url=raw.url,
            published_at=raw.published_at or now,
            dated=raw.published_at is not None,
            ingested_at=now,
            version=version,
            content_hash=prepared.content_hash,
            sentiment=sentiment,
            sentiment_score=score,
            tags=tags,
            mentions=mentions,
            duplicate_of=duplicate_of,
            tier=raw.tier,
            language=language,
            tones=tones,
            events=events,
            pipeline=self.pipeline.id,
        )

    def relations(self, article: Article) -> tuple[RelationFound, ...]:
        """What the article says that its entities have to do with each other."""
        if self.relation_reader is None:
            return ()
        with stage(Stage.RELATIONS):
            return self.relation_reader.extract(article.content, article.mentions)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A cleaned article that has its id and content hash, not yet analysed."""

    raw: RawArticle
    id: str
    headline: str
    text: str
    content_hash: str


def article_id(url: str | None, digest: str) -> str:
    """Identity over versions: the address where there is one of its own, else the content.

    A bare home page is no identity: feeds without links put it on every entry.
    """
    canonical = canonical_url(url) if url else None
    # Every character of an address counts: /2021/1/11 and /2021/11/1 are two articles.
    return xxhash.xxh3_128_hexdigest(canonical.encode("utf-8", "replace")) if canonical else digest


def canonical_url(url: str) -> str | None:
    """Address without fragment and tracking parameters; None for a home page or no web address."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    query = [(k, v) for k, v in parse_qsl(parts.query) if not _TRACKING.match(k)]
    if parts.scheme not in ("http", "https") or (parts.path in ("", "/") and not query):
        return None
    return urlunsplit(("http", parts.netloc.lower(), parts.path, urlencode(query), ""))
