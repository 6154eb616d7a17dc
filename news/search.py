"""Searching the news: free text with filters, pages and cursors."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np

from news.article import Article
from news.errors import SearchError
from news.fact import EntityKind
from news.index import NewsIndex
from news.index_industry import NO_INDUSTRIES, IndustryTree
from news.index_query import HIT, FacetName, Hits, IndexQuery
from news.search_articles import articles_by_number, articles_then
from news.search_cursor import Position, decode, encode, signature
from news.search_highlight import excerpt, marked
from news.search_query import (
    MOST_RESULTS,
    MOST_TEXT,
    WINDOW,
    Explained,
    FacetValue,
    SearchFacet,
    SearchHit,
    SearchPage,
    SearchQuery,
    StoryHits,
)
from news.search_ranking import Relevance, as_ranked, by_relevance, collapsed
from news.search_snapshot import SearchSnapshots, Snapshot
from news.securities import SecuritiesMaster
from news.store import NewsStore

__all__ = ["MOST_RESULTS", "MOST_TEXT", "NewsSearch", "SearchHit", "SearchPage", "SearchQuery"]

_ID = re.compile(rf"(?:{'|'.join(EntityKind)}):\S.{{0,98}}")
_MEANT = 200
_NOTHING = np.zeros(0, HIT)


class Meanings(Protocol):
    """Articles as vectors; `news.search_vectors` keeps them."""

    def nearest(self, text: str, limit: int) -> tuple[int, ...]:
        """Numbers of the articles whose meaning is next to a text's, nearest first."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a row says of its article."""

    seq: int
    score: float
    by_words: int
    by_meaning: int
    best: int


