"""The news side of the console in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="no playwright").expect

pytestmark = pytest.mark.browser
Open = Callable[[str], Any]


def test_the_overview_leads_to_an_article(opened: Open) -> None:
    """The first page shows the counts; a headline opens its article in the same session."""
    page = opened("")
    page.get_by_text("提及公司").wait_for()
    page.get_by_role("link", name="华电新能上市 新能源发电再添龙头").click()
    page.get_by_text("来源记录").wait_for()
    assert "article=" in page.url
    page.get_by_role("link", name="返回资讯列表").click()
    page.locator(".fl-article").first.wait_for()
    expect(page).not_to_have_url(re.compile("article="))


def test_news_are_filtered_by_company(opened: Open) -> None:
    """Typing a code suggests the company; choosing it leaves only articles that name it."""
    page = opened("articles")
    page.locator(".fl-article").first.wait_for()
    page.get_by_label("公司").first.click()
    page.keyboard.type("600519")
    page.get_by_role("option", name="600519").click()
    hits = page.locator('[class*="st-key-hit-"]')
    expect(hits.filter(has_not_text="贵州茅台")).to_have_count(0)
    assert hits.count() > 3


def test_an_article_opens_with_its_mentions_marked(opened: Open) -> None:
    """A click on a headline unfolds the text without a round trip to the server."""
    page = opened("articles")
    page.get_by_label("检索词").fill("麒麟电池")
    page.keyboard.press("Enter")
    expect(page.locator(".fl-article")).to_have_count(1)
    page.locator(".fl-article summary").click()
    assert page.locator(".fl-article mark").first.inner_text() == "宁德时代"


def test_a_hostile_headline_is_shown_literally(opened: Open, console: Any) -> None:
    """Markup, links and formulas of an article stay letters on every page, and nothing runs."""
    for path in ("", "articles", "company?company=000858"):
        page = opened(path)
        page.get_by_text(console.hostile.split(" ")[0]).first.wait_for()
        shown = page.locator("body").inner_text().replace("\u2060", "")
        assert console.hostile in shown
        assert page.evaluate("window.hacked") is None
        assert page.locator("a[href^='javascript']").count() == 0
        page.close()
    assert console.strangers == []


def test_a_company_page_shows_its_picture(opened: Open) -> None:
    """The address opens the company; the graph tab holds the drawn neighbourhood."""
    page = opened("company?company=300750")
    page.get_by_text("宁德时代新能源科技股份有限公司").first.wait_for()
    page.get_by_role("tab", name="关系图谱").click()
    picture = page.locator("[data-testid=stImage] img").filter(visible=True)
    picture.wait_for()
    page.wait_for_function("document.querySelector('[data-testid=stImage] img').naturalWidth > 900")
    page.get_by_text("两跳：关系的关系").click()
    page.get_by_text("上市于").first.wait_for()


def test_a_peer_is_one_click_away(opened: Open) -> None:
    """Links between companies change page and address and keep the session."""
    page = opened("company?company=300750")
    page.get_by_role("link", name="亿纬锂能").click()
    page.wait_for_url("**/company?company=300014")
    page.get_by_role("heading", name="亿纬锂能").wait_for()


def test_what_could_not_be_taken_in_has_a_place(opened: Open) -> None:
    """The tab of dead letters says how many there are and what to do."""
    page = opened("articles")
    page.get_by_role("tab", name="未入库").click()
    page.get_by_text("条未能入库的内容").wait_for()


def test_nothing_leaves_the_machine(opened: Open, console: Any) -> None:
    """No page asks another machine for anything: fonts, scripts and statistics are local."""
    for path in ("", "chat", "knowledge"):
        page = opened(path)
        page.locator("[data-testid=stMainBlockContainer]").wait_for()
        page.wait_for_load_state("networkidle")
        page.close()
    assert console.strangers == []


def test_an_event_of_the_timeline_opens_its_reports(opened: Open) -> None:
    """One row an event; a click lists every report, and one of them leads to the article."""
    page = opened("company?company=300750")
    page.get_by_role("tab", name="时间线").click()
    row = page.locator(".fl-event", has_text="枧下窝锂矿停产 正办理采矿证延续").first
    row.locator("summary").click()
    expect(row.locator("li")).to_have_count(4)
    row.locator("li a").first.click()
    page.get_by_text("来源记录").wait_for()
    assert "article=" in page.url


def test_the_kinds_of_events_narrow_the_timeline(opened: Open) -> None:
    """Choosing one kind leaves only rows of it; the denied rumour is struck through."""
    page = opened("company?company=300750")
    page.get_by_role("tab", name="时间线").click()
    page.get_by_role("button", name="合同与合作").click()
    kinds = page.locator(".fl-event .fl-kind")
    expect(kinds.filter(has_not_text="合同与合作")).to_have_count(0)
    denied = page.locator(".fl-status-denied .fl-what").first
    assert "line-through" in denied.evaluate("e => getComputedStyle(e).textDecorationLine")


def test_who_is_affected_is_drawn_and_told(opened: Open) -> None:
    """A picture and a table; a company in the table leads to its page."""
    page = opened("company?company=300750")
    page.get_by_role("tab", name="谁受影响").click()
    table = page.locator(".fl-affected")
    table.wait_for()
    expect(page.locator("[data-testid=stImage] img").first).to_be_visible()
    table.locator("td:first-child a").first.click()
    page.wait_for_url(re.compile("company=(?!300750)"))
