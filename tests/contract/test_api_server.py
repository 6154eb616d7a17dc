"""The API behind a real uvicorn and a real socket, as another program sees it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from ui.api.app import create_app
from ui.keys import create_key
from ui.settings import Settings
from ui.wiring import Wiring


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextmanager
def served(wiring: Wiring) -> Iterator[str]:
    """Address of a server of its own over the workspace."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(wiring), access_log=False, log_level="warning")
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        assert server.ready.wait(30)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


@pytest.fixture(scope="module")
def key(api_workspace: Settings) -> str:
    return create_key(Wiring(api_workspace).key_store, "contract")


@pytest.fixture(scope="module")
def client(api_workspace: Settings, key: str) -> Iterator[httpx.Client]:
    """A client with a key on a running server."""
    with (
        served(Wiring(api_workspace)) as address,
        httpx.Client(base_url=address, headers={"X-API-Key": key}, trust_env=False) as client,
    ):
        yield client


def test_a_program_searches_and_reads(client: httpx.Client) -> None:
    """Search, then the article found, then its company: the way a program goes."""
    hits = client.get("/v1/news/search", params={"q": "麒麟电池"}).json()["hits"]
    article = client.get(f"/v1/news/{hits[0]['id']}")
    assert article.headers["content-type"] == "application/json"
    company = client.get(f"/v1/entities/{article.json()['mentions'][0]['entity_id']}").json()
    assert company["company"]["name"] == "宁德时代"


def test_many_requests_at_once_get_the_same_answer(client: httpx.Client) -> None:
    """Each thread of the server has its own store: nothing mixes and nothing fails."""
    addresses = [
        "/v1/news/search?entity=300750",
        "/v1/entities/300750",
        "/v1/graph/neighbours?entity=300750&hops=2",
        "/healthz",
    ]
    alone = {address: client.get(address).text for address in addresses}
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda n: client.get(addresses[n % 4]), range(160)))
    for number, answer in enumerate(answers):
        assert answer.status_code == 200
        assert answer.text == alone[addresses[number % 4]]


def test_a_body_without_end_is_cut_off(client: httpx.Client) -> None:
    """A stream of unknown length is refused at 64 KiB instead of being read to its end."""
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 1 << 30:
            sent += 16_384
            yield b"x" * 16_384

    try:
        answer = client.post(
            "/v1/chat/messages", content=endless(), headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 413
    except httpx.TransportError:
        pass  # the server hung up while the client was still sending, which is as good
    assert sent < 1 << 26
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "address", ["/v1/news/search?q=%FF%FE", "/v1/news/search?%00=1", "//", "/%2e%2e/"]
)
def test_odd_addresses_get_a_refusal_in_the_one_shape(client: httpx.Client, address: str) -> None:
    """Bytes that are no UTF-8, NUL names, empty and climbing paths: an answer, never a 500."""
    raw = httpx.URL(str(client.base_url)).copy_with(raw_path=address.encode())
    answer = client.get(raw)
    assert answer.status_code in (404, 422)
    assert set(answer.json()) == {"error"}


def test_no_answer_names_the_servers_folders(client: httpx.Client, data: Path) -> None:
    """Where the program and its data lie is nobody's business."""
    for address in ("/nothing", "/v1/entities/none", "/v1/entities/300750", "/openapi.json"):
        assert str(data.parent) not in client.get(address).text
