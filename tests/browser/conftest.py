"""A real Streamlit server over a temporary workspace, driven by a real Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from news.read import read_sources
from ui.sample import load_sample
from ui.settings import read_settings
from ui.wiring import Wiring

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60.0
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
_HEADLINE = "<script>window.hacked=1</script> [点我](javascript:alert(1)) $x$ :red[红]"
_ARTICLE = (
    '{"headline": "%s", "text": "五粮液（000858）公告 <img src=x onerror=window.hacked=2> **重**",'
    ' "published_at": "2026-01-02T10:00:00+08:00", "source": "<b>来源</b>"}\n{"headline": "broken\n'
)


@dataclass(frozen=True, slots=True)
class Console:
    """A running console.

    `hostile` is the headline of an article that tries to be code; `strangers` collects requests
    to other machines and dialogs that scripts opened.
    """

    address: str
    hostile: str
    strangers: list[str]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium; skips where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[dev]'")
    return path


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> dict[str, str]:
    """Environment of a workspace with the sample data, a hostile article and a broken one."""
    home = tmp_path_factory.mktemp("browser")
    environment = {"FORELAND_HOME": str(home), "FORELAND_DATA": str(ROOT / "data")}
    wiring = Wiring(read_settings(environment))
    load_sample(wiring, say=lambda line: None)
    hostile = home / "hostile.jsonl"
    hostile.write_text(_ARTICLE % _HEADLINE, encoding="utf-8")
    wiring.ingester.ingest(read_sources([str(hostile)]))
    return environment


@pytest.fixture(scope="session")
def console(workspace: dict[str, str]) -> Iterator[Console]:
    """The console as it is started for real, on a free port."""
    with serving(workspace) as address:
        yield Console(address, _HEADLINE, [])


@pytest.fixture(scope="session")
def serve() -> Callable[[dict[str, str]], AbstractContextManager[str]]:
    """Starts a console over another workspace."""
    return serving


@contextmanager
def serving(workspace: dict[str, str]) -> Iterator[str]:
    """The address of a console that runs with this environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "--server.headless": "true",
        "--server.address": "127.0.0.1",
        "--server.port": str(port),
        "--server.fileWatcherType": "none",
        "--browser.gatherUsageStats": "false",
    }
    flags = [part for pair in options.items() for part in pair]
    command = [sys.executable, "-m", "streamlit", "run", "ui/console/app.py", *flags]
    log = Path(workspace["FORELAND_HOME"]) / "console.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | workspace, stdout=out, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(server, f"{address}/_stcore/health", log)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def _wait(server: subprocess.Popen[bytes], health: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    with httpx.Client(trust_env=False, timeout=2) as client:
        while time.monotonic() < deadline and server.poll() is None:
            try:
                if client.get(health).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)  # not listening yet
    pytest.fail(f"the console did not start:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """One Chromium for all tests; its pages share what it has fetched, not their sessions."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.set_default_timeout(15_000)
        yield context
        browser.close()


@pytest.fixture
def opened(console: Console, browser: Any) -> Iterator[Callable[[str], Any]]:
    """Opens a path of the console in a session of its own; dialogs and strangers are noted."""
    pages = []

    def watch(request: Any) -> None:
        if not request.url.startswith((console.address, "data:", "blob:")):
            console.strangers.append(request.url)

    def refuse(dialog: Any) -> None:
        console.strangers.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open_path(path: str) -> Any:
        page = browser.new_page()
        pages.append(page)
        page.on("request", watch)
        page.on("dialog", refuse)
        page.goto(f"{console.address}/{path}")
        return page

    yield open_path
    for page in pages:
        page.close()
