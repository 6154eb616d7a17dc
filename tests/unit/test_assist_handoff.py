"""Recognising a wish for a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from assist.errors import KnowledgeError
from assist.handoff import HandoffDetector, Wish
from assist.knowledge_file import load_folder


@pytest.fixture(scope="module")
def handoff(data: Path) -> HandoffDetector:
    """The detector with the project's phrases."""
    return HandoffDetector.load(data / "lexicons" / "handoff.txt")


@pytest.mark.parametrize(
    "said",
    [
        "转人工",
        "轉人工！",
        "请帮我转接人工坐席",
        "不想跟机器人说了",
        "有没有真人",
        "找你们领导来",
        "客服呢？",
    ],
)
def test_wish_for_a_person(handoff: HandoffDetector, said: str) -> None:
    """A wish for a person is recognised in many wordings."""
    assert handoff.wish(said) is not Wish.NONE


@pytest.mark.parametrize(
    "said",
    [
        "人工智能基金有哪些",
        "人工费怎么算",
        "人工服务时间是几点",
        "自称客服的人加我微信",
        "怎么更换我的客户经理",
        "员工违规怎么举报",
        "",
    ],
)
def test_no_wish_for_a_person(handoff: HandoffDetector, said: str) -> None:
    """Words of people and service alone are no wish to be put through."""
    assert handoff.wish(said) is Wish.NONE


def test_held_out_wordings(handoff: HandoffDetector) -> None:
    """Most wordings that were never seen are recognised."""
    path = Path(__file__).parents[1] / "data" / "handoff_heldout.txt"
    lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    assert sum(handoff.wish(line) is not Wish.NONE for line in lines) >= 0.9 * len(lines)


def test_questions_of_the_base_are_no_wish(handoff: HandoffDetector, data: Path) -> None:
    """Of all known questions only those about reaching a person surely lead to one."""
    wishes = {
        entry.id
        for entry in load_folder(data / "faq").entries
        for question in entry.questions
        if handoff.wish(question) is Wish.SURE
    }
    assert wishes == {"complaint-human-agent"}


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A missing list of phrases is named."""
    with pytest.raises(KnowledgeError, match=r"handoff\.txt"):
        HandoffDetector.load(tmp_path / "handoff.txt")
