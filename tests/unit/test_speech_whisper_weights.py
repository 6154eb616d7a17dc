"""Finding and fetching Whisper's weights, with a small file in place of a model."""

from __future__ import annotations

import hashlib
import threading
import urllib.error
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from speech.errors import ModelMissingError, TranscriberError
from speech.whisper_weights import download, locate

WEIGHTS = b"weights of a model" * 1_000
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()
URLS = {"small": f"https://models.example/main/{SHA256}/small.pt"}


def no_network(url: str, target: Path) -> None:
    """What fetching gives on a machine without internet."""
    raise urllib.error.URLError(OSError("Name or service not known"))


def writes(data: bytes) -> object:
    """A fetch that brings `data`."""
    return lambda url, target: target.write_bytes(data)


def test_a_checkpoint_is_found_by_its_path(tmp_path: Path) -> None:
    """No name, no download."""
    file = tmp_path / "mine.pt"
    file.touch()
    assert locate(str(file), tmp_path / "cache", URLS, no_network) == file


def test_a_named_model_that_is_there_needs_no_network(tmp_path: Path) -> None:
    """A file with the right SHA-256 is taken as it is."""
    (tmp_path / "small.pt").write_bytes(WEIGHTS)
    assert locate("small", tmp_path, URLS, no_network) == tmp_path / "small.pt"


def test_a_named_model_is_fetched_once(tmp_path: Path) -> None:
    """The folder is made, and the second call finds the file."""
    folder = tmp_path / "new" / "cache"
    file = locate("small", folder, URLS, writes(WEIGHTS))  # type: ignore[arg-type]
    assert locate("small", folder, URLS, no_network) == file


@pytest.mark.parametrize("there", [None, b"half a file"], ids=["absent", "damaged"])
def test_without_weights_the_two_ways_are_named(tmp_path: Path, there: bytes | None) -> None:
    """By name on a machine with internet, or by path with the flag and the setting."""
    if there is not None:
        (tmp_path / "small.pt").write_bytes(there)
    with pytest.raises(ModelMissingError) as caught:
        locate("small", tmp_path, URLS, no_network)
    message = str(caught.value)
    assert "Name or service not known" in message
    assert ("damaged" in message) == (there is not None)
    assert str(tmp_path) in message
    assert "--asr-model" in message
    assert "FORELAND_ASR_MODEL" in message
    assert caught.value.retryable


def test_a_path_without_a_file_is_missing(tmp_path: Path) -> None:
    """The message holds the path and the two ways."""
    with pytest.raises(ModelMissingError, match=r"none\.pt.*--asr-model"):
        locate(str(tmp_path / "none.pt"), tmp_path, URLS, no_network)


def test_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    """The message lists the names."""
    with pytest.raises(TranscriberError, match="'smal'; allowed: small"):
        locate("smal", tmp_path, URLS, no_network)


def test_weights_that_came_damaged_are_removed(tmp_path: Path) -> None:
    """A wrong SHA-256 leaves no file that a later start would trust."""
    with pytest.raises(ModelMissingError, match="wrong SHA-256"):
        locate("small", tmp_path, URLS, writes(b"something else"))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


class Server(BaseHTTPRequestHandler):
    """Serves the weights, half of them, or nothing."""

    def do_GET(self) -> None:
        """/whole, /half (announced whole), anything else is not found."""
        if self.path not in ("/whole", "/half"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(WEIGHTS)))
        self.end_headers()
        self.wfile.write(WEIGHTS if self.path == "/whole" else WEIGHTS[:100])

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a server on this machine."""
    server = HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_download_brings_the_whole_file(address: str, tmp_path: Path) -> None:
    """Nothing but the file is left."""
    download(f"{address}/whole", tmp_path / "a.pt")
    assert (tmp_path / "a.pt").read_bytes() == WEIGHTS
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("path", ["half", "absent"])
def test_a_failed_download_leaves_nothing(address: str, tmp_path: Path, path: str) -> None:
    """A connection that breaks off, or a 404, is an OSError and no file."""
    with pytest.raises(OSError, match=r"broke off|404"):
        download(f"{address}/{path}", tmp_path / "a.pt")
    assert list(tmp_path.iterdir()) == []


def test_an_unreachable_server_is_an_oserror(tmp_path: Path) -> None:
    """A closed port answers at once."""
    with pytest.raises(OSError, match="refused"):
        download("http://127.0.0.1:9/a.pt", tmp_path / "a.pt")
