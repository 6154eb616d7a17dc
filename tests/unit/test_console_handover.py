"""Queue and conversation as the agents' page shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assist.handover import Handover, HandoverReason, HandoverState, LevelReport
from assist.handover_file import load_handover_rules
from assist.handover_rules import HandoverRules
from assist.privacy import mask
from assist.said import Said, Speaker
from assist.trading_days import TradingDays
from ui.console.handover_view import duration, last_words, level_html, talk_html, waiting_html

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
