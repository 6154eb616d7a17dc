"""Whatever is written, it can be said."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from speech.numerals import cardinal
from speech.spoken import spoken

WORDS = """
600519 000001.SZ 3.5% - + ~ 至 : ： . , ， 。 / ( ) （ ） 【 】 [ ] * # | ¥ $ 元 万 亿 年 月 日
点 股 个 第 A ETF ST http://a.b/c 2023 08 28 13800138000 95588 0 1 2 10 100 一 百分之 零 涨 代码
拨打 <b> &amp; ^ ⁄ 9:30
"""
PIECES = st.sampled_from([*WORDS.split(), " ", "\n"])
WRITTEN = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join))


@settings(max_examples=400, deadline=None)
@given(WRITTEN)
def test_no_digit_is_left_and_nothing_crashes(written: str) -> None:
    """Every text has a spoken form without an ASCII digit, Chinese marks only, no outer space."""
    said = spoken(written)
    assert not re.search(r"[0-9#*_|<>\[\]{}【】]", said)
    assert said == said.strip()


@settings(max_examples=300, deadline=None)
@given(st.integers(min_value=0, max_value=10**16 - 1))
def test_a_numeral_can_be_read_back(value: int) -> None:
    """Distinct whole numbers have distinct names, from which the number can be worked out."""
    assert _value(cardinal(str(value))) == value


def _value(name: str) -> int:
    """The number that a Chinese numeral names (an independent reader, by places)."""
    if name == "两":
        name = "二"
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = name.rpartition(unit)
        if found:
            return _value(head) * size + _value(tail)
    total, digit = 0, 0
    for character in name:
        if character in "千百十":
            total += (digit or 1) * {"千": 1000, "百": 100, "十": 10}[character]
            digit = 0
        else:
            digit = "零一二三四五六七八九".find(character.replace("两", "二"))
    return total + digit
