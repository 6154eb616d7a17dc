"""Articles from JSON: one object a line (JSONL, streamed), or one document of many objects.

Fields of an article: `headline` and `text`, either may be missing; `url`, `published_at`, `source`
are optional, as is `tier` (official, media, portal, social; media where it is missing). The aliases
below are read too, JSON Feed's names among them; other fields are left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

import orjson

from news.article import DeadLetter, RawArticle, SourceTier
from news.decode import decode
from news.errors import SourceError
from news.page_body import plain_text
from news.published import parse_published
from news.raw import dead_letter, raw_article

HEADLINE = ("headline", "title")
TEXT = ("text", "content", "content_text", "content_html")
URL = ("url", "link")
SOURCE = ("source",)
TIER = ("tier",)
PUBLISHED = ("published_at", "published", "date_published", "publish_time", "pub_time", "date")
LISTS = ("articles", "items", "entries", "news", "data")
"""Fields under which a document of many articles may keep them."""

MAX_LINE_BYTES = 4 * 1024 * 1024
_PAYLOAD = 2_000
STAGE = "json"

_CHUNK = 1024 * 1024
_QUOTED = {name: f'"{name}"'.encode() for name in (*HEADLINE, *TEXT, *URL, *SOURCE, *PUBLISHED)}
_MARKUP = re.compile(r"</[a-zA-Z]|<br\s*/?>")
_KINDS = {dict: "an object", list: "a list", bool: "a truth value", int: "a number"}
_KINDS |= {float: "a number", str: "a string", type(None): "null"}


class Line(NamedTuple):
    """A line without its end; `data` is None where it is longer than the cap."""

    number: int
    size: int
    data: bytes | None


def read_jsonl(
    stream: BinaryIO, *, origin: str, now: datetime, max_line_bytes: int = MAX_LINE_BYTES
) -> Iterator[RawArticle | DeadLetter]:
    """Articles of a stream of UTF-8 or GB18030 lines, with a dead letter for each bad line.

    Memory stays within a few times `max_line_bytes`, whatever the stream holds. Blank lines pass.
    """
    for line in lines(stream, max_line_bytes):
        place = f"{origin}:{line.number}"
        if line.data is None:
            problem = (
                f"a line of {line.size:,} bytes; at most {max_line_bytes:,} are read: split it"
            )
            yield dead_letter(place, STAGE, problem)
            continue
        if line.data.isspace() or not line.data:
            continue
        try:
            yield from _row(line.data, place, now)
        except SourceError as error:
            yield dead_letter(place, STAGE, error, _payload(line.data))


def read_json(text: str, *, origin: str, now: datetime) -> Iterator[RawArticle | DeadLetter]:
    """Articles of one JSON document: an array, an object with an array, or a single article.

    Elements are read one after another, so that those before a fault are kept; the fault itself
    ends the document with a dead letter that names line and column.
    """
    decoder = json.JSONDecoder(object_pairs_hook=_Object, strict=False)
    at = _skip(text, 0)
    try:
        if text[at : at + 1] == "[":
            for number, item in enumerate(_elements(text, at, decoder), start=1):
                yield _item(item, f"{origin}#{number}", now)
        else:
            value, _ = decoder.raw_decode(text, at)
            yield from _document(value, origin, now)
    except json.JSONDecodeError as error:
        place = f"{origin}:{error.lineno}"
        problem = f"no valid JSON at column {error.colno} ({error.msg}); what follows is not read"
        yield dead_letter(place, STAGE, problem, text[error.pos :][:_PAYLOAD])
    except RecursionError:
        yield dead_letter(origin, STAGE, "nested too deep; flatten the document")


def lines(stream: BinaryIO, max_bytes: int = MAX_LINE_BYTES) -> Iterator[Line]:
    """Lines of a binary stream; of one longer than `max_bytes` only number and size are kept."""
    number, rest, dropped = 1, b"", 0
    for chunk in iter(lambda: stream.read(_CHUNK), b""):
        *whole, last = chunk.split(b"\n")
        for piece in whole:
            yield _line(number, dropped, rest, piece, max_bytes)
            number, rest, dropped = number + 1, b"", 0
        if dropped or len(rest) + len(last) > max_bytes:
            dropped, rest = dropped + len(rest) + len(last), b""
        else:
            rest += last
    if rest or dropped:
        yield _line(number, dropped, rest, b"", max_bytes)


def _line(number: int, dropped: int, rest: bytes, piece: bytes, max_bytes: int) -> Line:
    size = dropped + len(rest) + len(piece)
    if dropped or size > max_bytes:
        return Line(number, size, None)
    data = rest + piece if rest else piece
    return Line(number, size, data.removeprefix(b"\xef\xbb\xbf") if number == 1 else data)


def _row(data: bytes, place: str, now: datetime) -> Iterator[RawArticle | DeadLetter]:
    value = _loads(data, place)
    if isinstance(value, dict):
        doubled = _doubled(value, data)
        if doubled:
            raise SourceError(f"{place}: field {doubled!r} stands there twice; keep one of them")
        if _listed(value) is not None:
            yield from _document(value, place, now)
            return
    yield _article(value, place, now)


def _loads(data: bytes, place: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return _loads_legacy(data, place)
        problem = f"{place}: no valid JSON at column {error.colno} ({error.msg})"
        raise SourceError(problem) from error


def _loads_legacy(data: bytes, place: str) -> Any:
    decoded = decode(data)
    try:
        return orjson.loads(decoded.text)
    except orjson.JSONDecodeError as error:
        raise SourceError(
            f"{place}: no valid JSON, read as {decoded.encoding} ({error.msg}); save it as UTF-8"
        ) from error


def _doubled(row: dict[str, Any], data: bytes) -> str | None:
    """The field that a line names twice; parsers keep the last silently, which may be either."""
    for name in row:
        quoted = _QUOTED.get(name)
        if quoted is not None and data.count(quoted) > 1:
            decoder = json.JSONDecoder(object_pairs_hook=_Object, strict=False)
            value = decoder.decode(decode(data).text)
            return value.doubled if isinstance(value, _Object) else None
    return None


class _Object(dict[str, Any]):
    """A JSON object that remembers the first of our fields that it names twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs if name in _QUOTED]
        self.doubled = next((n for i, n in enumerate(names) if n in names[:i]), None)


