"""`/v1/news`: searching articles and reading one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import xxhash
from fastapi import Header, Path, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from news.article import Article, Sentiment, SourceTier
from news.event import EventKind
from news.index_query import FacetName, SortOrder
from news.published import CHINA
from news.search_highlight import Marked
from news.search_query import (
    MOST_RESULTS,
    MOST_TEXT,
    Explained,
    SearchHit,
    SearchPage,
    SearchQuery,
)
from news.store import NewsStore
from ui.api.access import Workspace
from ui.api.errors import ApiError, ErrorCode, documented
from ui.api.guard import guarded
from ui.api.models import (
    ArticleBody,
    ArticleRef,
    EventBody,
    MentionBody,
    Sighting,
    TagBody,
    ToneBody,
)
from ui.api.parameters import Flag, Name, Since, Until, Whole, not_blank, printable
from ui.scope import Scope
from ui.wiring import Wiring

MOST_LISTED = 100
"""Near-duplicates and sightings that an article lists; their counts are always whole."""

router = guarded("/v1/news", "news", read=Scope.NEWS_READ)


_FACETS = "|".join(FacetName)


class Match(StrEnum):
    """How many of several values must hold."""

    ALL = "all"
    ANY = "any"


class Collapse(StrEnum):
    """What is shown once."""

    STORY = "story"


Names = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, pattern="^[^,]+(,[^,]+)*$"),
    AfterValidator(printable),
    AfterValidator(not_blank),
]
FacetNames = Annotated[
    str, StringConstraints(max_length=100, pattern=f"^({_FACETS})(,({_FACETS}))*$")
]


class SearchParameters(BaseModel):
    """What can be asked of the search, as it stands in the address."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    q: Annotated[str, StringConstraints(max_length=MOST_TEXT), AfterValidator(printable)] = Field(
        "", examples=["动力电池"]
    )
    """Words that must all occur; where nothing holds them all, any of them. Empty: by time."""
    entity: Names | SkipJsonSchema[None] = Field(None, examples=["300750"])
    """Companies or others: 300750, 300750.SZ, SZ300750, an id (company:300750, person:…) or a
    name; several with commas, which must all be mentioned."""
    tag: Name | SkipJsonSchema[None] = None
    """A label, such as 业绩."""
    entities: Match = Match.ALL
    """Whether all of several entities must be mentioned, or any."""
    industry: Name | SkipJsonSchema[None] = Field(None, examples=["电子"])
    """An industry by name or code, with all below it; that of the companies mentioned."""
    sentiment: Sentiment | SkipJsonSchema[None] = None
    """Tone of the article."""
    tone: Sentiment | SkipJsonSchema[None] = None
    """Tone towards the entity; needs `entity`."""
    tier: SourceTier | SkipJsonSchema[None] = None
    """How much the source's word counts."""
    source: Name | SkipJsonSchema[None] = None
    """The source by its name."""
    language: (
        Annotated[str, StringConstraints(pattern="^([a-z]{2}|und)$")] | SkipJsonSchema[None]
    ) = Field(None, examples=["zh"])
    """ISO 639-1."""
    event: EventKind | SkipJsonSchema[None] = None
    """A kind of event that the article reports."""
    since: Since | SkipJsonSchema[None] = Field(None, alias="from", examples=["2020-01-01"])
    """Published at this time or later; a plain day begins at midnight in China."""
    until: Until | SkipJsonSchema[None] = Field(None, alias="to", examples=["2021-12-31"])
    """Published before this time; a plain day is included to its end."""
    as_of: Until | SkipJsonSchema[None] = Field(None, examples=["2025-12-31"])
    """What had arrived by this time, in its version of then; a plain day is included."""
    sort: SortOrder = SortOrder.RELEVANCE
    """Best match or newest first; without `q` always newest first."""
    duplicates: Flag = False
    """Whether near-duplicates are listed too."""
    collapse: Collapse | SkipJsonSchema[None] = None
    """`story`: one article of a story, with how many more there are and the weightiest of them."""
    facets: FacetNames | SkipJsonSchema[None] = Field(None, examples=["entity,tag"])
    """Count all articles found by these, with commas: entity, tag, industry, sentiment, tier,
    source, event, day."""
    explain: Flag = False
    """Whether hits tell where their score comes from."""
    cursor: (
        Annotated[str, StringConstraints(min_length=1, max_length=500)] | SkipJsonSchema[None]
    ) = None
    """`next_cursor` of the page before, with the other parameters unchanged."""
    limit: Whole = Field(20, ge=1, le=MOST_RESULTS)
    """Articles on a page."""

    def query(self) -> SearchQuery:
        """The search as the news package understands it."""
        return SearchQuery(
            text=self.q,
            entities=tuple(self.entity.split(",")) if self.entity else (),
            any_entity=self.entities is Match.ANY,
            tag=self.tag,
            industry=self.industry,
            sentiment=self.sentiment,
            tone=self.tone,
            tier=self.tier,
            source=self.source,
            language=self.language,
            event=self.event,
            since=self.since,
            until=self.until,
            as_of=self.as_of,
            sort=self.sort,
            duplicates=self.duplicates,
            collapse=self.collapse is not None,
            facets=tuple(FacetName(name) for name in (self.facets or "").split(",") if name),
            limit=self.limit,
            cursor=self.cursor,
        )


