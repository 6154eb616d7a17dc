"""The HTTP API of one workspace."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from ui.api import (
    campaign_files,
    campaigns,
    chat,
    conversations,
    entities,
    graph,
    handovers,
    health,
    news,
    news_push,
    watchlists,
)
from ui.api.boundary import Boundary
from ui.api.docs import add_docs
from ui.api.errors import add_error_handlers
from ui.api.events import Streams
from ui.api.knowledge import EntryCount
from ui.api.traffic import Traffic
from ui.changes import DatabaseChanges
from ui.wiring import Wiring, now

_LOG = logging.getLogger(__name__)
THREADS = 16
"""Requests worked on at once; each thread holds a database connection with its cache."""

LONGEST_STREAM = 600.0
"""Seconds after which a client that follows events must come again."""

_DESCRIPTION = """Search the news, ask the knowledge graph, talk to the assistant.

Every address under `/v1` needs an API key: header `X-API-Key`, or `Authorization: Bearer`. The
key needs the scope that stands at the address; `write` holds `read`. What its limit leaves is in
the header fields `RateLimit-Policy` and `RateLimit`.
Every refusal has the shape `{"error": {"code", "message", "parameter"?}}`.
"""


def create_app(
    wiring: Wiring,
    *,
    clock: Callable[[], datetime] = now,
    timer: Callable[[], float] = time.monotonic,
    token: Callable[[int], str] = secrets.token_hex,
    pause: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    stream_seconds: float = LONGEST_STREAM,
) -> FastAPI:
    """The application over one workspace; run it with uvicorn.

    `token(n)` gives n random bytes as hex, fit for secrets; `timer` gives seconds, `pause`
    waits some; a stream of events ends after `stream_seconds`.
    """
    app = FastAPI(
        title="Foreland API",
        version="1.0",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        # Spans carry addresses with what customers search for: none are made, none leave.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.wiring, app.state.clock, app.state.token = wiring, clock, token
    app.state.entry_count = EntryCount()
    changes = DatabaseChanges(wiring.settings.database)
    app.state.traffic = Traffic(timer, wiring.settings.api_streams)
    app.state.streams = Streams(timer, changes, pause=pause, seconds=stream_seconds)
    for module in (news, entities, graph, chat, conversations, handovers, campaigns, health):
        app.include_router(module.router)
    app.include_router(watchlists.router)
    app.include_router(campaign_files.router)
    app.include_router(news_push.router)
    add_docs(app)
    add_error_handlers(app)
    app.add_middleware(Boundary, reference=lambda: token(4), timer=timer)
    app.openapi()  # built here, because two first requests at once would disturb each other
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = THREADS
    warming = asyncio.create_task(run_in_threadpool(_warm_up, app.state.wiring))
    yield
    await warming


def _warm_up(wiring: Wiring) -> None:
    """Build what the first customer would otherwise wait for; other requests go on meanwhile."""
    try:
        if wiring.knowledge_store.entries():
            wiring.assistant.respond("你好", None)
    except Exception as error:  # noqa: BLE001  the request that needs it will say what is wrong
        _LOG.warning("the assistant could not be warmed up: %s", type(error).__name__)
