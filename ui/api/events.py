"""Server-sent events: what happened since, then what happens, until the stream's time is over.

Each event carries an id; a client that reconnects sends it as Last-Event-ID (browsers do so by
themselves) and misses nothing, also after a restart or at another process, because the events are
rows of the workspace's database. One watcher a process looks for changes and wakes every stream, so
that open streams cost nothing while nothing happens.
See https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Header
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from ui.api.errors import ApiError, ErrorCode

_LOG = logging.getLogger(__name__)
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


class Changes(Protocol):
    """Tells whether something was written; `ui.changes.DatabaseChanges` is one."""

    def look(self) -> object:
        """Something that is not equal to the last one once there may be news."""
        ...


class Watcher:
    """Looks for changes while streams are open, and wakes all of them at each.

    They are also woken every `beat` seconds, because time alone changes what some of them tell.
    After a change the next look comes `rest` seconds later, so that somebody who writes all the
    time costs no more than that.
    """

    def __init__(
        self,
        changes: Changes,
        timer: Callable[[], float],
        pause: Callable[[float], Awaitable[Any]],
        *,
        every: float,
        rest: float,
        beat: float,
    ) -> None:
        self._changes, self._timer, self._pause = changes, timer, pause
        self._every, self._rest, self._beat = every, rest, beat
        self._open = 0
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self.turn = 0

    @property
    def open(self) -> int:
        """How many streams are open."""
        return self._open

    def enter(self) -> None:
        """One more stream; the first one starts the watch."""
        self._open += 1
        if self._task is None or self._task.done():
            self._woken = asyncio.Event()
            self._task = asyncio.create_task(self._watch())

    def leave(self) -> None:
        """One stream less; the last one ends the watch."""
        self._open -= 1
        if self._open == 0 and self._task is not None:
            self._task.cancel()
            self._task = None

    async def after(self, turn: int) -> None:
        """Return once there was a turn after `turn`."""
        while self.turn == turn:
            await self._woken.wait()

    async def _watch(self) -> None:
        seen: object = None
        woke, wait = self._timer(), self._every
        while True:
            await self._pause(wait)
            found, now = await run_in_threadpool(self._look), self._timer()
            wait = self._every if found == seen else self._rest
            if found != seen or now - woke >= self._beat:
                seen, woke = found, now
                self._wake()

    def _look(self) -> object:
        try:
            return self._changes.look()
        except Exception as error:  # noqa: BLE001  the streams read, and tell what is wrong
            _LOG.warning("changes cannot be seen: %s", type(error).__name__)
            return object()

    def _wake(self) -> None:
        self.turn += 1
        self._woken.set()
        self._woken = asyncio.Event()


class Streams:
    """Makes streams; `pause` waits some seconds, `timer` gives seconds.

    A stream ends after `seconds` (the client comes again), so that no connection is held for ever
    by somebody who is gone. A silent one says so at least every second `beat`. `most` are open at
    once.
    """

    def __init__(
        self,
        timer: Callable[[], float],
        changes: Changes,
        *,
        pause: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        seconds: float = 600,
        every: float = 0.1,
        rest: float = 0.4,
        beat: float = 15,
        most: int = 300,
    ) -> None:
        self._timer = timer
        self._seconds, self._beat, self._most = seconds, beat, most
        self._watcher = Watcher(
            changes, timer, pause, every=every, rest=rest, beat=min(beat, seconds)
        )

    def response(self, read: Callable[[], Sequence[ServerEvent]]) -> StreamingResponse:
        """A stream of what `read` gives, which is called after each change in a worker thread.

        Raises a 503 where too many streams are open.
        """
        if self._watcher.open >= self._most:
            raise ApiError(
                503,
                ErrorCode.UNAVAILABLE,
                f"{self._most} streams are open; close one or come again",
                headers={"Retry-After": "5"},
            )
        return StreamingResponse(self.events(read), media_type="text/event-stream")

    async def events(self, read: Callable[[], Sequence[ServerEvent]]) -> AsyncIterator[str]:
        """The lines of a stream."""
        self._watcher.enter()
        try:
            yield _RETRY
            began = spoken = self._timer()
            while True:
                turn = self._watcher.turn
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
                await self._watcher.after(turn)
        finally:
            self._watcher.leave()


STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events, each with `event`, `id` and `data` (JSON).",
        "content": {
            "text/event-stream": {
                # No type: readers of the description differ on whether it is the text or an event.
                "schema": {"title": "Events"},
                "example": 'event: turn\nid: 3\ndata: {"speaker":"agent","text":"您好"}\n\n',
            }
        },
    }
}
