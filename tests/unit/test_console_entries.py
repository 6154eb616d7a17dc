"""Editing an entry of the knowledge base: what is checked, what is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assist.knowledge import FaqEntry, Validity
from assist.knowledge_file import LONGEST_ANSWER
from ui.console.entry_draft import EntryDraft, problems, same_content
from ui.console.entry_view import (
    EntryFilter,
    category_counts,
    changes,
    difference,
    entry_html,
    validity_chip,
)

OPEN = FaqEntry(
    id="chinext-open",
    question="创业板权限怎么开通？",
    similar=("怎么开通创业板", "创业板在哪里开"),
    answer="请登录App办理。",
    source="办理指南",
    valid_from=date(2023, 1, 1),
    category="权限",
    risk_notice="投资需谨慎。",
    version=3,
)
CLOSE = replace(OPEN, id="chinext-close", question="怎么关闭创业板？", similar=("取消创业板",))
DRAFT = EntryDraft.of(OPEN, author="张三")


def test_a_filled_form_describes_the_same_entry() -> None:
    """Editing nothing changes nothing, whatever the version."""
    assert same_content(DRAFT.entry(), OPEN)
    assert problems(DRAFT, [OPEN, CLOSE], new=False) == ()


def test_blank_lines_are_no_questions() -> None:
    """Similar questions are one a line, trimmed."""
    assert replace(DRAFT, similar="\n a \n\nb\n").entry().similar == ("a", "b")


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("category", "分类"),
        ("question", "标准问"),
        ("answer", "答案"),
        ("source", "依据"),
        ("author", "发布人"),
    ],
)
def test_every_required_field_is_asked_for(field: str, label: str) -> None:
    """A blank field is named; a question of marks only is blank too."""
    blank = "？？" if field == "question" else "  "
    assert problems(replace(DRAFT, **{field: blank}), [], new=False) == (f"请填写{label}。",)


@pytest.mark.parametrize("bad", ["", "Open", "开户", "a_b", "-a", "a--b", "../x"])
def test_an_id_is_plain(bad: str) -> None:
    """Ids are lower-case words with hyphens, as they stand in files and addresses."""
    assert problems(replace(DRAFT, id=bad), [], new=True)[0].startswith("编号")


def test_a_new_entry_needs_a_free_id() -> None:
    """An id in use is refused for a new entry and kept for an edited one."""
    draft = replace(DRAFT, question="别的问题", similar="")
    assert any("已被占用" in line for line in problems(draft, [OPEN], new=True))
    assert problems(draft, [OPEN], new=False) == ()


def test_a_question_stands_once() -> None:
    """The same wording twice is named, whatever its marks and width."""
    draft = replace(DRAFT, similar="创业板权限怎么开通")
    assert "重复" in problems(draft, [], new=False)[0]


def test_a_question_belongs_to_one_entry() -> None:
    """A wording of another entry is refused with the name of that entry."""
    line = problems(replace(DRAFT, similar="取消创业板！"), [OPEN, CLOSE], new=False)[0]
    assert "怎么关闭创业板？" in line


def test_a_wording_shared_before_the_edit_may_stay() -> None:
    """Bases read from files may share a wording: editing such an entry is not blocked by it."""
    shared = replace(OPEN, similar=("取消创业板",))
    draft = EntryDraft.of(shared, author="张三")
    assert problems(draft, [shared, CLOSE], new=False) == ()


def test_what_is_too_long_says_how_long() -> None:
    """Lengths are given with the limit."""
    draft = replace(DRAFT, answer="长" * (LONGEST_ANSWER + 1), similar="问" * 201)
    lines = problems(draft, [], new=False)
    assert len(lines) == 2
    assert str(LONGEST_ANSWER + 1) in lines[1]


def test_entries_are_found_by_all_words() -> None:
    """Every word must occur, in any field, whatever its width and case."""
    assert EntryFilter(text="创业板 取消").keep([OPEN, CLOSE]) == (CLOSE,)
    assert EntryFilter(text="ＡＰＰ").keep([OPEN, CLOSE]) == (OPEN, CLOSE)
    assert EntryFilter(category="基金").keep([OPEN]) == ()


def test_categories_are_counted() -> None:
    """Each category once, with its number of entries."""
    assert category_counts([OPEN, CLOSE, replace(OPEN, category="基金")]) == (
        ("权限", 2),
        ("基金", 1),
    )


def test_an_entry_is_shown_literally() -> None:
    """Nothing that an editor types becomes markup."""
    bad = "<b>x</b>"
    shown = entry_html(
        replace(OPEN, answer=bad, source=bad, similar=(bad,), risk_notice=bad), date(2024, 1, 1)
    )
    assert "<b>" not in shown
    assert shown.count("&lt;b&gt;") == 4


def test_an_answer_to_come_says_so() -> None:
    """An entry whose wording holds only later is marked, and so is one that has ended."""
    ended = replace(OPEN, valid_until=date(2023, 12, 31))
    assert "未生效，不用于回答" in entry_html(OPEN, date(2022, 12, 31))
    assert "不用于回答" not in entry_html(ended, date(2023, 12, 31))
    assert "已过期，不用于回答" in entry_html(ended, date(2024, 1, 1))
    assert validity_chip(ended, date(2023, 6, 1)) == ""
    assert "已过期" in validity_chip(ended, date(2024, 1, 1))


def test_entries_are_found_by_their_validity() -> None:
    """An editor lists what has ended."""
    ended = replace(OPEN, id="ended", valid_until=date(2023, 12, 31))
    wanted = EntryFilter(validity=Validity.EXPIRED, today=date(2024, 1, 1))
    assert wanted.keep([OPEN, ended]) == (ended,)


def test_an_end_before_the_beginning_is_named() -> None:
    """The form tells both days."""
    line = problems(replace(DRAFT, valid_until=date(2022, 1, 1)), [], new=False)[0]
    assert "2022-01-01 早于生效日期 2023-01-01" in line


def test_changed_questions_are_shown_line_by_line() -> None:
    """A question that came or went is a line of its own."""
    found = changes(OPEN, replace(OPEN, similar=("怎么开通创业板", "<新>")))
    assert found == (("相似问", "<del>创业板在哪里开</del>\n<ins>&lt;新&gt;</ins>"),)


def test_changes_name_the_fields() -> None:
    """Only fields that differ are listed, with what was added and taken away."""
    found = changes(OPEN, replace(OPEN, answer="请登录网站办理。", version=4))
    assert [label for label, _ in found] == ["答案"]
    assert found[0][1] == "请登录<del>App</del><ins>网站</ins>办理。"


def test_a_text_written_anew_is_shown_as_a_whole() -> None:
    """Letters that two texts share by chance do not break them up."""
    assert difference("您好，请到营业部办理。", "登录App即可。") == (
        "<del>您好，请到营业部办理。</del><ins>登录App即可。</ins>"
    )


def test_a_difference_is_escaped() -> None:
    """Old and new text are escaped, the marks around them are not."""
    assert difference("<i>", "<u>") == "&lt;<del>i</del><ins>u</ins>&gt;"
