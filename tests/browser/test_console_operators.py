"""Log-in and the campaigns' page in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assist.campaign import Campaign
from assist.campaign_file import read_campaign
from assist.campaign_list import read_list
from assist.campaign_outcome import needed_columns
from ui.operator_store import OperatorStore, Role
from ui.operators import add_operator
from ui.outbound import outbound_flow, rehearse
from ui.settings import read_settings
from ui.wiring import Wiring

expect = pytest.importorskip("playwright.sync_api", reason="no playwright").expect

pytestmark = pytest.mark.browser
PASSWORD = "a long password"
PHONE = "13800000001"
Serve = Callable[[dict[str, str]], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, data: Path, chromium: str, serve: Serve
) -> Iterator[str]:
    """A console over a workspace with operators and a rehearsed campaign."""
    home = tmp_path_factory.mktemp("operators")
    environment = {"FORELAND_HOME": str(home), "FORELAND_DATA": str(data)}
    wiring = Wiring(read_settings(environment))
    lists = data / "campaigns"
    file = read_campaign(lists / "ipo-allotment.yaml")
    flow = outbound_flow(wiring, file.flow_id)
    assert flow
    found = read_list(
        lists / "ipo-allotment.csv", columns=dict(file.columns), needed=needed_columns(flow)
    )
    campaign = Campaign("ipo-1", file.title, file.flow_id, file.rules)
    wiring.campaign_store.create(campaign, found.callees, datetime(2026, 11, 20, tzinfo=UTC))
    rehearse(wiring, campaign, seed=3)
    with OperatorStore.opened(wiring.settings.database) as store:
        add_operator(store, "王敏", Role.SUPERVISOR, PASSWORD)
        add_operator(store, "李编", Role.EDITOR, PASSWORD)
    with serve(environment) as started:
        yield started


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A browser without cookies."""
    context = browser.browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def log_in(page: Any, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("姓名或工号").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def test_a_supervisor_logs_in_and_runs_a_campaign(address: str, page: Any) -> None:
    """A wrong password, the right one, a reload, a new window, a confirmation, and out again."""
    page.goto(f"{address}/outbound?campaign=ipo-1-rehearsal")
    log_in(page, "王敏", "not this one")
    expect(page.get_by_text("姓名或密码不对。")).to_be_visible()
    expect(page.get_by_text("结果分布")).to_have_count(0)
    log_in(page, "王敏")
    expect(page.get_by_text("王敏 · 主管")).to_be_visible()
    # The first page waits for the workspace to be opened.
    expect(page.locator(".st-key-panel-evidence mark").first).to_be_visible(timeout=90_000)
    evidence = page.locator(".st-key-panel-evidence")
    assert PHONE not in evidence.inner_text()
    page.locator(".st-key-full-ipo-1-rehearsal label").click()
    expect(evidence.get_by_text(PHONE)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 XLSX（完整）").click()
    assert download.value.suggested_filename == "ipo-1-rehearsal-full.xlsx"
    page.reload()
    expect(page.get_by_text("王敏 · 主管")).to_be_visible()
    second = page.context.new_page()
    second.goto(f"{address}/outbound?campaign=ipo-1")
    second.get_by_role("button", name="开始").click()
    second.get_by_role("button", name="确认开始").click()
    expect(second.get_by_text("任务 ipo-1：已开始。")).to_be_visible()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_label("密码")).to_be_visible()
    second.reload()
    expect(second.get_by_label("密码")).to_be_visible()
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert "foreland_demo" not in names


def test_an_editor_sees_no_campaign(address: str, page: Any) -> None:
    """Neither in the menu nor behind the address."""
    page.goto(f"{address}/outbound")
    log_in(page, "李编")
    expect(page.get_by_text("不能打开「外呼」")).to_be_visible()
    expect(page.get_by_role("link", name="知识库")).to_be_visible()
    expect(page.get_by_role("link", name="外呼")).to_have_count(0)
