"""The securities master."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from news.errors import DataFileError
from news.securities import COLUMNS, SecuritiesMaster
from news.text import fold


@pytest.fixture(scope="module")
def master(data: Path) -> SecuritiesMaster:
    return SecuritiesMaster.load(data / "securities.tsv")


@pytest.mark.parametrize("code", ["600519", "600519.SH", "SH600519", "sh.600519", "600519.SS"])
def test_a_code_is_found_in_every_written_form(master: SecuritiesMaster, code: str) -> None:
    """Codes are recognised with and without their exchange, before and after."""
    security = master.by_code(code)
    assert security is not None
    assert security.short_name == "贵州茅台"
    assert security.list_date == date(2001, 8, 27)


@pytest.mark.parametrize("code", ["600519.SZ", "6005190", "", "贵州茅台", "..", "000000"])
def test_what_is_no_known_code_is_none(master: SecuritiesMaster, code: str) -> None:
    """A wrong exchange, a wrong length and words are not guessed at."""
    assert master.by_code(code) is None


def test_a_former_name_leads_to_the_present_company(master: SecuritiesMaster) -> None:
    """国农科技 has been renamed twice; its code has not changed."""
    assert [s.code for s in master.by_name("国农科技")] == ["000004"]


def test_a_present_bearer_of_a_name_comes_before_a_former_one(master: SecuritiesMaster) -> None:
    """Every short name finds first a security that bears it today (ST阳光 and *ST阳光 are two)."""
    for security in master.securities:
        found = master.by_name(security.short_name)
        assert security in found
        assert fold(security.short_name) in (fold(found[0].short_name), fold(found[0].full_name))


def test_a_broken_master_file_is_named_with_its_line(tmp_path: Path) -> None:
    """The error says which line and what was wrong."""
    path = tmp_path / "securities.tsv"
    path.write_text("\t".join(COLUMNS) + "\n12\tSH\t甲\t甲公司\t\t\t\t\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"securities.tsv:2: '12'"):
        SecuritiesMaster.load(path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    """A file of another kind is refused at its first line."""
    path = tmp_path / "securities.tsv"
    path.write_text("code\texchange\n", encoding="utf-8")
    with pytest.raises(DataFileError, match="no column"):
        SecuritiesMaster.load(path)
