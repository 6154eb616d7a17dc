"""Documents made to blow up, read local files or pose as others are refused with a reason."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from news.article import DeadLetter, RawArticle
from news.decode import decode
from news.errors import SourceError, SourceUnavailableError
from news.feed_list import read_list
from news.feed_spec import ListPattern
from news.feed_table import TableColumns, read_table
from news.fetch import Fetched, Fetcher, Held
from news.page_body import plain_text
from news.poll_fetch import PoliteFetcher
from news.read import read_document
from news.robots import Robots

NOW = datetime(2026, 6, 1, tzinfo=UTC)
URL = "https://n.example/x"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "billion laughs": f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><rss><channel><title>&l9;</title>',
    "quadratic": f'<!DOCTYPE r [<!ENTITY a "{"x" * 50_000}">]><rss><item>{"&a;" * 9_000}',
    "a local file": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item>&x;</item>',
    "parameters": '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://10.0.0.1/d">%x;]><rss><item>a</item>',
    "a remote DTD": '<!DOCTYPE r SYSTEM "http://10.0.0.1/d.dtd"><rss><item>&x;</item></rss>',
    "deep XML": "<rss><channel>" + "<a>" * 200_000,
    "a deep item": "<rss><channel><item><title>" + "<b>" * 200_000,
    "deep HTML": "<html><body>" + "<div>" * 200_000 + "甲公司公告。",
    "wide HTML": "<html><body>" + "<a href=x>链接</a>" * 60_000,
    "attributes": "<html><body " + " ".join(f"a{n}=1" for n in range(60_000)) + ">",
    "quoted attributes": "<html><p " + " ".join(f"a{n}='<'" for n in range(60_000)) + ">",
    "deep damaged XML": "<rss><channel></x><item><title>甲</title>" + "<a>" * 200_000,
    "deep JSON": "[" * 200_000,
    "a deep feed": '{"version": "https://jsonfeed.org/version/1.1", "items": ' + "[" * 100_000,
    "control characters": "<html><body>" + "\x00\x01\x02" * 9_000,
}


def read(body: bytes, encoding: str | None = None) -> list[RawArticle | DeadLetter]:
    """What a fetched document becomes."""
    return list(read_document(Fetched(URL, body, "", encoding), now=NOW))


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_as_one_letter_with_a_reason(name: str) -> None:
    """No bomb is expanded, opens a file or a connection, or ends the reader."""
    items = read(BOMBS[name].encode())
    letters = [item for item in items if isinstance(item, DeadLetter)]
    articles = [item for item in items if isinstance(item, RawArticle)]
    assert letters or articles
    assert all(len(item.error) < 500 for item in letters)
    assert all("root:" not in item.text + item.headline for item in articles)
    assert sum(len(item.text) for item in articles) <= 1_000_000


@pytest.mark.parametrize("name", ["billion laughs", "quadratic", "a local file", "parameters"])
def test_declared_entities_are_refused_by_name(name: str) -> None:
    """The reason says what is wrong and what the publisher is to do."""
    (letter,) = read(BOMBS[name].encode())
    assert isinstance(letter, DeadLetter)
    assert "XML entity" in letter.error
    assert "DOCTYPE" in letter.error


def test_a_packed_document_is_not_unpacked() -> None:
    """A gzip file as such, not as transfer coding, says that it is one."""
    (letter,) = read(gzip.compress(b"<rss/>" * 1_000_000))
    assert isinstance(letter, DeadLetter)
    assert "gzip file" in letter.error


def test_markup_of_a_feed_never_becomes_text_that_is_markup() -> None:
    """What entries carry is stored as plain words; scripts, frames and handlers are gone."""
    entry = (
        "&lt;p onclick=alert(1)&gt;正文&lt;/p&gt;&lt;script&gt;alert(2)&lt;/script&gt;"
        "&lt;iframe src='javascript:alert(3)'&gt;框&lt;/iframe&gt;"
        "&lt;svg&gt;&lt;a&gt;图&lt;/svg&gt;"
    )
    feed = f"<rss><channel><title>源</title><item><title>题</title><description>{entry}"
    feed += "</description></item></channel></rss>"
    (article,) = read(feed.encode())
    assert isinstance(article, RawArticle)
    assert article.text == "正文"
    assert plain_text("<img src=x onerror=alert(1)>文字<style>p{}</style>") == "文字"


@pytest.mark.parametrize("page", ["", "<div>" * 100_000, "<a href='javascript:alert(1)'>x</a>"])
def test_a_list_without_links_says_so(page: str) -> None:
    """An empty, a hostile and a redesigned page name the pattern that no longer fits."""
    with pytest.raises(SourceError, match=r"no link in the page|no HTML element"):
        read_list(page, ListPattern(), origin=URL, url=URL, now=NOW)


def test_links_of_a_list_lead_to_the_web_only() -> None:
    """Scripts, files, mail and the page itself are no articles; each address comes once."""
    page = (
        "<base href='https://n.example/list/'><a href='javascript:x'>a</a><a href='file:///x'>b</a>"
        "<a href='mailto:x@y'>c</a><a href='#top'>d</a><a href='1.html#a'>甲</a>"
        "<a href='1.html#b'>甲</a><a href='//other.example/2'>乙</a><a href='http://[x'>丙</a>"
    )
    links = read_list(page, ListPattern(), origin=URL, url="https://n.example/list/", now=NOW)
    assert [link.url for link in links] == [
        "https://n.example/list/1.html",
        "https://other.example/2",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no column 't'"),
        ("a,b\n1,2\n", "no column 't'"),
        ('t\n"' + "x" * 200_000, "no CSV"),
        ("[" * 100_000, "no JSON"),
        ('{"rows": 1}', "no list of rows"),
        ('[{"x": 1}]', "no column 't'"),
    ],
)
def test_a_table_that_is_not_what_was_declared_says_so(text: str, reason: str) -> None:
    """The message names the column that is missing and those that are there."""
    columns = TableColumns(title="t", rows="rows" if text.startswith("{") else "")
    with pytest.raises(SourceError, match=reason):
        list(read_table(text, columns, origin=URL, url=URL, now=NOW))


class Web:
    """Hosts whose addresses change between two looks, behind httpx's own fake transport."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.reached: list[str] = []
        client = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.fetcher = Fetcher(client, resolve=self._resolve)

    def _resolve(self, host: str, port: int) -> tuple[str, ...]:
        return self.answers.pop(0) if self.answers else ("127.0.0.1",)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.reached.append(request.url.host)
        return httpx.Response(200, text="User-agent: *\nAllow: /\n")


