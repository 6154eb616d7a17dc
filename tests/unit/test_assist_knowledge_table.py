"""Knowledge in spreadsheets: CSV and XLSX, as editors really save them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry
from assist.knowledge_csv import write_csv
from assist.knowledge_file import Loaded, Severity, load, load_folder
from assist.knowledge_table import guarded, unguarded
from assist.knowledge_xlsx import write_xlsx

openpyxl = pytest.importorskip("openpyxl")
HEADER = ("编号", "类别", "标准问", "相似问", "答案", "依据", "生效日期")
ROW = ("open", "开户", "怎么开户", "开户流程\n如何开户", "请登录App。", "指南", "2023-01-01")
OPEN = FaqEntry(
    "open", "怎么开户", ("开户流程", "如何开户"), "请登录App。", "指南", date(2023, 1, 1), "开户"
)


def csv_file(folder: Path, *rows: tuple[str, ...], encoding: str = "utf-8-sig") -> Path:
    """A file as Excel saves it."""
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    path = folder / "kb.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def workbook(folder: Path, *rows: tuple[Any, ...]) -> Path:
    """A workbook with one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = folder / "kb.xlsx"
    book.save(path)
    return path


def told(loaded: Loaded) -> str:
    """All problems."""
    return "\n".join(str(problem) for problem in loaded.problems)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_one_row_an_entry_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    """Excel in China saves GBK, “CSV UTF-8” or UTF-16: all are read alike."""
    loaded = load(csv_file(tmp_path, HEADER, ROW, encoding=encoding))
    assert (loaded.entries, loaded.problems) == ((OPEN,), ())


def test_one_row_a_question(tmp_path: Path) -> None:
    """Further rows of the same id add questions, whether the other cells repeat or are empty."""
    first = (*ROW[:3], "开户流程", *ROW[4:])
    rows = [(*ROW[:3], "如何开户", *ROW[4:]), ("open", "", "", "办个户", "", "", "")]
    rows.append(("", "", "", "开个账户", "", "", ""))
    loaded = load(csv_file(tmp_path, HEADER, first, *rows))
    assert loaded.problems == ()
    assert loaded.entries[0].similar == ("开户流程", "如何开户", "办个户", "开个账户")


def test_one_row_a_question_with_the_first_as_standard(tmp_path: Path) -> None:
    """A column 问题 instead of 标准问 holds all wordings, the first one being the standard."""
    header = ("编号", "问题", "答案", "依据", "生效日期", "分类")
    rest = ("请登录App。", "指南", "2023/1/1", "开户")
    rows = [("open", text, *rest) for text in ("怎么开户", "开户流程", "如何开户")]
    assert load(csv_file(tmp_path, header, *rows)).entries == (OPEN,)


@pytest.mark.parametrize(
    "header",
    [
        ("ID", "Category", "Question", "Similar", "Answer", "Source", "valid_from"),
        ("条目编号", "分类", "标准问题", "扩展问", "标准答案", "来源", "生效日"),
        ("编号 ", "类 别", "标准问：", "相似问（扩展问）", "【答案】", "依据", "生效日期"),
    ],
)
def test_headers_have_other_names(tmp_path: Path, header: tuple[str, ...]) -> None:
    """English and Chinese names are known, whatever their blanks, marks and case."""
    assert load(csv_file(tmp_path, header, ROW)).entries == (OPEN,)


def test_a_title_may_stand_above_the_header(tmp_path: Path) -> None:
    """The header is the first row with a column 编号; rows keep their numbers."""
    rows = (("客服知识库",), (), HEADER, ROW, ("bad id", *ROW[1:]))
    loaded = load(workbook(tmp_path, *rows))
    assert loaded.entries == (OPEN,)
    assert "kb.xlsx: row 5 (bad id): 编号: must be lower-case" in told(loaded)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((*ROW[:4], "", *ROW[5:]), "答案: is missing"),
        (("", *ROW[1:]), "编号 is missing"),
        ((*ROW[:6], "2023-13-01"), "生效日期: must be a date"),
        ((*ROW[:6], "明年"), "生效日期: must be a date"),
        ((*ROW[:3], "问" * 201, *ROW[4:]), "at most 200"),
        ((*ROW[:4], "a\x07b", *ROW[5:]), "control character U+0007"),
    ],
)
def test_a_bad_row_is_named_and_the_others_load(
    tmp_path: Path, row: tuple[str, ...], reason: str
) -> None:
    """The row's number and the column stand in the message."""
    other = ("close", "销户", "怎么销户", "", "到营业部。", "指南", "2023-01-01")
    loaded = load(csv_file(tmp_path, HEADER, other, row))
    assert [e.id for e in loaded.entries] == ["close"]
    assert "kb.csv: row 3" in told(loaded)
    assert reason in told(loaded)


