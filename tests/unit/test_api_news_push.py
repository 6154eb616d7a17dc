"""Articles that suppliers send: stored once, told one by one, taken back, refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from news.replay import Replayer
from ui.api.app import create_app
from ui.keys import create_key
from ui.scope import USUAL, Scope
from ui.settings import Settings
from ui.wiring import Wiring

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ARTICLE = {
    "headline": "宁德时代（300750）公布年度业绩",
    "text": "宁德时代发布公告称，公司全年营业收入与净利润均实现增长，拟派发现金红利。",
    "url": "https://news.example.com/a/1",
    "published_at": "2026-03-02T09:30:00+08:00",
    "source": "示例通讯社",
    "tier": "official",
}


@pytest.fixture(scope="module")
def shared_wiring(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Wiring:
    """Lexicons and securities, loaded once."""
    return Wiring(Settings(home=tmp_path_factory.mktemp("push"), data=data))


@pytest.fixture
def wiring(tmp_path: Path, data: Path, shared_wiring: Wiring) -> Wiring:
    """An empty workspace."""
    made = Wiring(Settings(home=tmp_path, data=data))
    made.__dict__["analyser"] = shared_wiring.analyser
    return made


@pytest.fixture
def client(wiring: Wiring) -> Iterator[TestClient]:
    """A client whose key may send articles."""
    scopes = frozenset({Scope.NEWS_WRITE})
    with TestClient(create_app(wiring, clock=lambda: NOW)) as client:
        client.headers["X-API-Key"] = create_key(wiring.key_store, "supplier", scopes=scopes)
        yield client


def push(client: TestClient, *articles: dict[str, Any], **headers: str) -> Any:
    """The answer to sending articles."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/v1/news/articles", json={"articles": articles}, headers=named)


def test_each_article_is_told_what_became_of_it(client: TestClient, wiring: Wiring) -> None:
    """Stored, known, changed and taken back, in the order in which they were sent."""
    other = ARTICLE | {"headline": "更正：宁德时代公布年度业绩"}
    gone = {"url": ARTICLE["url"], "withdrawn": True, "source": "示例通讯社"}
    results = push(client, ARTICLE, ARTICLE, other, gone).json()["results"]
    assert [r["outcome"] for r in results] == ["stored", "duplicate", "updated", "updated"]
    assert len({r["id"] for r in results[:3]}) == 1
    article = wiring.news_store.article(results[0]["id"])
    assert article is not None
    assert (article.tier, article.source, article.version) == ("official", "示例通讯社", 2)
    assert article.withdrawn_at is not None


def test_an_article_is_found_at_once(client: TestClient) -> None:
    """The answer comes after the article is indexed; news:write holds news:read."""
    (result,) = push(client, ARTICLE).json()["results"]
    assert client.get(f"/v1/news/{result['id']}").json()["headline"] == ARTICLE["headline"]


def test_a_push_sent_again_gets_the_first_answer(client: TestClient) -> None:
    """With the same Idempotency-Key nothing is done twice; with another body it is refused."""
    first = push(client, ARTICLE, Idempotency_Key="k1").json()
    assert push(client, ARTICLE, Idempotency_Key="k1").json() == first
    assert first["results"][0]["outcome"] == "stored"
    assert push(client, ARTICLE | {"text": "别的"}, Idempotency_Key="k1").status_code == 422
    assert push(client, ARTICLE).json()["results"][0]["outcome"] == "duplicate"


def test_a_poisonous_article_is_kept_whole_and_can_be_replayed(
    client: TestClient, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its neighbours are stored; once the fault is mended the letter brings the article in."""
    linker = type(wiring.analyser.linker)
    link = linker.link

    def fail(self: Any, text: str, *others: Any, **named: Any) -> object:
        if "毒药" in text:
            raise RuntimeError("no")
        return link(self, text, *others, **named)

    monkeypatch.setattr(linker, "link", fail)
    poison = {"headline": "毒药", "text": "毒药" * 50, "source": "示例"}
    bad, good = push(client, poison, ARTICLE).json()["results"]
    assert (bad["outcome"], bad["id"], good["outcome"]) == ("dead", None, "stored")
    assert "RuntimeError" in bad["problem"]
    monkeypatch.undo()
    store = wiring.news_store
    (letter,) = store.dead_letters.latest()
    replayer = Replayer(store.dead_letters, wiring.ingester, (), clock=lambda: NOW)
    assert replayer.replay(letter).summary.stored == 1
    assert store.dead_letters.latest() == ()
    assert store.dead_letters.find(letter.id)[0].settled_at == NOW


def test_an_article_is_taken_back_by_its_id(client: TestClient) -> None:
    """DELETE marks it; again changes nothing; an unknown id is a 404."""
    (result,) = push(client, ARTICLE).json()["results"]
    first = client.delete(f"/v1/news/{result['id']}").json()
    assert first["id"] == result["id"]
    assert client.delete(f"/v1/news/{result['id']}").json() == first
    assert client.delete(f"/v1/news/{'0' * 32}").status_code == 404


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"headline": ""}, "articles[1].headline"),
        ({"headline": None}, "needs its headline"),
        ({"headline": 1}, "articles[1].headline"),
        ({"source": None}, "articles[1].source"),
        ({"url": "file:///etc/passwd"}, "articles[1].url"),
        ({"published_at": "yesterday"}, "articles[1].published_at"),
        ({"tier": "best"}, "articles[1].tier"),
        ({"withdrawn": True, "url": None}, "found by its url"),
        ({"colour": "red"}, "articles[1]"),
    ],
)
def test_a_malformed_article_refuses_the_request(
    client: TestClient, wiring: Wiring, change: dict[str, Any], told: str
) -> None:
    """Nothing of it is stored, and the message names the article and the field."""
    answer = push(client, ARTICLE, ARTICLE | change)
    assert answer.status_code == 422
    assert told in answer.json()["error"]["message"]
    assert wiring.news_store.count() == 0


def test_a_body_of_more_than_the_limit_is_refused(client: TestClient) -> None:
    """Eight MiB are read at most, and 500 articles."""
    large = ARTICLE | {"text": "长" * 190_000}
    assert push(client, *[large] * 20).status_code == 413
    assert push(client, *[ARTICLE] * 501).status_code == 422
    assert push(client).status_code == 422


def test_only_keys_with_the_scope_send_articles(client: TestClient, wiring: Wiring) -> None:
    """Keys from before there were scopes, and keys for reading, have no say in the news."""
    client.headers["X-API-Key"] = create_key(wiring.key_store, "old", scopes=USUAL)
    assert push(client, ARTICLE).status_code == 403
    assert client.delete(f"/v1/news/{'0' * 32}").status_code == 403
    del client.headers["X-API-Key"]
    assert push(client, ARTICLE).status_code == 401
