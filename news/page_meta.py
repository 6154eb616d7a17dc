"""Headline, time and source of an HTML page, from what its head declares and its body shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import html  # type: ignore[import-untyped]

from news.page_body import Block
from news.published import find_published, parse_published
from news.text import fold

_TITLE_METAS = ("og:title", "twitter:title", "articletitle", "title")
_DATE_METAS = (
    "article:published_time",
    "og:published_time",
    "og:time",
    "weibo: article:create_at",
    "bytedance:published_time",
    "datepublished",
    "publishdate",
    "pubdate",
    "publish_time",
    "publishtime",
    "firstpublishedtime",
    "dateupdate",
    "dc.date.issued",
    "date",
)
_LABELLED_DATE = re.compile(
    r"(?:发布|发表|更新|刊发|上传)(?:日期|时间|于)?\s*[:：]?\s*(?P<date>(?:19|20)\d\d.{4,24})"
)
_SCRIPT_DATE = re.compile(
    r"\b(?:ct|publish_?time|pub_?time|publish_?date|pub_?date|datePublished|create_?time)"
    r"[\"']?\s*[:=]\s*[\"']?(?P<date>(?:19|20)\d\d[-/.年][^\"'<]{4,24}|1\d{9}(?:\d{3})?(?!\d))",
    re.I,
)
_FROM = re.compile(
    r"来源(?:[于：:]|自(?!媒体))?\s*[:：]?\s*(?P<name>[^\s|:：，。,；;()（）<>]{2,24})"
)
_AFTER_NAME = re.compile(r"(?:作者|责任编辑|责编|编辑|记者|发布|时间|日期|字号|浏览|阅读|点击).*")
_NO_NAME = frozenset({"网络", "互联网", "综合", "转载", "原创"})
_TITLE_BREAK = re.compile(r"\s*(?:_+|\||｜|\s[-–—]+\s|--+|—{2,})\s*")
_SITE_TAIL = re.compile(
    r"\s*[-–—]\s*(?P<site>[^-–—]{0,14}(?:网|频道|新闻|财经|资讯|日报|时报|晚报|在线|门户|百家号|公众号"
    r"|头条|证券|[.](?:com|cn|net|org)))\s*$",
    re.I,
)
_ACCOUNT_IDS = frozenset({"js_name"})
_PLACE_BEFORE, _PLACE_AFTER = 4, 12
"""Blocks before and after the headline among which time and source are looked for."""


@dataclass(frozen=True, slots=True)
class PageMeta:
    """What is known of a page besides its text: its tree, `meta` values by lower-case name, title,
    and the headline that was found (empty where there is none)."""

    tree: html.HtmlElement
    metas: dict[str, str]
    title: str
    headline: str

    @classmethod
    def of(cls, tree: html.HtmlElement, found: list[Block]) -> PageMeta:
        """Read the head of a page; `found` are its visible blocks."""
        metas, title = _metas(tree), _title(tree)
        return cls(tree, metas, title, _headline(tree, metas, title, found))

    @property
    def url(self) -> str | None:
        """The address that the page gives for itself."""
        links = (e for e in self.tree.iter("link") if e.get("rel") == "canonical")
        return self.metas.get("og:url") or next((str(e.get("href")) for e in links), None)

    def shows_headline(self, found: list[Block]) -> bool:
        """Whether the headline stands on the page itself, as it does over an article."""
        whole = fold(self.headline)
        return len(whole) >= 8 and any(fold(b.text) == whole for b in found)

    def linked_text(self) -> str:
        """The `articleBody` of the page's linked data (schema.org), empty where there is none."""
        bodies = (item.get("articleBody") for item in self._linked_data())
        return next((body for body in bodies if isinstance(body, str)), "")

    def published(
        self, page: str, found: list[Block], body: list[Block], now: datetime
    ) -> datetime | None:
        """Time of publication, in this order: declared in the head, shown near the headline, shown
        with a label anywhere, in a script, guessed by htmldate."""
        # Sentences of the article tell of other days; scraps among them may be its imprint.
        inside = {id(b) for b in body if b.is_sentence}
        around = [b for b in self._around(found, body) if id(b) not in inside]
        labelled = (
            match["date"]
            for b in found
            if id(b) not in inside
            for match in _LABELLED_DATE.finditer(b.text)
        )
        scripted = (match["date"] for match in _SCRIPT_DATE.finditer(page))
        return (
            _first(self._declared_dates(), now)
            or find_published("\n".join(b.text for b in around), now)
            or _first(labelled, now)
            or _first(scripted, now)
            or self._guessed_date(now)
        )

    def source(self, found: list[Block], body: list[Block]) -> str:
        """The medium: the named 来源, the account's name, else the site's name."""
        for block in self._around(found, body):
            match = _FROM.search(block.text)
            name = _AFTER_NAME.sub("", match["name"]) if match else ""
            if len(name) >= 2 and name not in _NO_NAME:
                return name
        accounts = (e for e in self.tree.iter("a", "strong") if e.get("id") in _ACCOUNT_IDS)
        account = next((str(e.text_content()).strip() for e in accounts), "")
        return account or self.metas.get("og:site_name") or _site(self.title)

    def _around(self, found: list[Block], body: list[Block]) -> list[Block]:
        first = next((n for n, b in enumerate(found) if body and b is body[0]), len(found))
        whole = fold(self.headline)
        heads = [n for n, b in enumerate(found[: first + 12]) if whole and fold(b.text) == whole]
        start = heads[-1] - _PLACE_BEFORE if heads else first - 15
        end = max(first, heads[-1] + _PLACE_AFTER if heads else 0)
        return [b for b in found[max(0, start) : end] if len(b.text) < 150]

    def _declared_dates(self) -> Iterator[object]:
        yield from (self.metas[name] for name in _DATE_METAS if name in self.metas)
        yield from (item.get("datePublished") for item in self._linked_data())
        yield from (e.get("datetime") for e in self.tree.iter("time"))

    def _guessed_date(self, now: datetime) -> datetime | None:
        from htmldate import find_date

        return parse_published(find_date(self.tree, extensive_search=False), now)

    def _linked_data(self) -> Iterator[dict[str, Any]]:
        for script in self.tree.iter("script"):
            if script.get("type") == "application/ld+json" and script.text:
                try:
                    value = json.loads(script.text, strict=False)
                except (ValueError, RecursionError):
                    continue
                items = value if isinstance(value, list) else [value]
                yield from (item for item in items if isinstance(item, dict))


