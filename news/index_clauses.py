"""Searches in the words of tantivy.

A word of a search must occur as written: its character pairs as a phrase. A long one, or any where
not all words need occur, is searched by its pairs: by the rarest of them, for the pairs that every
text has cost most and tell least.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import tantivy

from news.article_row import to_ms
from news.errors import SearchError
from news.index_document import HIGHEST, LOWEST, Standing, story_number, time_key
from news.index_query import IndexQuery
from news.text import bigrams, simplify

_HEADLINE_BOOST = 2.0
_LONGEST_PHRASE = 8
_MOST_PAIRS = 24


class Clauses:
    """Makes a query of tantivy from one of ours, over one snapshot of the index."""

    def __init__(self, schema: Any, searcher: Any) -> None:
        self._schema = schema
        self._searcher = searcher

    def query(self, query: IndexQuery) -> Any:
        """Everything that must hold; raises SearchError where the text holds no word."""
        must = [(tantivy.Occur.Must, clause) for clause in self._filters(query)]
        if query.text.strip():
            must.append((tantivy.Occur.Must, self.text(query.text, any_term=query.any_term)))
        return tantivy.Query.boolean_query(must)

    def text(self, text: str, *, any_term: bool) -> Any:
        """The words of a search."""
        clauses = []
        for word in simplify(text).split():
            terms = bigrams(word)
            if not terms:
                continue
            strict = not any_term and len(terms) <= _LONGEST_PHRASE
            clause = self._phrase(terms) if strict else self._bag(terms)
            occur = tantivy.Occur.Should if any_term else tantivy.Occur.Must
            clauses.append((occur, clause))
        if not clauses:
            raise SearchError(
                f"q={text[:40]!r} holds no word to search for; give letters or digits"
            )
        return tantivy.Query.boolean_query(clauses)

    def _filters(self, query: IndexQuery) -> Iterator[Any]:
        yield from map(_unscored, self._values(query))
        if query.since or query.until:
            low = time_key(query.since, 0) if query.since else LOWEST
            high = time_key(query.until, 0) - 1 if query.until else HIGHEST
            yield self._range("key", low, high)
        if query.before_key is not None:
            yield self._range("key", LOWEST, query.before_key - 1)
        if query.known_at is None:
            yield _unscored(self._number("standing", Standing.CURRENT, query.duplicates))
            return
        moment = to_ms(query.known_at)
        yield self._range("known_from", LOWEST, moment)
        yield self._range("known_to", moment + 1, HIGHEST)
        yield _unscored(self._number("repeated", 0, query.duplicates))

    def _values(self, query: IndexQuery) -> Iterator[Any]:
        for name, value in (
            ("tag", query.tag),
            ("industry", query.industry),
            ("sentiment", query.sentiment),
            ("tier", query.tier),
            ("language", query.language),
            ("event", query.event),
            ("source", query.source),
        ):
            if value:
                yield self._term(name, str(value))
        if query.story:
            yield tantivy.Query.term_query(self._schema, "story", story_number(query.story))
        if query.seqs:
            yield tantivy.Query.term_set_query(self._schema, "seq", list(query.seqs))
        if query.entities:
            terms = [self._term("entity", entity) for entity in query.entities]
            yield _either(terms) if query.any_entity else _all(terms)
            if query.tone:
                yield _either([self._term("tone", f"{e}:{query.tone}") for e in query.entities])

    def _number(self, name: str, value: int, also_next: bool) -> Any:
        """A number, or the next one too."""
        values = (value, value + 1) if also_next else (value,)
        return _either([tantivy.Query.term_query(self._schema, name, int(v)) for v in values])

    def _range(self, name: str, low: int, high: int) -> Any:
        kind = tantivy.FieldType.Integer
        return _unscored(tantivy.Query.range_query(self._schema, name, kind, low, high))

    def _term(self, name: str, value: str) -> Any:
        return tantivy.Query.term_query(self._schema, name, value, "freq")

    def _phrase(self, terms: Sequence[str]) -> Any:
        if len(terms) > 1:
            words: list[str | tuple[int, str]] = list(terms)
            parts = [
                tantivy.Query.phrase_query(self._schema, name, words)
                for name in ("headline", "text")
            ]
        else:
            parts = [self._single(name, terms[0]) for name in ("headline", "text")]
            if terms[0].isdigit():
                parts.append(self._term("code", terms[0]))
        parts[0] = tantivy.Query.boost_query(parts[0], _HEADLINE_BOOST)
        return _either(parts)

    def _single(self, name: str, term: str) -> Any:
        if len(term) == 1 and not term.isascii():
            return tantivy.Query.regex_query(self._schema, name, f"{term}.?|.{term}")
        return self._term(name, term)

    def _bag(self, terms: Sequence[str]) -> Any:
        clauses = []
        for term in self._rarest(tuple(dict.fromkeys(terms))):
            headline = tantivy.Query.boost_query(self._term("headline", term), _HEADLINE_BOOST)
            clauses += [headline, self._term("text", term)]
        return _either(clauses)

    def _rarest(self, terms: Sequence[str]) -> Sequence[str]:
        """The pairs that tell most, of those that occur at all."""
        if len(terms) <= _MOST_PAIRS:
            return terms
        often = {term: self._searcher.doc_freq("text", term) for term in terms}
        known = [term for term in terms if often[term]] or list(terms)
        return sorted(known, key=lambda term: often[term])[:_MOST_PAIRS]


def _either(clauses: Sequence[Any]) -> Any:
    if len(clauses) == 1:
        return clauses[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, clause) for clause in clauses])


def _all(clauses: Sequence[Any]) -> Any:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, clause) for clause in clauses])


def _unscored(clause: Any) -> Any:
    return tantivy.Query.const_score_query(clause, 0.0)
