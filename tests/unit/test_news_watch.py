"""Sources are polled from a real local server: what is new is stored, once, and politely."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from news.analyse import Analyser, article_id
from news.article import SourceTier
from news.feed_spec import Feed, FeedKind, ListPattern, TableColumns
from news.feed_store import FeedStore
from news.fetch import Fetcher, http_client
from news.index import TantivyIndex
from news.ingest import Ingester
from news.link import EntityLinker
from news.poll import Poller
from news.poll_fetch import PoliteFetcher
from news.replay import Replayer
from news.robots import Robots
from news.securities import SecuritiesMaster
from news.sentiment import SentimentLexicon
from news.store import NewsStore
from news.tag import TopicTagger
from news.watch import Watch

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in China
SENTENCES = "某某公司今日发布公告，拟回购公司股份，金额不超过两亿元，用于员工持股计划。"


def page(title: str, words: str = SENTENCES) -> bytes:
    """A page with an article."""
    paragraphs = "".join(f"<p>{words}第{n}段。</p>" for n in range(8))
    return f"<html><title>{title}</title><body><h1>{title}</h1>{paragraphs}</body></html>".encode()


def rss(*titles: str) -> bytes:
    """A feed with an entry for each title."""
    items = "".join(
        f"<item><title>{t}</title><link>https://n.example/{n}</link>"
        f"<description>{t}。{SENTENCES}</description></item>"
        for n, t in enumerate(titles)
    )
    return f"<rss version='2.0'><channel><title>源</title>{items}</channel></rss>".encode()


class Site:
    """A web site whose pages a test sets; keeps what was asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.status: dict[str, tuple[int, dict[str, str]]] = {}
        self.asked: list[str] = []
        self.busy = self.most_busy = 0
        self.lock = threading.Lock()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Serve a page with an ETag, 304 where it is held."""
        with self.lock:
            self.asked.append(handler.path)
            self.busy += 1
            self.most_busy = max(self.busy, self.most_busy)
        status, headers = self.status.get(handler.path, (200, {}))
        body = self.pages.get(handler.path)
        tag = f'"{hash(body) & 0xFFFFFF:x}"'
        if body is None and status == 200:
            status = 404
        elif handler.headers["If-None-Match"] == tag and status == 200:
            status, body = 304, b""
        handler.send_response(status)
        for name, value in {"ETag": tag, **headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body or b"")))
        handler.end_headers()
        handler.wfile.write(body or b"")
        with self.lock:
            self.busy -= 1


@pytest.fixture
def site() -> Iterator[tuple[Site, str]]:
    """A site and its address."""
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the output of the tests quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def analyser(data: Path) -> Analyser:
    """The real analysers over the real data."""
    lexicons = data / "lexicons"
    master = SecuritiesMaster.load(data / "securities.tsv")
    return Analyser(
        TopicTagger.load(lexicons / "topics.yaml"),
        SentimentLexicon.load(lexicons / "sentiment.tsv", lexicons / "negations.txt"),
        EntityLinker(master, lexicons / "ambiguous_names.yaml"),
    )


class Desk:
    """A workspace with its watch; time stands still until it is moved."""

    def __init__(self, folder: Path, analyser: Analyser) -> None:
        self.now, self.seconds = START, 0.0
        self.paused: list[float] = []
        self.stopping = False
        self.store = NewsStore.open(folder / "workspace.db")
        index = TantivyIndex(folder / "index")
        self.ingester = Ingester(self.store, index, analyser, clock=self.clock)
        self.client = http_client(read_timeout=5)
        fetcher = Fetcher(self.client, allow_private=True)
        self.polite = PoliteFetcher(
            fetcher,
            Robots(fetcher, self.clock),
            timer=lambda: self.seconds,
            pause=self.pause,
        )
        self.feeds = FeedStore(self.store.connection)

    def clock(self) -> datetime:
        """The time that the desk was moved to."""
        return self.now

    def pause(self, seconds: float) -> None:
        """Note a pause, and let it pass at once."""
        self.paused.append(seconds)
        self.seconds += seconds

    def watch(self, *feeds: Feed, holder: str = "a", random: float = 0.5) -> Watch:
        """A process that polls these sources."""
        return Watch(
            feeds,
            self.feeds,
            self.store.dead_letters,
            Poller(self.polite, clock=self.clock, stopping=lambda: self.stopping),
            self.ingester,
            clock=self.clock,
            random=lambda: random,
            holder=holder,
            stopping=lambda: self.stopping,
        )

    def replayer(self, *feeds: Feed) -> Replayer:
        """Takes in the letters of these sources anew."""
        return Replayer(self.store.dead_letters, self.ingester, feeds, clock=self.clock)

    def headlines(self) -> list[str]:
        """All headlines in the order of arrival."""
        rows = self.store.connection.execute("SELECT headline FROM articles ORDER BY seq")
        return [row[0] for row in rows]


@pytest.fixture
def desk(tmp_path: Path, analyser: Analyser) -> Iterator[Desk]:
    """An empty workspace."""
    made = Desk(tmp_path, analyser)
    yield made
    made.client.close()
    made.store.close()


def feed(url: str, kind: FeedKind = FeedKind.FEED, **changes: object) -> Feed:
    """An enabled source that is polled every ten minutes."""
    made = Feed("one", "测试源", url, kind, SourceTier.OFFICIAL, enabled=True)
    return replace(made, every=timedelta(minutes=10), **changes)  # type: ignore[arg-type]


LISTED = ListPattern(item="li", link="a", date="i", match=r"/a/\d+")


def listing(*links: tuple[int, str]) -> bytes:
    """A list page."""
    items = "".join(
        f"<li><a href='/a/{n}' title='{t}'>{t[:6]}…</a><i>2026-02-{n:02}</i></li>" for n, t in links
    )
    return f"<html><a href='/about'>关于</a><ul>{items}</ul></html>".encode()


def test_a_feed_is_read_with_the_tier_of_its_source(desk: Desk, site: tuple[Site, str]) -> None:
    """Its entries are stored under the source's tier; an enabled source is due at once."""
    pages, address = site
    pages.pages["/rss"] = rss("甲公司回购股份", "乙公司中标项目")
    watch = desk.watch(feed(f"{address}/rss"))
    assert watch.round().stored == 2
    article = desk.store.article(article_id("https://n.example/0", ""))
    assert article is not None
    assert (article.tier, article.source) == (SourceTier.OFFICIAL, "源")
    assert watch.due() == ()


