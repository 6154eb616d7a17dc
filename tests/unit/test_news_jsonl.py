"""JSON lines and JSON documents become articles; bad rows are named and passed over."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from news.article import DeadLetter, RawArticle, SourceTier
from news.jsonl import lines, read_json, read_jsonl

NOW = datetime(2026, 6, 1, tzinfo=UTC)
GOOD = '{"headline": "央行开展逆回购操作", "text": "央行今日开展逆回购操作。"}'


def _read(raw: bytes | str, **options: int) -> list[RawArticle | DeadLetter]:
    stream = io.BytesIO(raw.encode() if isinstance(raw, str) else raw)
    return list(read_jsonl(stream, origin="news.jsonl", now=NOW, **options))


def _only_fault(items: list[RawArticle | DeadLetter]) -> DeadLetter:
    (fault,) = [item for item in items if isinstance(item, DeadLetter)]
    return fault


def test_all_fields_of_a_row_arrive() -> None:
    """Headline, text, address, time and medium are taken over; the origin names the line."""
    row = {
        "headline": "标题",
        "text": "正文。",
        "url": "https://example.com/1",
        "published_at": "2021-11-15 09:30:00",
        "source": "证券报",
        "extra": {"a": [1]},
    }
    assert _read("\n" + json.dumps(row)) == [
        RawArticle(
            headline="标题",
            text="正文。",
            origin="news.jsonl:2",
            url="https://example.com/1",
            published_at=datetime(2021, 11, 15, 1, 30, tzinfo=UTC),
            source="证券报",
        )
    ]


def test_aliases_and_markup_are_understood() -> None:
    """title and content stand for headline and text, and HTML in a text is taken off."""
    (article,) = _read('{"title": "标题", "content": "<p>第一段。</p><p>第二段。</p>"}')
    assert isinstance(article, RawArticle)
    assert (article.headline, article.text) == ("标题", "第一段。\n第二段。")


def test_a_missing_headline_is_the_first_sentence() -> None:
    """Without a headline the first sentence stands in, sixty characters at most."""
    first, second = _read('{"text": "首句到此。次句。"}\n{"text": "%s"}' % ("长" * 200))
    assert isinstance(first, RawArticle)
    assert isinstance(second, RawArticle)
    assert first.headline == "首句到此。"
    assert second.headline == "长" * 60


def test_a_headline_alone_and_a_bad_date_are_kept() -> None:
    """An article may lack its text, and one with a nonsense date is undated, not lost."""
    (article,) = _read('{"headline": "标题", "published_at": "明天吧", "url": "javascript:x"}')
    assert isinstance(article, RawArticle)
    assert (article.text, article.published_at, article.url) == ("", None, None)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("oops", "no valid JSON at column 1"),
        ('{"headline": "a"', "no valid JSON"),
        ("[1, 2]", "a list instead of an object"),
        ("null", "null instead of an object"),
        ('{"headline": 3}', "'headline' is a number (3)"),
        ('{"headline": "a", "text": ["b"]}', "'text' is a list"),
        ('{"headline": "a", "source": {"n": 1}}', "'source' is an object"),
        ('{"headline": "a", "headline": "b"}', "'headline' stands there twice"),
        ('{"url": "https://example.com"}', "neither headline nor text"),
        ('{"headline": " ", "text": "\\u0000"}', "neither headline nor text"),
        ('{"headline": "a\0b"}', "no valid JSON"),
        ("[" * 5000, "no valid JSON"),
        ('{"text": "%s"}' % ("字" * 1_000_001), "1,000,001 characters"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_goes_on(row: str, reason: str) -> None:
    """One dead letter for the bad line, with number and reason; its neighbours are read."""
    items = _read(f"{GOOD}\n{row}\n{GOOD}")
    fault = _only_fault(items)
    assert len(items) == 3
    assert fault.origin == "news.jsonl:2"
    assert reason in fault.error
    assert "\n" not in fault.error
    assert fault.payload == row[:2000]


def test_escaped_control_characters_are_cleaned() -> None:
    """NUL and zero-width characters in JSON escapes leave no trace."""
    (article,) = _read('{"headline": "a\\u0000b", "text": "c\\u200bd"}')
    assert isinstance(article, RawArticle)
    assert (article.headline, article.text) == ("ab", "cd")


def test_lines_of_gb18030_are_read() -> None:
    """A file that a Chinese Windows program wrote is no obstacle."""
    (article,) = _read(GOOD.encode("gb18030"))
    assert isinstance(article, RawArticle)
    assert article.headline == "央行开展逆回购操作"


def test_a_byte_order_mark_and_windows_line_ends_pass() -> None:
    """The mark before the first line and carriage returns are no part of the JSON."""
    assert len(_read(b"\xef\xbb\xbf" + f"{GOOD}\r\n{GOOD}\r\n".encode())) == 2


class _Endless(io.RawIOBase):
    """A stream of one line of `size` bytes and a good one, made while it is read."""

    def __init__(self, size: int) -> None:
        self.largest = 0
        self._pieces = self._made(size)

    def _made(self, size: int) -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(size // 1_000_000):
            yield b"x" * 1_000_000
        yield b'"}\n' + GOOD.encode()

    def read(self, size: int = -1) -> bytes:
        self.largest = max(self.largest, size)
        return next(self._pieces, b"")


def test_a_line_of_fifty_megabytes_is_passed_over_by_chunks() -> None:
    """A line above the cap is never held: it is counted, named with its size, and left out."""
    stream = _Endless(50_000_000)
    fault, good = list(read_jsonl(stream, origin="big.jsonl", now=NOW))  # type: ignore[arg-type]
    assert isinstance(fault, DeadLetter)
    assert (fault.origin, fault.payload) == ("big.jsonl:1", "")
    assert "50,000,012 bytes" in fault.error
    assert isinstance(good, RawArticle)
    assert 0 < stream.largest <= 4_000_000


@pytest.mark.parametrize("size", [9, 10, 11])
def test_the_cap_counts_the_bytes_of_a_line_without_its_end(size: int) -> None:
    """A line of exactly the cap is read, one byte more is not, wherever it stands."""
    raw = b"\n".join([b"x" * size] * 3)
    assert [line.data is not None for line in lines(io.BytesIO(raw), 10)] == [size <= 10] * 3
    assert [line.size for line in lines(io.BytesIO(raw), 10)] == [size] * 3


@pytest.mark.parametrize(
    "document",
    [
        '[{"headline": "一"}, {"title": "二"}]',
        '{"articles": [{"headline": "一"}, {"headline": "二"}]}',
        '{"title": "某订阅", "items": [{"title": "一"}, {"title": "二"}]}',
        '{\n  "data": [\n {"headline": "一"},\n {"headline": "二"}]\n}',
    ],
)
def test_documents_of_many_articles_are_opened(document: str) -> None:
    """An array, or an object with an array under a usual name, gives its elements by number."""
    items = list(read_json(document, origin="d.json", now=NOW))
    assert [item.headline for item in items if isinstance(item, RawArticle)] == ["一", "二"]
    assert [item.origin for item in items] == ["d.json#1", "d.json#2"]


def test_a_single_object_is_one_article() -> None:
    """A pretty-printed object over many lines is an article, its list fields notwithstanding."""
    (article,) = read_json('{\n"headline": "一",\n"data": [1, 2]}', origin="d.json", now=NOW)
    assert isinstance(article, RawArticle)


def test_elements_before_a_fault_in_a_document_are_kept() -> None:
    """Broken JSON ends the document with its line named; what came before is read."""
    items = list(read_json('[{"headline": "一"},\n{"headline" "二"}]', origin="d.json", now=NOW))
    assert isinstance(items[0], RawArticle)
    fault = _only_fault(items)
    assert fault.origin == "d.json:2"
    assert "column 13" in fault.error


@pytest.mark.parametrize("document", ["[" * 200_000, '{"a":' * 200_000, "[", '"x"', "[3]", "{"])
def test_a_document_without_articles_gives_a_reason(document: str) -> None:
    """Nesting without end, scalars and broken brackets give one dead letter each."""
    assert _only_fault(list(read_json(document, origin="d.json", now=NOW))).error


def test_doubled_fields_in_a_document_are_named() -> None:
    """An element that names a field twice is ambiguous and is left out, alone."""
    document = '[{"text": "甲", "text": "乙"}, {"text": "丙"}]'
    fault, good = read_json(document, origin="d.json", now=NOW)
    assert isinstance(fault, DeadLetter)
    assert "'text' stands there twice" in fault.error
    assert isinstance(good, RawArticle)


def test_a_tier_is_read_and_a_wrong_one_is_refused() -> None:
    """How much a source counts may stand in the line; what is no tier names those that are."""
    good, fault = _read(
        '{"headline": "公告", "tier": "official"}\n{"headline": "公告", "tier": "x"}'
    )
    assert isinstance(good, RawArticle)
    assert good.tier is SourceTier.OFFICIAL
    assert isinstance(fault, DeadLetter)
    assert "official, media, portal, social" in fault.error
