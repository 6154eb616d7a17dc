"""From a raw article to an analysed one: the part of ingestion that needs no database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import xxhash

from news.article import Article, Mention, RawArticle, content_of
from news.dedupe import Fingerprint, content_hash, fingerprint
from news.link import EntityLinker
from news.sentiment import SentimentLexicon
from news.tag import TopicTagger
from news.text import clean

LONGEST_TEXT = 200_000
_TRACKING = re.compile(r"^(utm_\w+|spm|from|share_token|gclid|fbclid)$")


@dataclass(frozen=True, slots=True)
class Analyser:
    """Cleans an article, then tags it, scores its tone and links its companies."""

    tagger: TopicTagger
    sentiment: SentimentLexicon
    linker: EntityLinker

    def prepare(self, raw: RawArticle) -> Prepared:
        """Clean a raw article and give it its identity; cheap, done for known articles too."""
        headline, text = clean(raw.headline), clean(raw.text)[:LONGEST_TEXT]
        digest = content_hash(headline, text)
        return Prepared(raw, article_id(raw.url, digest), headline, text, digest)

    def mentions(self, prepared: Prepared) -> tuple[Mention, ...]:
        """Companies that the article names."""
        return self.linker.link(content_of(prepared.headline, prepared.text))

    def fingerprint(self, prepared: Prepared, mentions: tuple[Mention, ...]) -> Fingerprint:
        """Fingerprint for near-duplicates of the whole content."""
        subjects = {mention.entity_id for mention in mentions}
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
        sentiment, score = self.sentiment.score(headline, text)
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
            tags=self.tagger.tag(headline, text),
            mentions=mentions,
            duplicate_of=duplicate_of,
        )


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
