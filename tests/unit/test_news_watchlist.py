"""Watchlists: what they find, what is posted of it, and what becomes of failures."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from news.article import Article, Sentiment, Tag, TagGroup
from news.dedupe import content_hash, fingerprint
from news.fetch import http_client
from news.index import TantivyIndex
from news.search import NewsSearch
from news.search_query import SearchQuery
from news.securities import SecuritiesMaster
from news.store import NewsStore
from news.transaction import transaction
from news.watchlist import DeliveryState, Watchlist
from news.watchlist_run import MOST_FAILURES, WAITS, WatchParts, WatchRun
from news.watchlist_store import WatchlistStore
from news.webhook import WebhookSender

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
SECRET = "a secret of the list"


class Receiver:
    """A server that takes what is posted and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.taken: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.taken.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Nothing on standard error."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Watch:
    """A workspace with one watchlist; `process()` is another process on the same files."""

    def __init__(self, folder: Path, data: Path, client: httpx.Client, url: str | None) -> None:
        self.folder, self.data, self.now, self.number = folder, data, NOW, 0
        self.client, self.private, self.active = client, True, True
        self.master = SecuritiesMaster.load(data / "securities.tsv")
        self.store = NewsStore.open(folder / "workspace.db")
        self.lists = WatchlistStore.open(folder / "workspace.db")
        self.index = TantivyIndex(folder / "index")
        self.run = self.process("first")
        self.lists.begin(self.store.last_change())
        query = SearchQuery(text="平安")
        self.list = Watchlist("w", "key", "平安", query, url, SECRET, NOW, self.store.last_seq())
        self.lists.put(self.list)

    def process(self, holder: str) -> WatchRun:
        search = NewsSearch(self.index, self.store, self.master)
        parts = WatchParts(
            self.store,
            self.index,
            search,
            self.lists,
            lambda: self.now,
            self.token,
            lambda _: self.active,
        )
        return WatchRun(parts, WebhookSender(self.client, allow_private=self.private), holder)

    def token(self, size: int) -> str:
        self.number += 1
        return f"{self.number:0{2 * size}x}"

    def put(self, id_: str, headline: str, version: int = 1) -> None:
        tag = Tag("业绩", TagGroup.TOPIC, 0.9)
        article = Article(
            id_, headline, "", "源", "o", None, NOW, True, NOW, version,
            content_hash(headline, ""), Sentiment.NEUTRAL, 0.0, (tag,), (), None,
        )  # fmt: skip
        with transaction(self.store.connection):
            self.store.put(article, fingerprint(article.content))

    def found(self) -> list[str]:
        return [match.article_id for match in self.lists.matches("w", 0, 100)]

    def state(self) -> Watchlist:
        found = self.lists.find("w")
        assert found
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with http_client() as made:
        yield made


@pytest.fixture
def watching(tmp_path: Path, data: Path, client: httpx.Client) -> Callable[[str | None], Watch]:
    return lambda url: Watch(tmp_path, data, client, url)


def test_each_new_article_is_matched_once(watching: Callable[[str | None], Watch]) -> None:
    """What arrives and fits is found, also after it changed; what was there before is not."""
    watch = watching(None)
    watch.put("old", "平安旧闻")
    watch.lists.put(replace(watch.list, from_seq=watch.store.last_seq()))
    watch.put("a", "平安银行年报")
    watch.put("b", "万科公告")
    assert watch.run.tick() == 1
    assert watch.found() == ["a"]
    watch.put("a", "平安银行年报（更正）", version=2)
    watch.put("b", "万科与平安合作", version=2)
    watch.put("old", "平安旧闻二", version=2)
    assert watch.run.tick() == 1
    assert watch.found() == ["a", "b"]
    assert watch.run.tick() == 0


def test_a_posting_is_signed_and_can_be_checked_in_three_lines(
    watching: Callable[[str | None], Watch], receiver: Receiver
) -> None:
    """The receiver computes the signature from timestamp and body, with the list's secret."""
    watch = watching(receiver.url)
    watch.put("a", "平安银行年报")
    watch.run.tick()
    ((headers, body),) = receiver.taken
    signed = f"{headers['X-Foreland-Timestamp']}.".encode() + body
    expected = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(expected, headers["X-Foreland-Signature"])
    content = json.loads(body)
    assert content["article"]["headline"] == "平安银行年报"
    assert content["delivery_id"] == headers["X-Foreland-Delivery"]
    (delivery,) = watch.lists.deliveries("w", None, 10)
    assert (delivery.state, delivery.answer) == (DeliveryState.DELIVERED, "HTTP 200")


