"""Sources of every kind end as articles, or as one dead letter with place and reason."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from news.article import DeadLetter, RawArticle
from news.fetch import Fetcher
from news.read import read_sources

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SENTENCES = "某某公司今日发布公告，拟回购公司股份，金额不超过两亿元。" * 10
HTML = f"<html><head><title>公司拟回购股份</title></head><body><p>{SENTENCES}</p></body></html>"
FEED = "<rss><channel><title>源</title><item><title>订阅条目</title></item></channel></rss>"
ROW = '{"headline": "逐行条目"}\n'
ARRAY = '[{"headline": "数组条目"}]'


def _read(*sources: object, **options: object) -> list[RawArticle | DeadLetter]:
    given = [str(source) for source in sources]
    return list(read_sources(given, now=NOW, **options))  # type: ignore[arg-type]


def _headlines(items: list[RawArticle | DeadLetter]) -> list[str]:
    return [item.headline for item in items if isinstance(item, RawArticle)]


def _fault(*sources: object) -> DeadLetter:
    (item,) = _read(*sources)
    assert isinstance(item, DeadLetter)
    assert "\n" not in item.error
    return item


@pytest.mark.parametrize(
    ("content", "headline"),
    [
        (HTML, "公司拟回购股份"),
        (FEED, "订阅条目"),
        (ROW * 2, "逐行条目"),
        (ARRAY, "数组条目"),
        ('{\n "headline":\n "对象条目"}', "对象条目"),
        ("\n\n" + FEED, "订阅条目"),
        ("<!-- 注释 -->" + HTML, "公司拟回购股份"),
        ("警告：脚本出错\n" + FEED, "订阅条目"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("name", ["a.dat", "a.txt", "a.html"])
def test_content_decides_the_kind(
    name: str, encoding: str, content: str, headline: str, tmp_path: Path
) -> None:
    """Whatever its name and encoding, a document is read as what it holds."""
    path = tmp_path / name
    path.write_bytes(content.encode(encoding))
    assert headline in _headlines(_read(path))


def test_a_name_of_json_lines_is_believed_over_a_bad_first_line(tmp_path: Path) -> None:
    """A .jsonl file with a wreck at its start is still read line by line."""
    path = tmp_path / "a.jsonl"
    path.write_text(f"wreck\n{ROW}")
    fault, good = _read(path)
    assert isinstance(fault, DeadLetter)
    assert fault.origin == f"{path}:1"
    assert isinstance(good, RawArticle)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "blanks only"),
        (b"\0" * 100, "blanks only"),
        (b"\x89PNG\r\n\x1a\n....", "a picture"),
        (b"%PDF-1.7", "a PDF file"),
        (gzip.compress(b"x", mtime=0), "gzip file; unpack it first"),
        (bytes(range(256)) * 8, "a binary file"),
        ("一段文字，没有别的。".encode(), "plain text is no article: RSS, Atom"),
        (b"<note><to>x</to></note>", "XML with <note>"),
        (b"[]", "no article in it"),
        (b"<rss><channel/></rss>", "has no entries"),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss/>', "declares the XML entity 'a'"),
    ],
)
def test_what_is_no_article_says_what_it_is(content: bytes, reason: str, tmp_path: Path) -> None:
    """Empty, binary and foreign files give one line that tells what they are."""
    path = tmp_path / "thing"
    path.write_bytes(content)
    fault = _fault(path)
    assert fault.origin == str(path)
    assert reason in fault.error


def test_a_folder_is_read_by_name_without_hidden_files(tmp_path: Path) -> None:
    """Files of a folder and its folders come in the order of their names."""
    for name in ("b/2.jsonl", "a.jsonl", "c.jsonl", ".hidden.jsonl", ".git/x.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'{{"headline": "{name}"}}')
    assert _headlines(_read(tmp_path)) == ["a.jsonl", "b/2.jsonl", "c.jsonl"]


def test_a_bad_file_does_not_stop_its_neighbours(tmp_path: Path) -> None:
    """A folder with a wreck in it gives the articles beside it."""
    (tmp_path / "a.xml").write_text("<rss><")
    (tmp_path / "b.jsonl").write_text(ROW)
    (tmp_path / "c.bin").write_bytes(b"\x7fELF")
    items = _read(tmp_path)
    assert _headlines(items) == ["逐行条目"]
    assert len(items) == 3


def test_a_folder_without_files_is_reported(tmp_path: Path) -> None:
    """An empty tree gives one line that tells what would be read."""
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    assert "no file in this folder; RSS" in _fault(tmp_path).error


@pytest.mark.parametrize("source", ["missing.jsonl", "a\0b", "x" * 5000])
def test_a_path_that_cannot_be_is_reported(source: str, tmp_path: Path) -> None:
    """Missing files and impossible names give one printable line."""
    fault = _fault(f"{tmp_path}/{source}")
    assert fault.stage == "read"
    assert fault.origin.isprintable()


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    """A folder linked below itself is read once; a link to itself is an error of its own."""
    (tmp_path / "a.jsonl").write_text(ROW)
    (tmp_path / "down").mkdir()
    (tmp_path / "down" / "up").symlink_to(tmp_path)
    (tmp_path / "ring").symlink_to(tmp_path / "ring")
    items = _read(tmp_path)
    assert _headlines(items) == ["逐行条目"]
    assert [item.error for item in items if isinstance(item, DeadLetter)] == [
        "a link to a folder that was read already; passed over",
        "cannot be read (Too many levels of symbolic links)",
    ]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A named pipe has no end; it is refused instead of opened."""
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in _fault(tmp_path / "pipe").error
    assert "not a regular file" in _fault(tmp_path).error


