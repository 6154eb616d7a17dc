"""A server that is killed in the middle of a conversation, and the one after it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from assist.knowledge_file import load_folder
from ui.keys import create_key
from ui.settings import Settings
from ui.wiring import Wiring, now


@contextmanager
def process(settings: Settings) -> Iterator[subprocess.Popen[str]]:
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


def _say(settings: Settings, key: str, text: str, conversation: str | None = None) -> Any:
    answer = httpx.post(
        f"http://127.0.0.1:{settings.api_port}/v1/chat/messages",
        json={"text": text, "conversation_id": conversation},
        headers={"X-API-Key": key},
        timeout=60,
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_conversation_outlives_the_process_that_was_killed(tmp_path: Path, data: Path) -> None:
    """Which company was talked about before `kill -9` is known after it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(home=tmp_path, data=data, api_port=port, log_level="INFO")
    wiring = Wiring(settings)
    entries = load_folder(data / "faq").entries
    permissions = [e for e in entries if e.id.startswith("board-permission-chinext")]
    wiring.load_base_facts()
    wiring.knowledge_store.publish(permissions, "tests", now())
    key = create_key(wiring.key_store, "killed")
    with process(settings) as first:
        upstream = _say(settings, key, "宁德时代的上游有哪些")
        first.kill()
        first.wait()
    assert "上游" in upstream["reply"]
    with process(settings):
        downstream = _say(settings, key, "那它的下游呢", upstream["conversation_id"])
    assert downstream["kind"] == "answer"
    assert "锂电池行业的下游" in downstream["reply"]
