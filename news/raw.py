"""The one way in which readers turn what they found into a RawArticle or a DeadLetter."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from news.article import DeadLetter, Page, RawArticle
from news.errors import SourceError
from news.text import clean, sentences

_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]{1,2000}", re.I)
_HEADLINE_FROM_TEXT = 60
_LONGEST = 1_000_000
_PAYLOAD = 2_000


class _Payload(BaseModel):
    """An article as a dead letter keeps it; the bytes of its page are in base64."""

    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    article: RawArticle
    page: bytes | None = None
    encoding: str | None = None


def raw_article(
    headline: str,
    text: str,
    *,
    origin: str,
    url: str | None = None,
    published_at: datetime | None = None,
    source: str = "",
) -> RawArticle:
    """An article with cleaned headline and text.

    Without a headline the first sentence stands in (60 characters at most); the text may be empty,
    as feeds often carry headlines only. An address that is not http or https is left out. Raises
    SourceError where both are missing, or one is longer than a million characters.
    """
    size = max(len(headline), len(text))
    if size > _LONGEST:
        raise SourceError(
            f"{origin}: {size:,} characters in one article; at most {_LONGEST:,} are read: split it"
        )
    text = clean(text)
    headline = clean(headline).replace("\n", " ")
    if not headline:
        headline = next(iter(sentences(text)), text)[:_HEADLINE_FROM_TEXT]
    if not headline:
        raise SourceError(f"{origin}: neither headline nor text; give at least one of them")
    address = (url or "").strip()
    return RawArticle(
        headline=headline,
        text=text,
        origin=origin,
        url=address if _WEB_ADDRESS.fullmatch(address) else None,
        published_at=published_at,
        source=clean(source).replace("\n", " "),
    )


def dead_letter(origin: str, stage: str, problem: object, payload: str = "") -> DeadLetter:
    """A dead letter with the first 2,000 characters of what could not be read.

    `problem` is a message or an error; a place at its beginning is left out, as `origin` says it.
    """
    error = str(problem).removeprefix(f"{origin}: ")
    return DeadLetter(origin, stage, error, payload[:_PAYLOAD])


def article_json(article: RawArticle) -> str:
    """The whole article as JSON, its page too."""
    page = article.page
    kept = _Payload(
        article=replace(article, page=None),
        page=page.body if page else None,
        encoding=page.encoding if page else None,
    )
    text = json.dumps(kept.model_dump(mode="json"), ensure_ascii=False)
    # Half a character pair, which a hostile file can hold, has no UTF-8 form.
    return text.encode("utf-8", "replace").decode("utf-8")


def article_of_json(text: str) -> RawArticle:
    """The article that `article_json` wrote; raises SourceError where it is none."""
    try:
        kept = _Payload.model_validate_json(text)
    except ValidationError as error:
        raise SourceError(
            f"the letter holds no whole article ({error.error_count()} faults);"
            " take in its source again"
        ) from error
    page = Page(kept.page, kept.encoding) if kept.page is not None else None
    return replace(kept.article, page=page)
