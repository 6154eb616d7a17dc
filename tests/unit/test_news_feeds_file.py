"""`feeds.yaml` is checked field by field; what ships is switched off and says why."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from news.article import DeadLetter, RawArticle, SourceTier
from news.errors import DataFileError, SourceError
from news.feed_json import is_json_feed, read_json_feed
from news.feed_spec import FeedKind, Hours, ListPattern, TableColumns
from news.feed_table import read_table
from news.feeds_file import feeds_schema, read_feeds
from news.poll import place_of
from news.poll_due import next_due

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ENTRY = """
feeds:
  - id: one
    title: 示例
    url: https://n.example/list
    kind: list
    tier: media
    terms: 示例许可
    every: 5
    hours: 07:00-23:30
    links: {item: ul.news li, link: a, date: .date, match: '/a/\\d+'}
"""


def write(folder: Path, text: str) -> Path:
    """A file of sources."""
    path = folder / "feeds.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_source_is_read_with_everything_that_it_says(tmp_path: Path) -> None:
    """Pydantic stays at the edge: what comes out are the package's own types."""
    (feed,) = read_feeds(write(tmp_path, ENTRY))
    assert (feed.id, feed.kind, feed.tier) == ("one", FeedKind.LIST, SourceTier.MEDIA)
    assert feed.links == ListPattern("a", "ul.news li", None, ".date", r"/a/\d+")
    assert (feed.every, feed.hours) == (timedelta(minutes=5), Hours(time(7), time(23, 30)))
    assert (feed.enabled, feed.verified, feed.host) == (False, False, "n.example")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("url: https://n.example/list", "url: file:///etc/passwd", "write http:// or https://"),
        ("url: https://n.example/list", "url: https://a:b@n.example/", "without password"),
        ("item: ul.news li", "item: 'ul..news'", "is no CSS selector"),
        (r"match: '/a/\d+'", "match: '('", "is no regular expression"),
        ("hours: 07:00-23:30", "hours: 7-23", "write them as 07:00-23:30"),
        ("kind: list", "kind: feed", "kind feed takes no `links`"),
        ("kind: list", "kind: table", "takes no `links`"),
        ("tier: media", "tier: best", "feeds.0.tier"),
        ("every: 5", "every: 0", "feeds.0.every"),
        ("terms: 示例许可", "", "feeds.0.terms: Field required"),
        ("every: 5", "colour: red", "feeds.0.colour"),
        ("id: one", "id: One two", "feeds.0.id"),
        ("feeds:", "feeds: [", "cannot be read as YAML"),
    ],
)
def test_a_fault_is_named_with_its_place(
    before: str, after: str, reason: str, tmp_path: Path
) -> None:
    """The file, the entry and the field stand in the message, with what is allowed."""
    path = write(tmp_path, ENTRY.replace(before, after))
    with pytest.raises(DataFileError) as caught:
        read_feeds(path)
    assert str(caught.value).startswith(str(path))
    assert reason in str(caught.value)


def test_two_sources_need_two_ids(tmp_path: Path) -> None:
    """What was polled is remembered under the id, so it cannot be shared."""
    twice = ENTRY + ENTRY.replace("\nfeeds:\n", "")
    with pytest.raises(DataFileError, match="'one' stands there twice"):
        read_feeds(write(tmp_path, twice))


def test_what_ships_is_sound_and_switched_off(data: Path) -> None:
    """Every shipped source waits for the operator's consent and says under which terms."""
    feeds = read_feeds(data / "feeds.yaml")
    assert len(feeds) >= 15
    for feed in feeds:
        assert not feed.enabled
        assert not feed.verified
        assert feed.terms
    assert {feed.kind for feed in feeds} >= {FeedKind.FEED, FeedKind.LIST, FeedKind.TABLE}


def test_the_published_schema_is_the_one_of_the_code(data: Path) -> None:
    """data/feeds.schema.json is up to date; `foreland news feeds schema --out` writes it."""
    assert (data / "feeds.schema.json").read_text("utf-8") == feeds_schema()


@pytest.mark.parametrize(
    ("hours", "moment", "opens"),
    [
        (Hours(time(7), time(23)), "2026-03-02T10:00+08:00", "2026-03-02T10:00+08:00"),
        (Hours(time(7), time(23)), "2026-03-02T23:00+08:00", "2026-03-03T07:00+08:00"),
        (Hours(time(7), time(23)), "2026-03-02T03:00+08:00", "2026-03-02T07:00+08:00"),
        (Hours(time(22), time(2)), "2026-03-02T01:00+08:00", "2026-03-02T01:00+08:00"),
        (Hours(time(22), time(2)), "2026-03-02T12:00+08:00", "2026-03-02T22:00+08:00"),
    ],
)
def test_outside_its_hours_a_source_waits_for_them(hours: Hours, moment: str, opens: str) -> None:
    """Hours are those of China and may go over midnight."""
    assert hours.next_open(datetime.fromisoformat(moment)) == datetime.fromisoformat(opens)