class NewsSearch:
    """Search over an index, with the articles read from the store; for one thread."""

    def __init__(
        self,
        index: NewsIndex,
        store: NewsStore,
        master: SecuritiesMaster,
        *,
        industries: IndustryTree = NO_INDUSTRIES,
        relevance: Relevance | None = None,
        snapshots: SearchSnapshots | None = None,
        meanings: Meanings | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`snapshots` outlives the search: without it, cursors end with this object."""
        self._index = index
        self._store = store
        self._master = master
        self._industries = industries
        self._relevance = relevance or Relevance()
        self._snapshots = snapshots or SearchSnapshots(clock=clock)
        self._meanings = meanings
        self._clock = clock

    def search(self, query: SearchQuery) -> SearchPage:
        """Find articles; raises SearchError naming a parameter that makes no sense."""
        query.check()
        engine = self.engine_query(query)
        if query.cursor is None:
            snapshot, place = self._found(query, engine), 0
        else:
            snapshot, place = self._continued(query, engine, decode(query))
        page = snapshot.rows[place : place + query.limit]
        return SearchPage(
            self._hits(query, engine, snapshot, page),
            snapshot.total,
            self._next(query, engine, snapshot, place + len(page)),
            snapshot.relaxed,
            self._facets(query, replace(engine, any_term=snapshot.relaxed)),
            snapshot.stories,
        )

    def entity_id(self, name: str) -> str:
        """Entity meant by a code, symbol, id or exact name; SearchError where unknown."""
        if self._master.listings(name):
            return name
        security = self._master.by_code(name)
        found = (security,) if security else self._master.by_name(name)
        if found:
            return self._master.company_id(found[0])
        if _ID.fullmatch(name):
            return name
        named = self._store.facts.entities_named(name)
        if named:
            return named[0].id
        raise SearchError(
            f"entity={name[:40]!r} is no listed company and no other entity that is known here;"
            " give a code (300750), a symbol (300750.SZ), an id (person:…) or a full or short name"
        )

    def engine_query(self, query: SearchQuery) -> IndexQuery:
        """The search as the index understands it; raises SearchError for what it does not know."""
        return IndexQuery(
            text=query.text,
            entities=tuple(dict.fromkeys(map(self.entity_id, query.entities))),
            any_entity=query.any_entity,
            tag=query.tag,
            industry=self._industry(query.industry) if query.industry else None,
            sentiment=query.sentiment,
            tone=query.tone,
            tier=query.tier,
            language=query.language,
            event=query.event,
            source=query.source,
            since=query.since,
            until=query.until,
            known_at=query.as_of,
            duplicates=query.duplicates,
            sort=query.sort,
            limit=WINDOW,
        )

    def _industry(self, text: str) -> str:
        found = self._industries.find(text)
        if found is None:
            raise SearchError(
                f"industry={text[:40]!r} is unknown; give a name or a code of data/industries.tsv"
            )
        return found

    def _found(self, query: SearchQuery, engine: IndexQuery) -> Snapshot:
        """All that a search finds now, in order, up to the window."""
        page = self._index.search(engine)
        meant = self._meant(engine)
        relaxed = not page.total and not len(meant) and bool(query.text.strip())
        if relaxed:
            page = self._index.search(replace(engine, any_term=True))
        now = query.as_of or self._clock()
        by_time = engine.by_time
        rows = as_ranked(page.rows) if by_time else self._by_relevance(page.rows, meant, now)
        if query.collapse:
            rows = collapsed(rows)
        stories = len(rows) if query.collapse else None
        return Snapshot(now, max(page.total, len(rows)), stories, relaxed, rows)

    def _by_relevance(self, words: Hits, meant: Hits, now: datetime) -> Hits:
        return by_relevance(words, meant, self._relevance, now)

    def _meant(self, engine: IndexQuery) -> Hits:
        """Articles by meaning that pass the filters, nearest first."""
        if self._meanings is None or engine.by_time:
            return _NOTHING
        near = self._meanings.nearest(engine.text, _MEANT)
        if not near:
            return _NOTHING
        rows = self._index.search(replace(engine, text="", seqs=near, limit=2 * _MEANT)).rows
        place = {seq: place for place, seq in enumerate(near)}
        return rows[np.argsort([place[seq] for seq in rows["seq"].tolist()], kind="stable")]

    def _continued(
        self, query: SearchQuery, engine: IndexQuery, position: Position
    ) -> tuple[Snapshot, int]:
        snapshot = self._snapshots.get(position.snapshot_id)
        if snapshot is None:
            raise SearchError(
                "cursor has rested for more than an hour and is gone; leave it out to start anew"
            )
        if position.place < len(snapshot.rows) or not len(snapshot.rows):
            return snapshot, position.place
        further = replace(engine, before_key=int(snapshot.rows["key"][-1]))
        return replace(snapshot, rows=as_ranked(self._index.search(further).rows)), 0

    def _next(
        self, query: SearchQuery, engine: IndexQuery, snapshot: Snapshot, place: int
    ) -> str | None:
        """The cursor behind a place; searches by time go on beyond the window."""
        ends = not engine.by_time or query.collapse or len(snapshot.rows) < WINDOW
        if place >= len(snapshot.rows) and ends:
            return None
        return encode(query, Position(self._snapshots.keep(signature(query), snapshot), place))

    def _hits(
        self, query: SearchQuery, engine: IndexQuery, snapshot: Snapshot, page: Hits
    ) -> tuple[SearchHit, ...]:
        numbers = page["seq"].tolist()
        articles = articles_then(
            self._store, dict(zip(numbers, page["version"].tolist(), strict=True))
        )
        others = articles_by_number(self._store, page["best"][page["best"] > 0].tolist())
        hits = []
        for found in (_Found(*row) for row in page[list(_Found.__slots__)].tolist()):
            article = articles.get(found.seq)
            # Taken back since the first page: nothing is shown in its place.
            if article is None or (article.withdrawn_at and query.as_of is None):
                continue
            best = others.get(found.best)
            story = self._story(engine, snapshot, article, best) if best else None
            hits.append(self._hit(query, snapshot, found, article, story))
        return tuple(hits)

    def _hit(
        self,
        query: SearchQuery,
        snapshot: Snapshot,
        found: _Found,
        article: Article,
        story: StoryHits | None,
    ) -> SearchHit:
        return SearchHit(
            article,
            round(found.score, 4 if found.score >= 0.1 else 8),
            marked(article.headline, query.text),
            excerpt(article.text or article.headline, query.text),
            self._explained(snapshot, found, article),
            story,
        )

    def _story(
        self, engine: IndexQuery, snapshot: Snapshot, article: Article, best: Article
    ) -> StoryHits | None:
        if article.story_id is None:
            return None
        inside = replace(engine, story=article.story_id, any_term=snapshot.relaxed, limit=1)
        return StoryHits(article.story_id, max(0, self._index.search(inside).total - 1), best)

    def _explained(self, snapshot: Snapshot, found: _Found, article: Article) -> Explained:
        age: timedelta = snapshot.began_at - article.published_at
        recency = self._relevance.recency(age) if found.score else 1.0
        tier = self._relevance.tier(article.tier.rank) if found.score else 1.0
        words = found.score / (recency * tier)
        return Explained(words, recency, tier, found.by_words, found.by_meaning)

    def _facets(self, query: SearchQuery, engine: IndexQuery) -> tuple[SearchFacet, ...]:
        if not query.facets:
            return ()
        counted = self._index.facets(engine, query.facets)
        entities = [c.value for f in counted if f.name is FacetName.ENTITY for c in f.counts]
        names = self._store.facts.names(entities) if entities else {}
        return tuple(
            SearchFacet(
                facet.name,
                tuple(
                    FacetValue(c.value, self._name(facet.name, c.value, names), c.count)
                    for c in facet.counts
                ),
            )
            for facet in counted
        )

    def _name(self, facet: FacetName, value: str, names: dict[str, str]) -> str:
        if facet is FacetName.INDUSTRY:
            return self._industries.name(value)
        return names.get(value) or self._master.company_name(value)
