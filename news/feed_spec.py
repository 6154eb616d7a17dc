"""A source that is polled: where it is, how it is read, how much its word counts, how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from news.article import SourceTier
from news.published import CHINA


class FeedKind(StrEnum):
    """How a source is read."""

    FEED = "feed"
    """RSS 0.9 to 2.0, RSS 1.0 (RDF), Atom."""
    JSON_FEED = "json_feed"
    """JSON Feed 1.0 and 1.1."""
    LIST = "list"
    """An HTML page of links; each new page behind them is an article."""
    TABLE = "table"
    """A table of announcements, CSV or JSON, a row each."""
    FOLDER = "folder"
    """A folder of this machine into which files are put."""


@dataclass(frozen=True, slots=True)
class ListPattern:
    """Where the links of a list page are: CSS selectors, those of title and date within `item`.

    Without `item` every element that `link` selects is one. `match` is a regular expression that
    the whole address of a page must contain.
    """

    link: str = "a"
    item: str | None = None
    title: str | None = None
    date: str | None = None
    match: str = ""


WITHDRAWN = ("1", "true", "yes", "是", "已撤回", "撤销")
"""Cells that usually say that an announcement was taken back."""


@dataclass(frozen=True, slots=True)
class TableColumns:
    """Which column (of JSON: field) holds what; `rows` is the path to the rows of JSON (`a.b`).

    `withdrawn` is true where its cell holds one of `withdrawn_values`. `base` stands before
    addresses that are relative; left out, the table's own address does.
    """

    title: str
    url: str | None = None
    date: str | None = None
    code: str | None = None
    name: str | None = None
    text: str | None = None
    source: str | None = None
    withdrawn: str | None = None
    withdrawn_values: tuple[str, ...] = WITHDRAWN
    rows: str = ""
    base: str | None = None
    separator: str = ","


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the day in China between which a source is polled; `end` may be after midnight."""

    start: time
    end: time

    def next_open(self, moment: datetime) -> datetime:
        """`moment` where it lies within the hours, else when they begin next."""
        local = moment.astimezone(CHINA)
        begun = local.replace(
            hour=self.start.hour, minute=self.start.minute, second=0, microsecond=0
        )
        here = local.time()
        if self.start <= self.end:
            inside = self.start <= here < self.end
        else:
            inside = here >= self.start or here < self.end
        if inside:
            return moment
        opens = begun if begun >= local else begun + timedelta(days=1)
        return opens.astimezone(moment.tzinfo)


@dataclass(frozen=True, slots=True)
class Feed:
    """A source of `data/feeds.yaml`; what its fields mean for the operator is in docs/sources.md.

    `url` is the path of a folder for FeedKind.FOLDER. `most`: new pages read in one poll.
    `pages`: entries of a feed are replaced by the pages that they link to.
    """

    id: str
    title: str
    url: str
    kind: FeedKind
    tier: SourceTier
    terms: str = ""
    language: str = "zh"
    every: timedelta = timedelta(minutes=15)
    hours: Hours | None = None
    enabled: bool = False
    verified: bool = False
    links: ListPattern | None = None
    columns: TableColumns | None = None
    pages: bool = False
    most: int = 30

    @property
    def host(self) -> str:
        """Host and port that are asked; the path of a folder."""
        if self.kind is FeedKind.FOLDER:
            return self.url
        return urlsplit(self.url).netloc.rpartition("@")[2].lower()
