"""A real server that can be killed: the fixtures `serve`, `settings` and `client`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

from ui.settings import Settings

Serve = Callable[[Settings], AbstractContextManager["subprocess.Popen[str]"]]


@contextmanager
def _serve(settings: Settings) -> Iterator[subprocess.Popen[str]]:
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
def serve() -> Serve:
    """`foreland serve` once it listens; killed with SIGKILL at the end if still alive."""
    return _serve


@pytest.fixture
def settings(tmp_path: Path, data: Path) -> Settings:
    """An empty workspace at a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return Settings(home=tmp_path, data=data, api_port=port, log_level="INFO")


@pytest.fixture
def client(settings: Settings, data: Path) -> Iterator[httpx.Client]:
    """A client with a key of a workspace that knows how 创业板 is opened."""
    # Here and not above, so that other faults do not load the whole system.
    from assist.knowledge_file import load_folder
    from ui.keys import create_key
    from ui.wiring import Wiring, now

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
