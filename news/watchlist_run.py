"""Matching new articles with watchlists, and posting what was found.

Both can be killed at any moment: a match, its delivery and the position are one transaction, and a
delivery is marked after it was taken. So nothing is lost; what was taken just before a kill is
posted once more with the same delivery id (at least once).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from news.article import Article
from news.errors import SearchError
from news.index import NewsIndex
from news.published import CHINA
from news.search import NewsSearch
from news.store import ArticleChange, NewsStore
from news.watchlist import Delivery, DeliveryState, Watchlist
from news.watchlist_store import WatchlistStore
from news.webhook import WebhookSender

_LOG = logging.getLogger(__name__)
_BATCH = 1_000
_AT_ONCE = 20
LEASE = timedelta(seconds=30)
"""Renewed before each attempt, which ends sooner (`news.fetch.http_client`)."""
WAITS = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1_800, 7_200, 21_600, 43_200))
"""After each failed attempt but the last."""
MOST_FAILURES = 20
"""Failed attempts in a row after which a watchlist is disabled."""


class WatchedIndex(NewsIndex, Protocol):
    """An index that says how far it is: what it does not hold yet cannot be matched."""

    def last_change(self) -> int:
        """Highest change number that it holds."""


@dataclass(frozen=True, slots=True)
class WatchParts:
    """What a run works with, all of one thread; `token(n)` gives n random bytes as hex."""

    store: NewsStore
    index: WatchedIndex
    search: NewsSearch
    lists: WatchlistStore
    clock: Callable[[], datetime]
    token: Callable[[int], str]
    watched: Callable[[Watchlist], bool] = lambda watchlist: True
    """Whether its owner may still watch."""


class WatchRun:
    """Does what is due, for one thread; of several processes the one with the lease."""

    def __init__(self, parts: WatchParts, sender: WebhookSender, holder: str) -> None:
        self._parts = parts
        self._sender = sender
        self._holder = holder

    def tick(self) -> int:
        """Match and post what is due; how many matches and attempts were made."""
        parts = self._parts
        position = parts.lists.position()
        if position is None:
            return 0
        # Looking is cheaper than the lease, whose writing wakes every stream of events.
        news = parts.store.last_change() > position
        if not news and not parts.lists.due(parts.clock(), 1):
            return 0
        if not parts.lists.lease(self._holder, parts.clock(), LEASE):
            return 0
        return self.match() + self.deliver()

    def match(self) -> int:
        """Match the changes since the last time; how many matches are new."""
        parts, fresh = self._parts, 0
        position = parts.lists.position() or 0
        if parts.store.last_change() <= position:
            return 0
        parts.index.catch_up(parts.store)
        held = parts.index.last_change()
        while position < held:
            changes = [c for c in parts.store.changes_after(position, _BATCH) if c.change <= held]
            if not changes:
                break
            lists = [w for w in parts.lists.all() if parts.watched(w)]
            found = [(w, self._found(w, changes)) for w in lists]
            position = changes[-1].change
            count = sum(len(articles) for _, articles in found)
            ids = [parts.token(16) for _ in range(count)]
            fresh += parts.lists.record(found, position, parts.clock(), ids)
        return fresh

    def deliver(self) -> int:
        """Post what is due; how many attempts were made."""
        due = self._parts.lists.due(self._parts.clock(), _AT_ONCE)
        for done, (delivery, watchlist) in enumerate(due):
            if not self._parts.lists.lease(self._holder, self._parts.clock(), LEASE):
                return done
            self._attempt(delivery, watchlist)
        return len(due)

    def _found(self, watchlist: Watchlist, changes: Sequence[ArticleChange]) -> tuple[str, ...]:
        new = {c.seq: c.article.id for c in changes if c.seq > watchlist.from_seq}
        if not new:
            return ()
        try:
            engine = self._parts.search.engine_query(watchlist.query)
        except SearchError as error:
            # The data files changed: what the list asks for is no longer known.
            _LOG.warning("watchlist %s cannot be searched: %s", watchlist.id, error)
            return ()
        page = self._parts.index.search(replace(engine, seqs=tuple(new), limit=len(new)))
        return tuple(new[seq] for seq in sorted(page.rows["seq"].tolist()))

    def _attempt(self, delivery: Delivery, watchlist: Watchlist) -> None:
        parts, now = self._parts, self._parts.clock()
        current = parts.lists.find(watchlist.id)
        if current is None or current.url is None or current.disabled or not parts.watched(current):
            return
        article = parts.store.article(delivery.article_id)
        body = payload(delivery, current, article)
        at = int(now.timestamp())
        posted = self._sender.post(current.url, current.secret, delivery.id, at, body)
        tried = replace(
            delivery, attempts=delivery.attempts + 1, tried_at=now, answer=posted.answer
        )
        if posted.taken:
            parts.lists.tried(replace(tried, state=DeliveryState.DELIVERED), 0, None)
            return
        failures = current.failures + 1
        reason = (
            f"{failures} attempts in a row failed, the last one: {posted.answer}"
            if failures >= MOST_FAILURES
            else None
        )
        parts.lists.tried(_put_off(tried, now), failures, reason)


def payload(delivery: Delivery, watchlist: Watchlist, article: Article | None) -> bytes:
    """The body that is posted: which watchlist found which article."""
    content: dict[str, object] = {
        "delivery_id": delivery.id,
        "watchlist": {"id": watchlist.id, "name": watchlist.name},
        "match": delivery.match,
        "article_id": delivery.article_id,
        "article": _article(article) if article else None,
    }
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def _article(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "headline": article.headline,
        "source": article.source,
        "tier": str(article.tier),
        "url": article.url,
        "published_at": article.published_at.astimezone(CHINA).isoformat(),
        "sentiment": str(article.sentiment),
        "tags": [tag.name for tag in article.tags],
        "entities": sorted({mention.entity_id for mention in article.mentions}),
        "withdrawn": article.withdrawn_at is not None,
    }


def _put_off(delivery: Delivery, now: datetime) -> Delivery:
    """To be tried later, or given up."""
    if delivery.attempts > len(WAITS):
        return replace(delivery, state=DeliveryState.FAILED)
    return replace(delivery, next_at=now + WAITS[delivery.attempts - 1])
