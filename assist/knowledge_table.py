"""Knowledge as a table: one row an entry, or one row a question.

The first row with a column 编号 names the columns (`Column`, other names in ALIASES). In 相似问
each line of a cell is a question. Rows with the same 编号 belong together: the first one that fills
a column says what it holds, each further row may add similar questions; a row without 编号 goes on
with the row above. Rows that fill nothing but questions add them to an entry that is published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from pydantic import ValidationError

from assist.knowledge import FaqEntry
from assist.knowledge_form import EntryForm, SimilarForm, reason
from assist.knowledge_found import Found, MoreQuestions, PlacedEntry, Problem, Severity
from news.text import fold

MOST_ROWS = 200_000
LONGEST_CELL = 32_767  # Excel's limit
_HEADER_WITHIN = 20  # rows above the header that may hold a title
Cell = str | int | float | bool | date | None


class Column(StrEnum):
    """The columns of a table, in the order in which they are written."""

    ID = "编号"
    CATEGORY = "类别"
    QUESTION = "标准问"
    SIMILAR = "相似问"
    ANSWER = "答案"
    SOURCE = "依据"
    VALID_FROM = "生效日期"
    VALID_UNTIL = "失效日期"
    RISK_NOTICE = "风险提示"
    VERSION = "版本"
    ANY_QUESTION = "问题"


ALIASES = {
    Column.ID: ("id", "entry_id", "条目编号", "知识编号", "知识点编号"),
    Column.CATEGORY: ("category", "分类", "类目", "业务类别"),
    Column.QUESTION: ("question", "standard_question", "标准问题", "标准问法"),
    Column.SIMILAR: ("similar", "相似问题", "相似问法", "扩展问", "扩展问法", "相似问(扩展问)"),
    Column.ANSWER: ("answer", "回答", "标准答案", "回复"),
    Column.SOURCE: ("source", "来源", "依据文件", "出处"),
    Column.VALID_FROM: ("valid_from", "生效日", "生效时间"),
    Column.VALID_UNTIL: ("valid_until", "失效日", "失效时间", "到期日"),
    Column.RISK_NOTICE: ("risk_notice", "风险揭示"),
    Column.VERSION: ("version", "版本号"),
    Column.ANY_QUESTION: ("问法", "用户问法", "客户问法"),
}
_BY_NAME = {fold(name): c for c in Column for name in (c.value, *ALIASES[c])}
_FIELDS = {
    Column.CATEGORY: "category",
    Column.QUESTION: "question",
    Column.ANSWER: "answer",
    Column.SOURCE: "source",
    Column.VALID_FROM: "valid_from",
    Column.VALID_UNTIL: "valid_until",
    Column.RISK_NOTICE: "risk_notice",
}
_DATES = (Column.VALID_FROM, Column.VALID_UNTIL)
_MANY = (Column.SIMILAR, Column.ANY_QUESTION)
_DATE = re.compile(
    r"(\d{4})\s*(?:[-/.年])\s*(\d{1,2})\s*(?:[-/.月])\s*(\d{1,2})\s*日?(?:[ T]0?0:00.*)?"
)
# A spreadsheet takes a cell that begins so for a formula; in East Asian settings also full width.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; `number` counts from 1 as spreadsheets do, the header included."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class _Read:
    """A row by its columns; only what is filled."""

    number: int
    id: str
    fields: dict[Column, str]
    questions: tuple[str, ...]


@dataclass(slots=True)
class _Group:
    """The rows of one entry."""

    id: str
    number: int
    fields: dict[Column, str] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)


def read_rows(
    rows: Iterable[Row | Problem], name: str, known: Mapping[str, FaqEntry]
) -> Iterator[Found]:
    """Entries, further questions and problems of a table called `name`.

    What a column says that the table does not have is taken from the entry in `known`.
    """
    groups: dict[str, _Group] = {}
    columns: tuple[Column | None, ...] | None = None
    last = ""
    for row in rows:
        if isinstance(row, Problem):
            yield row
        elif columns is None:
            columns = _columns(row)
            if columns is not None:
                yield from _unknown(row, columns, name)
            elif row.number >= _HEADER_WITHIN:
                break
        elif row.number > MOST_ROWS:
            yield _problem(
                name, row.number, "", f"at most {MOST_ROWS} rows are read; split the file"
            )
            break
        elif any(_is_filled(cell) for cell in row.cells):
            try:
                read = _read(row, columns, last)
                last = read.id
                _join(groups, read)
            except _BadRowError as error:
                yield _problem(name, row.number, error.id, str(error))
    if columns is None:
        wanted = "、".join(list(Column)[:10])
        yield Problem(Severity.ERROR, name, f"has no row with a column 编号; columns are {wanted}")
        return
    has = frozenset(column for column in columns if column)
    for group in groups.values():
        yield _entry(group, has, name, known)


def table(entries: Iterable[FaqEntry]) -> Iterator[tuple[str, ...]]:
    """The rows that `read_rows` reads back, header first; no cell can be taken for a formula.

    One row an entry; more where its similar questions do not fit into one cell.
    """
    yield tuple(str(column) for column in list(Column)[:10])
    for entry in entries:
        cells = list(_packed(entry.similar)) or [""]
        yield (
            entry.id,
            guarded(entry.category),
            guarded(entry.question),
            guarded(cells[0]),
            guarded(entry.answer),
            guarded(entry.source),
            entry.valid_from.isoformat(),
            entry.valid_until.isoformat() if entry.valid_until else "",
            guarded(entry.risk_notice or ""),
            str(entry.version),
        )
        for cell in cells[1:]:
            yield (entry.id, "", "", guarded(cell), *("",) * 6)


def guarded(text: str) -> str:
    """A text with an apostrophe before what a spreadsheet would take for a formula (OWASP)."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text that was guarded."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


