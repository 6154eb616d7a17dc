"""Measuring the news side on labelled data: search."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from news.article import Article, Sentiment
from news.index import IndexQuery, TantivyIndex
from news.store import ArticleChange

_DEPTH = 10
_SEARCHABLE_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Document:
    """A text to find and the headline that is asked for it."""

    headline: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchScores:
    """Mean reciprocal rank and recall within the first ten, and the time of a search."""

    mrr10: float
    recall10: float
    p50_ms: float
    p95_ms: float
    n: int


def evaluate_search(
    documents: Sequence[Document], *, timer: Callable[[], float] = time.perf_counter
) -> SearchScores:
    """Index the texts alone and look each one up by its headline.

    Documents with the same text count as one target.
    """
    owner: dict[str, int] = {}
    for number, document in enumerate(documents):
        owner.setdefault(document.text, number)
    with TemporaryDirectory() as folder:
        index = TantivyIndex(Path(folder))
        index.add([_change(n, documents[n].text) for n in sorted(set(owner.values()))])
        ranks, times = [], []
        for document in documents:
            began = timer()
            page = index.search(IndexQuery(text=document.headline, any_term=True, limit=_DEPTH))
            times.append((timer() - began) * 1000)
            found = [hit.seq for hit in page.hits]
            target = owner[document.text] + 1
            ranks.append(found.index(target) + 1 if target in found else 0)
    return SearchScores(
        mrr10=round(float(np.mean([1 / r if r else 0.0 for r in ranks])), 4),
        recall10=round(float(np.mean([r > 0 for r in ranks])), 4),
        p50_ms=round(float(np.percentile(times, 50)), 3),
        p95_ms=round(float(np.percentile(times, 95)), 3),
        n=len(documents),
    )


def _change(number: int, text: str) -> ArticleChange:
    article = Article(
        id=str(number),
        headline="",
        text=text,
        source="",
        origin="",
        url=None,
        published_at=_SEARCHABLE_DAY,
        dated=False,
        ingested_at=_SEARCHABLE_DAY,
        version=1,
        content_hash="",
        sentiment=Sentiment.NEUTRAL,
        sentiment_score=0.0,
        tags=(),
        mentions=(),
        duplicate_of=None,
    )
    return ArticleChange(number + 1, number + 1, article)
