"""Watching the sources around the clock: who is due is polled, what is new is taken in.

One process of a workspace polls at a time (a lease). Hosts are polled at once, each by one thread;
articles are stored by the watching thread alone. What a poll saw is remembered after its articles
are stored, so that a killed process reads some again, which ingestion then knows, and loses none.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from news.dead_letter_store import DeadLetterStore
from news.errors import StoreError
from news.feed_spec import Feed
from news.feed_store import FeedState, FeedStore, Mark
from news.ingest import Ingester, IngestSummary
from news.poll import Item, Polled, Poller, known_by_its_feed
from news.poll_due import next_due
from news.raw import dead_letter

_LOG = logging.getLogger(__name__)
LEASE = timedelta(seconds=45)
LOOK_EVERY = timedelta(seconds=20)
"""The longest pause between two looks at who is due."""
_SHORTEST_PAUSE = timedelta(seconds=1)
_RENEW_SECONDS = 10.0
_HOSTS = 4
_LEASE_NAME = "news watch"


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did; `leads` is False where another process polls this workspace."""

    leads: bool = True
    polled: int = 0
    failed: int = 0
    stored: int = 0
    updated: int = 0
    duplicates: int = 0
    dead: int = 0

    def plus(self, polled: Polled, summary: IngestSummary) -> Round:
        """The round with one more source."""
        return replace(
            self,
            polled=self.polled + 1,
            failed=self.failed + bool(polled.error),
            stored=self.stored + summary.stored,
            updated=self.updated + summary.updated,
            duplicates=self.duplicates + summary.duplicates,
            dead=self.dead + summary.dead,
        )