class _BadRowError(Exception):
    """A row that is skipped; `id` where it is known."""

    def __init__(self, message: str, entry_id: str = "") -> None:
        super().__init__(message)
        self.id = entry_id


def _columns(row: Row) -> tuple[Column | None, ...] | None:
    """The column of each cell, if this row is the header."""
    found = tuple(_column(cell) for cell in row.cells)
    return found if Column.ID in found and len(set(found) - {None}) > 1 else None


def _column(cell: Cell) -> Column | None:
    name = fold(cell) if isinstance(cell, str) else ""
    # 相似问1, 相似问2 …: one question a column.
    return _BY_NAME.get(name) or _BY_NAME.get(name.rstrip("0123456789"))


def _unknown(row: Row, columns: Sequence[Column | None], name: str) -> Iterator[Problem]:
    for cell, column in zip(row.cells, columns, strict=True):
        if column is None and _is_filled(cell):
            known = "、".join(Column)
            message = f"column {str(cell)[:30]!r} is not known and was not read; known are {known}"
            yield Problem(Severity.WARNING, f"{name}: row {row.number}", message)


def _read(row: Row, columns: Sequence[Column | None], above: str) -> _Read:
    fields: dict[Column, str] = {}
    questions: list[str] = []
    for cell, column in zip(row.cells, columns, strict=False):
        if column is None or not _is_filled(cell):
            continue
        text = _text(cell, column)
        if column in _MANY:
            questions += [q.strip() for q in text.splitlines() if q.strip()]
        elif column in fields:
            raise _BadRowError(f"column {column} stands twice and is filled twice; keep one")
        else:
            fields[column] = text
    entry_id = fields.pop(Column.ID, "")
    if not entry_id and (fields.keys() - {Column.VERSION} or not above):
        raise _BadRowError("编号 is missing; every entry needs one, as open-account-online")
    _check_questions(questions, entry_id or above)
    return _Read(row.number, entry_id or above, fields, tuple(questions))


