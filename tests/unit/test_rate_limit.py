"""Limits of requests: how they are written, and how a quota is spent and comes back."""

from __future__ import annotations

import pytest

from ui.errors import RateLimitError
from ui.rate_limit import Period, RateLimit, RateLimiter

SIX = RateLimit(6, Period.MINUTE)


class Clock:
    """Seconds that pass when they are told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("text", ["600/minute", "1/second", "50000/day", "2/hour"])
def test_a_limit_reads_as_it_is_written(text: str) -> None:
    """What is read can be written again."""
    assert str(RateLimit.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "600", "0/minute", "-1/minute", "1/fortnight", "600 / minute", "１/minute", "9e9/s"],
)
def test_a_limit_that_makes_no_sense_is_refused(text: str) -> None:
    """The message says how a limit is written."""
    with pytest.raises(RateLimitError, match="600/minute"):
        RateLimit.parse(text)


def test_a_quota_may_be_spent_at_once_and_no_more() -> None:
    """The request after the last is refused, with the seconds until the next."""
    limiter = RateLimiter(Clock())
    left = [limiter.spend("a", SIX) for _ in range(7)]
    assert [a.remaining for a in left] == [5, 4, 3, 2, 1, 0, 0]
    assert [a.retry_after for a in left] == [None] * 6 + [10]
    assert [a.reset for a in left] == [10, 20, 30, 40, 50, 60, 60]


def test_a_quota_comes_back_evenly() -> None:
    """After a sixth of the minute one more request of six is free, after the minute all."""
    clock = Clock()
    limiter = RateLimiter(clock)
    for _ in range(6):
        limiter.spend("a", SIX)
    clock.now += 10
    assert limiter.spend("a", SIX).retry_after is None
    assert limiter.spend("a", SIX).retry_after == 10
    clock.now += 60
    assert limiter.spend("a", SIX).remaining == 5


def test_refused_requests_cost_nothing() -> None:
    """Who keeps knocking does not wait longer for it."""
    clock = Clock()
    limiter = RateLimiter(clock)
    for _ in range(1000):
        limiter.spend("a", SIX)
    clock.now += 10
    assert limiter.spend("a", SIX).retry_after is None


def test_keys_have_quotas_of_their_own() -> None:
    """What one key spends, another keeps."""
    limiter = RateLimiter(Clock())
    for _ in range(7):
        limiter.spend("a", SIX)
    assert limiter.spend("b", SIX).retry_after is None


def test_another_limit_counts_from_the_next_request_on() -> None:
    """A key that is given more need not wait out its old limit."""
    limiter = RateLimiter(Clock())
    for _ in range(7):
        limiter.spend("a", SIX)
    assert limiter.spend("a", RateLimit(600)).retry_after is None
