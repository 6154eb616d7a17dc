"""Fetching as a guest: what robots.txt allows, one request at a time to a host, with a gap."""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from news.fetch import NOTHING_HELD, Fetched, Getter, Held
from news.robots import Robots

GAP = 2.0
"""Seconds between the end of a request to a host and the next one, where it asks for no more."""

LONGEST_GAP = 60.0
"""A site that asks for longer gaps is given this one, and fewer pages a poll."""


class PoliteFetcher:
    """Wraps a fetcher; safe to use from several threads, which then wait for each other's host."""

    def __init__(
        self,
        fetcher: Getter,
        robots: Robots,
        *,
        timer: Callable[[], float],
        pause: Callable[[float], object],
        gap: float = GAP,
    ) -> None:
        """`timer` gives seconds, `pause` waits some; `gap` is between two requests to a host."""
        self._fetcher, self._robots = fetcher, robots
        self._timer, self._pause, self._gap = timer, pause, gap
        self._lock = threading.Lock()
        self._hosts: dict[str, threading.Lock] = {}
        self._free: dict[str, float] = {}

    def get(self, url: str, *, held: Held = NOTHING_HELD) -> Fetched:
        """The document; raises SourceError as the fetcher does, and where robots.txt forbids it."""
        host = urlsplit(url).netloc.rpartition("@")[2].lower()
        with self._lock:
            turn = self._hosts.setdefault(host, threading.Lock())
        with turn:
            self._robots.check(url)
            gap = min(max(self._gap, self._robots.delay(url)), LONGEST_GAP)
            wait = self._free.get(host, 0.0) - self._timer()
            if host in self._free and wait > 0:
                self._pause(wait)
            try:
                return self._fetcher.get(url, held=held)
            finally:
                self._free[host] = self._timer() + gap
