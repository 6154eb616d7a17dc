"""Labelled TSV files: UTF-8, a header line, one row a line; bad rows are counted and skipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assist.errors import KnowledgeError

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of the wanted columns, and how many lines were skipped as bad."""

    rows: tuple[tuple[str, ...], ...]
    skipped: int


def read_table(
    path: Path,
    columns: Sequence[str],
    *,
    limit: int | None = None,
    say: Callable[[str], None] = lambda line: None,
    check: Callable[[tuple[str, ...]], str | None] = lambda row: None,
) -> Table:
    """Read the named columns, in their order, of at most `limit` good rows.

    A row is bad where it has another number of fields than the header, an empty wanted field or
    where `check` gives a reason. Bad rows are told to `say`. Raises KnowledgeError where the file
    cannot be read, lacks a column or has no good row.
    """
    lines = _lines(path)
    header = lines[0].split("\t")
    places = _places(path, header, columns)
    rows: list[tuple[str, ...]] = []
    skipped = 0
    for number, line in enumerate(lines[1:], start=2):
        if limit is not None and len(rows) >= limit:
            break
        fields = line.split("\t")
        row = tuple(fields[p].strip() for p in places) if len(fields) == len(header) else ()
        reason = _reason(line, len(fields), len(header), row) or check(row)
        if reason is None:
            rows.append(row)
            continue
        skipped += 1
        if skipped <= _SHOWN:
            say(f"{path}:{number}: skipped, {reason}")
    if skipped > _SHOWN:
        say(f"{path}: {skipped} bad rows skipped")
    if not rows:
        raise KnowledgeError(
            f"{path}: no usable row among {len(lines) - 1}; a row needs"
            f" {len(header)} fields between tabs with {', '.join(columns)} filled"
        )
    return Table(tuple(rows), skipped)


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise KnowledgeError(f"{path}:{line}: is no UTF-8 text; save the file as UTF-8") from error
    # Not splitlines(): a sentence may hold a form feed or a Unicode line separator.
    lines = text.replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise KnowledgeError(f"{path}: is empty; the first line names the columns")
    return lines


def _places(path: Path, header: Sequence[str], columns: Sequence[str]) -> tuple[int, ...]:
    names = [name.strip() for name in header]
    missing = [column for column in columns if column not in names]
    if missing:
        raise KnowledgeError(
            f"{path}:1: no column {', '.join(missing)}; the header has {', '.join(names)}"
        )
    return tuple(names.index(column) for column in columns)


def _reason(line: str, fields: int, wanted: int, row: tuple[str, ...]) -> str | None:
    if not line.strip():
        return "empty line"
    if fields != wanted:
        return f"{fields} fields where the header has {wanted}"
    return None if all(row) else "an empty field"
