"""A campaign of simulated customers, killed again and again, loses nobody, calls nobody twice."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assist.call_result import CallResult
from assist.campaign import CampaignStatus
from assist.campaign_audit import audit, most_at_once
from assist.campaign_store import CampaignStore
from ui.settings import Settings
from ui.wiring import Wiring

CUSTOMERS, LINES, KILLS = 2_000, 150, 4
_HEADER = (
    "编号", "手机号", "客户号", "姓名", "salutation", "birth_date", "stock_name", "stock_code",
    "shares", "amount", "pay_by", "优先级",
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path, data: Path) -> Settings:
    """A workspace with a campaign of its own customers."""
    customers, rules = tmp_path / "list.csv", tmp_path / "rules.yaml"
    with customers.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(_HEADER)
        for n in range(CUSTOMERS):
            born = f"19{60 + n % 40}-0{1 + n % 9}-{10 + n % 18}"
            table.writerow(
                (f"c{n}", f"139{n:08d}", f"K{n}", "张敏", "张女士", born, "示例股份", "730001",
                 500, 6250, "3月5日下午四点", n % 3)
            )  # fmt: skip
    rules.write_text(
        f"title: 测试\nflow: ipo-allotment\nlines: {LINES}\nattempts: 3\npause: 30\n",
        encoding="utf-8",
    )
    settings = Settings(home=tmp_path / "home", data=data)
    assert _foreland(settings, "create", "big", str(customers), "-r", str(rules)).wait() == 0
    return settings


@pytest.mark.slow
def test_killed_in_the_middle_nothing_is_lost_or_doubled(settings: Settings) -> None:
    """kill -9 at drawn points, then on to the end: one result each, all within the rules."""
    store = CampaignStore.open(settings.database)
    points = sorted(random.Random(20261120).sample(range(60, CUSTOMERS * 3 // 4), KILLS))
    before: dict[str, CallResult] = {}
    for point in points:
        running = _foreland(settings, "run", "big", "--simulate")
        _wait_for_results(store, running, point)
        running.send_signal(signal.SIGKILL)
        running.wait()
        count = store.count("big-rehearsal")
        assert point <= count.finished < CUSTOMERS
        assert count.open_calls > 0
        now = _results(store)
        assert {name: now[name] for name in before} == before
        before = now
    assert _foreland(settings, "run", "big", "--simulate").wait() == 0
    after = _results(store)
    assert {name: after[name] for name in before} == before
    campaign = store.find("big-rehearsal")
    assert campaign is not None
    assert campaign.status is CampaignStatus.CLOSED
    callees, calls = tuple(store.callees(campaign.id)), store.calls(campaign.id)
    assert len({callee.id for callee in callees}) == CUSTOMERS
    assert all(callee.code is not None and not callee.in_call for callee in callees)
    assert audit(campaign, callees, calls, Wiring(settings).trading_days) == ()
    assert LINES / 2 < most_at_once(calls) <= LINES
    store.close()


def _results(store: CampaignStore) -> dict[str, CallResult]:
    return {call.id: call.result for call in store.calls("big-rehearsal") if call.result}


def _foreland(settings: Settings, *words: str) -> subprocess.Popen[bytes]:
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, "-m", "ui.cli.main", "campaign", *words],
        cwd=root,
        env=os.environ | settings.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_for_results(
    store: CampaignStore, running: subprocess.Popen[bytes], finished: int
) -> None:
    """Until so many customers have their result while calls are open; else the test fails."""
    pause = 0.02
    while running.poll() is None:
        if store.find("big-rehearsal") is not None:
            count = store.count("big-rehearsal")
            if count.finished >= finished and count.open_calls > 0:
                return
        time.sleep(pause)
    pytest.fail("the campaign ended before it could be killed")
