"""Scopes and limits of API keys, as the HTTP API holds to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from ui.api.app import create_app
from ui.api.errors import ApiError
from ui.api.guard import GuardedRoute, guarded
from ui.api.traffic import STREAM_TYPE, Traffic
from ui.keys import change_key, create_key
from ui.rate_limit import RateLimit
from ui.scope import USUAL, Scope, allows
from ui.settings import Settings
from ui.wiring import Wiring

ID = "0" * 32
ADDRESSES = [
    (Scope.NEWS_READ, "GET", f"/v1/news/{ID}"),
    (Scope.NEWS_WRITE, "POST", "/v1/news/articles"),
    (Scope.NEWS_WRITE, "DELETE", f"/v1/news/{ID}"),
    (Scope.GRAPH_READ, "GET", "/v1/entities/300750"),
    (Scope.GRAPH_READ, "GET", "/v1/graph/neighbours?entity=300750"),
    (Scope.CHAT_WRITE, "POST", "/v1/chat/messages"),
    (Scope.CONVERSATIONS_WRITE, "GET", f"/v1/conversations/{ID}/turns"),
    (Scope.CONVERSATIONS_WRITE, "GET", f"/v1/conversations/{ID}/events"),
    (Scope.HANDOVERS_READ, "GET", f"/v1/handovers/{ID}"),
    (Scope.HANDOVERS_WRITE, "POST", f"/v1/handovers/{ID}/claim"),
    (Scope.CAMPAIGNS_READ, "GET", "/v1/campaigns/none"),
    (Scope.CAMPAIGNS_WRITE, "PATCH", "/v1/campaigns/none"),
]
Ask = Callable[..., Any]


class Clock:
    """Seconds that pass when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wiring(api_workspace: Settings) -> Wiring:
    """The workspace; each key may open one stream."""
    return Wiring(replace(api_workspace, api_streams=1))


@pytest.fixture
def app(wiring: Wiring, clock: Clock) -> FastAPI:
    return create_app(wiring, timer=clock, stream_seconds=0)


@pytest.fixture
def ask(app: FastAPI) -> Ask:
    """One request with a key."""
    client = TestClient(app)
    return lambda key, address, method="GET", **body: client.request(
        method, address, headers={"X-API-Key": key}, **body
    )


def test_every_address_under_v1_asks_for_a_scope(app: FastAPI) -> None:
    """A new address cannot be left open: each is a guarded route, in the description or not."""
    routes = [c for c in iter_route_contexts(app.routes) if (c.path or "").startswith("/v1")]
    assert len(routes) > 20
    for context in routes:
        assert isinstance(context.original_route, GuardedRoute), context.path
        assert context.original_route.scope in Scope


def test_the_description_shows_scope_and_refusals(app: FastAPI) -> None:
    """Who reads the description knows which scope an address needs, and of 403 and 429."""
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            if not path.startswith("/v1"):
                continue
            for way in operation["security"]:
                ((_, (scope,)),) = way.items()
                assert Scope(scope).endswith(":read") or method != "get" or "conv" in scope
            assert {"401", "403", "429"} <= set(operation["responses"])
            assert "Retry-After" in operation["responses"]["429"]["headers"]


def test_a_guarded_route_without_a_scope_cannot_be_made() -> None:
    """Around the router there is no way in either."""
    with pytest.raises(TypeError, match="names no scope"):
        GuardedRoute("/v1/open", lambda: None)


def test_a_masking_router_takes_no_coroutine() -> None:
    """Its answer would go out before anything could mask it."""
    router = guarded("/v1/x", "x", read=Scope.NEWS_READ, masks=True)

    async def answer() -> str:
        return "13800138000"

    with pytest.raises(TypeError, match="plain function"):
        router.get("")(answer)


@pytest.mark.parametrize(("scope", "method", "address"), ADDRESSES)
def test_one_scope_opens_its_addresses_only(
    wiring: Wiring, ask: Ask, scope: Scope, method: str, address: str
) -> None:
    """With the scope the request is looked at; with every other scope it is a 403 that says why."""
    having = create_key(wiring.key_store, "has it", scopes=frozenset({scope}))
    holders = {other for other in Scope if allows(frozenset({other}), scope)}
    lacking = create_key(wiring.key_store, "lacks it", scopes=frozenset(Scope) - holders)
    assert ask(having, address, method).status_code in (200, 404, 422)
    refused = ask(lacking, address, method)
    assert refused.status_code == 403
    error = refused.json()["error"]
    assert error["code"] == "forbidden"
    assert f"foreland key change {lacking[3:11]} --add {scope}" in error["message"]
    assert f'scope="{scope}"' in refused.headers["www-authenticate"]


def test_writing_holds_reading_of_the_same_only() -> None:
    """handovers:write reads handovers, and nothing else."""
    held = frozenset({Scope.HANDOVERS_WRITE})
    assert allows(held, Scope.HANDOVERS_READ)
    assert not allows(held, Scope.CAMPAIGNS_READ)
    assert not allows(frozenset({Scope.HANDOVERS_READ}), Scope.HANDOVERS_WRITE)
    assert not any(allows(USUAL, scope) for scope in Scope if scope not in USUAL)


