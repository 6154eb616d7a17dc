"""Normal forms and tokens of Chinese text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.text import bigrams, clean, fold, sentences, simplify, unigrams, words


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Ａ股　１２３％", "A股 123%"),
        ("你好\u200b，\ufeff世界", "你好，世界"),
        ("一\r\n\r\n 二\t三", "一\n二 三"),
        ("坏\ud800字", "坏字"),
        ("（注）", "（注）"),
    ],
)
def test_clean_keeps_readable_text(raw: str, expected: str) -> None:
    """Clean narrows letters, drops invisible characters and leaves Chinese marks alone."""
    assert clean(raw) == expected


def test_fold_is_blind_to_how_a_question_is_written() -> None:
    """Traditional, full-width, spaced and punctuated forms fold to one."""
    forms = ["创业板怎么开通？", "創業板 怎麼 開通", "　创业板，怎么开通!!"]
    assert {fold(form) for form in forms} == {"创业板怎么开通"}


def test_bigrams_overlap_within_runs_and_keep_codes_whole() -> None:
    """Han runs give character pairs; digits and Latin words stay whole."""
    terms = bigrams("宁德时代(300750.SZ)涨3.5%")
    assert terms == ("宁德", "德时", "时代", "300750", "sz", "涨", "3.5")


def test_unigrams_and_words() -> None:
    """Single characters and dictionary words leave punctuation out."""
    assert unigrams("买ETF，吗") == ("买", "etf", "吗")
    assert "股票" in words("我想买股票。")


def test_sentences_end_at_chinese_marks() -> None:
    """A sentence keeps its closing mark."""
    assert sentences("先开户。再入金！完成") == ("先开户。", "再入金！", "完成")


def test_simplify_turns_traditional_into_simplified() -> None:
    """OpenCC's t2s is at work."""
    assert simplify("貴州茅臺發佈公告") == "贵州茅台发布公告"


@given(st.text())
def test_normal_forms_are_stable(text: str) -> None:
    """Applying a normal form twice changes nothing more, whatever the input."""
    assert fold(fold(text)) == fold(text)
    assert clean(clean(text)) == clean(text)
