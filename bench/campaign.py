"""A rehearsed campaign: calls and turns a second on one core, and whether every rule was kept.

    python bench/campaign.py [--customers 2000] [--lines 150] [--seed 0]

Customers with drawn behaviours are called by the shipped flow of the allotment notice, all of it
through the database as a real campaign is. No public peer does the whole: dialers do not speak, and
dialogue frameworks do not dial. `bench/campaign_peer.py` has one for the queue of calls. Prints one
JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from assist.campaign import Callee, Campaign  # noqa: E402
from assist.campaign_audit import audit, most_at_once  # noqa: E402
from assist.campaign_rules import CallRules, Retries  # noqa: E402
from assist.flow_engine import Dialogue  # noqa: E402
from assist.flow_state import DialogueState  # noqa: E402
from assist.reply import Reply  # noqa: E402
from assist.utterance import Event, Utterance  # noqa: E402
from ui.outbound import rehearse  # noqa: E402
from ui.settings import Settings  # noqa: E402
from ui.wiring import Wiring, now  # noqa: E402

TURNS: list[float] = []


def timed(dialogue: type[Dialogue]) -> None:
    """Note the seconds of each turn in which the customer spoke."""
    respond = dialogue.respond

    def noted(
        self: Dialogue, state: DialogueState, said: Utterance, at: datetime
    ) -> tuple[DialogueState, tuple[Reply, ...]]:
        began = time.perf_counter()
        outcome = respond(self, state, said, at)
        if said.event is Event.WORDS:
            TURNS.append(time.perf_counter() - began)
        return outcome

    dialogue.respond = noted  # type: ignore[method-assign]


def customers(number: int) -> list[Callee]:
    """Made-up customers with telephones of their own."""
    return [
        Callee(
            f"c{n:05d}",
            f"139{n:08d}",
            f"K{n:05d}",
            (
                ("salutation", "张女士"),
                ("birth_date", f"19{60 + n % 40}-0{1 + n % 9}-{10 + n % 18}"),
                ("stock_name", "示例股份"),
                ("stock_code", "730001"),
                ("shares", "500"),
                ("amount", "6250"),
                ("pay_by", "3月5日下午四点"),
            ),
            priority=n % 3,
        )
        for n in range(number)
    ]


def main() -> None:
    """Rehearse, audit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--lines", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    timed(Dialogue)
    with TemporaryDirectory() as folder:
        wiring = Wiring(Settings(home=Path(folder), data=ROOT / "data"))
        rules = CallRules(lines=arguments.lines, retries=Retries(attempts=3))
        campaign = Campaign("bench", "测试", "ipo-allotment", rules)
        store = wiring.campaign_store
        store.create(campaign, customers(arguments.customers), now())
        began, began_cpu = time.perf_counter(), time.process_time()
        rehearsal = rehearse(wiring, campaign, seed=arguments.seed)
        seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
        callees, calls = tuple(store.callees(rehearsal.id)), store.calls(rehearsal.id)
        found = {
            "customers": len(callees),
            "calls": len(calls),
            "at_once": most_at_once(calls),
            "faults": len(audit(rehearsal, callees, calls, wiring.trading_days)),
            "without_result": sum(callee.code is None for callee in callees),
            "codes": {str(code): n for code, n in store.count(rehearsal.id).codes},
            "seconds": round(seconds, 1),
            "cpu_seconds": round(cpu, 1),
            "calls_per_cpu_second": round(len(calls) / cpu, 1),
            "turn_p50_ms": round(statistics.median(TURNS) * 1000, 2),
            "turn_p99_ms": round(sorted(TURNS)[int(len(TURNS) * 0.99)] * 1000, 2),
        }
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
