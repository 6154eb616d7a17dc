"""What holds for every address: keys, one error shape, limits, headers, the log; health, docs."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from ui.api.app import create_app
from ui.keys import create_key, revoke_key
from ui.settings import Settings
from ui.wiring import Wiring

SECRET = "我的身份证号是110101199003070000"


@pytest.fixture
def wiring(api_workspace: Settings) -> Wiring:
    """The workspace, with keys required."""
    return Wiring(api_workspace)


@pytest.fixture
def client(wiring: Wiring) -> TestClient:
    """A client without a key that sees a 500 as programs do."""
    return TestClient(create_app(wiring, token=lambda n: "ab" * n), raise_server_exceptions=False)


@pytest.fixture
def key(wiring: Wiring) -> str:
    return create_key(wiring.key_store, "tests")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/v1/news/search"),
        ("GET", "/v1/news/" + "0" * 32),
        ("GET", "/v1/entities/300750"),
        ("GET", "/v1/graph/neighbours?entity=300750"),
        ("GET", "/v1/graph/neighbours?nonsense=1"),
        ("POST", "/v1/chat/messages"),
    ],
)
def test_without_a_key_there_is_no_answer(client: TestClient, method: str, address: str) -> None:
    """401 before anything else is looked at, with how to get a key."""
    body = {"json": {"text": "你好"}} if method == "POST" else {}
    answer = client.request(method, address, **body)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["error"]["code"] == "unauthorized"
    assert "foreland key create" in answer.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 60_000, b'{"words": 1}'])
def test_without_a_key_a_wrong_body_is_not_looked_at(client: TestClient, body: bytes) -> None:
    """The key comes before the body."""
    headers = {"Content-Type": "application/json"}
    assert client.post("/v1/chat/messages", content=body, headers=headers).status_code == 401


def test_both_headers_carry_a_key(client: TestClient, key: str) -> None:
    """`X-API-Key` and `Authorization: Bearer` open alike."""
    for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
        assert client.get("/v1/news/search", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": ""},
        {"X-API-Key": "fl_aaaaaaaa_" + "a" * 52},
        {"X-API-Key": "x" * 10_000},
        {"X-API-Key": b"\xff\xfe"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer nonsense"},
    ],
)
def test_a_wrong_key_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    """Malformed, unknown and foreign credentials all give the same 401."""
    assert client.get("/v1/news/search", headers=headers).status_code == 401


def test_a_revoked_key_is_refused_at_once(client: TestClient, wiring: Wiring, key: str) -> None:
    """Revoking works on a running server."""
    assert client.get("/v1/news/search", headers={"X-API-Key": key}).status_code == 200
    revoke_key(wiring.key_store, key.split("_")[1])
    assert client.get("/v1/news/search", headers={"X-API-Key": key}).status_code == 401


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/v1/news", 404, "not_found"),
        ("GET", "/v1/news/search/", 404, "not_found"),
        ("GET", "/docs/assets/../app.py", 404, "not_found"),
        ("GET", "/docs/assets/nothing.js", 404, "not_found"),
        ("POST", "/v1/news/search", 405, "method_not_allowed"),
        ("DELETE", "/healthz", 405, "method_not_allowed"),
        ("GET", "/v1/chat/messages", 405, "method_not_allowed"),
        ("GET", "/healthz?verbose=1", 422, "invalid"),
    ],
)
def test_every_refusal_has_the_one_shape(
    client: TestClient, method: str, address: str, status: int, code: str
) -> None:
    """Also what the framework refuses comes as code and message."""
    answer = client.request(method, address)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["code"] == code
    assert set(answer.json()["error"]) <= {"code", "message", "parameter"}


def test_answers_carry_security_headers_and_no_cors(client: TestClient) -> None:
    """No page of another site may frame, sniff, cache or read an answer."""
    for address in ("/healthz", "/nothing", "/docs"):
        headers = client.get(address, headers={"Origin": "https://evil.example"}).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_64_kib_is_refused(client: TestClient, key: str, declared: bool) -> None:
    """The size is checked with and without a Content-Length, before anything parses it."""
    large = b'{"text": "' + b"a" * 65_536 + b'"}'

    def pieces() -> Iterator[bytes]:
        yield large[:40_000]
        yield large[40_000:]

    answer = client.post(
        "/v1/chat/messages",
        content=large if declared else pieces(),
        headers={"X-API-Key": key, "Content-Type": "application/json"},
    )
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"
    assert "65536" in answer.json()["error"]["message"]


def test_a_fault_shows_a_reference_and_no_traceback(
    client: TestClient,
    key: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The log has where it failed under the same reference, but not the customer's words."""

    def fail(text: str, *_: object) -> None:
        raise ValueError(f"cannot handle {text}")

    monkeypatch.setattr(Wiring, "assistant", SimpleNamespace(respond=fail))
    with caplog.at_level(logging.INFO):
        answer = client.post("/v1/chat/messages", json={"text": SECRET}, headers={"X-API-Key": key})
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "abababab" in answer.json()["error"]["message"]
    assert "ValueError" not in answer.text
    log = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("ui."))
    assert "abababab" in log
    assert "builtins.ValueError" in log
    assert "test_api_app.py" in log
    assert SECRET not in log
    assert key not in log


