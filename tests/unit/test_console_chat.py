"""How a reply and its reasons are told."""

from __future__ import annotations

from dataclasses import replace

from assist.answer import FOLLOW_UP, Answer, AnswerKind, Candidate, Citation, CitationKind, Trace
from assist.company_question import CompanyTopic
from assist.compliance import Rule, Topic
from assist.emotion import MoodReading
from assist.emotion_words import Mood
from assist.features import NAMES
from assist.hearing import Change, ChangeKind
from ui.console.chat_view import (
    CITATIONS,
    KINDS,
    candidates_html,
    feature_in_words,
    feature_lines,
    guarded_in_words,
    mood_in_words,
    reply_html,
    rule_in_words,
    said_html,
    stages_html,
    stages_line,
    why_html,
)

BAD = '<img src=x onerror="alert(1)">'
CANDIDATE = Candidate("e1", "标准问", "相似问", 2.0, 0.75, False, (("nearest_char", 0.5),))
TRACE = Trace(
    "sure of the first candidate",
    "问题",
    0.9,
    0.8,
    (CANDIDATE, replace(CANDIDATE, entry_id="e2", clash=True, share=0.25)),
    (("understand", 0.5), ("find", 1.25)),
)
ANSWER = Answer(
    AnswerKind.ANSWER,
    "办理步骤\n第二行\n",
    0.72,
    citations=(Citation(CitationKind.FAQ, "e1", "标准问", "3", "办理指南"),),
    risk_notice="投资需谨慎。",
    trace=TRACE,
)


def test_a_reply_shows_notice_and_source() -> None:
    """The risk notice, the rule behind the answer and its version stand with the reply."""
    shown = reply_html(ANSWER)
    for part in (
        "办理步骤\n第二行<",
        "风险提示：投资需谨慎。",
        "依据 办理指南（第 3 版）",
        "已回答",
    ):
        assert part in shown


def test_a_reply_without_notice_has_no_box() -> None:
    """Nothing is shown in place of a notice that there is not."""
    assert "fl-risk" not in reply_html(replace(ANSWER, risk_notice=None))


def test_texts_are_escaped_everywhere() -> None:
    """Customers, editors and sources cannot put markup on the page."""
    candidate = replace(CANDIDATE, title=BAD, nearest=BAD)
    trace = replace(TRACE, asked=BAD, candidates=(candidate,))
    citation = Citation(CitationKind.FAQ, BAD, BAD, BAD, BAD)
    answer = replace(ANSWER, reply=BAD, risk_notice=BAD, citations=(citation,))
    shown = said_html(BAD) + reply_html(answer) + why_html(answer, trace) + candidates_html(trace)
    assert "<img" not in shown


def test_every_kind_has_a_name() -> None:
    """No kind of reply or citation is shown as its code."""
    assert set(KINDS) == set(AnswerKind)
    assert set(CITATIONS) == set(CitationKind)


def test_rules_are_told_in_chinese() -> None:
    """Rules and topics of company questions have words; an unknown rule is shown as it is."""
    assert rule_in_words("sure of the first candidate") == "首选条目的把握足够大"
    assert rule_in_words("company question: news, upstream") == "公司问题：资讯、上游"
    assert rule_in_words("a new rule") == "a new rule"
    every = rule_in_words(f"company question: {', '.join(CompanyTopic)}")
    assert every.isascii() is False
    assert not any(topic in every for topic in CompanyTopic)


def test_every_feature_has_words() -> None:
    """The table of features names none by its code."""
    assert [name for name in NAMES if feature_in_words(name) == name] == []
    assert feature_in_words("nearest_other") == "nearest_other"


def test_features_stand_side_by_side() -> None:
    """One line a feature, one value a candidate."""
    assert feature_lines(TRACE) == (("最近问法的相似度·字", (0.5, 0.5)),)
    assert feature_lines(replace(TRACE, candidates=())) == ()


def test_a_contradiction_is_marked() -> None:
    """The candidate that means the opposite is told from the others."""
    assert candidates_html(TRACE).count("与问题相反") == 1


def test_times_are_summed() -> None:
    """Each stage and the whole, in milliseconds; nothing where nothing was measured."""
    assert stages_line(TRACE) == "耗时（毫秒）：理解 0.5 · 查找候选 1.2 · 合计 1.8"
    assert stages_line(replace(TRACE, milliseconds=())) == ""
    assert stages_html(TRACE).count("<li>") == 2
    assert "width:100%" in stages_html(TRACE)
    assert stages_html(replace(TRACE, milliseconds=())) == ""


def test_a_completed_question_stands_before_the_reply() -> None:
    """A customer sees how a follow-up was understood; other replies have no such line."""
    trace = replace(TRACE, rule=FOLLOW_UP + TRACE.rule, asked=f"创业板怎么开通{BAD}")
    shown = reply_html(replace(ANSWER, trace=trace))
    assert "理解为：创业板怎么开通" in shown
    assert BAD not in shown
    assert "理解为" not in reply_html(ANSWER)
    assert rule_in_words(trace.rule) == "追问，首选条目的把握足够大"
    assert rule_in_words(f"{FOLLOW_UP}company question: news") == "追问，公司问题：资讯"


def test_chances_are_told_only_where_something_was_looked_up() -> None:
    """A reply that needed no search has no chance of a first candidate."""
    assert "首选正确的概率" in why_html(ANSWER, TRACE)
    assert "首选正确的概率" not in why_html(ANSWER, replace(TRACE, candidates=()))


def test_what_was_misheard_is_told() -> None:
    """What was read otherwise than it was written stands with the question that was looked up."""
    changes = (
        Change(ChangeKind.SOUND, "创业版", "创业板"),
        Change(ChangeKind.FILLER, BAD, ""),
    )
    shown = why_html(ANSWER, replace(TRACE, changes=changes))
    assert "创业版→创业板（同音）" in shown
    assert "略去（口头语）" in shown
    assert BAD not in shown
    assert "听写校正" not in why_html(ANSWER, TRACE)


def test_what_the_guard_did_is_told_in_chinese() -> None:
    """Every rule and every declined topic has words."""
    for topic in Topic:
        assert topic not in rule_in_words(f"compliance: {topic}")
    for rule in Rule:
        assert rule not in guarded_in_words((rule,))
    trace = replace(TRACE, guarded=(Rule.TRADE_ADVICE,))
    assert "已略去：买卖建议" in why_html(ANSWER, trace)


def test_the_mood_is_told_with_its_reason() -> None:
    """Every mood has a name; a rising one and the advice to hand over are said."""
    reading = MoodReading(Mood.ANGRY, 0.9, 0.92, True, True, "words: 气死; model: 赔钱")
    shown = mood_in_words(reading)
    assert shown == "愤怒（90%）；依据：词语 气死；模型 赔钱；情绪升级，建议转人工"
    for mood in Mood:
        assert mood not in mood_in_words(replace(reading, mood=mood))
    assert shown in why_html(ANSWER, replace(TRACE, mood=reading))


def test_the_offer_of_a_person_stands_with_the_reply() -> None:
    """It is escaped like every text, and absent where nobody is angry."""
    assert "需要转人工吗" in reply_html(replace(ANSWER, offer="需要转人工吗"))
    assert "<img" not in reply_html(replace(ANSWER, offer=BAD))
