"""The list of a campaign's customers, read from CSV or Excel; bad rows are reported and left out.

The header names the columns: 手机号 (needed), 编号, 客户号, 姓名, 优先级, 截止时间, and any others;
a campaign's file may give those the names by which its flow knows them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from assist.campaign import Callee
from assist.knowledge_found import Problem, Severity
from assist.knowledge_table import Row, unguarded
from assist.table_file import read_table
from news.published import CHINA
from news.text import fold

PHONE, ID, CUSTOMER, PRIORITY, DEADLINE = "phone", "id", "customer_id", "priority", "deadline"
NAME, SALUTATION = "name", "salutation"
_ALIASES = {
    PHONE: ("手机号", "手机", "电话", "联系电话", "手机号码", "电话号码"),
    ID: ("编号", "序号", "任务编号"),
    CUSTOMER: ("客户号", "客户编号", "客户代码", "资金账号"),
    NAME: ("姓名", "客户姓名", "名字"),
    PRIORITY: ("优先级",),
    DEADLINE: ("截止时间", "截止日期", "外呼截止", "最晚时间"),
}
_BY_NAME = {fold(name): key for key, names in _ALIASES.items() for name in (key, *names)}
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}\d{7,8}", re.ASCII)
_LONGEST = 500
_HEADER_WITHIN = 20


@dataclass(frozen=True, slots=True)
class CallList:
    """What was read: customers, and the rows that were left out with the reason."""

    callees: tuple[Callee, ...]
    problems: tuple[Problem, ...]


class _BadRowError(Exception):
    """A row that is left out; the message says why."""


@dataclass(slots=True)
class _Seen:
    ids: set[str] = field(default_factory=set)
    customers: set[tuple[str, str]] = field(default_factory=set)


def read_list(
    path: Path, *, columns: Mapping[str, str] | None = None, needed: Collection[str] = ()
) -> CallList:
    """Read a list; `columns` maps headers to the flow's names, `needed` must be filled."""
    return from_rows(read_table(path), path.name, columns=columns, needed=needed)


def from_rows(
    rows: Iterable[Row | Problem],
    name: str,
    *,
    columns: Mapping[str, str] | None = None,
    needed: Collection[str] = (),
) -> CallList:
    """The same from rows, the header among the first twenty."""
    names = _BY_NAME | {fold(header): key for header, key in (columns or {}).items()}
    callees: list[Callee] = []
    problems: list[Problem] = []
    header: tuple[str, ...] | None = None
    seen = _Seen()
    for row in rows:
        if isinstance(row, Problem):
            problems.append(row)
        elif header is None:
            header = _header(row, names)
            if header is None and row.number >= _HEADER_WITHIN:
                break
            problems += _missing(header, needed, name)
        elif any(_text(cell) for cell in row.cells):
            try:
                callees.append(_callee(row, header, needed, seen))
            except _BadRowError as error:
                place = f"{name}: row {row.number}"
                problems.append(Problem(Severity.ERROR, place, str(error)))
    if header is None and not problems:
        problems.append(_no_header(name))
    return CallList(tuple(callees), tuple(problems))


def phone_number(text: str) -> str | None:
    """A telephone number in digits only, without +86; None where it is none."""
    digits = re.sub(r"[\s\-—()（）]", "", unguarded(text).strip())
    digits = re.sub(r"^(\+|00)?86(?=1[3-9]\d{9}$|0\d{9})", "", digits)
    return digits if _PHONE.fullmatch(digits) else None


def masked_phone(phone: str) -> str:
    """138****5678: enough to recognise, not enough to call."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 10 else "****"


def _header(row: Row, names: Mapping[str, str]) -> tuple[str, ...] | None:
    texts = [_text(cell) for cell in row.cells]
    header = tuple(names.get(fold(text), text) for text in texts)
    return header if PHONE in header else None


def _missing(header: Sequence[str] | None, needed: Collection[str], name: str) -> Iterator[Problem]:
    for column in needed if header is not None else ():
        named = column == SALUTATION and NAME in (header or ())
        if column not in (header or ()) and not named:
            yield Problem(
                Severity.ERROR, name, f"has no column {column}, which the flow says; add it"
            )
    twice = sorted({c for c in header or () if c and list(header or ()).count(c) > 1})
    for column in twice:
        yield Problem(Severity.WARNING, name, f"column {column} stands twice; the first is read")


def _callee(row: Row, header: Sequence[str], needed: Collection[str], seen: _Seen) -> Callee:
    cells: dict[str, str] = {}
    for column, cell in zip(header, row.cells, strict=False):
        text = _text(cell)
        if len(text) > _LONGEST:
            raise _BadRowError(f"{column} has {len(text)} characters; at most {_LONGEST} are read")
        if column and text:
            cells.setdefault(column, text)
    phone = phone_number(cells.pop(PHONE, ""))
    if phone is None:
        raise _BadRowError("手机号 is no telephone number; write 11 digits, as 13800000000")
    if NAME in cells:
        cells.setdefault(SALUTATION, cells[NAME])  # who has no 称呼 is addressed by name
    empty = [column for column in needed if column not in cells]
    if empty:
        raise _BadRowError(f"{'、'.join(empty)} is empty, but the flow says it; fill it in")
    callee = Callee(
        id=cells.pop(ID, "") or f"r{row.number}",
        phone=phone,
        customer_id=cells.pop(CUSTOMER, ""),
        priority=_priority(cells.pop(PRIORITY, "0")),
        deadline=_deadline(cells.pop(DEADLINE, "")),
        fields=tuple(cells.items()),
    )
    _refuse_twice(callee, seen)
    return callee


def _refuse_twice(callee: Callee, seen: _Seen) -> None:
    if callee.id in seen.ids:
        raise _BadRowError(f"编号 {callee.id[:40]} stands twice; give each row its own")
    person = (callee.phone, callee.customer_id)
    if person in seen.customers:
        raise _BadRowError(f"the customer {masked_phone(callee.phone)} stands twice; keep one row")
    seen.ids.add(callee.id)
    seen.customers.add(person)


def _priority(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,4}", text, re.ASCII):
        raise _BadRowError(f"优先级 {text[:20]!r} is no whole number; higher is called first")
    return int(text)


def _deadline(text: str) -> datetime | None:
    """A moment; a day without a time ends at midnight in China."""
    if not text:
        return None
    tidy = re.sub(r"[年月/.]", "-", text).replace("日", "").strip()
    parts = re.fullmatch(
        r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]*(\d{1,2})[:：](\d{2})(?::\d{2})?)?", tidy, re.ASCII
    )
    try:
        if parts is None:
            raise ValueError("no date")
        day = date(int(parts[1]), int(parts[2]), int(parts[3]))
        at = time(int(parts[4]), int(parts[5])) if parts[4] else time(23, 59, 59)
    except ValueError as error:
        raise _BadRowError(f"截止时间 {text[:30]!r} is no time; write 2026-03-05 16:00") from error
    return datetime.combine(day, at, CHINA)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        midnight = cell.time() == time(0)
        return cell.strftime("%Y-%m-%d") if midnight else cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = "".join(c if c.isprintable() else " " for c in unguarded(str(cell)))
    return text.strip()


def _no_header(name: str) -> Problem:
    return Problem(Severity.ERROR, name, "has no row with a column 手机号; name the columns")
