"""A learned model in a folder: `model.json` (what it is) and `model.npz` (its numbers).

Nothing in it can run: arrays are read without pickle. The checksum finds damaged files, format and
version find those of another model or program.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from news.errors import DataFileError

HEAD, ARRAYS = "model.json", "model.npz"


@dataclass(frozen=True, slots=True)
class SavedModel:
    """What a folder holds: `head` is plain JSON of the model's own form."""

    format: str
    version: int
    head: Mapping[str, Any]
    arrays: Mapping[str, npt.NDArray[Any]]

    def write(self, folder: Path) -> int:
        """Write both files, the head last, so that a folder with a head is whole; bytes written.

        Raises DataFileError where the folder holds anything else, or cannot be written.
        """
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **self.arrays)
        arrays = buffer.getvalue()
        digest = hashlib.sha256(arrays).hexdigest()
        form = {"format": self.format, "version": self.version, "sha256": digest, **self.head}
        head = json.dumps(form, ensure_ascii=False).encode()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _refuse_foreign(folder)
            for name, content in ((ARRAYS, arrays), (HEAD, head)):
                passing = folder / f"{name}.new"
                passing.write_bytes(content)
                os.replace(passing, folder / name)
        except OSError as error:
            raise DataFileError(f"{folder}: cannot be written ({error.strerror})") from error
        return len(arrays) + len(head)

    @classmethod
    def read(cls, folder: Path, format: str, version: int) -> SavedModel:
        """Read what `write` wrote; raises DataFileError with what is wrong with the folder."""
        head = _head(folder, format, version)
        try:
            content = (folder / ARRAYS).read_bytes()
        except OSError as error:
            raise DataFileError(
                f"{folder / ARRAYS}: cannot be read ({error.strerror}); copy the whole folder"
            ) from error
        if hashlib.sha256(content).hexdigest() != head.get("sha256"):
            raise DataFileError(
                f"{folder / ARRAYS}: is damaged or of another training; copy the folder again, or"
                " train again"
            )
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                return cls(format, version, head, {name: arrays[name] for name in arrays.files})
        except (ValueError, KeyError, zipfile.BadZipFile) as error:
            raise DataFileError(f"{folder / ARRAYS}: is damaged ({error}); train again") from error


def check_target(folder: Path) -> None:
    """Raise DataFileError where a model cannot be written; asked before minutes of training."""
    if folder.is_dir():
        _refuse_foreign(folder)
    elif folder.exists():
        raise DataFileError(f"{folder}: is a file; give a folder, new or of an earlier model")


def _refuse_foreign(folder: Path) -> None:
    own = {HEAD, ARRAYS, f"{HEAD}.new", f"{ARRAYS}.new"}
    foreign = sorted({path.name for path in folder.iterdir()} - own)
    if foreign:
        raise DataFileError(
            f"{folder}: holds {foreign[0]!r}, which is no part of a model; give a new folder"
        )


def _head(folder: Path, format: str, version: int) -> dict[str, Any]:
    path = folder / HEAD
    try:
        head: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise DataFileError(f"{folder}: holds no model ({HEAD}: {error.strerror})") from error
    except ValueError as error:
        raise DataFileError(f"{path}: is no JSON ({error}); train again") from error
    if not isinstance(head, dict) or head.get("format") != format:
        raise DataFileError(f"{path}: is no {format!r}; give the folder of such a model")
    if head.get("version") != version:
        raise DataFileError(
            f"{path}: has version {head.get('version')!r}, this program reads {version}; train"
            " again with it"
        )
    return head
