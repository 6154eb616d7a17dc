"""One article from an HTML page: its text and what `news.page_meta` knows about it.

The text comes from `news.page_body`. trafilatura gives a second opinion where that finds nothing;
on Chinese pages it comes second because it loses whole articles to the lists beside them and takes
navigation along (measured in docs/decisions/0007-page-text.md).
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import takewhile

from news.article import RawArticle
from news.errors import SourceError
from news.page_body import Block, article_blocks, blocks, parse
from news.page_meta import PageMeta
from news.raw import raw_article
from news.text import fold

_NOISE = re.compile(
    r"[\s（(\[【▲]*(?:责任编辑|责编|本文来源|文章来源|信息来源|来源|原标题|原题为|字号|分享(?:到|至)|发布日期"
    r"|发布时间|打印|关闭窗口|扫码|扫描(?:上方|下方)?二维码|用微信扫|点击查看|举报|标签[:：]|关键词"
    r"|(?:您|你)?(?:现在|当前|所在)的?位置|打开APP|下载APP|您的浏览器"
    r"|(?:免责|特别|郑重|版权)?声明[】]?\s*[:：]|【?免责声明|本文为.{0,12}原创|本文来自.{0,20}更多)"
)
_END = re.compile(
    r"(?:为[你您]推荐|相关(?:阅读|新闻|文章|推荐|报道)|延伸\s*[·•]?\s*(?:阅读|推荐)|推荐阅读"
    r"|热门(?:推荐|评论|新闻)|猜你喜欢|你可能会喜欢|点击排行|(?:最新|网友|全部|精彩)评论"
    r"|更多精彩).{0,4}"
)
_SENTENCE = re.compile(r"[。！？!?；]|[.](?:\s|$)")
_SHORTEST = 30
_SHORT = 200
_MANY = 3_000


def read_page(page: str, *, origin: str, now: datetime, url: str | None = None) -> RawArticle:
    """The article of a decoded HTML page.

    `origin` names the page in messages, `now` bounds believable dates. Raises SourceError where
    the page holds no article: a list of links, an empty frame that scripts would fill.
    """
    try:
        tree = parse(page)
    except SourceError as error:
        raise SourceError(f"{origin}: {error}") from error
    if tree is None:
        raise SourceError(f"{origin}: no HTML element in the page; save it again as HTML")
    found = blocks(tree)
    body = article_blocks(found)
    meta = PageMeta.of(tree, found)
    text = _text(body, meta.headline)
    if not _is_article(text, meta, found):
        linked = meta.linked_text()
        text = linked if len(linked) >= _SHORTEST else _second_opinion(page, found)
    if not text:
        raise SourceError(f"{origin}: {_why_empty(page, meta.title, found)}")
    return raw_article(
        meta.headline or meta.title,
        text,
        origin=origin,
        url=url or meta.url,
        published_at=meta.published(page, found, body, now),
        source=meta.source(found, body),
    )


def _text(body: list[Block], headline: str) -> str:
    whole = fold(headline)
    at = next((n for n, b in enumerate(body[:12]) if whole and fold(b.text) == whole), -1)
    kept = takewhile(lambda b: not _END.fullmatch(b.text), body[at + 1 :])
    return "\n".join(b.text for b in kept if not (len(b.text) < 300 and _NOISE.match(b.text)))


def _is_article(text: str, meta: PageMeta, found: list[Block]) -> bool:
    """Whether the text is long enough; a short one needs its headline, or few links around it."""
    sentences = len(_SENTENCE.findall(text))
    if len(text) < _SHORTEST or not sentences:
        return False
    if len(text) >= _SHORT or meta.shows_headline(found):
        return True
    return sentences > 1 and len(text) * 10 > sum(b.linked for b in found)


def _second_opinion(page: str, found: list[Block]) -> str:
    """What trafilatura makes of the page, unless it is plainly too empty or a list of links."""
    size, linked = sum(len(b.text) for b in found), sum(b.linked for b in found)
    if size - linked < _SHORT or linked * 2 > size or len(found) > _MANY:
        return ""
    from trafilatura import bare_extraction

    document = bare_extraction(
        page, include_comments=False, favor_precision=True, deduplicate=False
    )
    text = str(getattr(document, "text", None) or "")
    return text if len(text) >= _SHORT and len(_SENTENCE.findall(text)) >= 3 else ""


def _why_empty(page: str, title: str, found: list[Block]) -> str:
    size, linked = sum(len(b.text) for b in found), sum(b.linked for b in found)
    name = f"the page {title[:60]!r}" if title else "the page"
    if linked > 500 and linked * 3 > size:
        return f"{name} is a list of links without an article; give the pages that it links to"
    if size < 600 and re.search("<script", page, re.I):
        return (
            f"{name} has no article text in its HTML ({size} characters, the rest is left to"
            " scripts); save the page from a browser after it has loaded"
        )
    return f"{name} has no article text ({size} characters of other text); check the address"