def test_the_log_holds_no_address_with_its_words(
    client: TestClient, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A line names the method, the kind of address, the status and the time, nothing else."""
    with caplog.at_level(logging.INFO, logger="ui"):
        client.get("/v1/news/search", params={"q": SECRET}, headers={"X-API-Key": key})
        client.get(f"/v1/entities/{SECRET}", headers={"X-API-Key": key})
        client.get(f"/{SECRET}")
    log = [r.getMessage() for r in caplog.records if r.name.startswith("ui.")]
    assert len(log) == 3
    assert log[0].startswith("GET /v1/news/search 200 ")
    assert log[1].startswith("GET /v1/entities/{code} 404 ")
    assert log[2].startswith("GET - 404 ")
    assert SECRET not in "".join(log)


def test_health_counts_what_is_served_without_a_key(client: TestClient, wiring: Wiring) -> None:
    """Articles in the database, and that the search sees all of them."""
    answer = client.get("/healthz")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "ok"
    assert body["workspace"] == "api"
    assert body["articles"] == wiring.news_store.count() > 30
    assert body["index_behind"] == 0
    assert isinstance(body["entries"], int)


def test_health_counts_what_the_search_does_not_see_yet(
    tmp_path: Path, api_workspace: Settings
) -> None:
    """A lost index is caught up at first use; a change stored since then is behind."""
    (tmp_path / "api").mkdir()
    with sqlite3.connect(tmp_path / "api" / "workspace.db") as copy:
        sqlite3.connect(api_workspace.database).backup(copy)
    client = TestClient(create_app(Wiring(replace(api_workspace, home=tmp_path))))
    assert client.get("/healthz").json()["index_behind"] == 0
    with sqlite3.connect(tmp_path / "api" / "workspace.db") as copy:
        later = "(SELECT max(change) + 1 FROM articles)"
        copy.execute(f"UPDATE articles SET change = {later} WHERE seq = 1")
    assert client.get("/healthz").json()["index_behind"] == 1


@pytest.mark.parametrize("address", ["/healthz", "/v1/news/search"])
def test_a_broken_database_is_503_without_its_path(
    tmp_path: Path, api_workspace: Settings, address: str
) -> None:
    """A file that is no database makes the service unavailable and does not show where it lies."""
    settings = replace(api_workspace, home=tmp_path, api_key_required=False)
    settings.folder.mkdir()
    settings.database.write_bytes(b"this is no database, but long enough to look at" * 50)
    answer = TestClient(create_app(Wiring(settings))).get(address)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["error"]["code"] == "unavailable"
    assert str(tmp_path) not in answer.text


def test_docs_need_no_other_machine(client: TestClient) -> None:
    """The page, its scripts and its styles all come from here."""
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/docs/assets/{asset}" in page.text
        assert client.get(f"/docs/assets/{asset}").status_code == 200
    start = client.get("/docs/start.js")
    assert start.headers["content-type"].startswith("text/javascript")
    assert "validatorUrl: null" in start.text


def test_the_description_documents_keys_errors_and_examples(client: TestClient) -> None:
    """Every /v1 operation asks for a key and documents its errors in the one shape."""
    description = client.get("/openapi.json").json()
    assert "HTTPValidationError" not in description["components"]["schemas"]
    for path, operations in description["paths"].items():
        for operation in operations.values():
            assert bool(operation.get("security")) == path.startswith("/v1/")
            assert operation["summary"]
            assert operation["description"]
            for status, answer in operation["responses"].items():
                if status >= "400":
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorBody"}