def test_an_unchanged_feed_costs_one_conditional_request(
    desk: Desk, site: tuple[Site, str]
) -> None:
    """The second poll sends the ETag, gets 304 and stores nothing."""
    pages, address = site
    pages.pages["/rss"] = rss("甲公司回购股份")
    watch = desk.watch(feed(f"{address}/rss"))
    watch.round()
    desk.now += timedelta(minutes=10)
    done = watch.round()
    assert (done.polled, done.failed, done.stored, done.duplicates) == (1, 0, 0, 0)
    assert pages.asked == ["/robots.txt", "/rss", "/rss"]


def test_changed_text_is_a_new_version(desk: Desk, site: tuple[Site, str]) -> None:
    """The same entry with other words updates its article."""
    pages, address = site
    pages.pages["/rss"] = rss("甲公司回购股份")
    watch = desk.watch(feed(f"{address}/rss"))
    watch.round()
    pages.pages["/rss"] = rss("更正：甲公司回购股份")
    desk.now += timedelta(minutes=10)
    assert watch.round().updated == 1
    assert desk.headlines() == ["更正：甲公司回购股份"]


def test_a_failing_source_is_left_alone_longer_each_time(
    desk: Desk, site: tuple[Site, str]
) -> None:
    """Back-off doubles with jitter up to a day; one success ends it and settles the letter."""
    pages, address = site
    pages.status["/rss"] = (500, {})
    watch = desk.watch(feed(f"{address}/rss"))
    waits = []
    for _ in range(9):
        assert watch.round().failed == 1
        (state,) = desk.feeds.states().values()
        assert state.due_at is not None
        waits.append(state.due_at - desk.now)
        desk.now = state.due_at
    assert [w / timedelta(minutes=1) for w in waits[:3]] == [15, 30, 60]
    assert waits[-1] == timedelta(hours=18)
    assert state.failures == 9
    assert "answered 500" in state.error
    assert desk.store.dead_letters.count() == 1
    pages.status.clear()
    pages.pages["/rss"] = rss("甲公司回购股份")
    assert watch.round().stored == 1
    assert desk.feeds.states()["one"].failures == 0
    assert desk.store.dead_letters.count() == 0


