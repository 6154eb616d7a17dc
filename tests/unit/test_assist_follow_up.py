"""Follow-ups: how a message leans on the one before, and what it may mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from assist.errors import AssistError
from assist.follow_up import Earlier, Lean, completions, read_message
from assist.follow_up_words import FollowUpWords

OPEN = Earlier("科创板权限怎么开通？")


@pytest.fixture(scope="module")
def words(data: Path) -> FollowUpWords:
    """The project's own lexicon."""
    return FollowUpWords.load(data / "lexicons")


@pytest.mark.parametrize(
    ("said", "core", "tied"),
    [
        ("那费用呢", "费用", True),
        ("如果是机构户呢", "机构户", True),
        ("创业板也一样吗", "创业板", True),
        ("它的上游呢？", "的上游", True),
        ("要多久", "要多久", False),
        ("创业板开通了吗", "创业板开通", False),
        ("呢", "呢", False),
    ],
)
def test_what_ties_a_message_is_taken_off(
    words: FollowUpWords, said: str, core: str, tied: bool
) -> None:
    """那, 如果, 呢 tie; 吗 and 了 may end any question; something always stays."""
    assert words.core(said.rstrip("？")) == (core, tied)


@pytest.mark.parametrize("said", ["要多久", "那费用呢", "怎么关闭呢", "有什么条件", "那创业板呢"])
def test_a_message_without_a_subject_leans_wholly(words: FollowUpWords, said: str) -> None:
    """An aspect, or another thing in the place of the last one, is nothing by itself."""
    assert read_message(said, words).lean(OPEN) is Lean.WHOLLY


@pytest.mark.parametrize(
    "said",
    [
        "创业板怎么开通",
        "今天天气怎么样",
        "那我想问一下融资融券账户应该怎么注销才可以呢",
        "螃蟹蒸几分钟",
        "谢谢",
        "",
    ],
)
def test_a_question_of_its_own_does_not_lean(words: FollowUpWords, said: str) -> None:
    """What names its own subject, is long or says nothing is taken as it stands."""
    assert read_message(said, words).lean(OPEN) is Lean.NOT


@pytest.mark.parametrize(
    ("said", "before", "first"),
    [
        ("那创业板呢", OPEN, "创业板权限怎么开通"),
        ("深市的呢", Earlier("沪市股票怎么转托管"), "深市股票怎么转托管"),
        ("那赎回呢", Earlier("基金申购后几天确认"), "基金赎回后几天确认"),
        ("怎么关闭呢", OPEN, "科创板权限怎么关闭"),
        ("收费吗", Earlier("怎么注销证券账户"), "注销证券账户收费"),
    ],
)
def test_the_likeliest_completion_comes_first(
    words: FollowUpWords, said: str, before: Earlier, first: str
) -> None:
    """The other side takes the place of the first; an aspect is asked of the same subject."""
    assert completions(read_message(said, words), before, words)[0] == first


def test_what_was_said_before_is_used_too(words: FollowUpWords) -> None:
    """The standard question is completed as well as the customer's own words, each once."""
    before = Earlier("688的票咋买", "科创板权限怎么开通？")
    found = completions(read_message("那创业板呢", words), before, words)
    assert "创业板权限怎么开通" in found
    assert len(found) == len(set(found))


def test_a_long_question_is_not_completed(words: FollowUpWords) -> None:
    """A story of a hundred letters is no question to put another side into."""
    assert completions(read_message("那创业板呢", words), Earlier("科创板" * 40), words) == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [("[", "follow_ups.yaml"), ("lead_in: []", "closing"), ("nonsense: 1", "lead_in")],
)
def test_a_broken_lexicon_is_named(tmp_path: Path, text: str, place: str) -> None:
    """File and place stand in the error."""
    (tmp_path / "follow_ups.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(AssistError, match=f"follow_ups.yaml.*{place}|{place}"):
        FollowUpWords.load(tmp_path)
