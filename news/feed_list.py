"""Links of an HTML list page, by the selectors that `feeds.yaml` declares for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urldefrag, urljoin

from lxml import html  # type: ignore[import-untyped]
from lxml.cssselect import CSSSelector  # type: ignore[import-untyped]

from news.errors import SourceError
from news.feed_spec import ListPattern
from news.page_body import parse
from news.published import find_published

_WEB = re.compile(r"https?://[^\s<>\"]{1,2000}", re.I)
_SHOWN_BY_PAGES = 300
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class ListedLink:
    """A link to an article with what the list says of it."""

    url: str
    title: str
    published_at: datetime | None


def read_list(
    page: str, pattern: ListPattern, *, origin: str, url: str, now: datetime
) -> tuple[ListedLink, ...]:
    """Links of a decoded page in its order, each address once; `url` is where the page was found.

    Raises SourceError where the pattern finds none, as after a new design of the site.
    """
    tree = parse(page)
    if tree is None:
        raise SourceError(f"{origin}: no HTML element in the list page; check its address")
    base = urljoin(url, next((str(e.get("href")) for e in tree.iter("base") if e.get("href")), ""))
    found: dict[str, ListedLink] = {}
    for item, link in _links(tree, pattern):
        address = _address(base, str(link.get("href") or ""))
        if not address or address == urldefrag(url)[0] or not re.search(pattern.match, address):
            continue
        found.setdefault(address, _listed(address, item, link, pattern, now))
        if len(found) >= _MOST:
            break
    if not found:
        raise SourceError(
            f"{origin}: the list pattern finds no link in the page; compare its selectors"
            f" ({pattern.item or ''} {pattern.link}) with the page as it is now"
        )
    return tuple(found.values())


def _links(
    tree: html.HtmlElement, pattern: ListPattern
) -> Iterator[tuple[html.HtmlElement, html.HtmlElement]]:
    links = CSSSelector(pattern.link, translator="html")
    if pattern.item is None:
        yield from ((link, link) for link in links(tree))
        return
    for item in CSSSelector(pattern.item, translator="html")(tree):
        yield from ((item, link) for link in links(item)[:1])


def _address(base: str, href: str) -> str:
    try:
        address = urldefrag(urljoin(base, href.strip()))[0]
    except ValueError:
        return ""
    return address if _WEB.fullmatch(address) else ""


def _listed(
    url: str,
    item: html.HtmlElement,
    link: html.HtmlElement,
    pattern: ListPattern,
    now: datetime,
) -> ListedLink:
    shown = _words(item, pattern.title) if pattern.title else _text(link)
    # Lists cut long titles; the whole one is then in the attribute that a pointer shows.
    whole = " ".join(str(link.get("title") or "").split())
    title = whole if len(whole) > len(shown) else shown
    dated = _words(item, pattern.date) if pattern.date else _text(item)
    return ListedLink(url, title, find_published(dated[:_SHOWN_BY_PAGES], now))


def _words(item: html.HtmlElement, selector: str) -> str:
    return next((_text(e) for e in CSSSelector(selector, translator="html")(item)), "")


def _text(element: html.HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())
