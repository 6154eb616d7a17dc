"""Reading labelled JSONL for `foreland eval`: bad rows are counted and skipped, never fatal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import orjson
import typer
from pydantic import BaseModel, ValidationError

from news.errors import DataFileError

_SHOWN = 3
Row = TypeVar("Row", bound=BaseModel)


class HeadlineRow(BaseModel):
    """A text to find by its headline."""

    headline: str
    text: str


class TaggedRow(BaseModel):
    """A text with its tags."""

    text: str
    tags: tuple[str, ...]


class GroupedRow(BaseModel):
    """A text with the group of texts that repeat each other."""

    id: str | int
    text: str
    group: str | int


def read_jsonl(
    path: Path,
    model: type[Row],
    *,
    limit: int | None,
    warn: Callable[[str], None] = lambda line: typer.echo(line, err=True),
) -> tuple[Row, ...]:
    """Rows of a JSONL file that fit the model, at most `limit`.

    Raises DataFileError where the file cannot be read or no row is left.
    """
    rows: list[Row] = []
    bad: list[str] = []
    for place, line in _lines(path):
        try:
            rows.append(model.model_validate(orjson.loads(line)))
        except (orjson.JSONDecodeError, ValidationError) as error:
            bad.append(f"{place}: {_reason(error)}")
        if limit is not None and len(rows) >= limit:
            break
    for reason in bad[:_SHOWN]:
        warn(f"skipped {reason}")
    if bad:
        warn(f"{path}: {len(bad)} bad rows skipped")
    if not rows:
        fields = ", ".join(model.model_fields)
        raise DataFileError(f"{path}: no row with the fields {fields}; one JSON object a line")
    return tuple(rows)


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield f"{path}:{number}", line
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read ({error.strerror})") from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return f"no JSON object ({error})"