def test_a_name_that_turns_private_between_two_requests_is_refused() -> None:
    """DNS rebinding: robots.txt came from a public address, the page would not (CWE-918)."""
    web = Web(("93.184.216.34",), ("10.0.0.8",))
    robots = Robots(web.fetcher, lambda: NOW)
    polite = PoliteFetcher(web.fetcher, robots, timer=lambda: 0.0, pause=lambda seconds: None)
    with pytest.raises(SourceError, match="an address inside this network"):
        polite.get("http://rebind.example/page")
    assert web.reached == ["93.184.216.34"]


def test_each_request_connects_to_the_address_that_it_checked() -> None:
    """Within one request the name is looked up once, so a later answer cannot matter."""
    web = Web(("93.184.216.34",))
    web.fetcher.get("http://rebind.example/page")
    assert web.reached == ["93.184.216.34"]
    with pytest.raises(SourceError, match="inside this network"):
        web.fetcher.get("http://rebind.example/page")


def test_only_what_changed_is_sent_and_retry_after_is_read() -> None:
    """Held validators go out, 304 comes back as unchanged; a time is read by the server's clock."""
    asked: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers)
        if "if-none-match" in request.headers:
            return httpx.Response(304)
        if request.url.path == "/busy":
            date = "Mon, 01 Jun 2026 00:00:00 GMT"
            later = "Mon, 01 Jun 2026 00:05:00 GMT"
            return httpx.Response(503, headers={"Retry-After": later, "Date": date})
        headers = {"ETag": '"1"', "Last-Modified": "Sun, 31 May 2026 00:00:00 GMT"}
        return httpx.Response(200, content=b"x", headers=headers)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    fetcher = Fetcher(client, resolve=lambda host, port: ("93.184.216.34",))
    got = fetcher.get(URL)
    assert got.held == Held('"1"', "Sun, 31 May 2026 00:00:00 GMT")
    again = fetcher.get(URL, held=got.held)
    assert (again.unchanged, again.body, again.held) == (True, b"", got.held)
    assert asked[1]["if-modified-since"] == got.held.last_modified
    with pytest.raises(SourceUnavailableError) as caught:
        fetcher.get("https://n.example/busy")
    assert caught.value.retry_after == 300.0


