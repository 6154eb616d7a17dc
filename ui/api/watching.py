"""Minds the handovers' waits while the server runs.

Every process does: a step is taken only while it is due, so that two at once do no harm; and
looking is cheaper than a lease, which would be written again and again and wake every stream.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

EVERY = 2.0  # seconds
_LOG = logging.getLogger(__name__)


@asynccontextmanager
async def watching(app: FastAPI) -> AsyncIterator[None]:
    """A lifespan in which the waits are minded every second second."""
    task = asyncio.create_task(_watch(app))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _watch(app: FastAPI) -> None:
    while True:
        await asyncio.sleep(EVERY)
        await run_in_threadpool(tick, app)


def tick(app: FastAPI) -> int:
    """Do what is due; gives to how many handovers something was done."""
    wiring, clock = app.state.wiring, app.state.clock
    try:
        if not wiring.handover_store.is_anyone_open():
            return 0
        done: int = wiring.handover_watch(clock).tick()
    except Exception as error:  # noqa: BLE001  one bad tick must not end the watch
        _LOG.warning("the handovers' waits could not be minded: %s", type(error).__name__)
        return 0
    return done
