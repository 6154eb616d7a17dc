"""`/v1/watchlists`: searches that are kept, and told of each new article that they find.

A watchlist belongs to the key that made it. What it finds can be asked for (`…/matches`) and, where
it has an address, is posted there, signed (docs/search.md).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from news.article import Sentiment, SourceTier
from news.errors import SourceError
from news.event import EventKind
from news.published import CHINA
from news.search_query import MOST_ENTITIES, MOST_TEXT, SearchQuery
from news.watchlist import Delivery, DeliveryState, Watchlist
from news.webhook import LONGEST_URL, check_url
from ui.api.access import KeyId, Workspace
from ui.api.errors import ApiError, ErrorCode
from ui.api.guard import BODIES, guarded
from ui.api.models import ArticleRef
from ui.api.parameters import Name, Whole, printable
from ui.api.watchlist_loop import posting
from ui.scope import Scope
from ui.wiring import Wiring

MOST_LISTS = 50
"""Watchlists that one key may have."""
MOST_SHOWN = 100
_SECRET_BYTES, _ID_BYTES = 32, 8
_HIGHEST = 2**53

router = guarded(
    "/v1/watchlists",
    "watchlists",
    read=Scope.WATCHLISTS_READ,
    write=Scope.WATCHLISTS_WRITE,
    also=BODIES,
)
router.lifespan_context = posting

WatchlistId = Annotated[
    str, Path(pattern="^[0-9a-f]{16}$", description="Id of a watchlist of this key.")
]
Url = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_URL), AfterValidator(printable)
]


class WatchQuery(BaseModel):
    """A search without its pages: the parameters of /v1/news/search; at least one is given."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    q: Annotated[str, StringConstraints(max_length=MOST_TEXT), AfterValidator(printable)] = Field(
        "", examples=["动力电池"]
    )
    """Words that must all occur."""
    entities: list[Name] = Field(
        default_factory=list, max_length=MOST_ENTITIES, examples=[["300750"]]
    )
    """Companies or others; all of them must be mentioned."""
    any_entity: bool = False
    """Whether one of the entities is enough."""
    tag: Name | None = None
    industry: Name | None = Field(None, examples=["电子"])
    sentiment: Sentiment | None = None
    tone: Sentiment | None = None
    """Tone towards the entities."""
    tier: SourceTier | None = None
    source: Name | None = None
    event: EventKind | None = None
    duplicates: bool = False

    def query(self) -> SearchQuery:
        """The search as the news package understands it."""
        return SearchQuery(
            text=self.q,
            entities=tuple(self.entities),
            any_entity=self.any_entity,
            tag=self.tag,
            industry=self.industry,
            sentiment=self.sentiment,
            tone=self.tone,
            tier=self.tier,
            source=self.source,
            event=self.event,
            duplicates=self.duplicates,
        )

    @classmethod
    def of(cls, query: SearchQuery) -> WatchQuery:
        """From a stored search."""
        return cls(
            q=query.text,
            entities=list(query.entities),
            any_entity=query.any_entity,
            tag=query.tag,
            industry=query.industry,
            sentiment=query.sentiment,
            tone=query.tone,
            tier=query.tier,
            source=query.source,
            event=query.event,
            duplicates=query.duplicates,
        )


class NewWatchlist(BaseModel):
    """A search to keep."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    name: Name = Field(examples=["宁德时代负面"])
    query: WatchQuery
    url: Url | None = Field(None, examples=["https://example.com/hooks/news"])
    """Where new articles are posted; null: they are asked for."""


class WatchlistChange(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    name: Name | SkipJsonSchema[None] = None
    url: Url | SkipJsonSchema[None] = Field(None, examples=["https://example.com/hooks/news"])
    enabled: bool | SkipJsonSchema[None] = None
    """true: post again, beginning with what waits; false: post nothing."""


class WatchlistBody(BaseModel):
    """A watchlist and how its posting stands."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str = Field(examples=["5f0c1a2e7d544b1c"])
    name: str = Field(examples=["宁德时代负面"])
    query: WatchQuery
    url: str | None = Field(examples=["https://example.com/hooks/news"])
    created_at: datetime = Field(examples=["2026-11-20T09:30:00+08:00"])
    failures: int = Field(examples=[0])
    """Attempts in a row that failed."""
    disabled: str | None = Field(examples=[None])
    """Why nothing is posted any more; null: all is well."""
    secret: str | None = Field(examples=[None])
    """Signs what is posted; only the answer that made the watchlist has it."""

    @classmethod
    def of(cls, watchlist: Watchlist, *, told: bool = False) -> WatchlistBody:
        """From a watchlist; `told` shows its secret."""
        return cls(
            id=watchlist.id,
            name=watchlist.name,
            query=WatchQuery.of(watchlist.query),
            url=watchlist.url,
            created_at=watchlist.created_at.astimezone(CHINA),
            failures=watchlist.failures,
            disabled=watchlist.disabled,
            secret=watchlist.secret if told else None,
        )


