"""Articles, entities and facts as JSON, and their conversion from the domain's types.

Times are ISO 8601 with the zone of China (+08:00); days are days in China.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from pydantic import BaseModel, Field

from news.article import Article, Mention, Sentiment, Tag, TagGroup
from news.fact import LITERAL, Entity, EntityKind, Fact, FactStatus, Predicate
from news.published import CHINA
from news.securities import Security

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

    name: str = Field(examples=["业绩公告"])
    group: TagGroup
    confidence: float

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
    surface: str = Field(description="The words of the article.")
    start: int
    end: int
    confidence: float
    method: str

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


class ArticleRef(BaseModel):
    """An article in a list."""

    id: str = Field(examples=["0f343b0931126a20f133d67c2b018a3b"])
    headline: str
    source: str
    url: str | None
    published_at: datetime

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

    place: str
    source: str
    seen_at: datetime

    @classmethod
    def of(cls, place: str, source: str, seen_at: datetime) -> Sighting:
        """From the store's row; folders of the server stay on the server."""
        shown = place if "://" in place else re.split(r"[/\\]", place)[-1]
        return cls(place=shown, source=source, seen_at=seen_at.astimezone(CHINA))


class ArticleBody(BaseModel):
    """An article, whole."""

    id: str
    version: int = Field(description="Grows when the source changes the text.")
    headline: str
    text: str
    source: str
    url: str | None
    published_at: datetime
    dated: bool = Field(description="False: the source gave no date, this is the time of arrival.")
    ingested_at: datetime
    sentiment: Sentiment
    sentiment_score: float = Field(description="-1 (negative) to 1 (positive).")
    tags: list[TagBody]
    mentions: list[MentionBody]
    duplicate_of: str | None = Field(description="Id of the earlier article that this one repeats.")
    near_duplicates: list[ArticleRef] = Field(description="The other articles of the same story.")
    near_duplicate_count: int
    sightings: list[Sighting]
    sighting_count: int


class Evidence(BaseModel):
    """Where a fact was read: a row of a data file, or characters of an article."""

    place: str = Field(examples=["data/securities.tsv#300750"])
    article_id: str | None
    start: int | None
    end: int | None

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

    id: str
    subject: str
    subject_name: str
    predicate: Predicate
    object: str | None
    object_name: str
    qualifiers: dict[str, str]
    valid_from: date | None
    valid_to: date | None
    recorded_at: datetime
    retracted_at: datetime | None
    confidence: float
    status: FactStatus
    method: str
    method_version: int
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
    code: str
    exchange: str
    short_name: str
    full_name: str
    list_date: date | None
    former_names: list[str]

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
