"""How many requests a key may make: a limit as people write it, and who keeps count.

Counted by GCRA (ITU-T I.371; from pyrate-limiter): a full quota may be spent at once and comes back
evenly, so that nobody waits for a window to end. The count is this process's own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pyrate_limiter import GCRA, Decision, InMemoryStateStore, Rate, StateStore

from ui.errors import RateLimitError

_WRITTEN = re.compile(r"([1-9][0-9]{0,6})/(second|minute|hour|day)", re.ASCII)


class Period(StrEnum):
    """Over how long requests are counted."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> int:
        """Its length."""
        return _SECONDS[self]


_SECONDS = {Period.SECOND: 1, Period.MINUTE: 60, Period.HOUR: 3_600, Period.DAY: 86_400}


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many requests in a period; written as 600/minute."""

    count: int
    period: Period = Period.MINUTE

    @classmethod
    def parse(cls, text: str) -> RateLimit:
        """From 600/minute; raises RateLimitError."""
        match = _WRITTEN.fullmatch(text.strip())
        if match is None:
            raise RateLimitError(
                f"limit {text[:40]!r}: write a number from 1 to 9999999, a slash and second,"
                " minute, hour or day, as 600/minute"
            )
        return cls(int(match[1]), Period(match[2]))

    def __str__(self) -> str:
        return f"{self.count}/{self.period}"


USUAL_LIMIT = RateLimit(600)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after a request: `remaining` requests now, all of them again in `reset` seconds.

    `retry_after`: seconds until a refused request can be made; None where it was admitted.
    """

    limit: RateLimit
    remaining: int
    reset: int
    retry_after: int | None = None


class RateLimiter:
    """Counts requests by name, from any thread; `timer()` gives seconds that never go back."""

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._algorithm = GCRA()
        self._stores: dict[str, tuple[RateLimit, StateStore]] = {}

    def spend(self, name: str, limit: RateLimit) -> Allowance:
        """Count one request; a refused one costs nothing, another limit begins anew."""
        counted, store = self._stores.setdefault(name, (limit, InMemoryStateStore()))
        if counted != limit:
            store = InMemoryStateStore()
            self._stores[name] = limit, store
        rates = [Rate(limit.count, limit.period.seconds * 1000)]
        now = int(self._timer() * 1000)
        decision = store.check(self._algorithm, rates, now, 1)
        state = store.read(self._algorithm, rates)
        assert isinstance(decision, Decision)  # only a store that is far away gives
        assert isinstance(state, tuple)  # something to wait for
        used = self._algorithm.consumed(rates, state, now)
        wait = decision.retry_after_ms
        return Allowance(
            limit,
            max(0, limit.count - used),
            math.ceil(used * limit.period.seconds / limit.count),
            None if decision.allowed else max(1, math.ceil((wait or 0) / 1000)),
        )
