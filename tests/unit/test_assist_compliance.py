"""What may not be said, what is declined, and what of the approved texts is left alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from assist.compliance import Context, Guard, Rule, Topic
from assist.errors import KnowledgeError
from assist.labelled import read_table

HELD_ASIDE = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def guard(data: Path) -> Guard:
    """The project's own rules and wordings."""
    return Guard.load(data / "lexicons" / "compliance.yaml")


def _statements() -> tuple[tuple[str, ...], ...]:
    return read_table(HELD_ASIDE / "compliance_statements.tsv", ("text", "rule")).rows


@pytest.mark.parametrize(("text", "rule"), _statements())
def test_what_may_not_be_said_is_replaced(guard: Guard, text: str, rule: str) -> None:
    """Promises, recommendations, forecasts and rumours leave as the approved wording only."""
    checked = guard.check(text)
    assert checked.rules == (() if rule == "none" else (Rule(rule),))
    if rule == "none":
        assert checked.text == text
    else:
        assert checked.changed
        assert checked.words
        assert text not in checked.text


def test_questions_that_may_not_be_answered_are_declined(guard: Guard) -> None:
    """Nearly all are recognised, each as what it is; business questions are left alone."""
    rows = read_table(HELD_ASIDE / "compliance_questions.tsv", ("text", "topic")).rows
    outcome = Counter[str]()
    for text, topic in rows:
        declined = guard.advice(text)
        found = declined.topic if declined else "none"
        outcome["right" if found == topic else f"{topic} taken for {found}"] += 1
    assert outcome["right"] >= 0.97 * len(rows), outcome
    assert not [what for what in outcome if what.startswith("none")], outcome


@pytest.mark.parametrize("name", ["faq_heldout_1.tsv", "faq_heldout_2.tsv"])
def test_business_questions_are_hardly_ever_declined(guard: Guard, name: str) -> None:
    """Of real questions on business less than one in a hundred looks like a wish for advice."""
    rows = read_table(HELD_ASIDE / name, ("text", "entry_id")).rows
    asked = [text for text, entry in rows if entry != "oos"]
    assert sum(guard.advice(text) is not None for text in asked) <= 0.01 * len(asked)


def test_only_the_sentence_at_fault_is_replaced(guard: Guard) -> None:
    """What stands around it leaves unchanged."""
    checked = guard.check("您好。建议您现在买入宁德时代。市场有风险，投资需谨慎。")
    assert checked.text.startswith("您好。（")
    assert checked.text.endswith("市场有风险，投资需谨慎。")
    assert checked.rules == (Rule.TRADE_ADVICE,)


def test_a_headline_keeps_its_day_and_its_citation(guard: Guard) -> None:
    """A line of a list of news stays a line that can be looked up."""
    lines = (
        "· 2024-03-01　机构维持宁德时代买入评级，目标价300元 — 示例〔2〕",
        "· 2024-02-01　公司发布年报〔3〕",
    )
    first, second = guard.check("\n".join(lines)).text.split("\n")
    assert first.startswith("· 2024-03-01　（")
    assert first.endswith("〔2〕")
    assert "买入" not in first
    assert second == lines[1]


def test_blanks_and_traditional_characters_hide_nothing(guard: Guard) -> None:
    """The words count, however they are written."""
    for text in (
        "保 证 收 益 10%",
        "保證收益",
        "ＧＯ！建议\u200b买入<b>茅台</b>",
        "稳、赚、不、赔",
    ):
        assert guard.check(text).changed, text


def test_a_question_of_a_customer_is_no_promise(guard: Guard) -> None:
    """Standard questions such as 理财保本吗 are offered as they are."""
    assert not guard.check("你们的理财产品保本吗？", context=Context.APPROVED).changed
    assert guard.check("你们的理财产品保本！", context=Context.APPROVED).changed


def test_the_replies_are_approved_and_pass_their_own_rules(guard: Guard) -> None:
    """Every declined question gets its topic's wording, which needs no guarding."""
    for text, topic in (
        ("推荐一只股票", Topic.ADVICE),
        ("有没有内幕消息", Topic.INSIDE_INFORMATION),
        ("保证收益吗", Topic.GUARANTEE),
    ):
        declined = guard.advice(text)
        assert declined is not None
        assert declined.topic is topic
        assert not guard.check(declined.reply).changed


@pytest.mark.parametrize(
    "broken",
    ["", "instead: 好\noutgoing: {}\nincoming: {}\n", "instead: [", "instead: 好\nmore: 1\n"],
)
def test_a_broken_lexicon_says_what_is_wrong(tmp_path: Path, broken: str) -> None:
    """Nothing runs without rules."""
    path = tmp_path / "compliance.yaml"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(KnowledgeError, match="compliance"):
        Guard.load(path)


def test_a_wording_that_breaks_a_rule_is_refused(data: Path, tmp_path: Path) -> None:
    """An approved reply that promises something is found when it is loaded."""
    text = (data / "lexicons" / "compliance.yaml").read_text("utf-8")
    path = tmp_path / "compliance.yaml"
    path.write_text(text.replace("instead: （", "instead: 我们保证收益（"), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="return_promise"):
        Guard.load(path)


def test_a_pattern_with_an_unknown_name_is_refused(data: Path, tmp_path: Path) -> None:
    """The message gives the name."""
    text = (data / "lexicons" / "compliance.yaml").read_text("utf-8")
    path = tmp_path / "compliance.yaml"
    path.write_text(text.replace("{urge}", "{urges}", 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="urges"):
        Guard.load(path)
