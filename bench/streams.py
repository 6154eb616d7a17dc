"""What open event streams cost: one watcher for all of them beside each of them asking by itself.

    python bench/streams.py [--streams 150] [--seconds 6]

Both ways run in this process over the same workspace, one after the other, with the same readers:
`watched` as `foreland serve` does it; `polled` reads every stream's tables every 0.4 s, as it was
done before. Half of the streams follow a conversation, half the handovers. Prints one JSON object:
CPU seconds a second while nothing happens, and the milliseconds from a message's commit until it
has reached its stream (median, worst).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assist.flow_state import Mode
from assist.said import Draft, Speaker
from assist.talk import Talk
from ui.api.conversations import _Reader as ConversationReader
from ui.api.events import Changes, Streams
from ui.api.handovers import _Reader as HandoverReader
from ui.changes import DatabaseChanges
from ui.settings import Settings
from ui.store import SavedConversation
from ui.wiring import Wiring

MESSAGES = 20
DATA = Path(__file__).resolve().parents[1] / "data"


class Always:
    """Every look finds something new: each stream reads again and again."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = count()

    def look(self) -> int:
        """Another number each time."""
        return next(self._numbers)


def clock() -> datetime:
    """The running system's."""
    return datetime.now(UTC)


def say(wiring: Wiring, conversation: str) -> None:
    """One message in a conversation."""
    store, saved = wiring.handover_store, wiring.conversation_store
    before = saved.find(conversation)
    version = before.version + 1 if before else 1
    talk = store.talk(conversation) or Talk(conversation, Mode.HUMAN)
    with store.writing():
        saved.put(SavedConversation(conversation, None, version, ""), clock())
        store.say(talk, [Draft(Speaker.CUSTOMER, "words", "在吗")], clock())


async def measure(wiring: Wiring, changes: Changes, size: int, seconds: float) -> dict[str, float]:
    """One way of seeing changes, with `size` streams open."""
    streams = Streams(time.monotonic, changes, every=0.1, rest=0.4, most=size)
    request: Any = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(clock=clock)))
    arrived: list[float] = []

    async def follow(number: int) -> None:
        if number % 2:
            reader: Any = HandoverReader(wiring, 0, None)
        else:
            reader = ConversationReader(wiring, request, f"{number:032x}", 0)
        async for part in streams.events(reader.read):
            if number == 0 and part.startswith("event: turn"):
                arrived.append(time.monotonic())

    tasks = [asyncio.create_task(follow(number)) for number in range(size)]
    await asyncio.sleep(1.5)
    cpu, began = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    load = (time.process_time() - cpu) / (time.monotonic() - began)
    delays = []
    for number in range(MESSAGES):
        seen = len(arrived)
        await asyncio.to_thread(say, wiring, f"{0:032x}")
        sent = time.monotonic()
        while len(arrived) == seen:
            await asyncio.sleep(0.001)
        delays.append(max(0.0, arrived[-1] - sent) * 1000)
        await asyncio.sleep(0.5 + number * 37 % 40 / 100)  # at any phase of the looks
    for task in tasks:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)
    return {
        "idle_cpu": round(load, 4),
        "delay_ms_median": round(statistics.median(delays), 1),
        "delay_ms_worst": round(max(delays), 1),
    }


def main() -> None:
    """Measure both ways and print them with their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=150)
    parser.add_argument("--seconds", type=float, default=6.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        wiring = Wiring(Settings(home=Path(home), data=DATA))
        for number in range(0, options.streams, 2):
            say(wiring, f"{number:032x}")
        found = {}
        for name, changes in (
            ("polled", Always()),
            ("watched", DatabaseChanges(wiring.settings.database)),
        ):
            print(f"{name}: {options.streams} streams", file=sys.stderr)
            found[name] = asyncio.run(measure(wiring, changes, options.streams, options.seconds))
    ratio = found["polled"]["idle_cpu"] / max(found["watched"]["idle_cpu"], 1e-4)
    print(json.dumps({"streams": options.streams, **found, "idle_cpu_ratio": round(ratio, 1)}))


if __name__ == "__main__":
    main()
