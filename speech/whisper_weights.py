"""Where Whisper's weights are: a checkpoint file, or a named model fetched once into a folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from speech.errors import ModelMissingError, TranscriberError

Fetch = Callable[[str, Path], None]
"""Put the bytes at a URL into a file; raises OSError when that cannot be done now."""

TIMEOUT_SECONDS = 10.0
"""Longest silence of the server; an unreachable network is reported within about this time."""


def default_folder() -> Path:
    """The folder that Whisper itself uses, so that models fetched by it are found."""
    return Path.home() / ".cache" / "whisper"


def locate(model: str, folder: Path, urls: Mapping[str, str], fetch: Fetch) -> Path:
    """The checkpoint file of `model`, a name in `urls` or a path.

    A named model is fetched when it is absent or damaged; its address carries its SHA-256.
    Raises ModelMissingError when that fails, TranscriberError when `model` is neither.
    """
    if model in urls:
        return _named(model, folder, urls[model], fetch)
    file = Path(model).expanduser()
    if file.is_file():
        return file
    if file.suffix or len(file.parts) > 1:
        raise ModelMissingError(f"no Whisper checkpoint at {model}; {_two_ways(folder)}")
    raise TranscriberError(
        f"no Whisper model is called {model!r}; allowed: {', '.join(sorted(urls))}, "
        "or the path of a .pt checkpoint"
    )


def download(url: str, target: Path) -> None:
    """Fetch `url` into `target` over HTTP(S); a half file is never left under that name."""
    draft = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with (
            urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as source,
            draft.open("wb") as out,
        ):
            shutil.copyfileobj(source, out, 1 << 20)
            _check_complete(source.headers.get("Content-Length"), out.tell())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _named(name: str, folder: Path, url: str, fetch: Fetch) -> Path:
    address = urlsplit(url)
    file, expected = folder / Path(address.path).name, address.path.split("/")[-2]
    if file.is_file() and _sha256(file) == expected:
        return file
    state = "are damaged" if file.is_file() else "are not there"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fetch(url, file)
    except (OSError, urllib.error.URLError) as error:
        reason = getattr(error, "reason", None) or error
        raise ModelMissingError(
            f"the weights of Whisper {name!r} ({file}) {state} and could not be downloaded from "
            f"{address.netloc} ({reason}); {_two_ways(folder)}"
        ) from error
    if _sha256(file) != expected:
        file.unlink()
        raise ModelMissingError(
            f"the weights of Whisper {name!r} came damaged from {address.netloc} (wrong SHA-256) "
            f"and were removed; try again, or: {_two_ways(folder)}"
        )
    return file


def _two_ways(folder: Path) -> str:
    return (
        "there are two ways to get weights: by name, on a machine with internet, where the first "
        f"use downloads them into {folder} (that folder may then be copied here); or by path, "
        "with a .pt checkpoint copied over and --asr-model PATH or FORELAND_ASR_MODEL=PATH"
    )


def _check_complete(announced: str | None, received: int) -> None:
    if announced is not None and int(announced) != received:
        raise OSError(f"the download broke off after {received} of {announced} bytes")


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
