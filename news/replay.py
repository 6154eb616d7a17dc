"""Dead letters taken in anew: what failed in analysis from its payload, the rest from its source.

A replayed letter stays, marked as settled; one that fails again stays open with what is wrong now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from news.article import DeadLetter
from news.dead_letter_store import DeadLetterStore
from news.errors import SourceError
from news.feed_spec import Feed
from news.fetch import Getter
from news.ingest import Ingester, IngestSummary
from news.poll import feed_of, known_by_its_feed, place_of
from news.raw import article_of_json
from news.read import Item, read_sources

WITH_ARTICLE = frozenset({"analyse", "withdraw"})
"""Stages whose letters hold the whole article."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a letter; `problem` is empty where its content was taken in."""

    letter: DeadLetter
    summary: IngestSummary
    problem: str = ""


class Replayer:
    """Takes letters in anew."""

    def __init__(
        self,
        letters: DeadLetterStore,
        ingester: Ingester,
        feeds: Sequence[Feed],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        """`feeds` are the polled sources, whose tier their letters' articles get."""
        self._letters, self._ingester, self._clock = letters, ingester, clock
        self._feeds = tuple(feeds)

    def replay(self, letter: DeadLetter, fetcher: Getter | None = None) -> Replayed:
        """Take in one letter; its source is read where no article is kept with it."""
        try:
            items = self._items(letter, fetcher)
        except SourceError as error:
            return Replayed(letter, IngestSummary(), str(error))
        dead: list[DeadLetter] = []
        summary = self._ingester.ingest(items, on_dead=dead.append)
        again = next((d for d in dead if d.origin == letter.origin), None)
        if again is None and summary.read == summary.dead:
            again = next(iter(dead), None)
        if again is not None:
            return Replayed(letter, summary, again.error)
        self._letters.settle(letter, self._clock())
        return Replayed(letter, summary)

    def _items(self, letter: DeadLetter, fetcher: Getter | None) -> Iterable[Item]:
        if letter.stage in WITH_ARTICLE:
            return (article_of_json(letter.payload),)
        place, feed = place_of(letter), feed_of(letter, self._feeds)
        if feed is not None and place == feed.url:
            raise SourceError(
                f"{feed.id} is polled as a whole, by itself when it is due; `foreland news feeds"
                f" due {feed.id}` makes that the next round"
            )
        items = read_sources((place,), fetcher=fetcher, now=self._clock())
        return items if feed is None else (known_by_its_feed(item, feed) for item in items)
