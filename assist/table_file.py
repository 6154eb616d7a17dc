"""Tables of text in CSV and Excel files (.xlsx): read row by row, written without formulas."""

from __future__ import annotations

import codecs
import csv
import io
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from assist.errors import KnowledgeError
from assist.knowledge_found import Problem, Severity
from assist.knowledge_table import Row, guarded
from assist.workbook import open_workbook, refused, workbook

MOST_ROWS = 200_000
BOM = codecs.BOM_UTF8
"""Begins a CSV file: without it Excel takes Chinese for another encoding."""
_LOG = logging.getLogger(__name__)


def read_table(path: Path) -> Iterator[Row | Problem]:
    """Rows of a CSV (UTF-8, UTF-16, GB18030) or of the first sheet of a workbook.

    What cannot be read is a Problem; nothing is raised.
    """
    kind = path.suffix.lower()
    if kind == ".xlsx":
        yield from _xlsx(path)
    elif kind in (".csv", ".tsv", ".txt"):
        yield from _csv(path)
    else:
        yield _fault(path, f"a {kind or 'nameless'} file is not read; save it as .csv or .xlsx")


def write_table(path: Path, rows: Iterable[Sequence[str]], title: str) -> None:
    """Write rows of text, header first, as the file's name says; raises KnowledgeError."""
    kind = path.suffix.lower()
    if kind == ".csv":
        raw = BOM + "".join(csv_lines(rows)).encode("utf-8", "replace")
    elif kind == ".xlsx":
        raw = xlsx_table(rows, title)
    else:
        raise KnowledgeError(f"{path}: is neither .csv nor .xlsx; end the name with one of them")
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be written ({error}); choose another") from error


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as lines of CSV (RFC 4180).

    A cell that a spreadsheet would take for a formula gets an apostrophe (OWASP).
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def xlsx_table(rows: Iterable[Sequence[str]], title: str) -> bytes:
    """Rows as a workbook; cells are guarded as in CSV, which people make of it."""
    return workbook([[guarded(cell) for cell in row] for row in rows], title)


def _csv(path: Path) -> Iterator[Row | Problem]:
    try:
        text = _decoded(path.read_bytes())
    except (OSError, UnicodeError) as error:
        yield _fault(path, f"is no text in UTF-8 or GB18030 ({error}); save it as “CSV UTF-8”")
        return
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number in range(1, MOST_ROWS + 2):
        try:
            yield Row(number, tuple(next(reader)))
        except StopIteration:
            return
        except csv.Error as error:
            place = f"{path.name}: row {number}"
            yield Problem(Severity.ERROR, place, f"is no valid CSV ({error}); check its quotes")
    yield _fault(path, f"at most {MOST_ROWS} rows are read; split the file")


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _xlsx(path: Path) -> Iterator[Row | Problem]:
    problem = refused(path)
    if problem:
        yield _fault(path, problem)
        return
    try:
        with open_workbook(path, MOST_ROWS + 1) as sheets:
            yield from sheets[0].rows
    except Exception as error:  # noqa: BLE001  openpyxl raises whatever its parsers meet
        _LOG.info("%s could not be read", path.name, exc_info=True)
        yield _fault(path, f"is a damaged workbook ({type(error).__name__}); save it again")


def _fault(path: Path, message: str) -> Problem:
    return Problem(Severity.ERROR, path.name, message)