def test_retry_after_is_honoured(desk: Desk, site: tuple[Site, str]) -> None:
    """A source that asks for two hours gets them, whatever the back-off says."""
    pages, address = site
    pages.status["/rss"] = (429, {"Retry-After": "7200"})
    desk.watch(feed(f"{address}/rss")).round()
    assert desk.feeds.states()["one"].due_at == START + timedelta(hours=2)


def test_robots_txt_is_obeyed_and_asked_for_once_a_day(desk: Desk, site: tuple[Site, str]) -> None:
    """What it forbids is never requested; the file is kept for a day."""
    pages, address = site
    pages.pages["/robots.txt"] = b"User-agent: *\nDisallow: /private/\nCrawl-delay: 7\n"
    watch = desk.watch(feed(f"{address}/private/rss"))
    for _ in range(3):
        assert watch.round().failed == 1
        desk.now += timedelta(hours=7)
    assert pages.asked == ["/robots.txt"]
    assert "robots.txt" in desk.feeds.states()["one"].error
    desk.now += timedelta(hours=24)
    watch.round()
    assert pages.asked == ["/robots.txt"] * 2


def test_a_site_whose_robots_txt_fails_is_left_alone(desk: Desk, site: tuple[Site, str]) -> None:
    """A server error at robots.txt means stay away for now (RFC 9309, 2.3.1.4)."""
    pages, address = site
    pages.pages["/rss"] = rss("甲公司回购股份")
    pages.status["/robots.txt"] = (503, {})
    assert desk.watch(feed(f"{address}/rss")).round().failed == 1
    assert pages.asked == ["/robots.txt"]


def test_pages_behind_a_list_become_articles_once(desk: Desk, site: tuple[Site, str]) -> None:
    """Each new link is fetched, with a gap between requests; the date of the list serves."""
    pages, address = site
    pages.pages["/robots.txt"] = b"User-agent: *\nCrawl-delay: 7\n"
    pages.pages["/list"] = listing((1, "甲公司拟回购不超过两亿元股份"), (2, "乙公司中标项目公告"))
    pages.pages["/a/1"] = page("甲公司拟回购不超过两亿元股份")
    pages.pages["/a/2"] = page(
        "乙公司中标项目公告", "乙公司收到中标通知书，金额为三亿元，工期两年。"
    )
    watch = desk.watch(feed(f"{address}/list", FeedKind.LIST, links=LISTED))
    assert watch.round().stored == 2
    assert desk.paused == [7.0, 7.0]
    article = desk.store.article(article_id(f"{address}/a/2", ""))
    assert article is not None
    assert article.published_at == datetime(2026, 2, 1, 16, tzinfo=UTC)
    pages.pages["/list"] = listing((1, "甲公司拟回购不超过两亿元股份"), (3, "丙公司"))
    pages.pages["/a/3"] = page(
        "丙公司年度报告摘要", "丙公司披露年度报告，营业收入增长一成，净利润持平。"
    )
    desk.now += timedelta(minutes=10)
    assert watch.round().stored == 1
    assert pages.asked.count("/a/1") == 1