def test_a_failed_posting_is_tried_again_with_the_same_id(
    watching: Callable[[str | None], Watch], receiver: Receiver
) -> None:
    """After each failure it waits longer; a redirect is a failure and is not followed."""
    watch = watching(receiver.url)
    receiver.status = 302
    watch.put("a", "平安银行年报")
    watch.run.tick()
    assert watch.run.tick() == 0
    watch.now += WAITS[0]
    receiver.status = 500
    watch.run.tick()
    watch.now += WAITS[1]
    receiver.status = 204
    watch.run.tick()
    ids = {headers["X-Foreland-Delivery"] for headers, _ in receiver.taken}
    assert (len(receiver.taken), len(ids)) == (3, 1)
    assert watch.state().failures == 0
    (delivery,) = watch.lists.deliveries("w", None, 10)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 3)


def test_a_watchlist_that_only_fails_is_disabled_with_the_reason(
    watching: Callable[[str | None], Watch], receiver: Receiver
) -> None:
    """Then nothing is posted until its owner resumes it; what waited is posted then."""
    watch = watching(receiver.url)
    receiver.status = 503
    for number in range(MOST_FAILURES + 3):
        watch.put(f"a{number}", f"平安新闻{number}")
    watch.run.tick()
    watch.now += WAITS[0]
    watch.run.tick()
    assert len(receiver.taken) == MOST_FAILURES
    assert "HTTP 503" in str(watch.state().disabled)
    receiver.status = 200
    watch.lists.resume(watch.state(), watch.now)
    watch.run.tick()
    watch.run.tick()
    assert len(receiver.taken) == 2 * MOST_FAILURES + 3
    assert watch.state().disabled is None


def test_an_address_inside_the_network_is_refused_when_it_is_connected_to(
    watching: Callable[[str | None], Watch], receiver: Receiver
) -> None:
    """A name that meant a public address when it was given may mean this machine later."""
    watch = watching(receiver.url.replace("127.0.0.1", "hooks.example.com"))
    sender = WebhookSender(watch.client, resolve=lambda host, port: ("93.184.216.34", "127.0.0.1"))
    posted = sender.post(str(watch.list.url), SECRET, "d", 0, b"{}")
    assert not posted.taken
    assert "inside this network" in posted.answer
    watch.private = False
    watch.lists.put(replace(watch.list, url=receiver.url))
    watch.put("a", "平安银行年报")
    watch.process("second").tick()
    assert receiver.taken == []


def test_what_a_killed_process_left_is_done_by_the_next_one(
    watching: Callable[[str | None], Watch], receiver: Receiver
) -> None:
    """Matched but not posted; posted but not marked; matched by no one: all is posted."""
    watch = watching(receiver.url)
    watch.put("a", "平安一")
    watch.run.match()
    watch.put("b", "平安二")
    assert watch.process("second").tick() >= 2
    bodies = [json.loads(body)["article_id"] for _, body in receiver.taken]
    assert sorted(bodies) == ["a", "b"]


def test_of_two_processes_one_posts(
    watching: Callable[[str | None], Watch], receiver: Receiver
) -> None:
    """The lease is the first one's until it has rested."""
    watch = watching(receiver.url)
    watch.put("a", "平安一")
    watch.run.tick()
    watch.put("b", "平安二")
    second = watch.process("second")
    assert second.tick() == 0
    watch.now += timedelta(minutes=2)
    assert second.tick() == 2


def test_the_list_of_a_revoked_key_rests(
    watching: Callable[[str | None], Watch], receiver: Receiver
) -> None:
    """Nothing is matched or posted for an owner who may not read any more."""
    watch = watching(receiver.url)
    watch.put("a", "平安一")
    watch.run.match()
    watch.active = False
    watch.put("b", "平安二")
    watch.run.tick()
    assert receiver.taken == []
    assert watch.found() == ["a"]
