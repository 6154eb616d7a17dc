"""The article is found on a page, and a page without one says why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from news.article import RawArticle
from news.decode import decode
from news.errors import SourceError
from news.page import read_page
from news.page_body import plain_text

NOW = datetime(2026, 6, 1, tzinfo=UTC)

FIRST = "某某股份今日公告，拟以自有资金回购公司股份，金额不低于一亿元，不超过两亿元。"
SECOND = "公司表示，回购的股份将用于员工持股计划，实施期限为董事会审议通过之日起十二个月内。"
THIRD = "截至发稿，该股上涨百分之三，成交额较前一日明显放大，市场人士认为此举有助于稳定预期。"

MENU = "".join(f'<li><a href="/{n}">频道{n}号</a></li>' for n in range(40))
TEASERS = "".join(
    f'<div><a href="/t{n}">另一条新闻的标题第{n}条</a>'
    "<p>这里是另一条新闻的摘要，说的是别的事情。</p></div>"
    for n in range(6)
)
PAGE = f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<title>某某股份拟回购不超过两亿元股份_财经频道_某某网</title></head><body>
<div class="top"><ul>{MENU}</ul></div>
<div class="main"><h1>某某股份拟回购不超过两亿元股份</h1>
<div class="info">2021-11-15 09:30 来源：证券报 作者：张三 字号：大 中 小</div>
<div class="content"><p>{FIRST}</p><p>{SECOND}<a href="/x">行情</a></p><p>{THIRD}</p>
<p>（责任编辑：李四）</p></div>
<div class="recommend"><h3>为您推荐</h3>{TEASERS}</div>
<div class="comments"><p>网友说，这个消息很重要，大家怎么看？我觉得会涨。</p></div></div>
<script>var x = "脚本里的文字，不是正文。";</script>
<div class="footer">版权所有，违者必究。违法和不良信息举报电话：010-00000000。</div>
</body></html>"""


def _page(page: str, url: str | None = None) -> RawArticle:
    return read_page(page, origin="p.html", now=NOW, url=url)


def test_an_article_is_found_among_menus_and_teasers() -> None:
    """Headline, text, time and source are the article's, and nothing around it comes along."""
    assert _page(PAGE, url="https://example.com/1") == RawArticle(
        headline="某某股份拟回购不超过两亿元股份",
        text=f"{FIRST}\n{SECOND}行情\n{THIRD}",
        origin="p.html",
        url="https://example.com/1",
        published_at=datetime(2021, 11, 15, 1, 30, tzinfo=UTC),
        source="证券报",
    )


@pytest.mark.parametrize(
    ("head", "moment"),
    [
        ('<meta property="article:published_time" content="2021-11-14T08:00:00+08:00">', 14),
        ('<meta name="firstpublishedtime" content="2021-11-13-08:00:00">', 13),
        ('<script type="application/ld+json">{"datePublished": "2021-11-12T08:00"}</script>', 12),
        ('<script type="application/ld+json">{broken</script>', 15),
        ('<meta name="pubdate" content="soon">', 15),
    ],
)
def test_a_declared_time_comes_before_a_shown_one(head: str, moment: int) -> None:
    """What the head declares is the time; nonsense there leaves the time under the headline."""
    published = _page(PAGE.replace("<head>", f"<head>{head}")).published_at
    assert published is not None
    assert published.day == moment


def test_a_time_in_a_script_serves_where_none_is_shown() -> None:
    """Pages that write their date by script keep it there as an epoch."""
    hidden = PAGE.replace("2021-11-15 09:30", "").replace("var x", 'var ct = "1636939800"; var x')
    assert _page(hidden).published_at == datetime(2021, 11, 15, 1, 30, tzinfo=UTC)


def test_dates_inside_the_story_are_no_time_of_publication() -> None:
    """A day that the text tells of is not taken for the day on which it appeared."""
    page = PAGE.replace("2021-11-15 09:30", "").replace("今日公告", "2020年3月1日 10:00公告")
    assert _page(page).published_at is None


def test_the_site_name_leaves_the_headline() -> None:
    """Without a heading the title serves, less the names of section and site."""
    page = PAGE.replace("<h1>某某股份拟回购不超过两亿元股份</h1>", "")
    assert _page(page).headline == "某某股份拟回购不超过两亿元股份"
    dashed = page.replace("_财经频道_某某网", "-股票频道-某某网")
    assert _page(dashed).headline == "某某股份拟回购不超过两亿元股份"


def test_a_shortened_og_title_gives_way_to_the_heading() -> None:
    """Quotation marks cut og:title short on some sites; the heading is whole."""
    meta = '<meta property="og:title" content="某某股份拟回购" 两亿元"="">'
    assert _page(PAGE.replace("<head>", f"<head>{meta}")).headline.endswith("两亿元股份")


def test_a_short_flash_under_its_headline_is_an_article() -> None:
    """A flash of one sentence counts, as its headline stands over it."""
    start, end = PAGE.index(f"<p>{SECOND}"), PAGE.index("<p>（责任")
    assert _page(PAGE[:start] + PAGE[end:]).text == FIRST


def test_text_in_linked_data_serves_where_the_body_has_none() -> None:
    """A page that scripts would fill often carries its text for search engines."""
    page = (
        "<html><head><title>标题在此处</title><script type='application/ld+json'>"
        f'{{"articleBody": "{FIRST}"}}</script></head><body><div id="app"></div></body></html>'
    )
    assert _page(page).text == FIRST


