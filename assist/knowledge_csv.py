"""Knowledge as CSV, in UTF-8, UTF-16 or GB18030 (what Excel saves in China)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry
from assist.knowledge_found import Found, Problem, Severity
from assist.knowledge_table import Row, read_rows, table

ENCODINGS = ("utf-8-sig", "gb18030")
"""Encodings that can be written: the first for every program, the second for old ones."""


def read_csv(path: Path, known: Mapping[str, FaqEntry]) -> Iterator[Found]:
    """Entries, further questions and problems of a file; separated by comma, semicolon or tab."""
    try:
        text = _decoded(path.read_bytes())
    except (OSError, UnicodeError) as error:
        message = f"is no text in UTF-8 or GB18030 ({error}); save it as “CSV UTF-8”"
        yield Problem(Severity.ERROR, path.name, message)
        return
    yield from read_rows(_rows(text, path.name), path.name, known)


def write_csv(entries: Iterable[FaqEntry], encoding: str = ENCODINGS[0]) -> bytes:
    """A table that `read_csv` reads back; raises KnowledgeError for an unknown encoding."""
    if encoding not in ENCODINGS:
        raise KnowledgeError(f"encoding {encoding!r}: give one of {', '.join(ENCODINGS)}")
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(table(entries))
    return out.getvalue().encode(encoding)


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _rows(text: str, name: str) -> Iterator[Row | Problem]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    # Strict: a quote that is never closed is an error of its row instead of swallowing the rest.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            place = f"{name}: row {number}"
            message = f"is no valid CSV ({error}, line {reader.line_num}); check its quotes"
            yield Problem(Severity.ERROR, place, message)
        else:
            yield Row(number, tuple(cells))