def test_a_page_that_fails_is_tried_again_or_kept_as_a_letter(
    desk: Desk, site: tuple[Site, str]
) -> None:
    """503 is tried again at the next poll; 404 gives a letter, is not, and can be replayed."""
    pages, address = site
    source = feed(f"{address}/list", FeedKind.LIST, links=LISTED)
    pages.pages["/list"] = listing((1, "甲公司拟回购股份公告"), (2, "乙公司中标项目公告"))
    pages.status["/a/1"] = (503, {})
    watch = desk.watch(source)
    assert watch.round().dead == 2
    pages.status.clear()
    pages.pages["/a/1"] = page("甲公司拟回购股份公告")
    desk.now += timedelta(minutes=10)
    assert watch.round().stored == 1
    (letter,) = desk.store.dead_letters.latest()
    assert letter.origin == f"{address}/a/2"
    pages.pages["/a/2"] = page(
        "乙公司中标项目公告", "乙公司收到中标通知书，金额为三亿元，工期两年。"
    )
    desk.now += timedelta(minutes=10)
    assert watch.round().stored == 0
    done = desk.replayer(source).replay(letter, desk.polite)
    assert (done.problem, done.summary.stored) == ("", 1)
    assert desk.store.dead_letters.latest() == ()
    assert desk.store.dead_letters.latest(settled=True)
    article = desk.store.article(article_id(f"{address}/a/2", ""))
    assert article is not None
    assert article.tier is SourceTier.OFFICIAL


def test_only_so_many_pages_are_read_in_one_poll(desk: Desk, site: tuple[Site, str]) -> None:
    """A long list is worked off over several polls."""
    pages, address = site
    pages.pages["/list"] = listing(*((n, f"第{n}家公司的公告标题") for n in range(1, 6)))
    for n in range(1, 6):
        words = f"第{n}家公司{'甲乙丙丁戊'[n - 1] * 9}公告称，收到中标通知书，金额为{n}亿元。"
        pages.pages[f"/a/{n}"] = page(f"第{n}家公司的公告标题", words)
    watch = desk.watch(feed(f"{address}/list", FeedKind.LIST, links=LISTED, most=2))
    asked = []
    for _ in range(4):
        watch.round()
        asked.append(sum(path.startswith("/a/") for path in pages.asked))
        desk.now += timedelta(minutes=10)
    assert asked == [2, 4, 5, 5]


def test_a_table_brings_announcements_and_takes_them_back(
    desk: Desk, site: tuple[Site, str]
) -> None:
    """Rows name their company; a row marked as withdrawn withdraws its article."""
    pages, address = site
    columns = TableColumns(
        title="t", url="u", date="d", code="c", name="n", withdrawn="w", rows="result.list"
    )

    def table(withdrawn: bool) -> bytes:
        row = {"t": "2025年年度报告", "u": "/x/1.pdf", "d": "2026-03-01", "c": "300750"}
        row |= {"n": "宁德时代", "w": withdrawn}
        return json.dumps({"result": {"list": [row]}}).encode()

    pages.pages["/t"] = table(withdrawn=False)
    watch = desk.watch(feed(f"{address}/t", FeedKind.TABLE, columns=columns))
    assert watch.round().stored == 1
    (article,) = desk.store.articles_about("company:300750")
    assert article.headline == "宁德时代（300750）：2025年年度报告"
    pages.pages["/t"] = table(withdrawn=True)
    desk.now += timedelta(minutes=10)
    assert watch.round().updated == 1
    kept = desk.store.article(article.id)
    assert kept is not None
    assert kept.withdrawn_at == desk.now
    desk.now += timedelta(minutes=10)
    assert watch.round().dead == 0


def test_a_folder_is_read_once_its_files_rest(desk: Desk, tmp_path: Path) -> None:
    """A file that still grows waits; a changed file is read again; an unchanged one is not."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    path = folder / "a.jsonl"
    desk.now = datetime.now(UTC)  # the files' own times are the system's
    watch = desk.watch(feed(str(folder), FeedKind.FOLDER))
    path.write_text('{"headline": "甲公司')
    assert watch.round().stored == 0
    path.write_text('{"headline": "甲公司回购股份", "url": "https://n.example/1"}\n', "utf-8")
    desk.now += timedelta(minutes=10)
    done = watch.round()
    assert (done.stored, done.dead) == (1, 0)
    desk.now += timedelta(minutes=10)
    assert watch.round().duplicates == 0
    path.write_text('{"headline": "甲公司终止回购", "url": "https://n.example/1"}\n', "utf-8")
    desk.now += timedelta(minutes=10)
    assert watch.round().updated == 1
    assert desk.headlines() == ["甲公司终止回购"]


def test_a_file_that_grows_between_two_looks_is_left(desk: Desk, tmp_path: Path) -> None:
    """Only a size and time that stayed the same count as written to the end."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    desk.now = datetime.now(UTC) - timedelta(minutes=30)
    watch = desk.watch(feed(str(folder), FeedKind.FOLDER))
    for size in range(1, 4):
        (folder / "a.jsonl").write_text('{"headline": "甲公司回购股份"}\n' * size, "utf-8")
        assert (watch.round().stored, desk.store.count()) == (0, 0)
        desk.now += timedelta(minutes=10)
    assert watch.round().stored == 1