class Watch:
    """Polls the enabled ones of some sources into one workspace."""

    def __init__(
        self,
        feeds: Sequence[Feed],
        store: FeedStore,
        letters: DeadLetterStore,
        poller: Poller,
        ingester: Ingester,
        *,
        clock: Callable[[], datetime],
        random: Callable[[], float],
        holder: str,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """`random()` is 0 to 1; `holder` names this process; `stopping()` ends a round early."""
        self._feeds = tuple(feed for feed in feeds if feed.enabled)
        self._store, self._letters = store, letters
        self._poller, self._ingester = poller, ingester
        self._clock, self._random = clock, random
        self._holder, self._stopping = holder, stopping

    def run(
        self,
        pause: Callable[[float], object],
        told: Callable[[Round], None] = lambda done: None,
    ) -> None:
        """Poll until `stopping()`; `pause` waits some seconds and returns early at a stop."""
        try:
            while not self._stopping():
                done = self._safe_round()
                told(done)
                if not self._stopping():
                    wait = self.wait() if done.leads else LOOK_EVERY
                    pause(wait.total_seconds())
        finally:
            self._store.give_lease(_LEASE_NAME, self._holder)

    def once(self) -> Round:
        """One round by itself."""
        try:
            return self.round()
        finally:
            self._store.give_lease(_LEASE_NAME, self._holder)

    def round(self) -> Round:
        """Poll every source that is due once; the lease is kept for the next round."""
        if not self._lead():
            return Round(leads=False)
        due = self.due()
        done, groups = Round(), _by_host(due)
        arrived: queue.SimpleQueue[Polled | None] = queue.SimpleQueue()
        states = self._store.states()
        marks = {feed.id: self._store.marks(feed.id) for feed in due}
        with ThreadPoolExecutor(_HOSTS, thread_name_prefix="poll") as threads:
            for group in groups:
                threads.submit(self._poll_group, group, states, marks, arrived)
            for _ in due:
                polled = self._next(arrived)
                if polled is not None:
                    done = done.plus(polled, self._take(polled, states))
        return done

    def due(self) -> tuple[Feed, ...]:
        """Sources whose time has come, the longest overdue first."""
        now, states = self._clock(), self._store.states()

        def since(feed: Feed) -> datetime:
            return _due_at(states, feed) or datetime.min.replace(tzinfo=now.tzinfo)

        ready = (f for f in self._feeds if f.hours is None or f.hours.next_open(now) == now)
        return tuple(sorted((f for f in ready if since(f) <= now), key=since))

    def wait(self) -> timedelta:
        """Time until the next source is due, within bounds."""
        now, states = self._clock(), self._store.states()
        moments = [_due_at(states, feed) or now for feed in self._feeds]
        opening = [f.hours.next_open(now) if f.hours else now for f in self._feeds]
        waits = [max(m, o) - now for m, o in zip(moments, opening, strict=True)]
        return min(max(min(waits, default=LOOK_EVERY), _SHORTEST_PAUSE), LOOK_EVERY)

    def _safe_round(self) -> Round:
        try:
            return self.round()
        except (StoreError, sqlite3.Error) as error:
            _LOG.error("nothing can be stored now, polling goes on later: %s", error)
            return Round(leads=False)

    def _lead(self) -> bool:
        return self._store.take_lease(_LEASE_NAME, self._holder, self._clock(), LEASE)

    def _next(self, arrived: queue.SimpleQueue[Polled | None]) -> Polled | None:
        """The next poll that is over, None for one that a stop prevented.

        Until then the lease is renewed.
        """
        while True:
            try:
                return arrived.get(timeout=_RENEW_SECONDS)
            except queue.Empty:
                self._lead()

    def _poll_group(
        self,
        feeds: Iterable[Feed],
        states: Mapping[str, FeedState],
        marks: Mapping[str, Mapping[str, Mark]],
        arrived: queue.SimpleQueue[Polled | None],
    ) -> None:
        for feed in feeds:
            if self._stopping():
                arrived.put(None)
                continue
            state = states.get(feed.id) or FeedState(feed.id)
            try:
                arrived.put(self._poller.poll(feed, state, marks[feed.id]))
            except Exception as error:  # noqa: BLE001  one source of many must not stop the rest
                _LOG.exception("%s: polling failed", feed.id)
                fault = f"a fault of the reader ({type(error).__name__}: {str(error)[:200]})"
                arrived.put(Polled(feed, error=f"{fault}; see the log and report it"))

    def _take(self, polled: Polled, states: Mapping[str, FeedState]) -> IngestSummary:
        """Store what a poll found, then remember the poll."""
        self._lead()
        feed, now = polled.feed, self._clock()
        old = states.get(feed.id) or FeedState(feed.id)
        items = polled.items
        if polled.error:
            items = (_failure(polled),)
            _LOG.warning("%s: %s", feed.id, polled.error)
        # Before what failed again is buried, which opens its letter anew.
        self._letters.settle_origins(polled.read, now)
        summary = self._ingester.ingest(items) if items else IngestSummary()
        self._store.keep(self._after(old, polled, summary, now), polled.marks, now)
        return summary

    def _after(
        self, old: FeedState, polled: Polled, summary: IngestSummary, now: datetime
    ) -> FeedState:
        failures = old.failures + 1 if polled.error else 0
        due = next_due(
            polled.feed,
            now,
            failures=failures,
            random=self._random,
            retry_after=polled.retry_after,
        )
        tried = replace(old, tried_at=now, failures=failures, due_at=due, error=polled.error)
        if polled.error:
            return tried
        stored = old.stored + summary.stored
        return replace(
            tried, held=polled.held, digest=polled.digest, succeeded_at=now, stored=stored
        )


def _failure(polled: Polled) -> Item:
    return known_by_its_feed(dead_letter(polled.feed.url, "fetch", polled.error), polled.feed)


def _by_host(feeds: Iterable[Feed]) -> tuple[tuple[Feed, ...], ...]:
    groups: dict[str, list[Feed]] = {}
    for feed in feeds:
        groups.setdefault(feed.host, []).append(feed)
    return tuple(map(tuple, groups.values()))


def _due_at(states: Mapping[str, FeedState], feed: Feed) -> datetime | None:
    state = states.get(feed.id)
    return state.due_at if state else None
