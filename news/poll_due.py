"""When a source is polled next: its interval, back-off after failures, jitter, its hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from news.feed_spec import Feed

LONGEST_WAIT = timedelta(hours=24)
_JITTER = 0.1
_MOST_DOUBLINGS = 12


def next_due(
    feed: Feed,
    now: datetime,
    *,
    failures: int,
    random: Callable[[], float],
    retry_after: float | None = None,
) -> datetime:
    """The next moment at which to poll.

    After a success the interval, a tenth more or less, so that sources do not stay in step. After
    n failures in a row between half and the whole of the interval doubled n times, a day at most
    ("equal jitter"; tenacity has it, but draws from the process's own random source), and never
    before the source's Retry-After. `random()` is 0 to 1.
    """
    if failures:
        doubled = feed.every * 2 ** min(failures, _MOST_DOUBLINGS)
        wait = min(doubled, LONGEST_WAIT) * (0.5 + random() / 2)
        asked = timedelta(seconds=min(retry_after or 0.0, LONGEST_WAIT.total_seconds()))
        wait = max(wait, asked)
    else:
        wait = feed.every * (1 + _JITTER * (2 * random() - 1))
    moment = now + wait
    return feed.hours.next_open(moment) if feed.hours else moment
