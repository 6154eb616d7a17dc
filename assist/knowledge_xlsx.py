"""Knowledge as an Excel workbook (.xlsx), read with openpyxl; it is imported on first use."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from assist.knowledge import FaqEntry
from assist.knowledge_found import Found, Problem, Severity
from assist.knowledge_table import MOST_ROWS, Row, read_rows, table

MOST_UNPACKED = 300_000_000
"""Bytes that a workbook may unpack to; a zip bomb unpacks to more."""
_MOST_PARTS = 2_000
_MOST_COLUMNS = 64
_WIDTHS = (30, 16, 34, 44, 70, 34, 12, 12, 34, 8)
_OLE = b"\xd0\xcf\x11\xe0"  # .xls, or a workbook under a password
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel reads _x0041_ as A: the underscore is written as _x005F_, which readers turn back.
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile("_x005F_(?=x[0-9A-Fa-f]{4}_)")
_LOG = logging.getLogger(__name__)


def read_xlsx(path: Path, known: Mapping[str, FaqEntry]) -> Iterator[Found]:
    """Entries, further questions and problems of every sheet that has a column 编号.

    Formulas count as the value that Excel last showed.
    """
    refused = _refused(path)
    if refused:
        yield Problem(Severity.ERROR, path.name, refused)
        return
    try:
        yield from _sheets(path, known)
    except Exception as error:  # noqa: BLE001  openpyxl raises whatever its parsers meet
        _LOG.info("%s could not be read", path.name, exc_info=True)
        message = (
            f"is a damaged workbook ({type(error).__name__}); open it in Excel and save it again"
        )
        yield Problem(Severity.ERROR, path.name, message)


def write_xlsx(entries: Iterable[FaqEntry]) -> bytes:
    """A workbook with one sheet that `read_xlsx` reads back; every cell is text."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("知识库")
    sheet.freeze_panes = "B2"
    for number, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    wrapped, bold = Alignment(wrap_text=True, vertical="top"), Font(bold=True)
    for number, row in enumerate(table(entries)):
        cells = []
        for text in row:
            cell: Any = WriteOnlyCell(sheet, value=_ESCAPE.sub("_x005F_", _UNFIT.sub("�", text)))
            cell.data_type = "s"  # never a formula, a number or an error such as #N/A
            cell.alignment = wrapped
            if number == 0:
                cell.font = bold
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _refused(path: Path) -> str | None:
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


def _sheets(path: Path, known: Mapping[str, FaqEntry]) -> Iterator[Found]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        without: list[Found] = []
        sheets = book.worksheets
        for sheet in sheets:
            name = path.name if len(sheets) == 1 else f"{path.name} [{sheet.title}]"
            found = list(read_rows(_rows(sheet), name, known))
            if len(found) == 1 and isinstance(found[0], Problem) and found[0].place == name:
                without += found  # a sheet of remarks, unless no sheet has entries
            else:
                yield from found
        if len(without) == len(sheets):
            yield from without[:1]
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # some programs state less than they wrote
    rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=_MOST_COLUMNS, values_only=True)
    for number, cells in enumerate(rows, start=1):
        yield Row(number, tuple(_plain(cell) if isinstance(cell, str) else cell for cell in cells))


def _plain(text: str) -> str:
    """Undo Excel's escapes of a line's end and of the underscore."""
    return _ESCAPED.sub("_", text.replace("_x000D_", ""))
