"""The outermost layer of the API: limits on bodies, security headers, the log, the last catch.

Plain ASGI, so that nothing is buffered on the way out. No log line holds an address with its
query, a body, a header or an exception's message, because each can hold a customer's words.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.errors import ErrorCode, ErrorDetail, error_response

_LOG = logging.getLogger(__name__)
LARGEST_BODY = 64 * 1024
"""Bytes of a request's body."""
LARGEST_PUSH = 8 * 1024 * 1024
"""Bytes of articles that are sent; read only after the key was looked at."""
_PUSH = ("POST", "/v1/news/articles")
_STREAMED = re.compile(r"/v1/campaigns/[^/]+/customers")
"""Addresses that read their bodies as they come, once the key is known, and limit them."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class Boundary:
    """Wraps the whole application.

    `reference()` gives a short random word that joins a 500 answer with its log entry; `timer()`
    gives seconds.
    """

    def __init__(
        self, app: ASGIApp, *, reference: Callable[[], str], timer: Callable[[], float]
    ) -> None:
        self._app = app
        self._reference = reference
        self._timer = timer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, answer = self._timer(), _Answer(send, scope)
        try:
            body = await _body(scope, receive)
            if body is None:
                await _too_large()(scope, receive, answer.send)
            else:
                await self._app(scope, body.receive, answer.send)
        except Exception as error:  # noqa: BLE001  the boundary of a request
            await self._failed(error, scope, receive, answer)
        finally:
            _LOG.info(
                "%s %s %s %.1f ms",
                scope["method"],
                getattr(scope.get("route"), "path", "-"),
                answer.status,
                (self._timer() - began) * 1000,
            )

    async def _failed(
        self, error: Exception, scope: Scope, receive: Receive, answer: _Answer
    ) -> None:
        reference = self._reference()
        _LOG.error("request failed, reference %s\n%s", reference, _trace(error))
        if answer.status is not None:
            # Half an answer is out: breaking the connection is the only honest end. The server
            # logs what is raised here, so it is not the error with its message.
            raise RuntimeError(f"answer broken off, reference {reference}") from None
        message = (
            "the server could not answer this request; try again, and if it stays so give"
            f" reference {reference} to the operator"
        )
        detail = ErrorDetail(code=ErrorCode.INTERNAL, message=message, parameter=None)
        await error_response(500, detail)(scope, receive, answer.send)


@dataclass(slots=True)
class _Answer:
    """Adds the security headers, and what the key's limit leaves; remembers the status."""

    _send: Send
    _scope: Scope
    status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.update(self._scope.get("state", {}).get("answer_headers", {}))
        await self._send(message)


@dataclass(slots=True)
class _Body:
    """A body that was read whole, handed on once; after it, what the connection says next."""

    _receive: Receive
    _messages: list[Message] = field(default_factory=list)

    async def receive(self) -> Message:
        return self._messages.pop(0) if self._messages else await self._receive()


async def _body(scope: Scope, receive: Receive) -> _Body | None:
    """The request's body, read up to the limit; None where it is larger."""
    streamed = scope["method"] == "PUT" and _STREAMED.fullmatch(scope["path"])
    if streamed or scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return _Body(receive)
    if (scope["method"], scope["path"]) == _PUSH:
        return _Body(_limited(receive, LARGEST_PUSH))
    declared = Headers(scope=scope).get("content-length", "0")
    if declared.isascii() and declared.isdigit() and int(declared[:18]) > LARGEST_BODY:
        return None
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return _Body(receive, messages)


def _limited(receive: Receive, most: int) -> Receive:
    """Reads a body as it comes; raises a 413 where it is larger than `most` bytes."""
    size = 0

    async def read() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413, headers={"Connection": "close"})
        return message

    return read


def _too_large() -> ASGIApp:
    message = f"the body is larger than {LARGEST_BODY} bytes; send it in parts"
    detail = ErrorDetail(code=ErrorCode.TOO_LARGE, message=message, parameter=None)
    return error_response(413, detail, {"Connection": "close"})


def _trace(error: BaseException) -> str:
    """Where and with which exceptions it failed, without their messages."""
    cause = error.__cause__ or error.__context__
    earlier = f"{_trace(cause)}\nwhich led to\n" if cause else ""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{earlier}{frames}{type(error).__module__}.{type(error).__qualname__}"
