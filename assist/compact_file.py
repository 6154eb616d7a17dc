"""The folder of a compact encoder: encoder.json says what it is, encoder.npz holds the arrays.

No pickle: reading a folder runs no code of it. The JSON carries the format's number and the
SHA-256 of the arrays, so that a damaged or half-copied folder is an error and not a bad answer.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assist.errors import EncoderError

DESCRIPTION, ARRAYS = "encoder.json", "encoder.npz"
KIND, FORMAT = "foreland-compact-encoder", 1


def write_arrays(
    folder: Path,
    arrays: Mapping[str, NDArray[np.generic]],
    about: Mapping[str, str | int | float],
) -> int:
    """Write both files and give their size in bytes; an encoder that is there is replaced."""
    buffer = io.BytesIO()
    np.savez(buffer, **{name: arrays[name] for name in sorted(arrays)})  # type: ignore[arg-type]
    content = buffer.getvalue()
    description = {
        "kind": KIND,
        "format": FORMAT,
        "sha256": hashlib.sha256(content).hexdigest(),
        "about": dict(about),
    }
    text = json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    check_target(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The description goes last: a write that is cut short leaves a folder that is refused.
        _replace(folder / ARRAYS, content)
        _replace(folder / DESCRIPTION, text.encode("utf-8"))
    except OSError as error:
        raise EncoderError(
            f"encoder {str(folder)!r}: cannot be written ({error.strerror}); choose another folder"
        ) from error
    return len(content) + len(text.encode("utf-8"))


def check_target(folder: Path) -> None:
    """Raise EncoderError where a trained encoder must not be written into `folder`."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / DESCRIPTION).is_file():
        raise EncoderError(
            f"encoder {str(folder)!r}: holds other files; give a new folder or one with an"
            f" {DESCRIPTION}"
        )
    if folder.exists() and not folder.is_dir():
        raise EncoderError(f"encoder {str(folder)!r}: is a file; give a folder")


def read_arrays(folder: Path) -> dict[str, Any]:
    """The arrays of a folder; raises EncoderError where it is none, damaged or of a newer format.

    The values are numpy arrays; the caller checks their shapes.
    """
    description = _description(folder)
    try:
        content = (folder / ARRAYS).read_bytes()
    except OSError as error:
        raise _refused(folder, f"{ARRAYS} cannot be read ({error.strerror})") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != description.get("sha256"):
        raise _refused(folder, f"{ARRAYS} is damaged: its SHA-256 is not the one in {DESCRIPTION}")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise _refused(folder, f"{ARRAYS} holds no arrays ({error})") from error


def _description(folder: Path) -> dict[str, Any]:
    try:
        raw = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused(folder, f"{DESCRIPTION} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise _refused(folder, f"{DESCRIPTION} is no JSON ({error})") from error
    if not isinstance(raw, dict) or raw.get("kind") != KIND:
        raise _refused(folder, f"{DESCRIPTION} does not say kind {KIND!r}")
    if raw.get("format") != FORMAT:
        raise EncoderError(
            f"encoder {str(folder)!r}: has format {raw.get('format')!r}, this program reads"
            f" {FORMAT}; train it again or use the program that wrote it"
        )
    return raw


def _refused(folder: Path, reason: str) -> EncoderError:
    return EncoderError(f"encoder {str(folder)!r}: {reason}; copy the folder again or train it")


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(content)
    os.replace(beside, path)
