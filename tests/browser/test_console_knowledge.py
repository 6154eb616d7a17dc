"""Chat and knowledge base of the console in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="no playwright").expect

pytestmark = pytest.mark.browser
Open = Callable[[str], Any]


def ask(page: Any, text: str) -> None:
    """Type a question into the chat and send it."""
    box = page.get_by_placeholder("请输入客户的问题")
    box.fill(text)
    box.press("Enter")


def test_the_chat_gives_the_approved_answer(opened: Open) -> None:
    """The reply is the approved text with its notice; its source leads to the entry."""
    page = opened("chat")
    ask(page, "创业板怎么开通")
    expect(page.locator(".fl-reply").last).to_contain_text("交易-更多业务-权限开通-创业板")
    expect(page.locator(".fl-risk")).to_contain_text("风险提示")
    expect(page.locator(".fl-why")).to_contain_text("首选条目的把握足够大")
    page.get_by_role("link", name="知识库：创业板权限怎么开通").click()
    page.get_by_role("heading", name="创业板权限怎么开通").wait_for()
    page.get_by_role("link", name="智能问答").click()
    expect(page.locator(".fl-reply")).to_have_count(2)  # the conversation is still there


def test_the_chat_refuses_what_it_does_not_know(opened: Open) -> None:
    """A question outside the base is refused, and the reasons say so."""
    page = opened("chat")
    ask(page, "今天晚饭吃什么好呢")
    expect(page.locator(".fl-kind-reject")).to_be_visible()
    expect(page.locator(".fl-why")).to_contain_text("不在知识库范围内")


def test_the_chat_asks_back_and_takes_a_choice(opened: Open) -> None:
    """A vague question offers buttons; a click answers."""
    page = opened("chat")
    ask(page, "创业板")
    page.get_by_role("button", name="创业板权限怎么开通").click()
    expect(page.locator(".fl-kind-answer")).to_be_visible()
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".fl-reply")).to_have_count(0)


def test_the_chat_answers_about_a_company(opened: Open) -> None:
    """News of a company come with citations that lead to the articles."""
    page = opened("chat")
    ask(page, "宁德时代最近有什么新闻")
    cited = page.get_by_role("link", name=re.compile("资讯：宁德时代")).first
    headline = re.split(r"资讯：|\s第 \d+ 版", cited.inner_text())[1]
    cited.click()
    page.get_by_role("heading", name=headline).first.wait_for()
    assert "article=" in page.url


def test_an_edit_is_reviewed_published_and_answers_at_once(opened: Open) -> None:
    """Two people make a new version, and the chat of another session gives the new text."""
    page = opened("knowledge?entry=reverse-repo-what")
    entry = page.locator(".fl-title")
    entry.wait_for()
    question = entry.inner_text()
    page.get_by_role("tab", name="编辑与撤下").click()
    page.get_by_label("答案").first.fill("这是浏览器测试发布的新答案。")
    page.get_by_label("起草人（必填）").first.fill("测试员")
    page.get_by_role("button", name="提交审核").first.click()
    expect(page.get_by_text("已提交审核（D1）")).to_be_visible(timeout=30_000)
    page.get_by_role("tab", name="审核", exact=True).click()
    expect(page.locator("ins", has_text="这是浏览器测试发布的新答案。")).to_be_visible()
    reviewer = page.get_by_label("姓名（必填）").first
    for name, told in (("测试员", "不能审核自己写的草稿"), ("审核员", "D1 已通过")):
        reviewer.fill(name)
        reviewer.press("Tab")
        page.get_by_role("button", name="通过", exact=True).click()
        expect(page.get_by_text(told)).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("D1 已发布")).to_be_visible(timeout=60_000)
    page.get_by_role("tab", name="条目", exact=True).click()
    page.get_by_role("tab", name="版本历史").click()
    page.get_by_text("第 2 版 · 发布 ·").wait_for()
    chat = opened("chat")
    ask(chat, question)
    expect(chat.locator(".fl-reply").last).to_have_text("这是浏览器测试发布的新答案。")
