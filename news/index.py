"""The search index over articles: the `NewsIndex` port and its embedded engine, tantivy.

The index is a cache of the database, never the only copy: it holds the change number of each
article and catches up from there, so a killed process or a deleted folder costs time, not data.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import tantivy

from news.article import Article, Sentiment
from news.errors import SearchError, StoreError
from news.store import ArticleChange, NewsStore
from news.text import bigrams, simplify

_LOG = logging.getLogger(__name__)
_BATCH = 2_000
_WRITER_BYTES = 64_000_000
_LOWEST, _HIGHEST = -(2**62), 2**62
_HEADLINE_BOOST = 2.0
_LONGEST_PHRASE = 8
# What the field `duplicate` says; articles that were taken back are kept, but never found.
_REPEATED, _WITHDRAWN = 1, 2
# A format change makes a new folder, so that an old index is rebuilt instead of misread.
FORMAT = "articles-1"


class SortOrder(StrEnum):
    """How results are ordered."""

    RELEVANCE = "relevance"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """A search as the engine sees it: free text and filters, all of which must hold.

    `since` is inclusive, `until` exclusive. `before_key` continues a search by time after the hit
    with that key; `offset` and `last_seq` continue a search by relevance in the same snapshot.
    """

    text: str = ""
    entity: str | None = None
    tag: str | None = None
    sentiment: Sentiment | None = None
    since: datetime | None = None
    until: datetime | None = None
    duplicates: bool = False
    sort: SortOrder = SortOrder.RELEVANCE
    limit: int = 20
    offset: int = 0
    before_key: int | None = None
    last_seq: int | None = None
    any_term: bool = False


@dataclass(frozen=True, slots=True)
class IndexHit:
    """One result: article id, its score (or time key) and its time key."""

    article_id: str
    score: float
    key: int


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Results in order and how many match in all."""

    hits: tuple[IndexHit, ...]
    total: int


class NewsIndex(Protocol):
    """A search engine over articles."""

    def catch_up(self, store: NewsStore) -> int:
        """Take in what the store holds and the index does not; return how many changes."""

    def search(self, query: IndexQuery) -> IndexPage:
        """Find articles."""


