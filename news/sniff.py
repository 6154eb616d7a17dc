"""What a document is, judged by its first bytes; its name decides only between kinds of JSON."""

from __future__ import annotations

import re
from enum import StrEnum

import orjson

from news.decode import decode
from news.errors import SourceError

ACCEPTED = "RSS, Atom and RDF feeds, HTML pages, and JSON or JSONL of articles are read"
HEAD_BYTES = 64 * 1024

_JSON_LINES = (".jsonl", ".ndjson", ".jsonlines")
_MAGIC = (
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a ZIP or Office file"),
    (b"\x1f\x8b", "a gzip file; unpack it first"),
    (b"BZh", "a bzip2 file; unpack it first"),
    (b"\xfd7zXZ", "an xz file; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd file; unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip file"),
    (b"Rar!", "a RAR file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a sound, film or picture"),
    (b"ID3", "a sound"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"SQLite format 3\0", "a database"),
    (b"\x7fELF", "a program"),
)
_BLANK = b" \t\r\n\0\xef\xbb\xbf"
_FEED_ROOT = re.compile(r"<(?:\w+:)?(?:rss|feed|rdf|channel)[\s>/]", re.I)
_HTML_MARK = re.compile(
    r"<!doctype\s+html|<(?:html|head|body|title|meta|link|div|p|article|section|main|h1|table|span"
    r"|script|style)[\s>/]",
    re.I,
)
_ELEMENT = re.compile(r"<([A-Za-z_][\w:.-]*)")
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")


class Kind(StrEnum):
    """How a document is read."""

    FEED = "feed"
    PAGE = "page"
    JSON = "json"
    JSON_LINES = "json lines"


def sniff(head: bytes, name: str) -> Kind:
    """The kind of a document from its first bytes (`HEAD_BYTES` are enough) and its name.

    Raises SourceError, its message without a place, for empty, binary and unknown documents.
    """
    if not head.strip(_BLANK):
        raise SourceError("the file is empty" if not head else "the file holds blanks only")
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise SourceError(f"{what}: {ACCEPTED}")
    text = decode(head).text.lstrip("\ufeff\0 \t\r\n")
    if text[:1] in ("{", "["):
        return _json_kind(head, name, text)
    if "<" in text[:4_096]:
        kind = _markup_kind(text)
        if kind is not None:
            return kind
    if name.lower().endswith(_JSON_LINES) and "{" in text:
        return Kind.JSON_LINES
    if len(_NO_TEXT.findall(text)) * 50 > len(text):
        raise SourceError(f"a binary file: {ACCEPTED}")
    element = _ELEMENT.match(text) or (_ELEMENT.search(text) if text.startswith("<") else None)
    what = f"XML with <{element.group(1)[:40]}> at its root" if element else "plain text"
    raise SourceError(f"{what} is no article: {ACCEPTED}")


def _markup_kind(text: str) -> Kind | None:
    feed = _FEED_ROOT.search(text if text[0] == "<" else text[:4_096])
    page = _HTML_MARK.search(text)
    if feed and (page is None or feed.start() < page.start()):
        return Kind.FEED
    # Words before the first element are a log or a note that mentions HTML, not a page.
    return Kind.PAGE if page and text[0] == "<" else None


def _json_kind(head: bytes, name: str, text: str) -> Kind:
    """JSON lines where the name says so, or where one of the first lines is a whole object."""
    if name.lower().endswith(_JSON_LINES):
        return Kind.JSON_LINES
    if text[0] == "[":
        return Kind.JSON
    *whole, rest = text.split("\n", 5)
    if not whole:
        is_long = len(head) >= HEAD_BYTES and not name.lower().endswith(".json")
        return Kind.JSON_LINES if is_long else Kind.JSON
    ends = whole[0].rstrip().endswith("}")
    return Kind.JSON_LINES if ends and any(map(_is_object, (*whole, rest))) else Kind.JSON


def _is_object(line: str) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False
