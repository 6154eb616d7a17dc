"""An article as a row of the articles table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from news.article import Article, EntityTone, Mention, Sentiment, SourceTier, Tag
from news.event import ArticleEvent

COLUMNS = (
    "id, headline, text, source, origin, url, published_at, dated, ingested_at, version,"
    " content_hash, sentiment, sentiment_score, duplicate_of, tier, language, story_id, novelty,"
    " withdrawn_at, pipeline"
)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, as times are stored."""
    return int(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """The moment, in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def to_row(article: Article) -> tuple[str | int | float | None, ...]:
    """Values in the order of `COLUMNS`."""
    return (
        article.id,
        article.headline,
        article.text,
        article.source,
        article.origin,
        article.url,
        to_ms(article.published_at),
        int(article.dated),
        to_ms(article.ingested_at),
        article.version,
        article.content_hash,
        str(article.sentiment),
        article.sentiment_score,
        article.duplicate_of,
        str(article.tier),
        article.language,
        article.story_id,
        article.novelty,
        to_ms(article.withdrawn_at) if article.withdrawn_at else None,
        article.pipeline,
    )


def from_row(
    row: tuple[Any, ...],
    tags: tuple[Tag, ...],
    mentions: tuple[Mention, ...],
    tones: tuple[EntityTone, ...],
    events: tuple[ArticleEvent, ...],
) -> Article:
    """The article of a row in the order of `COLUMNS`, with what was found in it."""
    (id_, headline, text, source, origin, url, published_at, dated) = row[:8]
    (ingested_at, version, content_hash, sentiment, sentiment_score, duplicate_of) = row[8:14]
    (tier, language, story_id, novelty, withdrawn_at, pipeline) = row[14:]
    return Article(
        id=id_,
        headline=headline,
        text=text,
        source=source,
        origin=origin,
        url=url,
        published_at=from_ms(published_at),
        dated=bool(dated),
        ingested_at=from_ms(ingested_at),
        version=version,
        content_hash=content_hash,
        sentiment=Sentiment(sentiment),
        sentiment_score=sentiment_score,
        tags=tags,
        mentions=mentions,
        duplicate_of=duplicate_of,
        tier=SourceTier(tier),
        language=language,
        tones=tones,
        events=events,
        story_id=story_id,
        novelty=novelty,
        withdrawn_at=from_ms(withdrawn_at) if withdrawn_at is not None else None,
        pipeline=pipeline,
    )
