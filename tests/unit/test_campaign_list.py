"""Lists of customers: what is read, what is refused, and how tables are written."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from assist.campaign_list import masked_phone, phone_number, read_list
from assist.errors import KnowledgeError
from assist.table_file import read_table, write_table
from news.published import CHINA


def sheet(path: Path, *rows: tuple[object, ...]) -> Path:
    """A list as a file of the kind that its name says."""
    if path.suffix == ".xlsx":
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx"])
def test_reads_customers_by_the_names_of_columns(tmp_path: Path, name: str) -> None:
    """Known columns by their Chinese names, others by the mapping or as they are."""
    path = sheet(
        tmp_path / name,
        ("客户名单",),
        ("编号", "姓名", "手机号", "客户号", "中签股数", "优先级", "截止时间"),
        ("a1", "张三", "138 0000 0000", "K1", 500, 3, "2026-03-05 16:00"),
        ("a2", "李四", "+86-13900000000", "K2", 1000, "", ""),
    )
    found = read_list(path, columns={"中签股数": "shares"}, needed=("shares",))
    assert not found.problems
    first, second = found.callees
    assert (first.id, first.phone, first.customer_id, first.priority) == (
        "a1", "13800000000", "K1", 3,
    )  # fmt: skip
    assert dict(first.fields) == {"name": "张三", "salutation": "张三", "shares": "500"}
    assert first.deadline == datetime(2026, 3, 5, 16, tzinfo=CHINA)
    assert second.phone == "13900000000"
    assert second.priority == 0


def test_bad_rows_are_reported_with_their_row_and_left_out(tmp_path: Path) -> None:
    """Each bad row says what is wrong; the good ones are read."""
    path = sheet(
        tmp_path / "list.csv",
        ("编号", "手机号", "客户号", "优先级", "截止时间", "shares"),
        ("1", "13911112222", "K1", "", "", "500"),
        ("2", "1380000000", "K2", "", "", "500"),
        ("3", "13800000003", "K3", "high", "", "500"),
        ("4", "13800000004", "K4", "", "2026-13-01", "500"),
        ("5", "13800000005", "K5", "", "", ""),
        ("1", "13800000006", "K6", "", "", "500"),
        ("7", "13911112222", "K1", "", "", "500"),
        ("8", "13800000008", "K8", "", "", "9" * 600),
    )
    found = read_list(path, needed=("shares",))
    assert [callee.id for callee in found.callees] == ["1"]
    places = [problem.place for problem in found.problems]
    assert places == [f"list.csv: row {n}" for n in range(3, 10)]
    assert not any("13911112222" in problem.message for problem in found.problems)


def test_list_without_telephone_column_says_so(tmp_path: Path) -> None:
    """A header that lacks 手机号 is one problem, not one a row."""
    found = read_list(sheet(tmp_path / "list.csv", ("编号", "姓名"), ("1", "张三")))
    assert found.callees == ()
    assert len(found.problems) == 1
    assert "手机号" in found.problems[0].message


def test_missing_column_of_the_flow_is_named(tmp_path: Path) -> None:
    """What the flow says must be in the list."""
    found = read_list(sheet(tmp_path / "l.csv", ("手机号",), ("13800000000",)), needed=("amount",))
    assert any("amount" in problem.message for problem in found.problems)


def test_the_name_stands_in_for_the_salutation(tmp_path: Path) -> None:
    """A list with 姓名 only is enough; one with neither is not."""
    header, row = ("手机号", "姓名"), ("13800000000", "张敏")
    found = read_list(sheet(tmp_path / "a.csv", header, row), needed=("salutation",))
    assert not found.problems
    assert dict(found.callees[0].fields)["salutation"] == "张敏"
    other = read_list(sheet(tmp_path / "b.csv", header[:1], row[:1]), needed=("salutation",))
    assert other.callees == ()


@pytest.mark.parametrize("name", ["nothing.csv", "broken.xlsx", "list.pdf", "binary.csv"])
def test_unreadable_files_are_problems_not_errors(tmp_path: Path, name: str) -> None:
    """Whatever file is given, reading it ends in a problem that names it."""
    if name != "nothing.csv":
        (tmp_path / name).write_bytes(b"\xff\xfe\x00\xd8\x81\x30 PK\x03\x04")
    found = read_list(tmp_path / name)
    assert found.callees == ()
    assert found.problems


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("13800000000", "13800000000"),
        ("'+8613800000000", "13800000000"),
        ("008613800000000", "13800000000"),
        ("010-88886666", "01088886666"),
        ("12800000000", None),
        ("１３８００００００００", None),
        ("", None),
    ],
)
def test_telephone_numbers(text: str, wanted: str | None) -> None:
    """Mobiles and landlines, with or without the country's code."""
    assert phone_number(text) == wanted


def test_masked_numbers_hide_their_middle() -> None:
    """Four digits are hidden."""
    assert masked_phone("13812345678") == "138****5678"
    assert masked_phone("") == "****"


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_written_tables_hold_no_formulas(tmp_path: Path, name: str) -> None:
    """A customer's text that begins like a formula is written as text."""
    path = tmp_path / name
    write_table(path, [("答复",), ("=1+1",), ("+86",), ("@SUM(A1)",), ("\t=2",)], "结果")
    rows = [row.cells[0] for row in read_table(path)]  # type: ignore[union-attr]
    assert rows == ["答复", "'=1+1", "'+86", "'@SUM(A1)", "'\t=2"]
    if path.suffix == ".xlsx":
        assert all(cell.data_type == "s" for row in load_workbook(path).active for cell in row)


def test_tables_of_other_kinds_are_refused(tmp_path: Path) -> None:
    """The error says which names can be written."""
    with pytest.raises(KnowledgeError, match=r"\.csv nor \.xlsx"):
        write_table(tmp_path / "out.pdf", [("a",)], "x")