class MarkedBody(BaseModel):
    """A text in which words of the search are marked."""

    html: str = Field(
        description="Escaped, with <mark> around the words.", examples=["<mark>麒麟电池</mark>…"]
    )
    spans: list[tuple[int, int]] = Field(
        description="Where the words stand: [start, end) in Unicode characters of the text.",
        examples=[[[0, 4]]],
    )

    @classmethod
    def of(cls, marked: Marked) -> MarkedBody:
        """From marked text."""
        return cls(html=marked.html, spans=[(s.start, s.end) for s in marked.spans])


class HighlightBody(BaseModel):
    """The words of the search in the headline and in the snippet."""

    headline: MarkedBody
    snippet: MarkedBody


class ExplainedBody(BaseModel):
    """Where a score comes from: words x recency x tier."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    words: float = Field(examples=[31.9])
    """BM25; where meaning counts too, the sum of 1 / (60 + rank) over both orders."""
    recency: float = Field(examples=[0.93])
    tier: float = Field(examples=[1.1])
    by_words: int = Field(examples=[0])
    """Rank by words alone, from 1; 0: not among them, or meaning does not count."""
    by_meaning: int = Field(examples=[0])
    """Rank by meaning alone."""

    @classmethod
    def of(cls, explained: Explained) -> ExplainedBody:
        """From a hit's explanation."""
        return cls(
            words=explained.words,
            recency=explained.recency,
            tier=explained.tier,
            by_words=explained.by_words,
            by_meaning=explained.by_meaning,
        )


class StoryBody(BaseModel):
    """The story of a hit: how many more of its articles match, and the weightiest of them."""

    id: str = Field(examples=["story:c4092ff5ed4a1b255ede20c2223d6c07"])
    more: int = Field(examples=[4])
    best: ArticleRef


class HitBody(ArticleRef):
    """An article found, with the words around the match."""

    snippet: str = Field(examples=["宁德时代6月23日发布第三代CTP技术“麒麟电池”…"])
    highlights: HighlightBody
    score: float = Field(description="0 where the order is by time.", examples=[35.3922])
    tier: SourceTier
    version: int = Field(examples=[1])
    sentiment: Sentiment
    sentiment_score: float = Field(examples=[0.6])
    tags: list[str] = Field(examples=[["产品研发", "汽车"]])
    duplicate_of: str | None = Field(examples=[None])
    story: StoryBody | None = Field(description="Null unless `collapse=story`.", examples=[None])
    explanation: ExplainedBody | None = Field(description="Null unless `explain=true`.")

    @classmethod
    def of_hit(cls, hit: SearchHit, *, explain: bool = False) -> HitBody:
        """From a result of the search."""
        article, story = hit.article, hit.story
        return cls(
            **dict(ArticleRef.of(article)),
            snippet=hit.snippet,
            highlights=HighlightBody(
                headline=MarkedBody.of(hit.headline), snippet=MarkedBody.of(hit.excerpt)
            ),
            score=hit.score,
            tier=article.tier,
            version=article.version,
            sentiment=article.sentiment,
            sentiment_score=article.sentiment_score,
            tags=[tag.name for tag in article.tags],
            duplicate_of=article.duplicate_of,
            story=StoryBody(id=story.story_id, more=story.more, best=ArticleRef.of(story.best))
            if story
            else None,
            explanation=ExplainedBody.of(hit.explained) if explain else None,
        )


class FacetValueBody(BaseModel):
    """A value and how many of the articles found have it."""

    value: str = Field(examples=["company:300750"])
    name: str = Field(description="For people.", examples=["宁德时代"])
    count: int = Field(examples=[12])


