"""The filters of the news page and the search they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from news.article import Sentiment, SourceTier
from news.event import EventKind
from news.event_names import EVENT_NAMES, TIER_NAMES
from news.index import SortOrder
from news.search import SearchQuery
from ui.console.moments import end_of, start_of

PAGE = 20


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """What is chosen on the page; `company` is a company id, days are Shanghai days, both in."""

    text: str = ""
    company: str | None = None
    tag: str | None = None
    sentiment: Sentiment | None = None
    event: EventKind | None = None
    tier: SourceTier | None = None
    since: date | None = None
    until: date | None = None
    sort: SortOrder = SortOrder.RELEVANCE
    duplicates: bool = False
    collapse: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether every article passes."""
        return (
            replace(self, sort=SortOrder.RELEVANCE, duplicates=False, collapse=False)
            == ArticleFilter()
        )

    def query(self, cursor: str | None) -> SearchQuery:
        """The search for one page of results."""
        return SearchQuery(
            text=self.text.strip(),
            entities=(self.company,) if self.company else (),
            tag=self.tag,
            # Of a company the tone towards it is asked for, else that of the whole text.
            sentiment=None if self.company else self.sentiment,
            tone=self.sentiment if self.company else None,
            event=self.event,
            tier=self.tier,
            collapse=self.collapse,
            since=start_of(self.since) if self.since else None,
            until=end_of(self.until) if self.until else None,
            sort=self.sort,
            duplicates=self.duplicates,
            limit=PAGE,
            cursor=cursor,
        )


@dataclass(frozen=True, slots=True)
class Pages:
    """The cursors of the pages seen so far, of one filter; the last one is the page on show."""

    filter: ArticleFilter
    cursors: tuple[str | None, ...] = (None,)

    @property
    def number(self) -> int:
        """Number of the page on show, from 1."""
        return len(self.cursors)

    def under(self, chosen: ArticleFilter) -> Pages:
        """These pages while the filter stays; the first page of another filter."""
        return self if chosen == self.filter else Pages(chosen)

    def forward(self, cursor: str) -> Pages:
        """With the next page on show."""
        return replace(self, cursors=(*self.cursors, cursor))

    def back(self) -> Pages:
        """With the page before on show."""
        return replace(self, cursors=self.cursors[:-1] or (None,))


def days(chosen: object) -> tuple[date | None, date | None]:
    """First and last day of what a date range holds: none, one (still being chosen) or two."""
    values = [d for d in chosen if isinstance(d, date)] if isinstance(chosen, tuple) else []
    first = values[0] if values else None
    return first, values[1] if len(values) > 1 else None


def empty_hint(chosen: ArticleFilter, names: Mapping[str, str]) -> str:
    """What to do where nothing was found."""
    if chosen.is_empty:
        return "工作区里还没有资讯。请先采集：foreland news ingest <文件、文件夹或网址>"
    told = "、".join(_told(chosen, names))
    return f"没有符合条件的资讯（{told}）。可以换个说法、去掉一个条件，或放宽日期。"


def _told(chosen: ArticleFilter, names: Mapping[str, str]) -> list[str]:
    told = []
    if chosen.text:
        told.append(f"检索词“{chosen.text}”")
    if chosen.company:
        told.append(f"公司 {names.get(chosen.company, chosen.company)}")
    if chosen.tag:
        told.append(f"标签 {chosen.tag}")
    if chosen.sentiment:
        told.append("情感")
    if chosen.event:
        told.append(f"事件 {EVENT_NAMES[chosen.event]}")
    if chosen.tier:
        told.append(f"来源 {TIER_NAMES[chosen.tier]}")
    if chosen.since or chosen.until:
        told.append("日期")
    return told