def test_rows_of_one_id_that_disagree_are_named(tmp_path: Path) -> None:
    """A copied row whose id was not changed overwrites nothing."""
    other = ("open", "开户", "怎么销户", "注销", "到营业部。", "指南", "2023-01-01")
    loaded = load(csv_file(tmp_path, HEADER, ROW, other))
    assert loaded.entries == (OPEN,)
    assert "row 3 (open): 标准问 is not what row 2 says" in told(loaded)


def test_excel_types_are_read_as_what_they_show(tmp_path: Path) -> None:
    """Dates are dates, whole numbers have no .0, and a date in the wrong column is refused."""
    row = (600519, "开户", "怎么开户", 95588.0, "请登录App。", "指南", datetime(2023, 1, 1))
    loaded = load(workbook(tmp_path, HEADER, row, (date(2024, 1, 2), *ROW[1:])))
    assert (loaded.entries[0].id, loaded.entries[0].similar) == ("600519", ("95588",))
    assert loaded.entries[0].valid_from == date(2023, 1, 1)
    assert "row 3: 编号 holds the date 2024-01-02" in told(loaded)


@pytest.mark.parametrize("text", ["2024年1月31日", "2024/1/31", "2024.01.31", "20240131"])
def test_dates_as_people_write_them(tmp_path: Path, text: str) -> None:
    """All common ways to write a day are read."""
    header, row = (*HEADER, "失效日期"), (*ROW, text)
    assert load(csv_file(tmp_path, header, row)).entries[0].valid_until == date(2024, 1, 31)


def test_an_end_before_the_beginning_is_refused(tmp_path: Path) -> None:
    """An entry cannot expire before it holds."""
    loaded = load(csv_file(tmp_path, (*HEADER, "失效日期"), (*ROW, "2022-12-31")))
    assert "失效日期: lies before" in told(loaded)


def test_what_a_table_does_not_say_stays_as_published(tmp_path: Path) -> None:
    """A table of ids and answers changes answers; similar questions and notices are not lost."""
    header = ("编号", "答案")
    loaded = load(csv_file(tmp_path, header, ("open", "新流程。"), ("new", "x")), [OPEN])
    assert [(e.id, e.answer, e.similar) for e in loaded.entries] == [
        ("open", "新流程。", OPEN.similar)
    ]
    assert "row 3 (new)" in told(loaded)


def test_a_table_of_questions_adds_to_published_entries(tmp_path: Path) -> None:
    """Ids and similar questions alone are further wordings; unknown ids are errors."""
    rows = (("编号", "相似问"), ("open", "办个户"), ("none", "什么"))
    loaded = load(csv_file(tmp_path, *rows), [OPEN])
    assert loaded.entries[0].similar == (*OPEN.similar, "办个户")
    assert "no entry has the id 'none'" in told(loaded)


def test_further_questions_in_yaml_add_to_published_entries(tmp_path: Path) -> None:
    """A file with `similar` alone can be loaded by itself."""
    path = tmp_path / "more.similar.yaml"
    path.write_text("similar:\n  open: [办个户, 开户流程]\n", encoding="utf-8")
    assert load(path, [OPEN]).entries[0].similar == (*OPEN.similar, "办个户")


def test_an_unknown_column_is_told_and_left(tmp_path: Path) -> None:
    """Nothing is read from it, nothing is refused for it."""
    loaded = load(csv_file(tmp_path, (*HEADER, "备注"), (*ROW, "x")))
    assert loaded.entries == (OPEN,)
    assert loaded.problems[0].severity is Severity.WARNING
    assert "'备注' is not known" in told(loaded)


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "＝cmd|' /C calc'!A0", "'=x"])
def test_formulas_are_disarmed_on_export_and_come_back(tmp_path: Path, text: str) -> None:
    """No cell begins as a formula does; reading it again gives the text back."""
    entry = FaqEntry("a", text, (text + "1",), text, text, date(2023, 1, 1), text, text)
    assert guarded(text).startswith("'")
    assert unguarded(guarded(text)) == text
    for path, raw in (("kb.csv", write_csv([entry])), ("kb.xlsx", write_xlsx([entry]))):
        (tmp_path / path).write_bytes(raw)
        assert load(tmp_path / path).entries == (entry,)
    sheet = openpyxl.load_workbook(tmp_path / "kb.xlsx").active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(str(cell.value)[0] in "=+-@＝＋－＠" for cell in cells)


@pytest.mark.parametrize("text", ["#N/A", "_x0041_", "123", "TRUE", "2024-01-01", "1e3"])
def test_a_text_stays_a_text(tmp_path: Path, text: str) -> None:
    """Nothing that looks like an error, an escape, a number or a date becomes one."""
    entry = FaqEntry("a", text, (text + "?",), text, text, date(2023, 1, 1), text)
    (tmp_path / "kb.xlsx").write_bytes(write_xlsx([entry]))
    assert load(tmp_path / "kb.xlsx").entries == (entry,)