class SearchBody(BaseModel):
    """One page of a search."""

    total: int = Field(description="How many articles match in all.", examples=[1])
    relaxed: bool = Field(
        description="True: not every word of q is in every article.", examples=[False]
    )
    next_cursor: str | None = Field(description="Null: this was the last page.", examples=[None])
    stories: int | None = Field(
        description="How many stories were put in order; null unless `collapse=story`.",
        examples=[None],
    )
    hits: list[HitBody]
    facets: dict[FacetName, list[FacetValueBody]] = Field(
        description="The most frequent values, by what `facets` asked for.",
        examples=[{"tag": [{"value": "汽车", "name": "汽车", "count": 1}]}],
    )

    @classmethod
    def of(cls, page: SearchPage, *, explain: bool = False) -> SearchBody:
        """From a page of the news search."""
        return cls(
            total=page.total,
            relaxed=page.relaxed,
            next_cursor=page.next_cursor,
            stories=page.stories,
            hits=[HitBody.of_hit(hit, explain=explain) for hit in page.hits],
            facets={
                facet.name: [
                    FacetValueBody(value=v.value, name=v.name, count=v.count) for v in facet.values
                ]
                for facet in page.facets
            },
        )


@router.get("/search", summary="Search articles")
def search(wiring: Workspace, parameters: Annotated[SearchParameters, Query()]) -> SearchBody:
    """Articles by words and filters, best or newest first, page by page.

    The pages show what the first one found, whatever arrives or changes meanwhile; a cursor that
    rested for an hour is gone. By relevance 2,000 articles are put in order.
    """
    page = wiring.news_search.search(parameters.query())
    return SearchBody.of(page, explain=parameters.explain)


@router.get(
    "/{article_id}",
    summary="Read one article",
    response_model=ArticleBody,
    responses={304: {"description": "Unchanged since the ETag."}, **documented(404)},
)
def article(
    wiring: Workspace,
    article_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Id from a search.")],
    if_none_match: Annotated[
        str | SkipJsonSchema[None],
        Header(max_length=1000, description="ETag of the answer held already."),
    ] = None,
) -> Response:
    """An article with its labels, companies, near-duplicates and the places where it was seen."""
    found = wiring.news_store.article(article_id)
    if found is None:
        raise ApiError(
            404,
            ErrorCode.NOT_FOUND,
            f"no article has the id {article_id}; take one from /v1/news/search",
            parameter="article_id",
        )
    body = article_body(wiring, found).model_dump_json().encode()
    etag = f'"{xxhash.xxh3_128_hexdigest(body)}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if _holds(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def article_body(wiring: Wiring, article: Article) -> ArticleBody:
    """Everything the workspace knows of an article."""
    store = wiring.news_store
    others = _same_story(store, article)
    sightings = store.sightings(article.id)
    names = entity_names(
        wiring,
        (
            *(mention.entity_id for mention in article.mentions),
            *(tone.entity_id for tone in article.tones),
        ),
    )
    return ArticleBody(
        **dict(ArticleRef.of(article)),
        version=article.version,
        text=article.text,
        dated=article.dated,
        ingested_at=article.ingested_at.astimezone(CHINA),
        sentiment=article.sentiment,
        sentiment_score=article.sentiment_score,
        tags=[TagBody.of(tag) for tag in article.tags],
        mentions=[MentionBody.of(m, names.get(m.entity_id, m.entity_id)) for m in article.mentions],
        tones=[ToneBody.of(t, names.get(t.entity_id, t.entity_id)) for t in article.tones],
        events=[EventBody.of(event) for event in article.events],
        tier=article.tier,
        language=article.language,
        story_id=article.story_id,
        novelty=article.novelty,
        withdrawn_at=article.withdrawn_at.astimezone(CHINA) if article.withdrawn_at else None,
        duplicate_of=article.duplicate_of,
        near_duplicates=[ArticleRef.of(a) for a in store.articles(others[:MOST_LISTED])],
        near_duplicate_count=len(others),
        sightings=[Sighting.of(*sighting) for sighting in sightings[:MOST_LISTED]],
        sighting_count=len(sightings),
    )


def entity_names(wiring: Wiring, entity_ids: Iterable[str]) -> dict[str, str]:
    """Names of entities of every kind; a company's is its short name."""
    ids = tuple(dict.fromkeys(entity_ids))
    known = wiring.news_store.facts.names(ids)
    companies = {i: wiring.master.company_name(i) for i in ids if wiring.master.listings(i)}
    return {**known, **companies}


def _same_story(store: NewsStore, article: Article) -> tuple[str, ...]:
    """Ids of the original and of all that repeat it, without the article itself."""
    original = article.duplicate_of or article.id
    return tuple(i for i in (original, *store.duplicates_of(original)) if i != article.id)


def _holds(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has this very answer (RFC 9110, weak comparison)."""
    held = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in held or etag in held
