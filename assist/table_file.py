"""Tables of text in CSV and Excel files (.xlsx): read row by row, written without formulas."""

from __future__ import annotations

import csv
import io
import logging
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from assist.errors import KnowledgeError
from assist.knowledge_found import Problem, Severity
from assist.knowledge_table import Row, guarded

MOST_ROWS = 200_000
MOST_UNPACKED = 300_000_000
"""Bytes that a workbook may unpack to; a zip bomb unpacks to more."""
_MOST_COLUMNS = 64
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
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
    """Write rows of text, header first, as the file's name says; raises KnowledgeError.

    A cell that a spreadsheet would take for a formula gets an apostrophe (OWASP).
    """
    kind = path.suffix.lower()
    safe = [tuple(guarded(cell) for cell in row) for row in rows]
    if kind == ".csv":
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\r\n").writerows(safe)
        raw = out.getvalue().encode("utf-8-sig", "replace")
    elif kind == ".xlsx":
        raw = _workbook(safe, title)
    else:
        raise KnowledgeError(f"{path}: is neither .csv nor .xlsx; end the name with one of them")
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be written ({error}); choose another") from error


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
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        yield _fault(path, f"is no .xlsx workbook ({error}); open it in Excel, save it as .xlsx")
        return
    if size > MOST_UNPACKED:
        yield _fault(path, f"unpacks to {size / 1e6:.0f} MB, more than is read; split it")
        return
    try:
        yield from _sheet(path)
    except Exception as error:  # noqa: BLE001  openpyxl raises whatever its parsers meet
        _LOG.info("%s could not be read", path.name, exc_info=True)
        yield _fault(path, f"is a damaged workbook ({type(error).__name__}); save it again")


def _sheet(path: Path) -> Iterator[Row]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # some programs state less than they wrote
        rows = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=_MOST_COLUMNS, values_only=True)
        for number, cells in enumerate(rows, start=1):
            yield Row(number, tuple(cells))
    finally:
        book.close()


def _workbook(rows: Iterable[Sequence[str]], title: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows):
        cells = []
        for text in row:
            cell: Any = WriteOnlyCell(sheet, value=_UNFIT.sub("�", text)[:32_767])
            cell.data_type = "s"  # never a formula, a number or an error such as #N/A
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fault(path: Path, message: str) -> Problem:
    return Problem(Severity.ERROR, path.name, message)
