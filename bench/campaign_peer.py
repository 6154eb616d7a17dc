"""The queue of calls alone, beside huey (MIT): who is next, and what came of it, kept in SQLite.

    pip install huey
    python bench/campaign_peer.py [--customers 2000] [--lines 150]

Both take customers by priority, keep each result, and call again ten minutes after a busy line, at
most three times, on a made-up clock. huey is a task queue and does less: no hours, no limit of
lines, one number in two calls, no record of who is in a call when the process dies. Prints one JSON
object with calls a second and the ratio ours : huey.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from huey import SqliteHuey

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from assist.call_result import CallCode, CallResult  # noqa: E402
from assist.campaign import Call, Callee, Campaign, CampaignStatus  # noqa: E402
from assist.campaign_rules import CallRules, Days, Retries  # noqa: E402
from assist.campaign_schedule import plan  # noqa: E402
from assist.campaign_store import CampaignStore  # noqa: E402
from assist.trading_days import TradingDays  # noqa: E402

NOW = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
PAUSE, ATTEMPTS = timedelta(minutes=10), 3


def code(number: int, attempt: int) -> CallCode:
    """What comes of a call: every third line is busy, the rest complete."""
    return CallCode.LINE_BUSY if (number + attempt) % 3 == 0 else CallCode.COMPLETED


def ours(folder: Path, customers: int, lines: int) -> tuple[int, float]:
    """Calls made, and seconds, with the campaign store and the schedule."""
    retries = Retries(ATTEMPTS, ATTEMPTS, PAUSE, 1.0)
    rules = CallRules(days=Days.EVERY, retries=retries, lines=lines)
    campaign = Campaign("c", "t", "f", rules, CampaignStatus.RUNNING)
    store, days = CampaignStore.open(folder / "ours.db"), TradingDays({})
    began = time.perf_counter()
    people = [Callee(str(n), f"139{n:08d}", f"K{n}", (), n % 3) for n in range(customers)]
    store.create(campaign, people, NOW)
    now, made, running = NOW, 0, deque[Call]()
    while True:
        found = plan(store.snapshot(campaign, now), now, days)
        for callee in found.calls:
            call = store.begin(campaign, callee.id, f"{callee.id}/{callee.attempts}", now)
            assert call is not None
            running.append(call)
        if running:
            call = running.popleft()
            store.finish(
                campaign, call.id, CallResult(code(int(call.callee_id), call.attempt)), now
            )
            made += 1
        elif found.wake_at is not None:
            now = found.wake_at
        else:
            break
    assert store.count("c").finished == customers
    return made, time.perf_counter() - began


def peer(folder: Path, customers: int) -> tuple[int, float]:
    """The same with huey's queue, schedule and results."""
    # Ours does not wait for the disk at each commit either (WAL, synchronous=NORMAL).
    huey = SqliteHuey(filename=str(folder / "huey.db"), utc=True, fsync=False)
    done: list[str] = []

    @huey.task()
    def call(number: int, attempt: int) -> str:
        return str(code(number, attempt))

    began, now = time.perf_counter(), NOW.replace(tzinfo=None)
    for n in range(customers):
        huey.enqueue(call.s(n, 1, priority=n % 3))
    while True:
        task = huey.dequeue()
        if task is not None:
            number, attempt = task.args
            result = huey.execute(task, now)
            done.append(result)
            if result == CallCode.LINE_BUSY and attempt < ATTEMPTS:
                again = call.s(number, attempt + 1, priority=number % 3)
                again.eta = now + PAUSE
                huey.add_schedule(again)
            continue
        if huey.scheduled_count() == 0:
            break
        now += PAUSE
        for due in huey.read_schedule(now):
            due.eta = None
            huey.enqueue(due)
    return len(done), time.perf_counter() - began


def main() -> None:
    """Run both, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--lines", type=int, default=150)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        made, seconds = ours(Path(folder), arguments.customers, arguments.lines)
        theirs, other = peer(Path(folder), arguments.customers)
    assert made == theirs
    found = {
        "calls": made,
        "ours_per_s": round(made / seconds),
        "huey_per_s": round(theirs / other),
        "ratio": round(made / seconds / (theirs / other), 2),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
