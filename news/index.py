"""The search index over articles: the `NewsIndex` port and its embedded engine, tantivy.

The index is a cache of the database, never the only copy: it holds the change number of each
article and catches up from there, so a killed process or a deleted folder costs time, not data.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tantivy

from news.errors import StoreError
from news.index_clauses import Clauses
from news.index_document import documents, index_schema
from news.index_history import PastVersion, past_versions
from news.index_industry import NO_INDUSTRIES, IndustryTree
from news.index_query import (
    HIT,
    Facet,
    FacetCount,
    FacetName,
    IndexHit,
    IndexPage,
    IndexQuery,
    SortOrder,
)
from news.store import ArticleChange, NewsStore

__all__ = [
    "FacetName",
    "IndexHit",
    "IndexPage",
    "IndexQuery",
    "NewsIndex",
    "SortOrder",
    "TantivyIndex",
]

_LOG = logging.getLogger(__name__)
_BATCH = 2_000
_WRITER_BYTES = 64_000_000
# A format change makes a new folder, so that an old index is rebuilt instead of misread.
FORMAT = "articles-2"


class NewsIndex(Protocol):
    """A search engine over articles."""

    def catch_up(self, store: NewsStore) -> int:
        """Take in what the store holds and the index does not; return how many changes."""

    def search(self, query: IndexQuery) -> IndexPage:
        """Find articles."""

    def facets(
        self, query: IndexQuery, names: Sequence[FacetName], size: int = 20
    ) -> tuple[Facet, ...]:
        """Count all articles that a search finds, by their `size` most frequent values."""


class TantivyIndex:
    """tantivy in a folder; several processes may read while one writes.

    Terms are character pairs cut by `news.text.bigrams`, so every name of two characters is found.
    """

    def __init__(self, folder: Path, industries: IndustryTree = NO_INDUSTRIES) -> None:
        self._folder = folder / FORMAT
        self._industries = industries
        self._schema = index_schema()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(self._schema, path=str(self._folder))
        except (OSError, ValueError) as error:
            raise StoreError(
                f"{self._folder}: cannot be opened as a search index ({error}); delete the folder"
                " and it is rebuilt from the database"
            ) from error

    def catch_up(self, store: NewsStore) -> int:
        """Index every change after the last one held. Another writer at work counts as done."""
        if self.last_change() >= store.last_change():
            return 0
        try:
            writer = self._index.writer(_WRITER_BYTES, 1)
        except ValueError:
            _LOG.info("another process is writing %s; leaving the catching up to it", self._folder)
            return 0
        done = 0
        while changes := store.changes_after(self.last_change(), _BATCH):
            changed = [c.article.id for c in changes if c.article.version > 1]
            self._write(writer, changes, past_versions(store.connection, changed))
            done += len(changes)
        writer.wait_merging_threads()
        self._drop_older_formats()
        return done

    def add(self, changes: Sequence[ArticleChange]) -> None:
        """Index articles that no database holds (for measuring)."""
        writer = self._index.writer(_WRITER_BYTES, 1)
        self._write(writer, changes, {})
        writer.wait_merging_threads()

    def _write(
        self,
        writer: tantivy.IndexWriter,
        changes: Sequence[ArticleChange],
        past: dict[str, tuple[PastVersion, ...]],
    ) -> None:
        for change in changes:
            writer.delete_documents_by_term("id", change.article.id)
            for document in documents(change, past.get(change.article.id, ()), self._industries):
                writer.add_document(document)
        writer.commit()
        self._index.reload()

    def last_change(self) -> int:
        """Highest change number in the index; 0 where it is empty."""
        self._index.reload()
        top = self._index.searcher().search(
            tantivy.Query.all_query(), limit=1, count=False, order_by_field="change"
        )
        return int(top.hits[0][0]) if top.hits else 0

    def search(self, query: IndexQuery) -> IndexPage:
        """Find articles; by relevance needs text, without text the order is by time."""
        searcher = self._searcher()
        found = searcher.search(
            Clauses(self._schema, searcher).query(query),
            limit=query.limit,
            order_by_field="key" if query.by_time else None,
        )
        total = int(found.count)
        rows = np.zeros(len(found.hits), HIT)
        if not len(rows):
            return IndexPage(rows, total)
        addresses = [address for _, address in found.hits]
        for name in HIT.names or ():
            if name != "score":
                field = "rank" if name == "tier" else name
                rows[name] = searcher.fast_field_values(field, addresses)
        if not query.by_time:
            rows["score"] = [score for score, _ in found.hits]
        return IndexPage(rows, total)

    def facets(
        self, query: IndexQuery, names: Sequence[FacetName], size: int = 20
    ) -> tuple[Facet, ...]:
        """Count all articles that a search finds, by their `size` most frequent values."""
        if not names:
            return ()
        searcher = self._searcher()
        counted = searcher.aggregate(
            Clauses(self._schema, searcher).query(query),
            {str(name): _terms(name, size) for name in names},
        )
        return tuple(_facet(name, counted[str(name)]["buckets"]) for name in names)

    def _searcher(self) -> Any:
        self._index.reload()
        return self._index.searcher()

    def _drop_older_formats(self) -> None:
        for folder in self._folder.parent.glob("articles-*"):
            if folder != self._folder and folder.name < FORMAT:
                shutil.rmtree(folder, ignore_errors=True)


def _terms(name: FacetName, size: int) -> dict[str, object]:
    order = {"_key": "desc"} if name is FacetName.DAY else {"_count": "desc"}
    # Each segment counts its own first: more of them make the sum exact.
    inside = max(1_000, 10 * size)
    return {"terms": {"field": str(name), "size": size, "segment_size": inside, "order": order}}


def _facet(name: FacetName, buckets: Sequence[dict[str, Any]]) -> Facet:
    if name is FacetName.DAY:
        days = (FacetCount(str(date.fromordinal(int(b["key"]))), b["doc_count"]) for b in buckets)
        return Facet(name, tuple(days))
    counts = (FacetCount(str(b["key"]), b["doc_count"]) for b in buckets)
    return Facet(name, tuple(sorted(counts, key=lambda c: (-c.count, c.value))))
