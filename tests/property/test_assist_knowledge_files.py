"""What is exported and loaded again is the same, whatever an editor typed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from assist.knowledge import FaqEntry
from assist.knowledge_csv import ENCODINGS, write_csv
from assist.knowledge_file import load
from assist.knowledge_form import EntryForm
from assist.knowledge_xlsx import write_xlsx
from assist.knowledge_yaml import write_yaml

_PIECES = st.sampled_from(["=", "'", "-", '"', ",", ";", "\t", "\n", "\r\n", "null", "1e3", "是"])
_TEXT = st.lists(_PIECES | st.text(max_size=8), min_size=1, max_size=6).map("".join)
_IDS = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,2}", fullmatch=True)
_DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1)).map(str)


@st.composite
def entries(draw: st.DrawFn) -> tuple[FaqEntry, ...]:
    """Entries that the form accepts, with ids of their own."""
    found: dict[str, FaqEntry] = {}
    for entry_id in draw(st.lists(_IDS, min_size=1, max_size=4, unique=True)):
        raw = {
            "id": entry_id,
            "category": draw(_TEXT),
            "question": draw(_TEXT),
            "similar": draw(st.lists(_TEXT, max_size=4)),
            "answer": draw(_TEXT),
            "source": draw(_TEXT),
            "valid_from": draw(_DAYS),
            "valid_until": draw(st.none() | _DAYS),
            "risk_notice": draw(st.none() | _TEXT),
        }
        try:
            found[entry_id] = EntryForm.model_validate(raw).entry()
        except ValidationError:
            continue
    return tuple(found.values())


@pytest.mark.parametrize("kind", ["yaml", "xlsx", *ENCODINGS])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_export_and_load_give_the_same_entries(kind: str, data: st.DataObject) -> None:
    """Every field of every entry survives every kind of file, without a problem."""
    wanted = data.draw(entries())
    raw = {
        "yaml": lambda: write_yaml(wanted, ()),
        "xlsx": lambda: write_xlsx(wanted),
        "utf-8-sig": lambda: write_csv(wanted),
        "gb18030": lambda: write_csv(wanted, "gb18030"),
    }[kind]()
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("kb." + (kind if kind in ("yaml", "xlsx") else "csv"))
        path.write_bytes(raw)
        loaded = load(path)
    assert loaded.entries == wanted
    assert [p for p in loaded.problems if "is also a question" not in p.message] == []


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=400), kind=st.sampled_from(["yaml", "csv", "xlsx"]))
def test_any_bytes_are_a_problem_at_worst(raw: bytes, kind: str) -> None:
    """No file makes the reader fail, and none is passed over in silence."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"kb.{kind}"
        path.write_bytes(raw)
        loaded = load(path)
    assert loaded.entries or loaded.problems
