"""Searching the news: free text with filters, pages and cursors."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import astuple, dataclass, replace
from datetime import datetime

import xxhash

from news.article import Article, Sentiment
from news.errors import SearchError
from news.index import IndexPage, IndexQuery, NewsIndex, SortOrder
from news.securities import SecuritiesMaster
from news.store import NewsStore
from news.text import fold

MOST_TEXT = 500
MOST_RESULTS = 100
MOST_OFFSET = 10_000
_SNIPPET = 120


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a user searches for. `entity` is a code, a symbol, a company id or a company's name.

    `since` is inclusive, `until` exclusive; `limit` is 1 to 100; `cursor` comes from a page of the
    same search.
    """

    text: str = ""
    entity: str | None = None
    tag: str | None = None
    sentiment: Sentiment | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: SortOrder = SortOrder.RELEVANCE
    duplicates: bool = False
    limit: int = 20
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An article found, its score (BM25; 0 in searches by time) and the words around the match."""

    article: Article
    score: float
    snippet: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of results; `relaxed` says that not every word is in every result."""

    hits: tuple[SearchHit, ...]
    total: int
    next_cursor: str | None
    relaxed: bool


class NewsSearch:
    """Search over an index, with the articles read from the store."""

    def __init__(self, index: NewsIndex, store: NewsStore, master: SecuritiesMaster) -> None:
        self._index = index
        self._store = store
        self._master = master

    def search(self, query: SearchQuery) -> SearchPage:
        """Find articles; raises SearchError naming a parameter that makes no sense."""
        _check(query)
        position = _decode(query) if query.cursor is not None else None
        engine = self._engine_query(query, position)
        page = self._index.search(engine)
        if not page.total and query.text.strip() and position is None:
            engine = replace(engine, any_term=True)
            page = self._index.search(engine)
        # A search by time counts only what is left behind its cursor: keep the first page's total.
        total = position.total if position else page.total
        articles = {a.id: a for a in self._store.articles([h.article_id for h in page.hits])}
        hits = tuple(
            SearchHit(
                articles[h.article_id],
                0.0 if _by_time(query) else round(h.score, 4),
                snippet(articles[h.article_id], query.text),
            )
            for h in page.hits
            if h.article_id in articles
        )
        following = self._next(query, engine, page, total)
        return SearchPage(hits, total, following, engine.any_term)

    def company_id(self, name: str) -> str:
        """Company meant by a code, symbol, company id or exact name; SearchError where unknown."""
        if self._master.listings(name):
            return name
        security = self._master.by_code(name)
        found = (security,) if security else self._master.by_name(name)
        if not found:
            raise SearchError(
                f"entity={name[:40]!r} is no listed company that is known here; give a code"
                " (300750), a symbol (300750.SZ) or a full or short name"
            )
        return self._master.company_id(found[0])

    def _engine_query(self, query: SearchQuery, position: _Position | None) -> IndexQuery:
        by_time = _by_time(query)
        return IndexQuery(
            text=query.text,
            entity=self.company_id(query.entity) if query.entity else None,
            tag=query.tag,
            sentiment=query.sentiment,
            since=query.since,
            until=query.until,
            duplicates=query.duplicates,
            sort=query.sort,
            limit=query.limit,
            offset=position.place if position and not by_time else 0,
            before_key=position.place if position and by_time else None,
            last_seq=position.last_seq if position and not by_time else None,
            any_term=bool(position and position.any_term),
        )

    def _next(
        self, query: SearchQuery, engine: IndexQuery, page: IndexPage, total: int
    ) -> str | None:
        if len(page.hits) < query.limit:
            return None
        if _by_time(query):
            place, left, last_seq = page.hits[-1].key, page.total - len(page.hits), 0
        else:
            place = engine.offset + len(page.hits)
            left = page.total - place if place < MOST_OFFSET else 0
            last_seq = self._store.last_seq() if engine.last_seq is None else engine.last_seq
        if left <= 0:
            return None
        return _encode(query, _Position(place, last_seq, total, int(engine.any_term)))


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a search goes on: `place` is a time key (by time) or an offset (by relevance)."""

    place: int
    last_seq: int
    total: int
    any_term: int


def snippet(article: Article, text: str) -> str:
    """About 120 characters of an article around the first word of the search that it holds."""
    body = article.text or article.headline
    lowered = body.lower()
    places = [lowered.find(word.lower()) for word in text.split()]
    start = min((p for p in places if p >= 0), default=0)
    start = max(0, start - _SNIPPET // 4)
    cut = body[start : start + _SNIPPET].replace("\n", " ")
    return ("…" if start else "") + cut + ("…" if start + _SNIPPET < len(body) else "")


def _by_time(query: SearchQuery) -> bool:
    return query.sort is SortOrder.TIME or not query.text.strip()


def _check(query: SearchQuery) -> None:
    if not 1 <= query.limit <= MOST_RESULTS:
        raise SearchError(f"limit={query.limit} is out of range; give 1 to {MOST_RESULTS}")
    if len(query.text) > MOST_TEXT:
        raise SearchError(f"q has {len(query.text)} characters; give at most {MOST_TEXT}")
    if query.text.strip() and not fold(query.text):
        raise SearchError(f"q={query.text[:40]!r} holds no letter or digit to search for")
    for name, value in (("from", query.since), ("to", query.until)):
        if value is not None and value.tzinfo is None:
            raise SearchError(f"{name}={value} has no time zone; give one, as +08:00")
    if query.since and query.until and query.since >= query.until:
        raise SearchError(f"from={query.since} is not before to={query.until}; swap them")


def _signature(query: SearchQuery) -> str:
    return xxhash.xxh3_64_hexdigest(repr(replace(query, cursor=None, limit=1)).encode())


def _encode(query: SearchQuery, position: _Position) -> str:
    payload = json.dumps([_signature(query), *astuple(position)]).encode()
    return base64.urlsafe_b64encode(payload).decode().rstrip("=")


def _decode(query: SearchQuery) -> _Position:
    cursor = str(query.cursor)
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        signature, *numbers = json.loads(base64.urlsafe_b64decode(padded))
        position = _Position(*(int(number) for number in numbers))
        if not _in_range(query, position):
            raise ValueError("position out of range")
    except (binascii.Error, ValueError, TypeError) as error:
        raise SearchError(
            f"cursor={cursor[:40]!r} is not one that a search gave; take `next_cursor` as it is"
        ) from error
    if signature != _signature(query):
        raise SearchError("cursor belongs to another search; leave it out to start this one anew")
    return position


def _in_range(query: SearchQuery, position: _Position) -> bool:
    low, high = (-(2**62), 2**62) if _by_time(query) else (0, MOST_OFFSET)
    others = (position.last_seq, position.total, position.any_term)
    return low <= position.place <= high and all(0 <= number < 2**62 for number in others)
