"""No bytes, however broken, get past the readers as anything but articles and dead letters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from news.article import DeadLetter, RawArticle
from news.decode import decode
from news.published import EARLIEST_YEAR, find_published, parse_published
from news.read import read_sources

NOW = datetime(2026, 6, 1, tzinfo=UTC)

STARTS = (
    b"",
    b"<html><body>",
    b"<html><title>",
    b"<rss><channel><item><title>",
    b"<feed><entry><content type='html'>",
    b"<?xml version='1.0' encoding='gbk'?><rdf:RDF><item>",
    b"<!DOCTYPE rss [",
    b'{"headline": "',
    b'{"title": "x", "text": ',
    b'[{"headline": "a"}, ',
    b"{",
    b"\xff\xfe<\0",
    b"\xef\xbb\xbf{",
)
PIECES = st.sampled_from(
    [
        b"<p>",
        b"</p>",
        b"<a href='x'>",
        b"<div class='comment'>",
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"<script>",
        b"&#0;",
        b"&nbsp;",
        b'","text":"',
        b"\\ud800",
        b"\n",
        b"\0",
        b"<item>",
        b"<meta charset=utf-16>",
        b"2021-11-15 09:30",
        b"<pubDate>2021-99-99</pubDate>",
        "某某公司今日公告，拟回购股份。".encode(),
        "联通".encode("gbk"),
    ]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples."""
    return tmp_path_factory.mktemp("any")


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    start=st.sampled_from(STARTS),
    rest=st.lists(st.one_of(PIECES, st.binary(max_size=30)), max_size=25).map(b"".join),
    name=st.sampled_from(["a", "a.jsonl", "a.json", "a.xml", "a.html"]),
)
def test_any_bytes_become_articles_or_dead_letters(
    folder: Path, start: bytes, rest: bytes, name: str
) -> None:
    """Nothing is raised, nothing is silent, no fault is unforeseen, and all of it can be stored."""
    path = folder / name
    path.write_bytes(start + rest)
    items = list(read_sources([str(path)], now=NOW))
    assert items
    for item in items:
        assert item.origin.startswith(str(path))
        if isinstance(item, DeadLetter):
            assert item.error
            assert "fault of the reader" not in item.error
            f"{item.error}{item.payload}".encode()
        else:
            _check(item)


def _check(article: RawArticle) -> None:
    assert article.headline
    assert "\0" not in article.headline + article.text
    f"{article.headline}{article.text}{article.source}{article.url}".encode()
    if article.published_at is not None:
        assert article.published_at.tzinfo is UTC


@given(raw=st.binary(max_size=300), declared=st.none() | st.text(max_size=12))
def test_any_bytes_decode(raw: bytes, declared: str | None) -> None:
    """Decoding never fails, and its text can be encoded again."""
    decode(raw, declared=declared).text.encode()


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=30, max_size=200))
def test_utf8_is_never_mistaken(text: str) -> None:
    """A text in UTF-8 that is not tiny comes back as it was, undeclared."""
    marked = "公告：" + text + "。以上内容仅供投资者参考。"
    assert decode(marked.encode()).text == marked


@given(value=st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.none(), st.binary()))
def test_any_value_is_a_believable_time_or_none(value: object) -> None:
    """A time that comes out is aware, in UTC, and within the bounds."""
    moment = parse_published(value, NOW)
    if moment is not None:
        assert moment.tzinfo is UTC
        assert moment.year >= EARLIEST_YEAR
        assert moment <= NOW + timedelta(days=366)


@given(
    st.datetimes(datetime(1991, 1, 1), datetime(2026, 1, 1)).map(
        lambda d: d.replace(microsecond=0)
    ),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%Y/%m/%d %H:%M:%S"]),
)
def test_a_written_time_is_found_again(moment: datetime, form: str) -> None:
    """A time of China written in a usual form is read back, alone and inside a line."""
    written = moment.strftime(form)
    expected = (moment - timedelta(hours=8)).replace(tzinfo=UTC)
    assert parse_published(written, NOW) == expected
    assert find_published(f"来源：证券报 {written} 作者", NOW) == expected
