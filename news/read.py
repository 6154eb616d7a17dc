"""Every article in files, folders and addresses, and a dead letter for whatever is none.

Nothing here raises for a bad source: each gives one line that names it, and the next is read.
"""

from __future__ import annotations

import io
import logging
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from news.article import DeadLetter, Page, RawArticle
from news.decode import decode
from news.errors import NewsError, SourceError
from news.feed import read_feed
from news.feed_json import is_json_feed, read_json_feed
from news.fetch import Fetched, Getter, shown
from news.jsonl import MAX_LINE_BYTES, read_json, read_jsonl
from news.page import read_page
from news.pipeline import Stage
from news.raw import dead_letter
from news.sniff import ACCEPTED, HEAD_BYTES, Kind, sniff
from news.stage_times import stage

MAX_DOCUMENT_BYTES = 32 * 1024 * 1024
"""Feeds, pages and JSON documents above this are refused; JSON lines may be of any size."""

_LOG = logging.getLogger(__name__)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Item = RawArticle | DeadLetter


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the reading of all sources shares."""

    fetcher: Getter | None
    max_line_bytes: int
    now: datetime

    def source(self, source: str) -> Iterator[Item]:
        """All items of one source; a fault in it becomes a dead letter."""
        if _SCHEME.match(source):
            yield from _guarded(shown(source), "fetch", self._address(source))
            return
        for place, fault in _files(source):
            if fault:
                yield dead_letter(place, "read", fault)
            else:
                yield from _guarded(_printable(place), "read", self._file(place))

    def _file(self, path: str) -> Iterator[Item]:
        origin = _printable(path)
        with open(path, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise SourceError(f"{origin}: not a regular file; give a file or a folder")
            yield from self.stream(stream, origin, Path(path).name, None, None)

    def _address(self, url: str) -> Iterator[Item]:
        if not url.lower().startswith(("http://", "https://")):
            raise SourceError(f"{shown(url)}: only http and https addresses are fetched")
        if self.fetcher is None:
            raise SourceError(f"{shown(url)}: fetching is switched off; give a file instead")
        got = self.fetcher.get(url)
        name = Path(urlsplit(got.url).path).name
        yield from self.stream(io.BytesIO(got.body), got.url, name, got.url, got.encoding)

    def stream(
        self, stream: BinaryIO, origin: str, name: str, url: str | None, encoding: str | None
    ) -> Iterator[Item]:
        """All items of one document; raises SourceError where it is none that can be read."""
        head = stream.read(HEAD_BYTES)
        try:
            kind = sniff(head, name)
        except SourceError as error:
            raise SourceError(f"{origin}: {error}") from error
        if kind is Kind.JSON_LINES and not head.startswith(_UTF16):
            stream.seek(0)
            yield from read_jsonl(
                stream, origin=origin, now=self.now, max_line_bytes=self.max_line_bytes
            )
            return
        body = _whole(stream, head, origin)
        with stage(Stage.DECODE):
            text = decode(body, declared=encoding).text
        if kind is Kind.FEED:
            yield from read_feed(text, origin=origin, now=self.now, url=url)
        elif kind is Kind.PAGE:
            with stage(Stage.EXTRACT):
                found = read_page(text, origin=origin, now=self.now, url=url)
            yield replace(_with_host(found), page=Page(body, encoding))
        elif kind is Kind.JSON_LINES:
            lines = io.BytesIO(text.encode("utf-8", "replace"))
            cap = self.max_line_bytes
            yield from read_jsonl(lines, origin=origin, now=self.now, max_line_bytes=cap)
        elif is_json_feed(text):
            yield from read_json_feed(text, origin=origin, now=self.now)
        else:
            yield from read_json(text, origin=origin, now=self.now)


def read_document(got: Fetched, *, now: datetime) -> Iterator[Item]:
    """Articles of one fetched document, whatever its kind; a dead letter where it holds none."""
    name = Path(urlsplit(got.url).path).name
    reader = _Reader(None, MAX_LINE_BYTES, now)
    stream = io.BytesIO(got.body)
    yield from _guarded(
        got.url, "read", reader.stream(stream, got.url, name, got.url, got.encoding)
    )


def read_sources(
    sources: Iterable[str],
    *,
    fetcher: Getter | None = None,
    max_line_bytes: int = MAX_LINE_BYTES,
    now: datetime | None = None,
) -> Iterator[Item]:
    """Articles of files, folders (with theirs, by name) and http(s) addresses, one by one.

    The kind of a document is seen from its content. Hidden files are passed over, and a folder
    that is met twice (by a link) is read once. `now` (default: this moment) bounds the dates that
    are believed. A bad source or item gives a DeadLetter, whose `origin` names it with the
    place, and the rest goes on. Its `stage` is `fetch`, `read`, `feed` or `json`.
    """
    reader = _Reader(fetcher, max_line_bytes, now or datetime.now(UTC))
    for source in sources:
        yield from reader.source(source)


def _guarded(origin: str, stage: str, items: Iterator[Item]) -> Iterator[Item]:
    """The items of one document, and a dead letter where reading stops or gives none."""
    count = 0
    try:
        for item in items:
            count += 1
            yield item
    except NewsError as error:
        yield dead_letter(origin, stage, error)
    except OSError as error:
        yield dead_letter(origin, stage, f"cannot be read ({_reason(error)})")
    except Exception as error:  # noqa: BLE001  one document of a batch must not stop the rest
        _LOG.exception("%s: reading failed", origin)
        problem = f"a fault of the reader ({type(error).__name__}: {str(error)[:200]})"
        yield dead_letter(origin, stage, f"{problem}; see the log and report it")
    else:
        if not count:
            yield dead_letter(origin, stage, f"no article in it; {ACCEPTED}")


def _files(source: str) -> Iterator[tuple[str, str]]:
    """Paths of a source in order of their names, each with what is wrong with it (or nothing)."""
    try:
        is_folder = stat.S_ISDIR(os.stat(source).st_mode)
    except FileNotFoundError:
        yield _printable(source), "there is no such file or folder; check the path"
    except (OSError, ValueError) as error:
        yield _printable(source), f"cannot be read ({_reason(error)})"
    else:
        if is_folder:
            yield from _folder(source)
        else:
            yield source, _irregular(source)


def _irregular(path: str) -> str:
    # Opening a pipe or a device may wait for ever.
    is_file = stat.S_ISREG(os.stat(path).st_mode)
    return "" if is_file else "not a regular file; give a file or a folder"


def _folder(top: str) -> Iterator[tuple[str, str]]:
    seen: set[tuple[int, int]] = set()
    count = 0
    stack = [top]
    while stack:
        path = stack.pop()
        try:
            status = os.stat(path)
            if not stat.S_ISDIR(status.st_mode):
                count += 1
                yield path, _irregular(path)
                continue
            if (status.st_dev, status.st_ino) in seen:
                yield _printable(path), "a link to a folder that was read already; passed over"
                continue
            seen.add((status.st_dev, status.st_ino))
            names = sorted((n for n in os.listdir(path) if not n.startswith(".")), reverse=True)
            stack += [os.path.join(path, name) for name in names]
        except OSError as error:
            count += 1
            yield _printable(path), f"cannot be read ({_reason(error)})"
    if not count:
        yield _printable(top), f"no file in this folder; {ACCEPTED}"


def _whole(stream: BinaryIO, head: bytes, origin: str) -> bytes:
    raw = head + stream.read(MAX_DOCUMENT_BYTES + 1 - len(head))
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise SourceError(
            f"{origin}: more than {MAX_DOCUMENT_BYTES:,} bytes in one document; split it, or write"
            " its articles as JSON lines, which are read one by one"
        )
    return raw


def _with_host(article: RawArticle) -> RawArticle:
    """The host stands for the medium where the page names none."""
    if article.source or not article.url:
        return article
    return replace(article, source=urlsplit(article.url).hostname or "")


def _printable(path: str) -> str:
    """A path that can be stored and shown on one line, whatever bytes its name has."""
    readable = path.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in readable)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
