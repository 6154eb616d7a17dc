"""Knowledge as an Excel workbook (.xlsx)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from assist.knowledge import FaqEntry
from assist.knowledge_found import Found, Problem, Severity
from assist.knowledge_table import MOST_ROWS, read_rows, table
from assist.workbook import open_workbook, refused, workbook

_WIDTHS = (30, 16, 34, 44, 70, 34, 12, 12, 34, 8)
_LOG = logging.getLogger(__name__)


def read_xlsx(path: Path, known: Mapping[str, FaqEntry]) -> Iterator[Found]:
    """Entries, further questions and problems of every sheet that has a column 编号."""
    problem = refused(path)
    if problem:
        yield Problem(Severity.ERROR, path.name, problem)
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
    return workbook(table(entries), "知识库", frozen="B2", widths=_WIDTHS)


def _sheets(path: Path, known: Mapping[str, FaqEntry]) -> Iterator[Found]:
    with open_workbook(path, MOST_ROWS + 2) as sheets:
        without: list[Found] = []
        for sheet in sheets:
            name = path.name if len(sheets) == 1 else f"{path.name} [{sheet.title}]"
            found = list(read_rows(sheet.rows, name, known))
            if len(found) == 1 and isinstance(found[0], Problem) and found[0].place == name:
                without += found  # a sheet of remarks, unless no sheet has entries
            else:
                yield from found
        if len(without) == len(sheets):
            yield from without[:1]
