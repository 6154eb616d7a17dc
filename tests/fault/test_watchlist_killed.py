"""A server that is killed between finding an article for a watchlist and posting it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx
import pytest

from news.article import RawArticle
from ui.settings import Settings
from ui.wiring import Wiring

TEXT = "宁德时代公告，拟投资不超过一百四十亿元在四川宜宾建设动力电池生产基地。" * 2


class Hook(BaseHTTPRequestHandler):
    """Refuses until it is open, then takes."""

    tried = threading.Event()
    taken = threading.Event()
    open = False
    bodies: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        """One attempt."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200 if Hook.open else 503)
        self.end_headers()
        if Hook.open:
            Hook.bodies.append(body)
            Hook.taken.set()
        Hook.tried.set()

    def log_message(self, *arguments: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def hook() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def test_what_was_found_before_the_kill_is_posted_after_it(
    serve: Any, settings: Settings, client: httpx.Client, hook: str
) -> None:
    """Two servers, one killed with a posting refused: the next one posts it once it is due."""
    settings = replace(settings, webhook_private=True)
    wiring = Wiring(settings)
    with serve(settings) as first:
        body = {"name": "宁德", "query": {"entities": ["300750"]}, "url": hook}
        made = client.post("/v1/watchlists", json=body)
        assert made.status_code == 201, made.text
        wiring.ingester.ingest([RawArticle("宁德时代加码宜宾", TEXT, "test:1", source="甲")])
        assert Hook.tried.wait(30)
        first.kill()
        first.wait()
    store = wiring.watchlist_store
    # Instead of waiting: the dead server's lease ends, the posting is due.
    store.connection.execute("UPDATE watch_state SET held_until = 0")
    watchlist = store.find(made.json()["id"])
    assert watchlist
    store.resume(watchlist, datetime.now(UTC))
    Hook.open = True
    with serve(settings):
        assert Hook.taken.wait(30)
        matches = client.get(f"/v1/watchlists/{watchlist.id}/matches").json()["matches"]
    assert [m["article"]["headline"] for m in matches] == ["宁德时代加码宜宾"]
    assert {b["article_id"] for b in Hook.bodies} == {matches[0]["article"]["id"]}
