"""`/v1/news`: searching articles and reading one."""

from __future__ import annotations

from typing import Annotated

import xxhash
from fastapi import Header, Path, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from news.article import Article, Sentiment
from news.index import SortOrder
from news.published import CHINA
from news.search import MOST_RESULTS, MOST_TEXT, SearchHit, SearchPage, SearchQuery
from news.store import NewsStore
from ui.api.access import Workspace
from ui.api.errors import ApiError, ErrorCode, documented
from ui.api.guard import guarded
from ui.api.models import ArticleBody, ArticleRef, MentionBody, Sighting, TagBody
from ui.api.parameters import Flag, Name, Since, Until, Whole, printable
from ui.scope import Scope
from ui.wiring import Wiring

MOST_LISTED = 100
"""Near-duplicates and sightings that an article lists; their counts are always whole."""

router = guarded("/v1/news", "news", read=Scope.NEWS_READ)


class SearchParameters(BaseModel):
    """What can be asked of the search, as it stands in the address."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    q: Annotated[str, StringConstraints(max_length=MOST_TEXT), AfterValidator(printable)] = Field(
        "", examples=["动力电池"]
    )
    """Words that must all occur; where nothing holds them all, any of them. Empty: by time."""
    entity: Name | SkipJsonSchema[None] = Field(None, examples=["300750"])
    """A company: 300750, 300750.SZ, SZ300750, company:300750 or its name."""
    tag: Name | SkipJsonSchema[None] = None
    """A label, such as 业绩."""
    sentiment: Sentiment | SkipJsonSchema[None] = None
    """Tone of the article."""
    since: Since | SkipJsonSchema[None] = Field(None, alias="from", examples=["2020-01-01"])
    """Published at this time or later; a plain day begins at midnight in China."""
    until: Until | SkipJsonSchema[None] = Field(None, alias="to", examples=["2021-12-31"])
    """Published before this time; a plain day is included to its end."""
    sort: SortOrder = SortOrder.RELEVANCE
    """Best match or newest first; without `q` always newest first."""
    duplicates: Flag = False
    """Whether near-duplicates are listed too."""
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
            entity=self.entity,
            tag=self.tag,
            sentiment=self.sentiment,
            since=self.since,
            until=self.until,
            sort=self.sort,
            duplicates=self.duplicates,
            limit=self.limit,
            cursor=self.cursor,
        )


class HitBody(ArticleRef):
    """An article found, with the words around the match."""

    snippet: str = Field(examples=["宁德时代6月23日发布第三代CTP技术“麒麟电池”…"])
    score: float = Field(description="BM25; 0 where the order is by time.", examples=[35.3922])
    sentiment: Sentiment
    sentiment_score: float = Field(examples=[0.6])
    tags: list[str] = Field(examples=[["产品研发", "汽车"]])
    duplicate_of: str | None = Field(examples=[None])

    @classmethod
    def of_hit(cls, hit: SearchHit) -> HitBody:
        """From a result of the search."""
        article = hit.article
        return cls(
            **dict(ArticleRef.of(article)),
            snippet=hit.snippet,
            score=hit.score,
            sentiment=article.sentiment,
            sentiment_score=article.sentiment_score,
            tags=[tag.name for tag in article.tags],
            duplicate_of=article.duplicate_of,
        )


class SearchBody(BaseModel):
    """One page of a search."""

    total: int = Field(description="How many articles match in all.", examples=[1])
    relaxed: bool = Field(
        description="True: not every word of q is in every article.", examples=[False]
    )
    next_cursor: str | None = Field(description="Null: this was the last page.", examples=[None])
    hits: list[HitBody]

    @classmethod
    def of(cls, page: SearchPage) -> SearchBody:
        """From a page of the news search."""
        return cls(
            total=page.total,
            relaxed=page.relaxed,
            next_cursor=page.next_cursor,
            hits=[HitBody.of_hit(hit) for hit in page.hits],
        )


@router.get("/search", summary="Search articles")
def search(wiring: Workspace, parameters: Annotated[SearchParameters, Query()]) -> SearchBody:
    """Articles by words, company, label, tone and time, page by page."""
    return SearchBody.of(wiring.news_search.search(parameters.query()))


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
    return ArticleBody(
        **dict(ArticleRef.of(article)),
        version=article.version,
        text=article.text,
        dated=article.dated,
        ingested_at=article.ingested_at.astimezone(CHINA),
        sentiment=article.sentiment,
        sentiment_score=article.sentiment_score,
        tags=[TagBody.of(tag) for tag in article.tags],
        mentions=[
            MentionBody.of(m, wiring.master.company_name(m.entity_id)) for m in article.mentions
        ],
        duplicate_of=article.duplicate_of,
        near_duplicates=[ArticleRef.of(a) for a in store.articles(others[:MOST_LISTED])],
        near_duplicate_count=len(others),
        sightings=[Sighting.of(*sighting) for sighting in sightings[:MOST_LISTED]],
        sighting_count=len(sightings),
    )


def _same_story(store: NewsStore, article: Article) -> tuple[str, ...]:
    """Ids of the original and of all that repeat it, without the article itself."""
    original = article.duplicate_of or article.id
    return tuple(i for i in (original, *store.duplicates_of(original)) if i != article.id)


def _holds(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has this very answer (RFC 9110, weak comparison)."""
    held = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in held or etag in held