@pytest.mark.parametrize("random", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("failures", [0, 1, 5, 60])
def test_the_next_poll_is_never_too_soon_nor_too_late(
    failures: int, random: float, tmp_path: Path
) -> None:
    """With any jitter and any number of failures it comes within a day."""
    (feed,) = read_feeds(write(tmp_path, ENTRY.replace("    hours: 07:00-23:30\n", "")))
    wait = next_due(feed, NOW, failures=failures, random=lambda: random) - NOW
    assert timedelta(minutes=4.5) <= wait <= timedelta(hours=24)


JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "示例源",
    "items": [
        {
            "id": "1",
            "url": "https://n.example/1",
            "title": "甲公司回购股份",
            "content_html": "<p>甲公司公告。</p><script>x</script>",
            "date_published": "2026-03-01T09:30:00+08:00",
            "authors": [{"name": "x"}],
        },
        {"id": "https://n.example/2", "summary": "乙公司中标。"},
        {"id": 3},
        {"id": "4", "title": ["x"]},
        "wreck",
    ],
}


def test_a_json_feed_gives_its_entries_and_letters_for_the_rest() -> None:
    """Version 1.1: html without markup, an id that is an address, the feed's title as source."""
    text = json.dumps(JSON_FEED)
    assert is_json_feed(text)
    assert not is_json_feed('{"version": "1.1", "items": []}')
    first, second, *rest = read_json_feed(text, origin="f", now=NOW)
    assert first == RawArticle(
        "甲公司回购股份", "甲公司公告。", "f#1", "https://n.example/1",
        datetime(2026, 3, 1, 1, 30, tzinfo=UTC), "示例源",
    )  # fmt: skip
    assert isinstance(second, RawArticle)
    assert (second.headline, second.url) == ("乙公司中标。", "https://n.example/2")
    assert [(r.origin, r.error[:12]) for r in rest if isinstance(r, DeadLetter)] == [
        ("f#3", "neither head"), ("f#4", "title: Input"), ("f#5", "entry: Input"),
    ]  # fmt: skip
    with pytest.raises(SourceError, match="has no entries"):
        list(read_json_feed('{"version": "x", "items": []}', origin="f", now=NOW))


CSV = "标题,链接,日期,代码,简称,状态\n年度报告,/1.pdf,20260301,300750,宁德时代,\n,,,,,\n"
CSV += (
    '"宁德时代:关于""更正""的公告",/2.pdf,2026年3月1日,300750,宁德时代,已撤回\n多,/3.pdf\n,/4.pdf\n'
)
COLUMNS = TableColumns("标题", "链接", "日期", "代码", "简称", withdrawn="状态")


@pytest.mark.parametrize("text", [CSV, "\ufeff" + CSV, CSV.replace("\n", "\r\n")])
def test_a_csv_table_is_read_row_by_row(text: str) -> None:
    """Quotes, blank rows, short rows and a row without a title are each what they are."""
    rows = list(read_table(text.lstrip("\ufeff"), COLUMNS, origin="t", url=URL, now=NOW))
    assert [r.headline for r in rows if isinstance(r, RawArticle)] == [
        "宁德时代（300750）：年度报告", '宁德时代:关于"更正"的公告', "多",
    ]  # fmt: skip
    first, second = (r for r in rows[:2] if isinstance(r, RawArticle))
    assert (first.url, first.withdrawn, second.withdrawn) == (
        "https://n.example/1.pdf", False, True,
    )  # fmt: skip
    assert first.published_at == second.published_at == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert isinstance(rows[-1], DeadLetter)


URL = "https://n.example/table"


def test_a_json_table_may_be_wrapped_in_a_callback() -> None:
    """JSONP, numbers as times and null cells are read."""
    text = 'cb123({"a": {"b": [{"标题": "年度报告", "日期": 1772330400000, "链接": null}]}});'
    columns = TableColumns("标题", "链接", "日期", rows="a.b")
    (row,) = read_table(text, columns, origin="t", url=URL, now=NOW)
    assert isinstance(row, RawArticle)
    assert (row.url, row.published_at) == (None, datetime.fromtimestamp(1772330400, UTC))
    with pytest.raises(SourceError, match="no 'c' there"):
        list(read_table(text, TableColumns("标题", rows="a.c"), origin="t", url=URL, now=NOW))


@pytest.mark.parametrize(
    ("origin", "place"),
    [
        ("https://n.example/f.xml#12", "https://n.example/f.xml"),
        ("https://n.example/f.jsonl:12#3", "https://n.example/f.jsonl"),
        ("https://n.example:8080", "https://n.example:8080"),
        ("https://n.example:8080/a", "https://n.example:8080/a"),
        ("in/news.jsonl:12", "in/news.jsonl"),
        ("in/page.html", "in/page.html"),
    ],
)
def test_a_letter_knows_the_document_that_it_lies_in(origin: str, place: str) -> None:
    """The number of line or entry is no part of the address to read again."""
    assert place_of(DeadLetter(origin, "feed", "x")) == place