class TantivyIndex:
    """tantivy in a folder; several processes may read while one writes.

    Terms are character pairs cut by `news.text.bigrams`, so every name of two characters is found.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FORMAT
        self._schema = _schema()
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
            self._write(writer, changes)
            done += len(changes)
        writer.wait_merging_threads()
        return done

    def add(self, changes: Sequence[ArticleChange]) -> None:
        """Index articles that no database holds (for measuring)."""
        writer = self._index.writer(_WRITER_BYTES, 1)
        self._write(writer, changes)
        writer.wait_merging_threads()

    def _write(self, writer: tantivy.IndexWriter, changes: Sequence[ArticleChange]) -> None:
        for change in changes:
            writer.delete_documents_by_term("id", change.article.id)
            writer.add_document(_document(change))
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
        self._index.reload()
        searcher = self._index.searcher()
        by_time = query.sort is SortOrder.TIME or not query.text.strip()
        found = searcher.search(
            self._query(query),
            limit=query.limit,
            offset=query.offset,
            order_by_field="key" if by_time else None,
        )
        addresses = [address for _, address in found.hits]
        keys = searcher.fast_field_values("key", addresses) if addresses else []
        hits = tuple(
            IndexHit(str(searcher.doc(address)["id"][0]), float(score), int(key or 0))
            for (score, address), key in zip(found.hits, keys, strict=True)
        )
        return IndexPage(hits, int(found.count))  # type: ignore[attr-defined]

    def _query(self, query: IndexQuery) -> Any:
        must = [(tantivy.Occur.Must, clause) for clause in self._filters(query)]
        if query.text.strip():
            must.append((tantivy.Occur.Must, self._text(query.text, any_term=query.any_term)))
        if not must:
            return tantivy.Query.all_query()
        return tantivy.Query.boolean_query(must)

    def _filters(self, query: IndexQuery) -> Iterable[Any]:
        for name, value in (
            ("entity", query.entity),
            ("tag", query.tag),
            ("sentiment", query.sentiment),
        ):
            if value:
                yield tantivy.Query.const_score_query(self._term(name, str(value)), 0.0)
        if query.since or query.until:
            low = _key(query.since, 0) if query.since else _LOWEST
            yield self._range("key", low, _key(query.until, 0) - 1 if query.until else _HIGHEST)
        if query.before_key is not None:
            yield self._range("key", _LOWEST, query.before_key - 1)
        if query.last_seq is not None:
            yield self._range("seq", 0, query.last_seq)
        yield self._range("duplicate", 0, _REPEATED if query.duplicates else 0)

    def _range(self, name: str, low: int, high: int) -> Any:
        clause = tantivy.Query.range_query(self._schema, name, tantivy.FieldType.Integer, low, high)
        return tantivy.Query.const_score_query(clause, 0.0)

    def _term(self, name: str, value: str) -> Any:
        return tantivy.Query.term_query(self._schema, name, value, "freq")

    def _text(self, text: str, *, any_term: bool) -> Any:
        """Each blank-separated word must occur as written; a long one (or any) by its pairs."""
        clauses = []
        for word in simplify(text).split():
            terms = bigrams(word)
            if not terms:
                continue
            strict = not any_term and len(terms) <= _LONGEST_PHRASE
            clause = self._phrase(word, terms) if strict else self._bag(terms)
            occur = tantivy.Occur.Should if any_term else tantivy.Occur.Must
            clauses.append((occur, clause))
        if not clauses:
            raise SearchError(
                f"q={text[:40]!r} holds no word to search for; give letters or digits"
            )
        return tantivy.Query.boolean_query(clauses)

    def _phrase(self, word: str, terms: Sequence[str]) -> Any:
        if len(terms) == 1:
            parts = [self._single(name, terms[0]) for name in ("headline", "text")]
            if terms[0].isdigit():
                parts.append(self._term("entity", terms[0]))
        else:
            parts = [
                tantivy.Query.phrase_query(self._schema, name, list(terms))
                for name in ("headline", "text")
            ]
        parts[0] = tantivy.Query.boost_query(parts[0], _HEADLINE_BOOST)
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])

    def _single(self, name: str, term: str) -> Any:
        if len(term) == 1 and not term.isascii():
            return tantivy.Query.regex_query(self._schema, name, f"{term}.?|.{term}")
        return self._term(name, term)

    def _bag(self, terms: Sequence[str]) -> Any:
        clauses = []
        for term in dict.fromkeys(terms):
            headline = tantivy.Query.boost_query(self._term("headline", term), _HEADLINE_BOOST)
            clauses += [headline, self._term("text", term)]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, c) for c in clauses])


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("headline", "text"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in ("entity", "tag", "sentiment"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("key", "seq", "change", "duplicate"):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


def _document(change: ArticleChange) -> Any:
    article = change.article
    entities = {m.entity_id for m in article.mentions}
    # The bare code too, so that a search for 300750 finds articles that only give the name.
    entities |= {entity.partition(":")[2] for entity in entities}
    return tantivy.Document(
        id=article.id,
        headline=" ".join(bigrams(simplify(article.headline))),
        text=" ".join(bigrams(simplify(article.text))),
        entity=sorted(entities),
        tag=[tag.name for tag in article.tags],
        sentiment=str(article.sentiment),
        key=_key(article.published_at, change.seq),
        seq=change.seq,
        change=change.change,
        duplicate=_standing(article),
    )


def _standing(article: Article) -> int:
    if article.withdrawn_at is not None:
        return _WITHDRAWN
    return _REPEATED if article.duplicate_of else 0


def _key(published_at: datetime, seq: int) -> int:
    """Time in milliseconds with the order of arrival as tie-break, as one sortable integer."""
    key = int(published_at.timestamp() * 1000) * (1 << 20) + seq % (1 << 20)
    return min(max(key, _LOWEST), _HIGHEST)  # a year outside 1830..2100 would not fit 64 bits
