"""Articles, entities and facts as JSON, and their conversion from the domain's types.

Times are ISO 8601 with the zone of China (+08:00); days are days in China.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from news.article import Article, EntityTone, Mention, Sentiment, SourceTier, Tag, TagGroup
from news.event import ArticleEvent, EventKind
from news.fact import LITERAL, Entity, EntityKind, Fact, FactStatus, Predicate
from news.published import CHINA
from news.securities import Security

ArticleId = Annotated[str, Field(examples=["c4092ff5ed4a1b255ede20c2223d6c07"])]
Headline = Annotated[str, Field(examples=["宁德时代发布麒麟电池"])]
Source = Annotated[str, Field(examples=["示例资讯（样例）"])]
Url = Annotated[str | None, Field(examples=["https://news.example.com/sample/2022/0017"])]
Moment = Annotated[datetime, Field(examples=["2022-06-23T17:00:00+08:00"])]

_ARTICLE_EVIDENCE = re.compile(r"article:(?P<id>[^#]+)#(?P<start>\d+)-(?P<end>\d+)")


class EntityRef(BaseModel):
    """An entity's id (`kind:key`), its name now and its kind."""

    id: str = Field(examples=["company:300750"])
    name: str = Field(examples=["宁德时代"])
    kind: EntityKind

    @classmethod
    def of(cls, entity: Entity) -> EntityRef:
        """From the graph's entity."""
        return cls(id=entity.id, name=entity.name, kind=entity.kind)


class TagBody(BaseModel):
    """A label and how sure the tagger is (0 to 1)."""

    name: str = Field(examples=["产品研发"])
    group: TagGroup
    confidence: float = Field(examples=[0.667])

    @classmethod
    def of(cls, tag: Tag) -> TagBody:
        """From an article's tag."""
        return cls(name=tag.name, group=tag.group, confidence=tag.confidence)


class MentionBody(BaseModel):
    """A company named in an article.

    `start` and `end` (exclusive) count Unicode characters of `headline + "\\n" + text` (of `text`
    where there is no headline).
    """

    entity_id: str = Field(examples=["company:300750"])
    name: str = Field(examples=["宁德时代"])
    surface: str = Field(description="The words of the article.", examples=["宁德时代"])
    start: int = Field(examples=[0])
    end: int = Field(examples=[4])
    confidence: float = Field(examples=[0.95])
    method: str = Field(examples=["short_name"])

    @classmethod
    def of(cls, mention: Mention, name: str) -> MentionBody:
        """From an article's mention and the company's name."""
        return cls(
            entity_id=mention.entity_id,
            name=name,
            surface=mention.surface,
            start=mention.start,
            end=mention.end,
            confidence=mention.confidence,
            method=mention.method,
        )


class ToneBody(BaseModel):
    """How an article speaks of one of its entities."""

    entity_id: str = Field(examples=["company:300750"])
    name: str = Field(examples=["宁德时代"])
    sentiment: Sentiment
    score: float = Field(description="-1 (negative) to 1 (positive).", examples=[0.6])
    confidence: float = Field(examples=[0.8])
    relevance: float = Field(description="Of the entity to the article, 0 to 1.", examples=[1.0])

    @classmethod
    def of(cls, tone: EntityTone, name: str) -> ToneBody:
        """From an article's tone and the entity's name."""
        return cls(
            entity_id=tone.entity_id,
            name=name,
            sentiment=tone.sentiment,
            score=tone.score,
            confidence=tone.confidence,
            relevance=tone.relevance,
        )


class EventBody(BaseModel):
    """An event that an article reports; `start` and `end` count as those of mentions."""

    kind: EventKind
    subject: str | None = Field(examples=["company:300750"])
    status: FactStatus
    arguments: dict[str, str] = Field(examples=[{"percent": "72"}])
    start: int = Field(examples=[0])
    end: int = Field(examples=[10])
    confidence: float = Field(examples=[0.8])

    @classmethod
    def of(cls, event: ArticleEvent) -> EventBody:
        """From an article's event."""
        return cls(
            kind=event.kind,
            subject=event.subject,
            status=event.status,
            arguments=dict(event.arguments),
            start=event.start,
            end=event.end,
            confidence=event.confidence,
        )


class ArticleRef(BaseModel):
    """An article in a list."""

    id: ArticleId
    headline: Headline
    source: Source
    url: Url
    published_at: Moment

    @classmethod
    def of(cls, article: Article) -> ArticleRef:
        """From an article."""
        return cls(
            id=article.id,
            headline=article.headline,
            source=article.source,
            url=article.url,
            published_at=article.published_at.astimezone(CHINA),
        )


class Sighting(BaseModel):
    """A place where the article was found: an address, or a file and the place in it."""

    place: str = Field(examples=["industries.jsonl:16"])
    source: Source
    seen_at: Moment

    @classmethod
    def of(cls, place: str, source: str, seen_at: datetime) -> Sighting:
        """From the store's row; folders of the server stay on the server."""
        shown = place if "://" in place else re.split(r"[/\\]", place)[-1]
        return cls(place=shown, source=source, seen_at=seen_at.astimezone(CHINA))