class WatchlistList(BaseModel):
    """The watchlists of a key."""

    watchlists: list[WatchlistBody]


class MatchBody(BaseModel):
    """An article that a watchlist found."""

    number: int = Field(description="Grows; goes into `after`.", examples=[17])
    matched_at: datetime = Field(examples=["2026-11-20T09:30:00+08:00"])
    article: ArticleRef


class MatchPage(BaseModel):
    """What was found after a number, in order."""

    matches: list[MatchBody]
    next_after: int = Field(description="`after` of the next question.", examples=[17])


class DeliveryBody(BaseModel):
    """The posting of one match."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str = Field(examples=["0f" * 16])
    """Stands in X-Foreland-Delivery, the same in every attempt."""
    match: int = Field(examples=[17])
    article_id: str = Field(examples=["c4092ff5ed4a1b255ede20c2223d6c07"])
    state: DeliveryState
    attempts: int = Field(examples=[1])
    next_at: datetime | None = Field(examples=[None])
    """When it is tried next."""
    tried_at: datetime | None = Field(examples=["2026-11-20T09:30:00+08:00"])
    answer: str | None = Field(examples=["HTTP 200"])
    """What the last attempt came to."""

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryBody:
        """From a delivery."""
        pending = delivery.state is DeliveryState.PENDING
        tried = delivery.tried_at
        return cls(
            id=delivery.id,
            match=delivery.match,
            article_id=delivery.article_id,
            state=delivery.state,
            attempts=delivery.attempts,
            next_at=delivery.next_at.astimezone(CHINA) if pending else None,
            tried_at=tried.astimezone(CHINA) if tried else None,
            answer=delivery.answer,
        )


class DeliveryPage(BaseModel):
    """Deliveries, latest match first."""

    deliveries: list[DeliveryBody]
    next_before: int | None = Field(
        description="`before` of the next page; null: this was the last.", examples=[None]
    )


@router.get("", summary="List watchlists")
def listed(wiring: Workspace, key_id: KeyId) -> WatchlistList:
    """Every watchlist of this key, oldest first."""
    lists = wiring.watchlist_store.of(key_id)
    return WatchlistList(watchlists=[WatchlistBody.of(w) for w in lists])


@router.post("", summary="Save a search", status_code=201)
def create(wiring: Workspace, key_id: KeyId, body: NewWatchlist, request: Request) -> WatchlistBody:
    """Articles that are stored from now on are matched; keep the `secret` of the answer."""
    store, query = wiring.watchlist_store, body.query.query()
    if query == SearchQuery():
        raise _invalid("query", "query asks for nothing; give words or a filter")
    query.check()
    wiring.news_search.engine_query(query)  # names what is unknown
    if len(store.of(key_id)) >= MOST_LISTS:
        told = f"this key has {MOST_LISTS} watchlists, the most it may; delete one"
        raise ApiError(409, ErrorCode.CONFLICT, told)
    state = request.app.state
    watchlist = Watchlist(
        id=state.token(_ID_BYTES),
        owner=key_id,
        name=body.name,
        query=query,
        url=_checked(body.url) if body.url else None,
        secret=state.token(_SECRET_BYTES),
        created_at=state.clock(),
        from_seq=wiring.news_store.last_seq(),
    )
    store.begin(wiring.news_store.last_change())
    store.put(watchlist)
    return WatchlistBody.of(watchlist, told=True)


@router.get("/{watchlist_id}", summary="Read one watchlist")
def one(wiring: Workspace, key_id: KeyId, watchlist_id: WatchlistId) -> WatchlistBody:
    """A watchlist and how its posting stands."""
    return WatchlistBody.of(_found(wiring, key_id, watchlist_id))


@router.patch("/{watchlist_id}", summary="Change a watchlist")
def change(
    wiring: Workspace,
    key_id: KeyId,
    watchlist_id: WatchlistId,
    body: WatchlistChange,
    request: Request,
) -> WatchlistBody:
    """Its name, its address, whether it posts; another search is another watchlist."""
    watchlist, store = _found(wiring, key_id, watchlist_id), wiring.watchlist_store
    changed = replace(
        watchlist,
        name=body.name or watchlist.name,
        url=_checked(body.url) if body.url else watchlist.url,
    )
    if body.enabled:
        store.resume(changed, request.app.state.clock())
    elif body.enabled is False:
        store.put(replace(changed, disabled="switched off by its owner"))
    else:
        store.put(changed)
    return WatchlistBody.of(_found(wiring, key_id, watchlist_id))


@router.delete("/{watchlist_id}", summary="Delete a watchlist", status_code=204)
def remove(wiring: Workspace, key_id: KeyId, watchlist_id: WatchlistId) -> Response:
    """With all that it found; what is being posted at this moment may still arrive."""
    wiring.watchlist_store.remove(_found(wiring, key_id, watchlist_id).id)
    return Response(status_code=204)


@router.get("/{watchlist_id}/matches", summary="Ask what a watchlist found")
def matches(
    wiring: Workspace,
    key_id: KeyId,
    watchlist_id: WatchlistId,
    after: Annotated[
        Whole, Query(ge=0, le=_HIGHEST, description="`next_after` of the answer before.")
    ] = 0,
    limit: Annotated[Whole, Query(ge=1, le=MOST_SHOWN, description="Matches at once.")] = 20,
) -> MatchPage:
    """Articles in the order in which they were found, after a number; empty: nothing new."""
    watchlist = _found(wiring, key_id, watchlist_id)
    found = wiring.watchlist_store.matches(watchlist.id, after, limit)
    articles = {a.id: a for a in wiring.news_store.articles([m.article_id for m in found])}
    return MatchPage(
        matches=[
            MatchBody(
                number=match.number,
                matched_at=match.matched_at.astimezone(CHINA),
                article=ArticleRef.of(articles[match.article_id]),
            )
            for match in found
            if match.article_id in articles
        ],
        next_after=found[-1].number if found else after,
    )


@router.get("/{watchlist_id}/deliveries", summary="Ask what was posted")
def deliveries(
    wiring: Workspace,
    key_id: KeyId,
    watchlist_id: WatchlistId,
    before: Annotated[
        Whole | SkipJsonSchema[None],
        Query(ge=0, le=_HIGHEST, description="`next_before` of the page before."),
    ] = None,
    limit: Annotated[Whole, Query(ge=1, le=MOST_SHOWN, description="Deliveries at once.")] = 20,
) -> DeliveryPage:
    """Each match that was or will be posted, with what came of it, latest first."""
    watchlist = _found(wiring, key_id, watchlist_id)
    found = wiring.watchlist_store.deliveries(watchlist.id, before, limit)
    return DeliveryPage(
        deliveries=[DeliveryBody.of(delivery) for delivery in found],
        next_before=found[-1].match if len(found) == limit else None,
    )


def _found(wiring: Wiring, key_id: str | None, watchlist_id: str) -> Watchlist:
    watchlist = wiring.watchlist_store.find(watchlist_id)
    if watchlist is None or watchlist.owner != key_id:
        raise ApiError(
            404,
            ErrorCode.NOT_FOUND,
            f"this key has no watchlist {watchlist_id}; GET /v1/watchlists lists them",
            parameter="watchlist_id",
        )
    return watchlist


def _checked(url: str) -> str:
    try:
        return str(check_url(url))
    except SourceError as error:
        raise _invalid("url", f"url: {error}") from error


def _invalid(parameter: str, message: str) -> ApiError:
    return ApiError(422, ErrorCode.INVALID, message, parameter=parameter)