FEEDS = {  # feed: what its bytes are, words of it that its readers see
    "encoding_ISO-8859-1.xml": ("cp1252", "für"),
    "encoding_WINDOWS-1251.xml": ("cp1251", "Ru"),
    "invalid-prolog.xml": ("utf-8", "테스트 피드"),
    "iso-8859-1.xml": ("cp1252", "Café"),
    "iso88591.xml": ("cp1252", ""),
    "iso88591_utf8_mismatch.xml": ("cp1252", ""),
    "koi8r.xml": ("koi8-r", "Пример RSS ленты"),
    "large_atom.xml": ("utf-8", "Artificial truth"),
    "large_rss.xml": ("utf-8", "Artificial truth"),
    "no_encoding_ISO-8859-1.xml": ("cp1252", "Cercle Psy"),
    "rdf_UTF8.xml": ("utf-8", "heise online News"),
    "small_atom.xml": ("utf-8", "Recent Commits"),
    "urdu_UTF8.xml": ("utf-8", "اردو"),
    "utf8-incorrect-prolog.xml": ("utf-8", "테스트 피드"),
    "utf8.xml": ("utf-8", "테스트 피드"),
    "windows-1252-incorrect-prolog.xml": ("utf-8", "Euro €"),
    "windows-1252.xml": ("cp1252", "Euro €"),
}


@pytest.mark.parametrize("name", FEEDS)
def test_every_shared_feed_is_read_in_its_encoding(name: str, shared: Path) -> None:
    """Whatever header, prolog and bytes say against each other, the words are those meant."""
    encoding, words = FEEDS[name]
    found = decode((shared / "eval" / "feeds" / name).read_bytes())
    assert found.encoding == encoding
    assert words in found.text
    assert "\ufffd" not in found.text


@pytest.mark.parametrize("declared", [None, "gb2312", "utf-8", "iso-8859-1"])
def test_every_shared_page_keeps_its_words_in_gb18030(declared: str | None, shared: Path) -> None:
    """As it came and written anew in GB18030: header, then meta, then GB18030 give the same."""
    for path in sorted((shared / "eval" / "html").iterdir()):
        text = decode(path.read_bytes()).text
        assert "\ufffd" not in text, path.name
        assert decode(text.encode("gb18030"), declared=declared).text == text, path.name


def test_every_shared_document_ends_as_articles_or_a_letter(shared: Path) -> None:
    """Each page and each feed gives at least one item, and each letter has a reason and a place."""
    folders = [shared / "eval" / "feeds", shared / "eval" / "html"]
    for path in sorted(file for folder in folders for file in folder.iterdir()):
        items = read(path.read_bytes())
        assert items, path.name
        for item in items:
            if isinstance(item, DeadLetter):
                assert item.error, path.name
                assert item.origin.startswith(URL), path.name
