"""Matches new articles with watchlists and posts what was found, while the server runs.

Of several processes the one with the lease does it; the others look on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from news.fetch import http_client
from news.webhook import WebhookSender

EVERY = 1.0  # seconds
_HOLDER_BYTES = 8
_LOG = logging.getLogger(__name__)


@asynccontextmanager
async def posting(app: FastAPI) -> AsyncIterator[None]:
    """A lifespan in which watchlists are minded every second."""
    with http_client() as client:
        private = app.state.wiring.settings.webhook_private
        sender = WebhookSender(client, allow_private=private)
        task = asyncio.create_task(_mind(app, sender, app.state.token(_HOLDER_BYTES)))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _mind(app: FastAPI, sender: WebhookSender, holder: str) -> None:
    while True:
        await asyncio.sleep(EVERY)
        await run_in_threadpool(tick, app, sender, holder)


def tick(app: FastAPI, sender: WebhookSender, holder: str) -> int:
    """Do what is due; gives how many matches and attempts were made."""
    wiring, state = app.state.wiring, app.state
    try:
        # Most workspaces watch nothing: they need no index for this.
        if wiring.watchlist_store.position() is None:
            return 0
        done: int = wiring.watch_run(sender, holder, state.clock, state.token).tick()
    except Exception as error:  # noqa: BLE001  one bad tick must not end the watch
        _LOG.warning("watchlists could not be minded: %s", type(error).__name__, exc_info=True)
        return 0
    return done
