"""`foreland up`: both services really start, answer, keep the data and stop together."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A home of its own on free ports."""
    return os.environ | {
        "FORELAND_HOME": str(tmp_path_factory.mktemp("up")),
        "FORELAND_API_PORT": str(_free_port()),
        "FORELAND_CONSOLE_PORT": str(_free_port()),
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def _up(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running command and what it printed until it was ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli.main", "up", "--sample"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        yield process, "".join(lines)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def _closed(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) != 0


def test_up_starts_answers_stops_and_starts_again(environment: dict[str, str]) -> None:
    """API and console answer; Ctrl-C ends both; the second start keeps data and key."""
    api = f"http://127.0.0.1:{environment['FORELAND_API_PORT']}"
    console = f"http://127.0.0.1:{environment['FORELAND_CONSOLE_PORT']}"
    with _up(environment) as (process, printed):
        assert api in printed
        assert console in printed
        key = re.search(r"fl_\w+", printed)
        assert key is not None
        health = httpx.get(f"{api}/healthz").json()
        assert health["entries"] >= 240
        assert health["articles"] >= 100
        found = httpx.get(
            f"{api}/v1/news/search",
            params={"entity": "300750"},
            headers={"X-API-Key": key[0]},
        )
        assert found.json()["total"] > 0
        assert httpx.get(f"{api}/v1/news/search").status_code == 401
        assert "Streamlit" in httpx.get(console).text
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    assert _closed(environment["FORELAND_API_PORT"])
    assert _closed(environment["FORELAND_CONSOLE_PORT"])
    database = Path(environment["FORELAND_HOME"]) / "demo" / "workspace.db"
    assert key[0].encode() not in database.read_bytes()
    with _up(environment) as (_, printed):
        assert "fl_" not in printed
        again = httpx.get(f"{api}/healthz").json()
        assert (again["articles"], again["entries"]) == (health["articles"], health["entries"])


def test_a_taken_port_is_named(environment: dict[str, str]) -> None:
    """The message says which port and how to choose another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = subprocess.run(
            [sys.executable, "-m", "ui.cli.main", "up"],
            env=environment | {"FORELAND_API_PORT": port},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
    assert result.returncode == 1
    assert f"127.0.0.1:{port} is taken" in result.stderr
    assert "FORELAND_API_PORT" in result.stderr