def _listed(value: Any) -> list[Any] | None:
    """The list of articles in a document; None where the value is an article itself, or neither."""
    if not isinstance(value, dict):
        return None
    for name in LISTS:
        items = value.get(name)
        if isinstance(items, list) and items and isinstance(items[0], dict):
            return items if any(field in items[0] for field in (*HEADLINE, *TEXT)) else None
    return None


def _document(value: Any, origin: str, now: datetime) -> Iterator[RawArticle | DeadLetter]:
    items = _listed(value)
    if items is None:
        yield _item(value, origin, now)
        return
    for number, item in enumerate(items, start=1):
        yield _item(item, f"{origin}#{number}", now)


def _item(value: Any, place: str, now: datetime) -> RawArticle | DeadLetter:
    try:
        if isinstance(value, _Object) and value.doubled:
            raise SourceError(
                f"{place}: field {value.doubled!r} stands there twice; keep one of them"
            )
        return _article(value, place, now)
    except SourceError as error:
        return dead_letter(place, STAGE, error, repr(value))


def _elements(text: str, at: int, decoder: json.JSONDecoder) -> Iterator[Any]:
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        value, at = decoder.raw_decode(text, at)
        yield value
        at = _skip(text, at)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise json.JSONDecodeError("expected ',' or ']'", text, at)


_SPACE = re.compile(r"[\s\ufeff]*")


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _article(value: Any, place: str, now: datetime) -> RawArticle:
    if not isinstance(value, dict):
        raise SourceError(
            f"{place}: {_kind(value)} instead of an object with 'headline' and 'text'"
        )
    name, text = _field(value, TEXT, place)
    if text and (name == "content_html" or _MARKUP.search(text)):
        text = plain_text(text)
    moments = (parse_published(value[name], now) for name in PUBLISHED if name in value)
    article = raw_article(
        _field(value, HEADLINE, place)[1],
        text,
        origin=place,
        url=_field(value, URL, place)[1],
        published_at=next((m for m in moments if m is not None), None),
        source=_field(value, SOURCE, place)[1],
    )
    return replace(article, tier=_tier(_field(value, TIER, place)[1], place))


def _tier(written: str, place: str) -> SourceTier:
    try:
        return SourceTier(written or SourceTier.MEDIA)
    except ValueError as error:
        raise SourceError(
            f"{place}: tier {written[:40]!r} is none of {', '.join(SourceTier)}; write one of them"
            " or leave the field out"
        ) from error


def _field(row: dict[str, Any], names: tuple[str, ...], place: str) -> tuple[str, str]:
    for name in names:
        value = row.get(name)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise SourceError(
                f"{place}: field {name!r} is {_kind(value)} ({str(value)[:40]});"
                " write it as a string"
            )
        return name, value
    return names[0], ""


def _kind(value: Any) -> str:
    return next((name for kind, name in _KINDS.items() if isinstance(value, kind)), "something")


def _payload(data: bytes) -> str:
    return data[: 4 * _PAYLOAD].decode("utf-8", "replace")[:_PAYLOAD]