class ArticleBody(ArticleRef):
    """An article, whole."""

    version: int = Field(description="Grows when the source changes the text.", examples=[1])
    text: str = Field(examples=["宁德时代6月23日发布第三代CTP技术“麒麟电池”，体积利用率超过72%。"])
    dated: bool = Field(
        description="False: the source gave no date, published_at is the time of arrival.",
        examples=[True],
    )
    ingested_at: Moment
    sentiment: Sentiment
    sentiment_score: float = Field(description="-1 (negative) to 1 (positive).", examples=[0.6])
    tags: list[TagBody]
    mentions: list[MentionBody]
    tones: list[ToneBody]
    events: list[EventBody]
    tier: SourceTier
    language: str = Field(description="ISO 639-1; und: too short to tell.", examples=["zh"])
    story_id: str | None = Field(
        description="Articles about one matter share it.",
        examples=["story:c4092ff5ed4a1b255ede20c2223d6c07"],
    )
    novelty: float = Field(
        description="1: news; towards 0: earlier articles of its story said it.", examples=[1.0]
    )
    withdrawn_at: datetime | None = Field(
        description="When its source took it back; null: it stands.", examples=[None]
    )
    duplicate_of: str | None = Field(
        description="Id of the earlier article that this one repeats.", examples=[None]
    )
    near_duplicates: list[ArticleRef] = Field(description="The other articles of the same story.")
    near_duplicate_count: int = Field(examples=[1])
    sightings: list[Sighting]
    sighting_count: int = Field(examples=[1])


class Evidence(BaseModel):
    """Where a fact was read: a row of a data file, or characters of an article."""

    place: str = Field(examples=["data/securities.tsv#300750"])
    article_id: str | None = Field(examples=[None])
    start: int | None = Field(examples=[None])
    end: int | None = Field(examples=[None])

    @classmethod
    def of(cls, evidence: str) -> Evidence:
        """From a fact's evidence."""
        match = _ARTICLE_EVIDENCE.fullmatch(evidence)
        if match is None:
            return cls(place=evidence, article_id=None, start=None, end=None)
        return cls(
            place=evidence,
            article_id=match["id"],
            start=int(match["start"]),
            end=int(match["end"]),
        )


class FactBody(BaseModel):
    """One edge of the graph, with its evidence and both of its times.

    Valid time (`valid_from`, `valid_to`) is when it was true, recorded time (`recorded_at`,
    `retracted_at`) when the system knew it; null is open. `object` is null where the object is a
    word, which `object_name` then holds.
    """

    id: str = Field(examples=["2dfe009c02f90cc7c3d662da059f8ee1"])
    subject: str = Field(examples=["security:300750.SZ"])
    subject_name: str = Field(examples=["宁德时代"])
    predicate: Predicate = Field(examples=[Predicate.LISTED_ON])
    object: str | None = Field(examples=["exchange:SZ"])
    object_name: str = Field(examples=["深圳证券交易所"])
    qualifiers: dict[str, str] = Field(examples=[{}])
    valid_from: date | None = Field(examples=["2018-06-11"])
    valid_to: date | None = Field(examples=[None])
    recorded_at: Moment
    retracted_at: datetime | None = Field(examples=[None])
    confidence: float = Field(examples=[1.0])
    status: FactStatus
    method: str = Field(examples=["file"])
    method_version: int = Field(examples=[1])
    evidence: Evidence

    @classmethod
    def of(cls, fact: Fact, names: Mapping[str, str]) -> FactBody:
        """From a fact and the names of its ends; an end without a name is called by its id."""
        literal = fact.object.startswith(LITERAL)
        words = fact.object.removeprefix(LITERAL)
        retracted = fact.retracted_at
        return cls(
            id=fact.id,
            subject=fact.subject,
            subject_name=names.get(fact.subject, fact.subject),
            predicate=fact.predicate,
            object=None if literal else fact.object,
            object_name=words if literal else names.get(fact.object, fact.object),
            qualifiers=dict(fact.qualifiers),
            valid_from=fact.valid_from,
            valid_to=fact.valid_to,
            recorded_at=fact.recorded_at.astimezone(CHINA),
            retracted_at=retracted.astimezone(CHINA) if retracted else None,
            confidence=fact.confidence,
            status=fact.status,
            method=fact.method,
            method_version=fact.method_version,
            evidence=Evidence.of(fact.evidence),
        )


class LinkedEntity(BaseModel):
    """An entity and the fact that ties it to the company."""

    entity: EntityRef
    fact: FactBody


class SecurityBody(BaseModel):
    """A listed security of a company."""

    symbol: str = Field(examples=["300750.SZ"])
    code: str = Field(examples=["300750"])
    exchange: str = Field(examples=["SZ"])
    short_name: str = Field(examples=["宁德时代"])
    full_name: str = Field(examples=["宁德时代新能源科技股份有限公司"])
    list_date: date | None = Field(examples=["2018-06-11"])
    former_names: list[str] = Field(examples=[[]])

    @classmethod
    def of(cls, security: Security) -> SecurityBody:
        """From the securities master."""
        return cls(
            symbol=security.symbol,
            code=security.code,
            exchange=security.exchange,
            short_name=security.short_name,
            full_name=security.full_name,
            list_date=security.list_date,
            former_names=list(security.former_names),
        )
