"""How much a key may ask: requests in a time, and streams of events open at once.

Header fields: RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10), Retry-After
(RFC 9110, 10.2.3). The counts are those of this process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import cast

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from ui.api.errors import ApiError, ErrorCode
from ui.rate_limit import Allowance, RateLimit, RateLimiter

STREAM_TYPE = "text/event-stream"
_COME_AGAIN = 5  # seconds


class Traffic:
    """Counts for each key; `timer()` gives seconds, `streams` may be open at once."""

    def __init__(self, timer: Callable[[], float], streams: int) -> None:
        self._limiter = RateLimiter(timer)
        self._streams = streams
        self._open: Counter[str] = Counter()

    def spend(self, request: Request, key_id: str, limit: RateLimit) -> None:
        """Count a request of a key; raises a 429 where it has made too many.

        The answer, whatever it will be, tells what is left: `ui.api.boundary` reads the state.
        """
        allowance = self._limiter.spend(key_id, limit)
        request.state.answer_headers = _fields(allowance)
        if allowance.retry_after is not None:
            raise ApiError(
                429,
                ErrorCode.TOO_MANY_REQUESTS,
                f"this key may make {limit.count} requests a {limit.period}; come again in"
                f" {allowance.retry_after} s, or ask the operator for more"
                f" (`foreland key change {key_id} --limit N/{limit.period}`)",
                headers={"Retry-After": str(allowance.retry_after)},
            )

    def hold(self, response: Response, key_id: str | None) -> Response:
        """A stream of events keeps a place until it ends; raises a 429 where the key has none.

        Every other response comes back as it is. To be called from the event loop only.
        """
        if response.media_type != STREAM_TYPE or key_id is None:
            return response
        if self._open[key_id] >= self._streams:
            raise ApiError(
                429,
                ErrorCode.TOO_MANY_REQUESTS,
                f"this key has {self._streams} streams of events open; close one, or ask the"
                " operator to raise FORELAND_API_STREAMS",
                headers={"Retry-After": str(_COME_AGAIN)},
            )
        self._open[key_id] += 1
        # All that is done with a response is to call it.
        return cast(Response, _Held(response, lambda: self._leave(key_id)))

    def _leave(self, key_id: str) -> None:
        self._open[key_id] -= 1
        if not self._open[key_id]:
            del self._open[key_id]


class _Held:
    """A stream that gives its place back however it ends, even before it has begun."""

    def __init__(self, stream: Response, leave: Callable[[], None]) -> None:
        self._stream, self._leave = stream, leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._stream(scope, receive, send)
        finally:
            self._leave()


def _fields(allowance: Allowance) -> dict[str, str]:
    limit = allowance.limit
    return {
        "RateLimit-Policy": f'"default";q={limit.count};w={limit.period.seconds}',
        "RateLimit": f'"default";r={allowance.remaining};t={allowance.reset}',
    }
