"""A server that is killed while customers, the bot and agents talk, and the one after it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from assist.knowledge_file import load_folder
from ui.keys import create_key
from ui.settings import Settings
from ui.wiring import Wiring, now

CUSTOMERS, MESSAGES = 3, 8


@contextmanager
def server(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """`foreland serve` once it listens; killed with SIGKILL at the end if still alive."""
    child = subprocess.Popen(
        [sys.executable, "-m", "ui.cli.main", "serve"],
        env=os.environ | settings.environment() | {"HAYSTACK_TELEMETRY_ENABLED": "False"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert child.stderr is not None
        lines = []
        for line in child.stderr:
            lines.append(line)
            if "Uvicorn running on" in line:
                break
        else:
            pytest.fail("the server ended: " + "".join(lines))
        # Read on, so that a full pipe never blocks the server and a failure shows its log.
        threading.Thread(target=_copy, args=(child.stderr,), daemon=True).start()
        yield child
    finally:
        child.kill()
        child.wait()


def _copy(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stderr.write(line)


@pytest.fixture
def settings(tmp_path: Path, data: Path) -> Settings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return Settings(home=tmp_path, data=data, api_port=port, log_level="INFO")


@pytest.fixture
def client(settings: Settings, data: Path) -> Iterator[httpx.Client]:
    wiring = Wiring(settings)
    wiring.load_base_facts()
    entries = load_folder(data / "faq").entries
    wiring.knowledge_store.publish(
        [e for e in entries if e.id.startswith("board-permission-chinext")], "tests", now()
    )
    key = create_key(wiring.key_store, "killed")
    base = f"http://127.0.0.1:{settings.api_port}"
    headers = {"X-API-Key": key}
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def send(client: httpx.Client, path: str, body: object, once: str | None = None) -> Any:
    answer = client.post(path, json=body, headers={"Idempotency-Key": once} if once else {})
    assert answer.is_success, answer.text
    return answer.json()


def test_a_takeover_outlives_the_process(settings: Settings, client: httpx.Client) -> None:
    """Queue, agent, words and the mode stand after `kill -9` as they did before it."""
    with server(settings) as first:
        begun = send(client, "/v1/conversations", {})
        path = f"/v1/conversations/{begun['conversation_id']}"
        waits = send(client, f"{path}/turns", {"text": "转人工"})
        handover = f"/v1/handovers/{waits['handover']['handover_id']}"
        send(client, f"{handover}/claim", {"agent": "小王"})
        before = send(client, f"{handover}/say", {"agent": "小王", "text": "您好"}, "say-1")
        said = client.get(f"{path}/turns").json()
        first.kill()
        first.wait()
    with server(settings):
        assert client.get(f"{path}/turns").json() == said
        again = send(client, f"{handover}/say", {"agent": "小王", "text": "您好"}, "say-1")
        assert again == before
        quiet = send(client, f"{path}/turns", {"text": "创业板怎么开通"})
        assert [turn["speaker"] for turn in quiet["turns"]] == ["customer"]
        send(client, f"{handover}/return", {"agent": "小王"})
        speaks = send(client, f"{path}/turns", {"text": "创业板怎么开通"})
        assert "创业板" in speaks["turns"][-1]["text"]


def test_nothing_said_is_lost_or_doubled(settings: Settings, client: httpx.Client) -> None:
    """Every request is repeated with its key until answered, through a kill: each counts once."""
    answered = threading.Semaphore(0)
    restarted = threading.Event()

    def talk(customer: int) -> tuple[str, list[str]]:
        path = ""
        texts = [f"第{n}句，客户{customer}的创业板怎么开通" for n in range(MESSAGES)]
        begun = until_answered(lambda: send(client, "/v1/conversations", {}, f"b-{customer}"))
        path = f"/v1/conversations/{begun['conversation_id']}"
        for number, text in enumerate(texts):
            once = f"{customer}-{number}"
            until_answered(lambda t=text, o=once: send(client, f"{path}/turns", {"text": t}, o))
            answered.release()
        return path, texts

    def until_answered(request: Any) -> Any:
        try:
            return request()
        except httpx.TransportError:
            restarted.wait(120)
            return request()

    with ThreadPoolExecutor(CUSTOMERS) as pool:
        with server(settings) as first:
            talks = [pool.submit(talk, number) for number in range(CUSTOMERS)]
            for _ in range(CUSTOMERS * MESSAGES // 3):
                assert answered.acquire(timeout=120)
            first.kill()
            first.wait()
        with server(settings):
            restarted.set()
            for path, texts in (talk.result() for talk in talks):
                said = client.get(f"{path}/turns").json()["turns"]
                mine = [turn["text"] for turn in said if turn["speaker"] == "customer"]
                assert mine == texts
                assert [turn["number"] for turn in said] == list(range(1, len(said) + 1))
