"""Articles from JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, ValidationError

from news.article import DeadLetter, RawArticle
from news.errors import SourceError
from news.page_body import plain_text
from news.published import parse_published
from news.raw import dead_letter, raw_article

STAGE = "feed"
_VERSION = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\\?/1')


class _Item(BaseModel):
    """An entry. Fields that are not listed are left: the format asks for that."""

    id: str | int | float | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    date_published: str | None = None
    date_modified: str | None = None

    @property
    def text(self) -> str:
        """What it says, without markup."""
        if self.content_text:
            return self.content_text
        return plain_text(self.content_html) if self.content_html else self.summary or ""


class _Feed(BaseModel):
    title: str = ""
    items: list[object]


def is_json_feed(text: str) -> bool:
    """Whether a JSON document says that it is one."""
    return bool(_VERSION.search(text))


def read_json_feed(text: str, *, origin: str, now: datetime) -> Iterator[RawArticle | DeadLetter]:
    """Articles of a decoded feed, named `origin#N`; an entry that is none gives a dead letter.

    Raises SourceError where the feed cannot be read or has no entries.
    """
    try:
        feed = _Feed.model_validate(json.loads(text, strict=False))
    except (ValueError, RecursionError) as error:
        fault = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise SourceError(f"{origin}: no JSON feed ({fault}); check its address") from error
    if not feed.items:
        raise SourceError(f"{origin}: the feed {feed.title[:60]!r} has no entries; wait for news")
    for number, value in enumerate(feed.items, start=1):
        place = f"{origin}#{number}"
        try:
            yield _article(_Item.model_validate(value), feed.title, place, now)
        except ValidationError as error:
            first = error.errors()[0]
            told = f"{'.'.join(map(str, first['loc'])) or 'entry'}: {first['msg']}"
            yield dead_letter(place, STAGE, told, repr(value))
        except SourceError as error:
            yield dead_letter(place, STAGE, error, repr(value))


def _article(item: _Item, title: str, place: str, now: datetime) -> RawArticle:
    moment = parse_published(item.date_published, now)
    return raw_article(
        item.title or "",
        item.text,
        origin=place,
        url=item.url or item.external_url or str(item.id or ""),
        published_at=moment or parse_published(item.date_modified, now),
        source=title,
    )
