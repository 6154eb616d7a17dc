"""Reading labelled JSONL for `foreland eval`: bad rows are counted and skipped, never fatal."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import orjson
import typer
from pydantic import BaseModel, Field, ValidationError

from news.article import Sentiment
from news.errors import DataFileError

_SHOWN = 3
_LARGEST = 2_000_000_000
Row = TypeVar("Row", bound=BaseModel)
Example = TypeVar("Example")


class HeadlineRow(BaseModel):
    """A text to find by its headline."""

    headline: str
    text: str


class TaggedRow(BaseModel):
    """A text with its tags."""

    text: str
    tags: tuple[str, ...]


class NegativeNewsRow(BaseModel):
    """A news item, whether it is bad news, and for which of its entities."""

    title: str = ""
    text: str
    entities: tuple[str, ...]
    negative: bool
    subjects: tuple[str, ...]


class EntityToneRow(BaseModel):
    """A text and how it speaks of one entity in it."""

    text: str
    entity: str = Field(min_length=1)
    sentiment: Sentiment


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


def read_examples(
    paths: Sequence[Path],
    model: type[Row],
    asked: Callable[[Row], Hashable],
    told: Callable[[Row], Hashable],
    warn: Callable[[str], None],
) -> tuple[Row, ...]:
    """Rows of all files to learn from, each once; rows that contradict one another left out.

    `asked` is what a row asks about, `told` its label. Repeated and contradicting rows are counted
    and reported. Raises DataFileError as `read_jsonl` does, where a file is over 2 GB, and where
    all rows contradict one another.
    """
    for path in paths:
        if path.is_file() and path.stat().st_size > _LARGEST:
            raise DataFileError(
                f"{path}: {path.stat().st_size / 1e9:.1f} GB, at most {_LARGEST / 1e9:.0f} GB are"
                " read into memory; give a sample of it"
            )
    rows = [row for path in paths for row in read_jsonl(path, model, limit=None, warn=warn)]
    labels: dict[Hashable, set[Hashable]] = {}
    for row in rows:
        labels.setdefault(asked(row), set()).add(told(row))
    distinct = {asked(row): row for row in reversed(rows)}
    kept = tuple(row for key, row in reversed(distinct.items()) if len(labels[key]) == 1)
    contested = len(labels) - len(kept)
    if len(rows) > len(distinct):
        warn(f"{len(rows) - len(distinct)} rows repeat the text of others; each text counts once")
    if contested:
        warn(f"{contested} texts have contradicting labels; left out: keep one label of each")
    if not kept:
        raise DataFileError(f"{paths[0]}: every text has contradicting labels; keep one of each")
    return kept


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