def test_a_name_that_is_no_utf8_is_shown_escaped(tmp_path: Path) -> None:
    """The bytes of a name written under another encoding do not break the report."""
    path = os.fsencode(tmp_path) + b"/\xb9\xab\xb8\xe6.jsonl"
    with open(path, "wb") as file:
        file.write(ROW.encode())
    (item,) = _read(tmp_path)
    assert isinstance(item, RawArticle)
    assert item.origin.endswith("\\udcb9\\udcab\\udcb8\\udce6.jsonl:1")


def test_an_overlong_line_is_passed_over(tmp_path: Path) -> None:
    """The cap on lines is the caller's, and the rest of the file is read."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "' + "x" * 500 + '"}\n' + ROW)
    items = _read(path, max_line_bytes=100)
    assert _headlines(items) == ["逐行条目"]
    assert isinstance(items[0], DeadLetter)
    assert "a line of 512 bytes" in items[0].error


def test_a_document_above_the_cap_is_refused(tmp_path: Path) -> None:
    """A page of forty megabytes is not loaded; the advice is to split it."""
    path = tmp_path / "a.html"
    with path.open("wb") as file:
        file.write(b"<html>")
        file.truncate(40_000_000)
    assert "split it" in _fault(path).error


def _fetcher(answer: Callable[[httpx.Request], httpx.Response]) -> Fetcher:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return Fetcher(client, resolve=lambda host, port: ("93.184.216.34",))


def test_addresses_are_read_like_files() -> None:
    """A page from the web keeps its address, and its host stands for a medium without a name."""

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"Content-Type": "text/html; charset=ISO-8859-1"}
        return httpx.Response(200, content=HTML.encode("gb18030"), headers=headers)

    (item,) = _read("https://news.example/a", fetcher=_fetcher(answer))
    assert isinstance(item, RawArticle)
    assert (item.headline, item.url) == ("公司拟回购股份", "https://news.example/a")
    assert item.source == "news.example"


def test_a_failing_address_is_a_dead_letter_without_its_password() -> None:
    """What went wrong is told once, and secrets in the address stay out."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503)

    (item,) = _read("https://u:secret@news.example/a", fetcher=_fetcher(answer))
    assert item == DeadLetter(
        "https://news.example/a",
        "fetch",
        "answered 503 Service Unavailable; try again later",
    )


@pytest.mark.parametrize("source", ["https://news.example/", "ftp://x/y", "file:///etc/passwd"])
def test_without_the_network_an_address_is_reported(source: str) -> None:
    """No fetcher, or another scheme: a dead letter, and no file is opened by its address."""
    assert _fault(source).stage == "fetch"


def test_an_unforeseen_fault_costs_one_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault inside a reader is logged with its trace and named; the next file is read."""

    def broken(*_: object, **__: object) -> RawArticle:
        raise KeyError("unforeseen")

    monkeypatch.setattr("news.read.read_page", broken)
    (tmp_path / "a.html").write_text(HTML)
    (tmp_path / "b.jsonl").write_text(ROW)
    items = _read(tmp_path)
    assert isinstance(items[0], DeadLetter)
    assert "a fault of the reader (KeyError" in items[0].error
    assert _headlines(items) == ["逐行条目"]
    assert "Traceback" in caplog.text


def test_every_real_file_ends_as_articles_or_with_a_reason(shared: Path) -> None:
    """No page or feed of the collection is passed over in silence."""
    folders = (shared / "eval" / "html", shared / "eval" / "feeds")
    items = _read(*folders)
    for path in (path for folder in folders for path in folder.iterdir()):
        own = [i for i in items if i.origin.startswith(str(path))]
        assert own, path.name
        assert all(i.error for i in own if isinstance(i, DeadLetter))
    assert sum(isinstance(item, RawArticle) for item in items) == 276


def test_real_news_lines_are_all_read(shared: Path) -> None:
    """Every line of the collection of news is an article."""
    path = shared / "eval" / "news" / "finna.part1.jsonl"
    items = _read(path)
    assert all(isinstance(item, RawArticle) and item.text for item in items)
    assert len(items) == path.read_bytes().count(b"\n")
