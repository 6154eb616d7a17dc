"""`foreland up`: API, console and the watch of sources, started, watched and stopped together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx

from ui.errors import SettingsError
from ui.settings import Settings

START_SECONDS = 60.0
STOP_SECONDS = 10.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Service:
    """A process with the address that answers when it is ready; None where none answers."""

    name: str
    command: tuple[str, ...]
    health: str | None = None


def services(settings: Settings, *, polls: bool = False) -> tuple[Service, ...]:
    """API and console as they are started for these settings; `polls`: and the watch of sources."""
    console = Path(__file__).resolve().parent / "console" / "app.py"
    options = {
        "--server.address": settings.host,
        "--server.port": str(settings.console_port),
        "--server.headless": "true",
        "--server.fileWatcherType": "none",
        "--browser.gatherUsageStats": "false",
    }
    flags = [part for pair in options.items() for part in pair]
    served = (
        Service(
            "API",
            (sys.executable, "-m", "ui.cli.main", "serve"),
            f"http://{settings.host}:{settings.api_port}/healthz",
        ),
        Service(
            "console",
            (sys.executable, "-m", "streamlit", "run", str(console), *flags),
            f"http://{settings.host}:{settings.console_port}/_stcore/health",
        ),
    )
    if not polls:
        return served
    return (*served, Service("sources", (sys.executable, "-m", "ui.cli.main", "news", "watch")))


class Supervisor:
    """Runs services until one ends or a stop is asked for, then stops them all."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings = settings
        self._log = log
        self._running: list[tuple[Service, subprocess.Popen[bytes]]] = []
        self.stopping = False

    def start(self, wanted: Sequence[Service]) -> None:
        """Start every service and wait until each answers; SettingsError where one cannot."""
        for port in (self._settings.api_port, self._settings.console_port):
            self._check_port(port)
        signal.signal(signal.SIGTERM, self._ask_stop)
        signal.signal(signal.SIGINT, self._ask_stop)
        environment = os.environ | self._settings.environment()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            for service in wanted:
                # A session of its own: Ctrl-C reaches the supervisor, which stops both in order.
                process = subprocess.Popen(
                    service.command,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    start_new_session=True,
                )
                self._running.append((service, process))
        deadline = time.monotonic() + START_SECONDS
        for service, process in self._running:
            self._wait_ready(service, process, deadline)

    def watch(self) -> int:
        """Block until Ctrl-C, SIGTERM or the end of a service; return an exit status."""
        while not self.stopping:
            for service, process in self._running:
                if process.poll() is not None:
                    print(
                        f"foreland: {service.name} ended with status {process.returncode};"
                        f" see {self._log}",
                        file=sys.stderr,
                    )
                    return 1
            time.sleep(_POLL_SECONDS)
        return 0

    def stop(self) -> None:
        """Ask every service to end, then kill what is left."""
        for _, process in self._running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for _, process in self._running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _ask_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _check_port(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self._settings.host, port))
            except OSError as error:
                raise SettingsError(
                    f"{self._settings.host}:{port} is taken ({error.strerror}); stop what uses it"
                    " or set FORELAND_API_PORT and FORELAND_CONSOLE_PORT"
                ) from error

    def _wait_ready(
        self, service: Service, process: subprocess.Popen[bytes], deadline: float
    ) -> None:
        with httpx.Client(trust_env=False, timeout=2) as client:
            while time.monotonic() < deadline and not self.stopping:
                if process.poll() is not None:
                    break
                if service.health is None:
                    return
                try:
                    if client.get(service.health).is_success:
                        return
                except httpx.TransportError:
                    pass  # not listening yet
                time.sleep(_POLL_SECONDS)
        if not self.stopping:
            raise SettingsError(
                f"{service.name} does not answer at {service.health}; its log is {self._log}:\n"
                + _tail(self._log)
            )


def _tail(path: Path, lines: int = 12) -> str:
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return "\n".join(text.splitlines()[-lines:])
