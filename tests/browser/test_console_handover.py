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


def test_a_supervisor_sees_an_alert_and_takes_over(
    opened: Open, workspace: dict[str, str], console: Any
) -> None:
    """An angry customer shows up as an alert; taking over, a note and a transfer are clicks."""
    wiring = Wiring(read_settings(workspace))
    customers = wiring.conversation_desk()
    conversation = customers.begin("web").conversation_id

    def says(text: str) -> Any:
        return customers.hear(conversation, Utterance(text), key_id="web")

    says("融资融券怎么开通")
    waits = says("转人工")
    wiring.agent_desk().claim(waits.handover.id, "小李")
    says("你们太差劲了！气死我了！我要投诉你们这群骗子！")
    page = opened("handover")
    page.get_by_label("坐席姓名或工号").fill("陈主管")
    page.keyboard.press("Enter")
    page.get_by_text("情绪激动").first.wait_for()
    page.get_by_role("button", name="接管", exact=True).first.click()
    page.get_by_text("已接管会话。").wait_for()
    page.get_by_text("最近提问").wait_for()
    page.get_by_text("备注", exact=True).click()
    page.get_by_label("添加备注（仅同事可见）").fill("客户问两融，已安抚")
    page.get_by_role("button", name="保存备注").click()
    page.get_by_text("客户问两融，已安抚").wait_for()
    page.get_by_role("button", name="知道了").first.click()
    expect(page.get_by_text("没有未处理的告警")).to_be_visible()
    page.get_by_text("转接", exact=True).click()
    page.get_by_role("button", name="放回队列").click()
    expect(page.get_by_text("已放回队列。")).to_be_visible()
    said = wiring.handover_store.said(conversation)
    assert "陈主管" in said[-2].text
    assert "两融，已安抚" not in "".join(one.text for one in said)
    assert console.strangers == []
