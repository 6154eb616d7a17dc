"""Reading a knowledge base from YAML."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry, KnowledgeBase
from assist.knowledge_file import Severity, load_folder

ENTRY = """
  - id: {id}
    question: {question}
    similar: [{similar}]
    answer: 请登录App办理。
    source: 示例证券业务办理指南
    valid_from: 2023-01-01
"""


def write(folder: Path, name: str, *entries: str, category: str = "开户") -> None:
    """One knowledge file."""
    text = f"category: {category}\nentries:{''.join(entries)}"
    (folder / name).write_text(text, encoding="utf-8")


def entry(id: str, question: str = "怎么开户", similar: str = "开户流程") -> str:
    """One entry in YAML."""
    return ENTRY.format(id=id, question=question, similar=similar)


def test_reads_entries_in_order(tmp_path: Path) -> None:
    """Files are read by name, entries as they stand, with every field."""
    write(tmp_path, "b.yaml", entry("b-1", "怎么销户", "注销"), category="销户")
    write(tmp_path, "a.yaml", entry("a-1"))
    (tmp_path / "out_of_scope.txt").write_text("# 备注\n今天天气\n今天天气\n", encoding="utf-8")
    loaded = load_folder(tmp_path)
    assert loaded.problems == ()
    assert loaded.out_of_scope == ("今天天气",)
    assert [e.id for e in loaded.entries] == ["a-1", "b-1"]
    assert loaded.entries[1] == FaqEntry(
        id="b-1",
        question="怎么销户",
        similar=("注销",),
        answer="请登录App办理。",
        source="示例证券业务办理指南",
        valid_from=date(2023, 1, 1),
        category="销户",
    )


@pytest.mark.parametrize(
    ("broken", "place", "reason"),
    [
        (entry("a-1").replace("    source: 示例证券业务办理指南\n", ""), "a.yaml:3", "source: is"),
        (
            entry("a-1").replace("2023-01-01", "2023-13-01"),
            "a.yaml:3",
            "valid_from: must be a date",
        ),
        (entry("a-1").replace("2023-01-01", "明年"), "a.yaml:3", "valid_from: must"),
        (entry("A_1"), "a.yaml:3", "id: must be lower-case"),
        (entry("a-1", similar="688"), "a.yaml:3", "similar.0: must be text"),
        (entry("a-1").replace("answer:", "anwser:"), "a.yaml:3", "anwser: is no known field"),
        (entry("a-1", "''"), "a.yaml:3", "question: must not be empty"),
        ("\n  - 只有一句话\n", "a.yaml:3", "the file"),
    ],
)
def test_broken_entry_is_named_and_the_others_load(
    tmp_path: Path, broken: str, place: str, reason: str
) -> None:
    """A problem names file, line, entry and field; the entry after it is there."""
    write(tmp_path, "a.yaml", broken, entry("a-2", "怎么销户", "注销"))
    loaded = load_folder(tmp_path)
    assert [e.id for e in loaded.entries] == ["a-2"]
    assert len(loaded.problems) == 1
    assert loaded.problems[0].severity is Severity.ERROR
    assert str(loaded.problems[0]).startswith(f"{place}: entry 1")
    assert reason in str(loaded.problems[0])


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "is empty"),
        (b"category: x\nentries:\n\t- id: a\n", "takes no tabs"),
        ("category: 开户".encode("gb18030"), "is no UTF-8 text"),
        (b"- 1\n- 2\n", "the file"),
        (b"category: x\nentries: 5\n", "entries: must be a list"),
        (b"category: [x\n", "is no valid YAML"),
        (b"a: &a [*a]\n", "no known field"),
    ],
)
def test_broken_file_is_named_and_the_others_load(tmp_path: Path, raw: bytes, reason: str) -> None:
    """A file that cannot be read is one problem; the other files load."""
    (tmp_path / "a.yaml").write_bytes(raw)
    write(tmp_path, "b.yaml", entry("b-1"))
    loaded = load_folder(tmp_path)
    assert [e.id for e in loaded.entries] == ["b-1"]
    assert all(str(problem).startswith("a.yaml") for problem in loaded.problems)
    assert reason in str(loaded.problems[0])


def test_second_use_of_an_id_is_an_error(tmp_path: Path) -> None:
    """The first entry keeps the id; the problem names both places."""
    write(tmp_path, "a.yaml", entry("a-1"))
    write(tmp_path, "b.yaml", entry("a-1", "怎么销户", "注销"))
    loaded = load_folder(tmp_path)
    assert [e.question for e in loaded.entries] == ["怎么开户"]
    assert str(loaded.problems[0]).startswith(
        "b.yaml:3: entry 1 (a-1): id 'a-1' is taken by a.yaml:3"
    )


def test_question_of_two_entries_is_a_warning(tmp_path: Path) -> None:
    """Both entries load; the warning says what customers will meet."""
    write(tmp_path, "a.yaml", entry("a-1"), entry("a-2", "怎么销户", "怎么 开户？"))
    loaded = load_folder(tmp_path)
    assert len(loaded.entries) == 2
    assert [problem.severity for problem in loaded.problems] == [Severity.WARNING]
    assert "a-1" in loaded.problems[0].message


def test_file_of_similar_questions_extends_entries(tmp_path: Path) -> None:
    """Further wordings join their entry; an unknown id is an error."""
    write(tmp_path, "a.yaml", entry("a-1"))
    more = "similar:\n  a-1: [开户流程, 办个户]\n  a-9: [注销]\n"
    (tmp_path / "more.yaml").write_text(more, encoding="utf-8")
    loaded = load_folder(tmp_path)
    assert loaded.entries[0].similar == ("开户流程", "办个户")
    assert [str(problem) for problem in loaded.problems] == [
        "more.yaml: a-9: no entry has the id 'a-9'; correct it or delete the questions"
    ]


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    """There is nothing to load from a folder that is not there."""
    with pytest.raises(KnowledgeError, match="is no folder"):
        load_folder(tmp_path / "nowhere")


def test_sample_base_has_no_problem(data: Path) -> None:
    """The project's own base loads without an error or a warning."""
    loaded = load_folder(data / "faq")
    assert [str(problem) for problem in loaded.problems] == []
    assert len(loaded.entries) > 250
    assert len(loaded.out_of_scope) > 300


def test_base_refuses_an_id_twice() -> None:
    """A knowledge base built in memory has unique ids too."""
    with pytest.raises(KnowledgeError, match="'a'"):
        KnowledgeBase((FaqEntry("a", "一"), FaqEntry("a", "二")))
