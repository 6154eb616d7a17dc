"""FAQ retrieval beside Haystack's in-memory BM25 and rapidfuzz, in the same run.

    python bench/faq.py KB.tsv QUERIES.tsv [--limit 300]

KB: entry_id, question; queries: text, entry_id. Prints one JSON object: for each engine the share
of queries whose entry comes first, the median milliseconds a query, and the ratio of that to ours.
 Nothing is trained outside the knowledge base.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from haystack import Document
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from rapidfuzz import fuzz, process

from assist.evaluate import bare_retriever, entries_of
from assist.labelled import read_table
from assist.matcher import Lexicons

Rows = tuple[tuple[str, ...], ...]
Find = Callable[[str], str]


def foreland(known: Rows) -> Find:
    """Ours: tantivy candidates, learned order, inside a Haystack pipeline."""
    retriever = bare_retriever(entries_of(known), Lexicons.empty(), None, lambda line: None)
    return lambda text: next((p.entry_id for p in retriever.retrieve(text, 1)), "")


def haystack_bm25(known: Rows) -> Find:
    """Haystack's own BM25 over the questions."""
    store = InMemoryDocumentStore()
    store.write_documents(
        [Document(id=str(n), content=q, meta={"e": e}) for n, (e, q) in enumerate(known)]
    )
    retriever = InMemoryBM25Retriever(store, top_k=1)
    return lambda text: next((d.meta["e"] for d in retriever.run(text)["documents"]), "")


def rapidfuzz_ratio(known: Rows) -> Find:
    """rapidfuzz over every question."""
    questions = [question for _, question in known]

    def find(text: str) -> str:
        best = process.extractOne(text, questions, scorer=fuzz.ratio)
        return known[best[2]][0] if best else ""

    return find


def measure(find: Find, queries: Rows) -> tuple[float, float]:
    """Share of first places and median milliseconds."""
    hits, times = 0, []
    find(queries[0][0])
    for text, entry_id in queries:
        began = time.perf_counter()
        hits += find(text) == entry_id
        times.append((time.perf_counter() - began) * 1000)
    return hits / len(queries), statistics.median(times)


def main() -> None:
    """Measure the three and print them with their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kb", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--limit", type=int, default=300)
    arguments = parser.parse_args()
    known = read_table(arguments.kb, ("entry_id", "question")).rows
    queries = read_table(arguments.queries, ("text", "entry_id"), limit=arguments.limit).rows
    engines = {"foreland": foreland, "haystack_bm25": haystack_bm25, "rapidfuzz": rapidfuzz_ratio}
    found = {name: measure(build(known), queries) for name, build in engines.items()}
    ours = found["foreland"][1]
    print(
        json.dumps(
            {
                "questions": len(known),
                "queries": len(queries),
                "engines": {
                    name: {
                        "top1": round(top1, 4),
                        "median_ms": round(ms, 3),
                        "times_ours": round(ms / ours, 1),
                    }
                    for name, (top1, ms) in found.items()
                },
            }
        )
    )


if __name__ == "__main__":
    main()
