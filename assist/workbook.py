"""Excel workbooks (.xlsx) whose cells are texts, read and written with openpyxl.

openpyxl is imported on first use. Formulas count as the value that Excel last showed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assist.knowledge_table import Row

MOST_UNPACKED = 300_000_000
"""Bytes that a workbook may unpack to; a zip bomb unpacks to more."""
_MOST_PARTS = 2_000
_MOST_COLUMNS = 64
_LONGEST = 32_767  # characters of a cell, by Excel's specification
_OLE = b"\xd0\xcf\x11\xe0"  # .xls, or a workbook under a password
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel reads _x0041_ as A: the underscore is written as _x005F_, which readers turn back.
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile("_x005F_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's title and its rows, which can be read once while the workbook is open."""

    title: str
    rows: Iterator[Row]


def refused(path: Path) -> str | None:
    """Why a file is not even opened; None where it may be."""
    try:
        with path.open("rb") as file:
            if file.read(4) == _OLE:
                return "is an .xls or has a password; save it as .xlsx without a password"
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        return f"is no .xlsx workbook ({error}); open it in Excel and save it as .xlsx"
    # A part that unpacks to more than it claims is cut off by zipfile, and fails its checksum.
    size = sum(part.file_size for part in parts)
    if size > MOST_UNPACKED or len(parts) > _MOST_PARTS:
        return (
            f"unpacks to {size / 1e6:.0f} MB in {len(parts)} parts, at most"
            f" {MOST_UNPACKED / 1e6:.0f} MB in {_MOST_PARTS} are read; split it"
        )
    return None


@contextmanager
def open_workbook(path: Path, most_rows: int) -> Iterator[tuple[Sheet, ...]]:
    """The sheets of a workbook; a damaged one raises whatever openpyxl's parsers meet."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        yield tuple(Sheet(str(s.title), _rows(s, most_rows)) for s in book.worksheets)
    finally:
        book.close()


def workbook(
    rows: Iterable[Sequence[str]], title: str, *, frozen: str = "A2", widths: Sequence[int] = ()
) -> bytes:
    """A workbook with one sheet, its first row bold; cells above and left of `frozen` stay in view.

    Columns with a width (in characters) wrap their text. Every cell is text: never a formula, a
    number or an error such as #N/A.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title[:31])
    sheet.freeze_panes = frozen
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    wrapped, bold = Alignment(wrap_text=True, vertical="top"), Font(bold=True)
    for number, row in enumerate(rows):
        cells = []
        for text in row:
            cell: Any = WriteOnlyCell(sheet, value=_written(text))
            cell.data_type = "s"
            if widths:
                cell.alignment = wrapped
            if number == 0:
                cell.font = bold
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rows(sheet: Any, most_rows: int) -> Iterator[Row]:
    sheet.reset_dimensions()  # some programs state less than they wrote
    rows = sheet.iter_rows(max_row=most_rows, max_col=_MOST_COLUMNS, values_only=True)
    for number, cells in enumerate(rows, start=1):
        yield Row(number, tuple(_plain(cell) if isinstance(cell, str) else cell for cell in cells))


def _written(text: str) -> str:
    return _ESCAPE.sub("_x005F_", _UNFIT.sub("�", text))[:_LONGEST]


def _plain(text: str) -> str:
    """Undo Excel's escapes of a line's end and of the underscore."""
    return _ESCAPED.sub("_", text.replace("_x000D_", ""))