def test_an_english_article_is_found() -> None:
    """The weighing of sentences works with Latin punctuation as well."""
    paragraph = "<p>The company said on Monday it would buy back shares worth $2 billion. </p>"
    page = (
        f"<html><head><title>Buyback announced | Example</title></head><body><ul>{MENU}</ul>"
        f"<div><h1>Buyback announced</h1>{paragraph * 4}</div></body></html>"
    )
    article = _page(page)
    assert article.headline == "Buyback announced"
    assert article.text.count("share") == 4


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (f"<html><title>首页</title><body>{MENU * 5}</body></html>", "list of links"),
        (f"<html><title>列表</title><body>{MENU * 3}{TEASERS * 3}</body></html>", "list of links"),
        ("<html><title>新闻</title><body><div id=app></div><script>x</script>", "left to scripts"),
        ("<html><body>404</body></html>", "no article text"),
        ("<html></html>", "no article text"),
        ("", "no HTML element"),
        ("<!-- only a comment -->", "no "),
        ("<a>" * 5_000, "no article text"),
        ("<div>" * 100_000 + FIRST, "no article text"),
    ],
)
def test_a_page_without_an_article_says_why(page: str, reason: str) -> None:
    """Lists, empty frames, error pages and wrecks are told apart."""
    with pytest.raises(SourceError, match=reason) as caught:
        _page(page)
    assert str(caught.value).startswith("p.html: ")
    assert "\n" not in str(caught.value)


def test_markup_comes_off_a_fragment() -> None:
    """Blocks become lines; scripts, comments and hidden parts go; inline tags leave no gap."""
    fragment = (
        "<p>甲<b>乙</b><!--x--></p><script>丙</script><div style='display: none'>丁</div>戊<br>己"
    )
    assert plain_text(fragment) == "甲乙\n戊\n己"
    assert plain_text("") == ""


EXPECTED = {
    # page: start of the headline, time in China, first and last words of the text, characters
    "tests_163_1": (
        '多地项目连环爆雷 狂奔的龙湖集团"暗伤"',
        "2019-09-07 13:43",
        "2019年，",
        "交代。",
        4200,
    ),
    "tests_163_5": ("女警打百个电话遭停机", "2019-09-07 16:28", "认定诈骗", "误伤。", 900),
    "tests_163_9": ("5月20日至31日，京沪高速", "2019-05-17 00:00", "下周一", "到家。", 1100),
    "tests_baijiahao_4": ("一袭汉服，一架古筝", "2020-01-14 17:58", "前段时间", "文化。", 2000),
    "tests_csdn_1": ("第三届知道安全论坛", "2014-08-24 21:30", "2014年8月", "说道。", 3600),
    "tests_guancha_2": ("我国集成电路进口突破", "2019-09-07 15:10", "9月3日", "贡献。", 950),
    "tests_hexun_1": ("交通运输部：着力打造", "2019-09-26 10:56", "据财联社", "交通圈”。", 114),
    "tests_ifeng_3": ("疫情防控常态化下", "2020-09-11 18:05", "2020年，", "长春！", 1200),
    "tests_readhub_readhub": (
        "运营商 5G 手机促销",
        "2019-09-07 13:51",
        "根据运营商",
        "补贴。",
        190,
    ),
    "tests_sina_3": ("债券市场是否存在泡沫", "2019-09-09 20:52", "原创：", "（完）", 3770),
    "tests_stcn_1": ("午间公告：天奇股份", "2019-09-26 12:11", "证券时报", "股权。", 208),
    "tests_thepaper_3": ("新年伊始", "2020-01-03 18:13", "【编前语】", "检查。", 2930),
    "tests_toutiao_3": ("海螺沟寻子一个月", "2019-09-09 16:01", "8岁儿子", "林子沛", 3560),
    "tests_wechat_1": ("三星 Galaxy S20", "2020-02-12 22:17", "今天凌晨", "编排", 1740),
    "tests_zsnews_1": ("顺德区大良街道党工委", "2019-03-06 00:00", "2019年2月", "动力。", 405),
    "visiable_test_cmse_1": (
        "载人航天工程全线备战",
        "2021-01-05 00:00",
        "元旦佳节",
        "篇章！",
        1720,
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_pages_give_their_article(name: str, shared: Path) -> None:
    """Headline, minute, first and last words and length are those that a reader sees."""
    headline, moment, first, last, size = EXPECTED[name]
    raw = (shared / "eval" / "html" / f"{name}.html").read_bytes()
    article = _page(decode(raw).text)
    assert article.headline.startswith(headline)
    assert article.published_at is not None
    shown = article.published_at.timestamp() + 8 * 3600
    assert f"{datetime.fromtimestamp(shown, UTC):%Y-%m-%d %H:%M}" == moment
    assert article.text.startswith(first)
    assert article.text.endswith(last)
    assert abs(len(article.text) - size) <= 0.03 * size


@pytest.mark.parametrize(
    ("name", "reason"),
    [("test_list_page_163_1", "list of links"), ("tests_other_1", "left to scripts")],
)
def test_real_pages_without_an_article_say_why(name: str, reason: str, shared: Path) -> None:
    """A front page, and a page whose text never was in its HTML, are no articles."""
    raw = (shared / "eval" / "html" / f"{name}.html").read_bytes()
    with pytest.raises(SourceError, match=reason):
        _page(decode(raw).text)