def test_one_process_polls_at_a_time(desk: Desk, site: tuple[Site, str]) -> None:
    """Another process waits for the lease, and takes over when its holder is gone."""
    pages, address = site
    pages.pages["/rss"] = rss("甲公司回购股份")
    source = feed(f"{address}/rss")
    assert desk.watch(source, holder="a").round().polled == 1
    other = desk.watch(source, holder="b")
    desk.now += timedelta(seconds=30)
    assert not other.round().leads
    desk.now += timedelta(minutes=10)
    assert other.round().leads
    assert not desk.watch(source, holder="a").round().leads


def test_a_stop_ends_between_two_pages_and_keeps_what_was_read(
    desk: Desk, site: tuple[Site, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was fetched is stored; the rest comes after the next start; the lease is given back."""
    pages, address = site
    pages.pages["/list"] = listing((1, "甲公司拟回购股份公告"), (2, "乙公司中标项目公告"))
    pages.pages["/a/1"] = page("甲公司拟回购股份公告")
    pages.pages["/a/2"] = page(
        "乙公司中标项目公告", "乙公司收到中标通知书，金额为三亿元，工期两年。"
    )
    source = feed(f"{address}/list", FeedKind.LIST, links=LISTED)
    get = desk.polite.get

    def stop_after_the_first(url: str, **options: object) -> object:
        got = get(url, **options)  # type: ignore[arg-type]
        desk.stopping = "/a/" in url
        return got

    monkeypatch.setattr(desk.polite, "get", stop_after_the_first)
    desk.watch(source).run(desk.pause)
    assert desk.headlines() == ["甲公司拟回购股份公告"]
    monkeypatch.undo()
    desk.stopping = False
    desk.now += timedelta(minutes=10)
    assert desk.watch(source, holder="b").round().stored == 1


def test_requests_to_one_host_never_overlap(desk: Desk, site: tuple[Site, str]) -> None:
    """Several sources of one host are read one after the other, with the gap between them."""
    pages, address = site
    feeds = []
    for n in range(4):
        pages.pages[f"/rss{n}"] = rss(f"第{n}家公司回购股份的公告")
        feeds.append(replace(feed(f"{address}/rss{n}"), id=f"f{n}"))
    desk.watch(*feeds).round()
    assert pages.most_busy == 1
    assert desk.paused == [2.0, 2.0, 2.0]


def test_a_fault_in_one_source_does_not_stop_the_others(
    desk: Desk, site: tuple[Site, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody thought of is logged and counts as a failure of that source."""
    pages, address = site
    pages.pages["/rss"] = rss("甲公司回购股份")
    poll: Callable[..., object] = Poller.poll

    def broken(self: Poller, source: Feed, *rest: object) -> object:
        if source.id == "bad":
            raise RuntimeError("no")
        return poll(self, source, *rest)

    monkeypatch.setattr(Poller, "poll", broken)
    bad = replace(feed(f"{address}/x"), id="bad")
    done = desk.watch(bad, feed(f"{address}/rss")).round()
    assert (done.polled, done.failed, done.stored) == (2, 1, 1)


def test_a_feed_whose_entries_are_pages_is_read_whole(desk: Desk, site: tuple[Site, str]) -> None:
    """With `pages` the article is the page behind the entry."""
    pages, address = site
    item = f"<item><title>甲公司拟回购股份公告</title><link>{address}/a/1</link></item>"
    pages.pages["/rss"] = f"<rss><channel><title>源</title>{item}</channel></rss>".encode()
    pages.pages["/a/1"] = page("甲公司拟回购股份公告")
    desk.watch(feed(f"{address}/rss", pages=True)).round()
    article = desk.store.article(article_id(f"{address}/a/1", ""))
    assert article is not None
    assert "第7段" in article.text
