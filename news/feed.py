"""Articles from RSS, Atom and RDF feeds, sound or damaged.

A feed that declares entities is refused before anything expands them: they are how one kilobyte
becomes a gigabyte ("billion laughs") and how a feed reads files of this machine (CWE-776, CWE-611).
So is one that nests its elements deeper than any feed does, which takes parsers hours (CWE-674).
"""

from __future__ import annotations

import calendar
import io
import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat

import feedparser

from news.article import DeadLetter, RawArticle
from news.errors import SourceError
from news.page_body import plain_text
from news.published import bounded, parse_published
from news.raw import dead_letter, raw_article

STAGE = "feed"
_TAIL = 2_000

_OPENING = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]")
_CLOSED = re.compile(r"</(?:\w+:)?(?:rss|feed|RDF|channel)\s*>\s*(?:<!--.*?-->\s*)*$", re.I | re.S)
_ENTITY = re.compile(r"<!ENTITY", re.I)
_DEEPEST = 200
_MOST_OPEN = 5_000
_OPENED = re.compile(r"<[A-Za-z_]")
_CLOSED_TAG = re.compile(r"</|/>")
_CDATA = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|$)", re.S)
_ROOT = re.compile(r"<\s*([A-Za-z_][\w:.-]*)")


class _RootReachedError(Exception):
    """The prolog is over and declared no entity."""


def read_feed(
    text: str, *, origin: str, now: datetime, url: str | None = None
) -> Iterator[RawArticle | DeadLetter]:
    """Articles of a decoded feed, named `origin#N` for its N-th entry.

    `url` is the address it came from; relative links of entries are taken from there. Entries
    that can be read in a damaged feed are kept, and a dead letter says that others are lost. Raises
    SourceError where nothing can be read: no feed, no entry, or entities declared.
    """
    refuse_entities(text, origin)
    refuse_depth(text, origin)
    parsed = _parse(text, url)
    if not parsed.entries:
        raise SourceError(f"{origin}: {_why_empty(text, parsed)}")
    title = _plain(parsed.feed, "title")
    for number, entry in enumerate(parsed.entries, start=1):
        place = f"{origin}#{number}"
        try:
            yield _article(entry, title, place, now)
        except SourceError as error:
            yield dead_letter(place, STAGE, error, repr(dict(entry)))
    loss = _loss(text, parsed)
    if loss:
        yield dead_letter(origin, STAGE, loss, text[-_TAIL:])


def refuse_entities(text: str, origin: str) -> None:
    """Raise SourceError where the document type of an XML text declares an entity."""

    def declared(name: str, *_: object) -> None:
        raise SourceError(
            f"{origin}: declares the XML entity {name[:40]!r}, which can blow up or read local"
            " files; remove the DOCTYPE with its entities"
        )

    def reached(*_: object) -> None:
        raise _RootReachedError

    parser = expat.ParserCreate("utf-8")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.EntityDeclHandler = declared
    parser.StartElementHandler = reached
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except _RootReachedError:
        return
    except expat.ExpatError:
        # No sound prolog: then the mere words are enough, wherever they stand.
        if _ENTITY.search(_CDATA.sub("", text)):
            declared("?")


def refuse_depth(text: str, origin: str) -> None:
    """Raise SourceError where elements of an XML text are nested far deeper than feeds are."""
    depth = 0

    def opened(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise SourceError(f"{origin}: elements are nested deeper than {_DEEPEST}; no feed is")

    def closed(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        # A damaged feed: elements that are opened and never closed say how deep it may go.
        if len(_OPENED.findall(text)) - len(_CLOSED_TAG.findall(text)) > _MOST_OPEN:
            raise SourceError(
                f"{origin}: damaged, with more than {_MOST_OPEN:,} elements left open; ask its"
                " publisher for a sound one"
            ) from None


def _parse(text: str, url: str | None) -> Any:
    """feedparser on bytes, never on text: a short text would be taken for an address to fetch."""
    headers = {"content-type": "application/xml; charset=utf-8"}
    if url:
        headers["content-location"] = url
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )


def _article(entry: Any, feed_title: str, place: str, now: datetime) -> RawArticle:
    own_source = entry.get("source")
    return raw_article(
        _plain(entry, "title"),
        _body(entry),
        origin=place,
        url=entry.get("link") or entry.get("id"),
        published_at=_published(entry, now),
        source=(_plain(own_source, "title") if isinstance(own_source, dict) else "") or feed_title,
    )


def _body(entry: Any) -> str:
    """The full content where there is one, else the summary; without its markup."""
    for content in entry.get("content") or ():
        text = _stripped(content.get("value"), content.get("type"))
        if text.strip():
            return text
    return _plain(entry, "summary")


def _plain(found: Any, name: str) -> str:
    detail = found.get(f"{name}_detail") or {}
    return _stripped(found.get(name), detail.get("type"))


def _stripped(value: object, kind: object) -> str:
    if not isinstance(value, str):
        return ""
    is_markup = kind != "text/plain" and ("<" in value or "&" in value)
    return plain_text(value) if is_markup else value


def _published(entry: Any, now: datetime) -> datetime | None:
    # The written form first: feedparser takes a time without a zone for UTC, here it is Chinese.
    for name in ("published", "updated", "created"):
        if name not in entry:
            continue
        moment = parse_published(entry[name], now)
        if moment is None and entry.get(f"{name}_parsed"):
            moment = bounded(_from_struct(entry[f"{name}_parsed"]), now)
        if moment is not None:
            return moment
    return None


def _from_struct(moment: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(moment), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _why_empty(text: str, parsed: Any) -> str:
    if parsed.version or "title" in parsed.feed:
        title = parsed.feed.get("title", "")
        fault = _fault(parsed)
        broken = f" ({fault})" if fault else ""
        return f"the feed {title[:60]!r} has no entries{broken}; check its address or wait for news"
    fault = _fault(parsed)
    if fault:
        return f"no feed can be read: {fault}; ask its publisher for a sound one"
    root = _ROOT.search(text)
    name = f"<{root.group(1)[:40]}>" if root else "nothing"
    return f"XML with {name} at its root is no feed; <rss>, <feed> and <rdf:RDF> are read"


def _loss(text: str, parsed: Any) -> str:
    fault = _fault(parsed)
    if not fault:
        return ""
    begun, found = len(_OPENING.findall(_CDATA.sub("", text))), len(parsed.entries)
    if found < begun:
        return f"the feed is broken ({fault}); {found} of {begun} entries were recovered"
    if not _CLOSED.search(text[-_TAIL:]):
        return f"the feed ends early ({fault}); its last entry may be cut short"
    return ""


def _fault(parsed: Any) -> str:
    error = parsed.get("bozo_exception") if parsed.get("bozo") else None
    if error is None:
        return ""
    line = getattr(error, "getLineNumber", lambda: None)()
    message = getattr(error, "getMessage", lambda: str(error))()
    return f"line {line}: {message}" if line else str(message)