def _first(values: Iterable[object], now: datetime) -> datetime | None:
    return next((m for v in values if (m := parse_published(v, now)) is not None), None)


def _metas(tree: html.HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = (element.get("content") or "").strip()
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _title(tree: html.HtmlElement) -> str:
    element = tree.find(".//title")
    return _inner(element) if element is not None else ""


def _inner(element: html.HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def _headline(tree: html.HtmlElement, metas: dict[str, str], title: str, found: list[Block]) -> str:
    """A heading that the page's title begins with; the title's first part where there is none.

    `og:title` alone is not believed: quotation marks inside it cut it short on some sites.
    """
    named = [_inner(h) for h in tree.iter("h1", "h2")]
    named += [metas[name] for name in _TITLE_METAS if name in metas]
    seen = [b.text for b in found if 6 <= len(b.text) <= 100]
    whole = fold(title)
    for candidates in (named, seen):
        fitting = [c for c in candidates if len(fold(c)) >= 4 and whole.startswith(fold(c))]
        if fitting:
            return max(fitting, key=lambda c: len(fold(c)))
    short = _without_site(title)
    return short if len(short) >= 4 else next((n for n in named if len(n) >= 4), short)


def _without_site(title: str) -> str:
    first = str(_TITLE_BREAK.split(title.strip(" _-|"))[0])
    return _SITE_TAIL.sub("", _SITE_TAIL.sub("", first)).strip()


def _site(title: str) -> str:
    parts = _TITLE_BREAK.split(title)
    if len(parts) > 1:
        return str(parts[-1])
    tail = _SITE_TAIL.search(title)
    return tail["site"] if tail else ""
