"""The agents' page in a real browser, over the same database as the customers' side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assist.flow_state import Mode
from assist.said import Speaker
from assist.utterance import Utterance
from ui.settings import read_settings
from ui.wiring import Wiring

expect = pytest.importorskip("playwright.sync_api", reason="no playwright").expect

pytestmark = pytest.mark.browser
Open = Callable[[str], Any]
HOSTILE = "<script>window.hacked=1</script> $x$ 我的手机号13800138000"


def test_an_agent_serves_a_customer(opened: Open, workspace: dict[str, str], console: Any) -> None:
    """Claim, answer with a suggestion, read what the customer writes, give back to the bot."""
    wiring = Wiring(read_settings(workspace))
    customers = wiring.conversation_desk()
    conversation = customers.begin("web").conversation_id

    def says(text: str) -> Any:
        return customers.hear(conversation, Utterance(text), key_id="web")

    says("创业板怎么开通")
    says("转人工")
    page = opened("handover")
    page.get_by_label("坐席姓名或工号").fill("小王")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="接入").first.click()
    # The first suggestions wait for the server to have read its knowledge base.
    page.get_by_role("button", name="填入回复框").first.click(timeout=90_000)
    expect(page.get_by_label("回复客户")).not_to_have_value("")
    page.get_by_role("button", name="发送").click()
    page.locator(".fl-by-agent").wait_for()
    quiet = says(HOSTILE)
    assert quiet.mode is Mode.HUMAN
    assert [one.speaker for one in quiet.said] == [Speaker.CUSTOMER]
    page.locator(".fl-by-customer").filter(has_text="window.hacked").wait_for()
    shown = page.locator(".fl-talk").inner_text()
    assert HOSTILE[:31] in shown
    assert "13800138000" not in shown
    assert page.evaluate("window.hacked") is None
    page.get_by_role("button", name="返回智能客服").click()
    expect(page.get_by_text("已返回智能客服。")).to_be_visible()
    assert says("谢谢").said[-1].speaker is Speaker.BOT
    assert console.strangers == []