def _check_questions(questions: list[str], entry_id: str) -> None:
    try:
        SimilarForm.model_validate({"similar": {"相似问": questions}})
    except ValidationError as error:
        raise _BadRowError(reason(error).replace("similar.相似问", "相似问"), entry_id) from error


def _text(cell: Cell, column: Column) -> str:
    if isinstance(cell, date):
        if column not in _DATES:
            raise _BadRowError(
                f"{column} holds the date {cell:%Y-%m-%d}; format the cell as text, then type again"
            )
        return cell.strftime("%Y-%m-%d") if isinstance(cell, datetime) else cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = unguarded(str(cell)).replace("\r\n", "\n").replace("\r", "\n").strip()
    if column in _DATES:
        found = _DATE.fullmatch(text)
        if found:
            return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}"
    return text


def _join(groups: dict[str, _Group], read: _Read) -> None:
    group = groups.get(read.id)
    if group is None:
        group = groups[read.id] = _Group(read.id, read.number)
    for column, text in read.fields.items():
        if group.fields.get(column, text) != text:
            raise _BadRowError(
                f"{column} is not what row {group.number} says for the same 编号; correct it, or"
                " give the entry its own 编号",
                read.id,
            )
    if not group.fields:
        group.number = read.number
    group.fields |= read.fields
    group.questions += read.questions


def _entry(
    group: _Group, has: frozenset[Column], name: str, known: Mapping[str, FaqEntry]
) -> Found:
    fields, questions = dict(group.fields), list(group.questions)
    place = f"{name}: row {group.number} ({group.id})"
    version = fields.pop(Column.VERSION, "0")
    if not fields and (Column.ANY_QUESTION not in has or group.id in known):
        return MoreQuestions(group.id, tuple(questions), place)
    if Column.QUESTION not in fields and Column.ANY_QUESTION in has and questions:
        fields[Column.QUESTION] = questions.pop(0)
    raw: dict[str, object] = {"id": group.id, "similar": questions}
    raw |= {name: fields[column] for column, name in _FIELDS.items() if column in fields}
    old = known.get(group.id)
    if old is not None:
        raw |= _kept(old, has)
    if not version.isdecimal():
        return Problem(Severity.ERROR, place, f"版本: {version!r} is no number; leave it as it was")
    try:
        entry = EntryForm.model_validate(raw).entry()
    except ValidationError as error:
        return Problem(Severity.ERROR, place, _in_columns(reason(error)))
    return PlacedEntry(replace(entry, version=int(version)), place)


def _kept(old: FaqEntry, has: frozenset[Column]) -> dict[str, object]:
    """What is published in the columns that the table does not have."""
    kept: dict[str, object] = {}
    for column, name in _FIELDS.items():
        if column not in has and not (column is Column.QUESTION and Column.ANY_QUESTION in has):
            value = getattr(old, name)
            kept[name] = value.isoformat() if isinstance(value, date) else value
    if not has & {*_MANY}:
        kept["similar"] = list(old.similar)
    return kept


def _in_columns(message: str) -> str:
    """A form's message with the names of the table's columns."""
    for column, name in _FIELDS.items():
        message = re.sub(rf"(^|; ){name}(?=[:.])", rf"\g<1>{column}", message)
    return re.sub(r"(^|; )id(?=:)", r"\g<1>编号", message)


def _packed(questions: Iterable[str]) -> Iterator[str]:
    """Questions as the lines of as few cells as hold them."""
    cell = ""
    for question in questions:
        longer = f"{cell}\n{question}" if cell else question
        if len(longer) >= LONGEST_CELL:
            yield cell
            longer = question
        cell = longer
    if cell:
        yield cell


def _problem(name: str, row: int, entry_id: str, message: str) -> Problem:
    place = f"{name}: row {row}" + (f" ({entry_id})" if entry_id else "")
    return Problem(Severity.ERROR, place, message)


def _is_filled(cell: Cell) -> bool:
    return cell is not None and str(cell).strip() != ""