def test_without_the_scope_the_body_is_not_looked_at(wiring: Wiring, ask: Ask) -> None:
    """The scope comes before the body, as the key does."""
    key = create_key(wiring.key_store, "news", scopes=frozenset({Scope.NEWS_READ}))
    assert ask(key, "/v1/chat/messages", "POST", content=b"{").status_code == 403


def test_scopes_change_from_the_next_request_on(wiring: Wiring, ask: Ask) -> None:
    """The key stays the same for the program that has it."""
    key = create_key(wiring.key_store, "grows", scopes=frozenset({Scope.NEWS_READ}))
    assert ask(key, "/v1/campaigns").status_code == 403
    change_key(wiring.key_store, key[3:11], scopes=frozenset({Scope.CAMPAIGNS_READ}))
    assert ask(key, "/v1/campaigns").status_code == 200
    assert ask(key, "/v1/news/search").status_code == 403


def test_over_its_limit_a_key_is_told_when_to_come_again(
    wiring: Wiring, ask: Ask, clock: Clock
) -> None:
    """429 with Retry-After; what is left stands in every answer; others are not touched."""
    key = create_key(wiring.key_store, "slow", limit=RateLimit(2))
    first, second, third = (ask(key, "/v1/news/search?limit=1") for _ in range(3))
    assert first.headers["ratelimit-policy"] == '"default";q=2;w=60'
    assert first.headers["ratelimit"] == '"default";r=1;t=30'
    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 429)
    assert third.json()["error"]["code"] == "too_many_requests"
    assert third.headers["retry-after"] == "30"
    assert third.headers["ratelimit"] == '"default";r=0;t=60'
    assert ask(create_key(wiring.key_store, "other"), "/v1/news/search").status_code == 200
    clock.now += 30
    assert ask(key, "/v1/news/search?nonsense=1").headers["ratelimit"] == '"default";r=0;t=60'


def test_refusals_count_as_requests(wiring: Wiring, ask: Ask) -> None:
    """Who tries addresses without their scope uses the limit up."""
    key = create_key(
        wiring.key_store, "tries", scopes=frozenset({Scope.NEWS_READ}), limit=RateLimit(1)
    )
    assert ask(key, "/v1/campaigns").status_code == 403
    assert ask(key, "/v1/news/search").status_code == 429


def test_the_settings_give_the_limit_of_keys_without_one(api_workspace: Settings) -> None:
    """FORELAND_API_LIMIT holds for every key that has no limit of its own."""
    wiring = Wiring(replace(api_workspace, api_limit=RateLimit(1)))
    client = TestClient(create_app(wiring, timer=Clock()))
    headers = {"X-API-Key": create_key(wiring.key_store, "usual")}
    assert client.get("/v1/campaigns", headers=headers).status_code == 200
    assert client.get("/v1/campaigns", headers=headers).status_code == 429


def test_a_stream_counts_once_and_one_key_has_so_many(
    app: FastAPI, wiring: Wiring, ask: Ask
) -> None:
    """The stream over the number is a 429; other addresses and other keys go on."""
    key, other = (create_key(wiring.key_store, name) for name in "ab")
    traffic: Traffic = app.state.traffic
    traffic.hold(_stream(), key[3:11])
    refused = ask(key, "/v1/handovers/events")
    assert refused.status_code == 429
    assert "FORELAND_API_STREAMS" in refused.json()["error"]["message"]
    assert refused.headers["retry-after"] == "5"
    assert ask(key, "/v1/handovers").status_code == 200
    for _ in range(3):  # each ends and gives its place back
        assert ask(other, "/v1/handovers/events").status_code == 200


@pytest.mark.parametrize("broken", [False, True])
def test_a_stream_gives_its_place_back(broken: bool) -> None:
    """When it ends, and when the client is gone before it has begun."""
    traffic = Traffic(Clock(), 1)

    async def send(message: object) -> None:
        if broken:
            raise OSError("gone")

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def run() -> None:
        held = traffic.hold(_stream(), "a")
        with pytest.raises(ApiError, match="1 streams"):
            traffic.hold(_stream(), "a")
        scope: Any = {"type": "http", "asgi": {"spec_version": "2.4"}}
        try:
            await held(scope, receive, send)
        except Exception:  # noqa: BLE001  how it ends does not matter
            assert broken
        traffic.hold(_stream(), "a")

    asyncio.run(run())


def test_other_answers_are_not_held() -> None:
    """Only streams of events keep a place."""
    traffic, plain = Traffic(Clock(), 1), Response("{}", media_type="application/json")
    assert traffic.hold(plain, "a") is plain
    assert traffic.hold(plain, "a") is plain


def test_an_open_api_has_no_personal_data_and_no_limits(api_workspace: Settings) -> None:
    """Without keys nobody is told apart: nothing is counted and nothing is revealed."""
    wiring = Wiring(replace(api_workspace, api_key_required=False, api_limit=RateLimit(1)))
    client = TestClient(create_app(wiring))
    answers = [client.get("/v1/handovers") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit" not in answers[0].headers


def _stream() -> Response:
    async def words() -> AsyncIterator[str]:
        yield "data: 1\n\n"

    return StreamingResponse(words(), media_type=STREAM_TYPE)
