"""Candidate entries out of a tantivy index in memory: BM25 over term numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tantivy

from assist.terms import Ints, TermCounts

_ROW, _TERMS = "row", "terms"


class TermIndex:
    """Rows of term numbers, searched by an OR query; rows are numbered in the order given."""

    def __init__(self, texts: TermCounts) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field(_TERMS, tokenizer_name="whitespace", index_option="freq")
        builder.add_unsigned_field(_ROW, fast=True)
        self._index = tantivy.Index(builder.build())
        # One thread: the order of equal scores stays the same from run to run.
        writer = self._index.writer(heap_size=64_000_000, num_threads=1)
        for number in range(len(texts)):
            row = texts.row(number)
            terms = np.repeat(row.terms, row.counts.astype(np.int64)).tolist()
            document = tantivy.Document()
            document.add_text(_TERMS, " ".join(map(str, terms)))
            document.add_unsigned(_ROW, number)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def best(self, terms: Sequence[int], limit: int) -> Ints:
        """Rows that share terms with the question, best BM25 first, at most `limit`."""
        clauses = [
            (
                tantivy.Occur.Should,
                tantivy.Query.term_query(self._index.schema, _TERMS, str(term), "freq"),
            )
            for term in terms
        ]
        query = tantivy.Query.boolean_query(clauses)
        hits = self._searcher.search(query, limit, count=False).hits
        rows = self._searcher.fast_field_values(_ROW, [address for _, address in hits])
        return np.asarray(rows, dtype=np.int64)
