"""Taking the next customer of a campaign: the head of the queue beside sorting the whole list.

    python bench/campaign_plan.py [--steps 300]

For lists of 1,000, 10,000 and 100,000 customers with 150 lines in use: one call ends, the next one
is planned and begun. `queue_us` is reading the head by indexes and planning; `whole_list_us` is
reading every customer and planning, the way without indexes, which gives the same plan. Prints one
JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from assist.call_result import CallCode, CallResult  # noqa: E402
from assist.campaign import Callee, Campaign, CampaignStatus  # noqa: E402
from assist.campaign_rules import CallRules  # noqa: E402
from assist.campaign_schedule import CampaignState, Plan, plan  # noqa: E402
from assist.campaign_store import CampaignStore  # noqa: E402
from assist.trading_days import TradingDays  # noqa: E402

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
LINES = 150
CODES = (CallCode.COMPLETED, CallCode.LINE_BUSY, CallCode.NO_ANSWER)
DAYS = TradingDays.load(ROOT / "data" / "trading_calendar.tsv")
CAMPAIGN = Campaign("c", "测试", "ipo-allotment", CallRules(lines=LINES), CampaignStatus.RUNNING)


def whole_list(store: CampaignStore, now: datetime) -> Plan:
    """The plan from every customer of the list."""
    calls = LINES - 1
    people = tuple(store.callees("c"))
    busy = frozenset(callee.phone for callee in people if callee.in_call)
    return plan(CampaignState(CAMPAIGN, people, calls, busy), now, DAYS)


def measure(folder: Path, number: int, steps: int) -> dict[str, float]:
    """Microseconds a call, both ways, at the median."""
    store = CampaignStore.open(folder / f"{number}.db")
    fields = (("salutation", "张女士"), ("stock_name", "示例股份"), ("amount", "6250"))
    people = [
        Callee(f"c{n}", f"139{n:08d}", f"K{n}", fields, n % 3, NOW + timedelta(days=n % 7 + 1))
        for n in range(number)
    ]
    store.create(CAMPAIGN, people, NOW)
    running = []
    for callee in plan(store.snapshot(CAMPAIGN, NOW), NOW, DAYS).calls:
        running.append(store.begin(CAMPAIGN, callee.id, callee.id, NOW))
    times: list[float] = []
    slow: list[float] = []
    for step in range(steps):
        now = NOW + timedelta(seconds=step)
        call = running.pop(0)
        assert call is not None
        store.finish(CAMPAIGN, call.id, CallResult(CODES[step % 3]), now)
        began = time.perf_counter()
        found = plan(store.snapshot(CAMPAIGN, now), now, DAYS)
        times.append(time.perf_counter() - began)
        if step % (steps // 3) == 0:
            began = time.perf_counter()
            whole = whole_list(store, now)
            slow.append(time.perf_counter() - began)
            assert [c.id for c in whole.calls] == [c.id for c in found.calls]
        for callee in found.calls:
            name = f"{callee.id}/{callee.attempts + 1}"
            running.append(store.begin(CAMPAIGN, callee.id, name, now))
    store.close()
    fast, old = statistics.median(times) * 1e6, statistics.median(slow) * 1e6
    return {"queue_us": round(fast), "whole_list_us": round(old), "ratio": round(old / fast)}


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300)
    steps = parser.parse_args().steps
    with TemporaryDirectory() as folder:
        sizes = (1_000, 10_000, 100_000)
        found = {str(number): measure(Path(folder), number, steps) for number in sizes}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
