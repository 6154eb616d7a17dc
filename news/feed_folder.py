"""Files of a watched folder that are new or changed, once they are written to their end."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from news.errors import SourceError

RESTS = timedelta(seconds=30)
"""A file that was not touched for so long is taken for complete when it is first seen."""

_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", "~")


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as it was at a look: `mark` changes with its content, `ready` says that it rests."""

    path: str
    mark: str
    ready: bool

    @property
    def key(self) -> str:
        """The path as it can be stored, whatever bytes its name has."""
        return os.fsencode(self.path).decode("utf-8", "backslashreplace")


def scan_folder(folder: Path, marks: Mapping[str, str], now: datetime) -> tuple[SeenFile, ...]:
    """Regular files below a folder in the order of their names; hidden ones are passed over.

    `marks` are those of the look before, by `key`: a file with the same mark as then rests. Links
    are not followed. Raises SourceError where the folder cannot be read.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: no such folder; make it or correct the source's `url`")
    found = []
    for path in sorted(_files(folder)):
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue  # moved away meanwhile
        if stat.S_ISREG(status.st_mode) and status.st_size:
            mark = f"{status.st_size}:{status.st_mtime_ns}"
            age = now.timestamp() - status.st_mtime
            file = SeenFile(str(path), mark, age >= RESTS.total_seconds())
            found.append(replace(file, ready=file.ready or marks.get(file.key) == mark))
    return tuple(found)


def _files(folder: Path) -> Iterator[Path]:
    for top, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and not name.endswith(_UNFINISHED):
                yield Path(top) / name
