"""The numbers of the overview, each from a question that a library answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from news.article import Article, Sentiment
from news.index import SortOrder
from news.search import NewsSearch, SearchQuery
from news.store import NewsStore
from ui.console.moments import day, months_before, start_of

MONTHS = 12
LATEST = 14
MOST_COMPANIES = 10_000


@dataclass(frozen=True, slots=True)
class ToneCount:
    """Number of articles of one tone in one month (its first day), near-duplicates left out."""

    month: date
    sentiment: Sentiment
    count: int


@dataclass(frozen=True, slots=True)
class NewsCounts:
    """What the overview shows of the news; `companies` are (id, articles), most named first."""

    articles: int
    companies_named: int
    dead_letters: int
    latest: tuple[Article, ...]
    companies: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    tones: tuple[ToneCount, ...]


def news_counts(store: NewsStore, search: NewsSearch) -> NewsCounts:
    """Count everything once; the tone covers the twelve months up to the newest article."""
    newest = search.search(SearchQuery(sort=SortOrder.TIME, limit=LATEST)).hits
    latest = tuple(hit.article for hit in newest)
    companies = store.most_mentioned(MOST_COMPANIES)
    return NewsCounts(
        articles=store.count(),
        companies_named=len(companies),
        dead_letters=store.dead_letters.count(),
        latest=latest,
        companies=companies[:16],
        tags=store.tag_counts()[:15],
        tones=tuple(_tones(search, latest[0].published_at)) if latest else (),
    )


def _tones(search: NewsSearch, newest: datetime) -> Iterable[ToneCount]:
    months = (*months_before(day(newest), MONTHS), _month_after(day(newest)))
    for month, following in pairwise(months):
        for sentiment in Sentiment:
            query = SearchQuery(
                sentiment=sentiment,
                since=start_of(month),
                until=start_of(following),
                sort=SortOrder.TIME,
                limit=1,
            )
            yield ToneCount(month, sentiment, search.search(query).total)


def _month_after(last: date) -> date:
    return date(last.year + last.month // 12, last.month % 12 + 1, 1)
