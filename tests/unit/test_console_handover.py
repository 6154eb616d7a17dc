"""Queue and conversation as the agents' page shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assist.emotion_words import Mood
from assist.handover import Handover, HandoverReason, HandoverState, LevelReport
from assist.handover_context import Gathered, HandoverContext
from assist.handover_file import load_handover_rules
from assist.handover_note import Alert, AlertKind, Note, NoteKind
from assist.handover_rules import HandoverRules
from assist.privacy import mask
from assist.said import Said, Speaker
from assist.trading_days import TradingDays
from ui.console.handover_view import (
    alert_html,
    context_html,
    duration,
    last_words,
    level_html,
    notes_html,
    talk_html,
    waiting_html,
)

NOW = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)


@pytest.fixture
def rules(data: Path) -> HandoverRules:
    return load_handover_rules(data / "handover.yaml", TradingDays({}))


def said(text: str, speaker: Speaker = Speaker.CUSTOMER, number: int = 1) -> Said:
    return Said(speaker, "words", text, seq=number, conversation_id="c", number=number, at=NOW)


@pytest.mark.parametrize(("seconds", "words"), [(8, "8秒"), (185, "3分05秒"), (7800, "2小时10分")])
def test_a_wait_is_read_at_a_glance(seconds: int, words: str) -> None:
    """Seconds, minutes or hours, whichever fits."""
    assert duration(timedelta(seconds=seconds)) == words


def test_who_waits_too_long_is_marked(rules: HandoverRules) -> None:
    """Past the service level the chip changes; before the hours it says when to call."""
    asked = NOW - timedelta(seconds=25)
    handover = Handover(
        "h", "c", "general", HandoverReason.ANGER, HandoverState.WAITING, asked, asked
    )
    late = waiting_html(handover, "<b>", rules, NOW)
    assert "fl-negative" in late
    assert "等待 25秒" in late
    assert "&lt;b&gt;" in late
    later = waiting_html(handover, "", rules, NOW - timedelta(hours=1))
    assert "03-03 09:59 后联系" in later


def test_customers_words_are_masked_and_harmless() -> None:
    """Markup stays letters; a phone number shows only in part."""
    html = talk_html((said("<script>1</script>电话13800138000"),), mask)
    assert "<script>" not in html
    assert "13800138000" not in html


def test_the_preview_says_more_than_the_wish() -> None:
    """The message before 转人工 is shown too."""
    assert last_words((said("怎么销户"), said("转人工", number=2))) == "怎么销户 / 转人工"


def test_the_level_without_calls_is_no_number(rules: HandoverRules) -> None:
    """Nothing counted yet is said in words."""
    report = LevelReport(0, 0, None, True, 0, timedelta())
    assert "暂无数据" in level_html(report, rules.level)
    half = LevelReport(2, 1, 0.5, False, 1, timedelta(seconds=30))
    assert "50%" in level_html(half, rules.level)


@pytest.mark.parametrize("mood", list(Mood))
def test_a_context_is_read_at_a_glance(mood: Mood) -> None:
    """Why, which business, how the customer sounds; what was said is masked and harmless."""
    gathered = (Gathered("手机号", "13800138000"), Gathered("金额", "<b>五千元"))
    context = HandoverContext(
        HandoverReason.FLOW, "银证转账", gathered, ("怎么转",), mood, 0.5, "", True, "13900139000"
    )
    html = context_html(context, mask)
    assert "流程转入" in html
    assert "已核身" in html
    assert "怎么转" in html
    assert "&lt;b&gt;五千元" in html
    assert "13800138000" not in html
    assert "13900139000" not in html


def test_notes_and_alerts_name_who_and_what(rules: HandoverRules) -> None:
    """A move shows its goal by title; an alert says in words what happened."""
    note = Note(NOW, NoteKind.TRANSFER, "小王", "<i>请接", "trading")
    html = notes_html((note,), {"trading": "交易专席"})
    assert "转接 小王 → 交易专席" in html
    assert "&lt;i&gt;请接" in html
    gone = Alert(1, NOW, AlertKind.AGENT_GONE, "c", "小王", "")
    assert "小王长时间没有动静" in alert_html(gone, mask)
    angry = Alert(2, NOW, AlertKind.ANGER, "c", "words: 气死", "气死了", anger=0.9)
    assert "90%" in alert_html(angry, mask)


def test_a_call_back_shows_in_the_queue(rules: HandoverRules) -> None:
    """With the number masked, and the wait counted from the beginning."""
    asked = NOW - timedelta(minutes=5)
    handover = Handover(
        "h", "c", "general", HandoverReason.ASKED, HandoverState.WAITING, asked, asked,
        callback="13800138000",
    )  # fmt: skip
    html = waiting_html(handover, "", rules, NOW)
    assert "回电 138****8000" in html
    assert "等待 5分00秒" in html
