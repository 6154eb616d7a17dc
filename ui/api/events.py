"""Server-sent events: what happened since, then what happens, until the stream's time is over.

Each event carries an id; a client that reconnects sends it as Last-Event-ID (browsers do so by
themselves) and misses nothing, also after a restart or at another process, because the events are
rows of the workspace's database. See https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Header
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from ui.api.errors import ApiError, ErrorCode

_RETRY = "retry: 1000\n\n"

LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        pattern=r"^(0|[1-9][0-9]{0,14})$",
        description="Id of the last event that arrived; the stream goes on after it.",
        examples=["12"],
    ),
]


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event; without an id a reconnecting client begins where the last id was."""

    name: str
    data: BaseModel
    id: int | None = None

    def encoded(self) -> str:
        """The event's lines."""
        place = "" if self.id is None else f"id: {self.id}\n"
        body = self.data.model_dump_json(exclude_none=True)  # JSON escapes line ends
        return f"event: {self.name}\n{place}data: {body}\n\n"


class Streams:
    """Makes streams; `pause` waits some seconds, `timer` gives seconds.

    A stream ends after `seconds` (the client comes again), so that no connection is held for ever
    by somebody who is gone. `most` are open at once.
    """

    def __init__(
        self,
        timer: Callable[[], float],
        *,
        pause: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        seconds: float = 600,
        every: float = 0.4,
        beat: float = 15,
        most: int = 300,
    ) -> None:
        self._timer, self._pause = timer, pause
        self._seconds, self._every, self._beat = seconds, every, beat
        self._most = most
        self._open = 0

    def response(self, read: Callable[[], Sequence[ServerEvent]]) -> StreamingResponse:
        """A stream of what `read` gives, which is called again and again in a worker thread.

        Raises a 503 where too many streams are open.
        """
        if self._open >= self._most:
            raise ApiError(
                503,
                ErrorCode.UNAVAILABLE,
                f"{self._most} streams are open; close one or come again",
                headers={"Retry-After": "5"},
            )
        return StreamingResponse(self._events(read), media_type="text/event-stream")

    async def _events(self, read: Callable[[], Sequence[ServerEvent]]) -> AsyncIterator[str]:
        self._open += 1
        try:
            yield _RETRY
            began = spoken = self._timer()
            while True:
                events = await run_in_threadpool(read)
                for event in events:
                    yield event.encoded()
                now = self._timer()
                if events:
                    spoken = now
                elif now - spoken >= self._beat:
                    yield ": still here\n\n"
                    spoken = now
                if now - began >= self._seconds:
                    return
                await self._pause(self._every)
        finally:
            self._open -= 1


STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events, each with `event`, `id` and `data` (JSON).",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'event: turn\nid: 3\ndata: {"speaker":"agent","text":"您好"}\n\n',
            }
        },
    }
}