def test_line_ends_of_windows_are_line_ends(tmp_path: Path) -> None:
    """Excel keeps a pasted carriage return as _x000D_; it is no text."""
    row = (*ROW[:3], "开户流程_x000D_\n如何开户", *ROW[4:])
    assert load(workbook(tmp_path, HEADER, row)).entries == (OPEN,)


def test_an_unclosed_quote_does_not_swallow_the_file(tmp_path: Path) -> None:
    """The row is named; what stands before it is loaded."""
    path = csv_file(tmp_path, HEADER, ROW)
    with path.open("ab") as file:
        file.write('\r\nbad,"开户,怎么开,,x,y,2023-01-01\r\n'.encode())
    loaded = load(path)
    assert loaded.entries == (OPEN,)
    assert "row 3: is no valid CSV" in told(loaded)


def test_more_questions_than_a_cell_holds_take_further_rows(tmp_path: Path) -> None:
    """Excel's limit of 32,767 characters a cell loses nothing."""
    many = tuple(f"第{n}个很长的相似问法" + "啊" * 50 for n in range(1500))
    entry = FaqEntry("a", "问", many, "答", "据", date(2023, 1, 1), "类")
    (tmp_path / "kb.xlsx").write_bytes(write_xlsx([entry]))
    assert load(tmp_path / "kb.xlsx").entries == (entry,)


def _zip(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "is no .xlsx"),
        (b"not a zip", "is no .xlsx"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "has a password"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, raw: bytes, reason: str) -> None:
    """An old .xls, a protected or a broken file says what to do."""
    path = tmp_path / "kb.xlsx"
    path.write_bytes(raw)
    assert reason in told(load(path))


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What claims to unpack to more than the limit is not opened."""
    monkeypatch.setattr("assist.workbook.MOST_UNPACKED", 1_000_000)
    path = _zip(tmp_path / "kb.xlsx", {"xl/worksheets/sheet1.xml": b"0" * 2_000_000})
    assert path.stat().st_size < 10_000
    assert "unpacks to 2 MB" in told(load(path))


def test_a_workbook_with_an_entity_bomb_is_damaged(tmp_path: Path) -> None:
    """XML entities that multiply are an error, not memory."""
    good = io.BytesIO(write_xlsx([OPEN]))
    with zipfile.ZipFile(good) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    entities = '<!ENTITY a "x">' + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 50}">' for old, new in zip("abcdef", "bcdefg", strict=True)
    )
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><worksheet>&g;</worksheet>'
    parts["xl/worksheets/sheet1.xml"] = bomb.encode()
    loaded = load(_zip(tmp_path / "kb.xlsx", parts))
    assert loaded.entries == ()
    assert loaded.problems


def test_a_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the limit is not read."""
    monkeypatch.setattr("assist.knowledge_file.MOST_BYTES", 100)
    assert "split it" in told(load(csv_file(tmp_path, HEADER, ROW)))


def test_a_yaml_bomb_is_told_in_one_line(tmp_path: Path) -> None:
    """Aliases that multiply are a problem of a field, shown in short."""
    lines = ["- &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    text = "category: x\nentries:\n" + "".join(f"  {line}\n" for line in lines)
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    loaded = load(tmp_path / "a.yaml")
    assert len(loaded.problems) == 30
    assert max(len(str(problem)) for problem in loaded.problems) < 400


def test_a_folder_may_hold_tables_too(tmp_path: Path) -> None:
    """Tables and YAML are read together; Excel's lock file is not."""
    csv_file(tmp_path, HEADER, ROW)
    (tmp_path / "more.yaml").write_text("similar:\n  open: [办个户]\n", encoding="utf-8")
    (tmp_path / "~$kb.xlsx").write_bytes(b"lock")
    loaded = load_folder(tmp_path)
    assert loaded.problems == ()
    assert loaded.entries[0].similar[-1] == "办个户"


def test_other_files_are_refused_with_what_is_allowed(tmp_path: Path) -> None:
    """A .doc or a missing path says which kinds there are."""
    (tmp_path / "a.doc").write_bytes(b"x")
    for path, reason in ((tmp_path / "a.doc", ".xlsx"), (tmp_path / "none.csv", "is no file")):
        with pytest.raises(KnowledgeError, match=reason):
            load(path)


def test_a_table_without_a_header_says_which_columns_there_are(tmp_path: Path) -> None:
    """The message names the columns."""
    assert "编号、类别、标准问" in told(load(csv_file(tmp_path, ROW)))


def test_rows_say_which_version_they_were_made_from(tmp_path: Path) -> None:
    """The column 版本 comes back, so that a newer version is not overwritten."""
    (tmp_path / "kb.csv").write_bytes(write_csv([FaqEntry(**{**_fields(), "version": 3})]))
    assert load(tmp_path / "kb.csv").entries[0].version == 3


def _fields() -> dict[str, Any]:
    return {name: getattr(OPEN, name) for name in OPEN.__dataclass_fields__}
