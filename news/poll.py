"""One poll of a source: what it holds that is new, read into articles. Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import xxhash

from news.article import DeadLetter, RawArticle
from news.decode import decode
from news.errors import SourceError, SourceUnavailableError
from news.feed_folder import scan_folder
from news.feed_list import ListedLink, read_list
from news.feed_spec import Feed, FeedKind
from news.feed_store import FeedState, Mark, marks_of
from news.feed_table import read_table
from news.fetch import NOTHING_HELD, Fetched, Getter, Held
from news.raw import dead_letter
from news.read import read_document, read_sources

Item = RawArticle | DeadLetter
_OF_FEED = "feed "
_PLACE = re.compile(r"(?P<place>\w+://[^/]*/.*?|(?!\w+://).+?)(?:[#:]\d+)+")


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll found, in the order of the source, and what is to be remembered of it.

    `error` is empty where the source answered; `retry_after` are the seconds that it asks for.
    Files of a folder, which may be large, are read while `items` is gone through, once.
    `read` are the places that were read after all where they may have failed before.
    """

    feed: Feed
    items: Iterable[Item] = ()
    marks: tuple[Mark, ...] = ()
    held: Held = NOTHING_HELD
    digest: str = ""
    error: str = ""
    retry_after: float | None = None
    read: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    """Collects what one poll finds; `later` says that something is to be tried again."""

    items: list[Item] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    later: bool = False


class Poller:
    """Polls sources with a fetcher that is polite; safe to use from several threads."""

    def __init__(
        self,
        fetcher: Getter,
        *,
        clock: Callable[[], datetime],
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """`stopping()` ends a poll between two pages; what was read until then counts."""
        self._fetcher, self._clock, self._stopping = fetcher, clock, stopping

    def poll(self, feed: Feed, state: FeedState, marks: Mapping[str, Mark]) -> Polled:
        """Read what is new since `state` and `marks`; a source that fails gives its `error`."""
        try:
            if feed.kind is FeedKind.FOLDER:
                return self._folder(feed, marks)
            return self._address(feed, state, marks)
        except SourceUnavailableError as error:
            return Polled(feed, error=str(error), retry_after=error.retry_after)
        except SourceError as error:
            return Polled(feed, error=str(error))

    def _address(self, feed: Feed, state: FeedState, marks: Mapping[str, Mark]) -> Polled:
        got = self._fetcher.get(feed.url, held=state.held)
        if got.unchanged:
            return Polled(feed, held=state.held, digest=state.digest, read=(feed.url,))
        digest = xxhash.xxh3_64_hexdigest(got.body)
        if digest == state.digest:
            return Polled(feed, held=got.held, digest=digest, read=(feed.url,))
        found = self._contents(feed, got, marks)
        items = tuple(known_by_its_feed(item, feed) for item in found.items)
        read = (feed.url, *found.read)
        if found.later:  # then the same document is to be gone through again
            return Polled(feed, items, tuple(found.marks), read=read)
        return Polled(feed, items, tuple(found.marks), got.held, digest, read=read)

    def _contents(self, feed: Feed, got: Fetched, marks: Mapping[str, Mark]) -> _Found:
        now = self._clock()
        if feed.links is not None:
            text = decode(got.body, declared=got.encoding).text
            links = read_list(text, feed.links, origin=feed.url, url=got.url, now=now)
            return self._pages(feed, links, marks)
        if feed.columns is not None:
            text = decode(got.body, declared=got.encoding).text
            rows = read_table(text, feed.columns, origin=feed.url, url=got.url, now=now)
            return _Found(list(rows))
        items = tuple(read_document(got, now=now))
        return self._entries(feed, items, marks) if feed.pages else _Found(list(items))

    def _entries(self, feed: Feed, items: Iterable[Item], marks: Mapping[str, Mark]) -> _Found:
        """Entries of a feed, replaced by the pages that they link to."""
        items = tuple(items)
        articles = [item for item in items if isinstance(item, RawArticle)]
        linked = [a for a in articles if a.url]
        links = [ListedLink(a.url, a.headline, a.published_at) for a in linked if a.url]
        found = self._pages(feed, links, marks)
        found.items += [i for i in items if isinstance(i, DeadLetter) or not i.url]
        return found

    def _pages(self, feed: Feed, links: Iterable[ListedLink], marks: Mapping[str, Mark]) -> _Found:
        """Pages that are new, or whose title in the list is another than it was."""
        found, count = _Found(), 0
        for link in links:
            mark = Mark(link.url, xxhash.xxh3_64_hexdigest(link.title.encode()), done=True)
            if marks.get(link.url) == mark:
                found.marks.append(mark)
                continue
            if count >= feed.most or self._stopping():
                found.later = True
                break
            count += 1
            self._page(link, mark, found)
        return found

    def _page(self, link: ListedLink, mark: Mark, found: _Found) -> None:
        try:
            got = self._fetcher.get(link.url)
        except SourceUnavailableError as error:
            found.later = True
            found.items.append(dead_letter(link.url, "fetch", error))
            return
        except SourceError as error:
            found.items.append(dead_letter(link.url, "fetch", error))
        else:
            found.items += _with_list(read_document(got, now=self._clock()), link)
            found.read.append(link.url)
        found.marks.append(mark)

    def _folder(self, feed: Feed, marks: Mapping[str, Mark]) -> Polled:
        now = self._clock()
        ready, kept = [], []
        for file in scan_folder(Path(feed.url), marks_of(marks), now):
            before = marks.get(file.key)
            known = before is not None and before.done and before.mark == file.mark
            taken = file.ready and not known and not self._stopping()
            ready += [file.path] if taken else []
            kept.append(Mark(file.key, file.mark, done=known or taken))
        items = (known_by_its_feed(item, feed) for item in read_sources(ready, now=now))
        return Polled(feed, items if ready else (), tuple(kept))


def feed_of(letter: DeadLetter, feeds: Iterable[Feed]) -> Feed | None:
    """The source that a letter came from, among those known; None where it was none."""
    place = place_of(letter)
    for feed in feeds:
        inside = feed.kind is FeedKind.FOLDER and place.startswith(f"{feed.url.rstrip('/')}/")
        if inside or place == feed.url or letter.payload == f"{_OF_FEED}{feed.id}":
            return feed
    return None


def place_of(letter: DeadLetter) -> str:
    """The file or address that a letter's origin lies in, without the number of the entry."""
    match = _PLACE.fullmatch(letter.origin)
    return match["place"] if match else letter.origin


def _with_list(items: Iterator[Item], link: ListedLink) -> Iterator[Item]:
    """A page under the address of the list, with its date where the page gives none."""
    for item in items:
        if isinstance(item, RawArticle):
            yield replace(item, url=link.url, published_at=item.published_at or link.published_at)
        else:
            yield replace(item, origin=link.url)


def known_by_its_feed(item: Item, feed: Feed) -> Item:
    """An article with the tier of its source, and its name where the article gives no medium.

    A letter without a payload gets the source's id as one, so that its replay knows the source.
    """
    if isinstance(item, DeadLetter):
        return item if item.payload else replace(item, payload=f"{_OF_FEED}{feed.id}")
    # Where a page names no medium, its reader gives the host.
    unnamed = item.source in ("", feed.host.partition(":")[0])
    return replace(item, tier=feed.tier, source=feed.title if unnamed else item.source)
