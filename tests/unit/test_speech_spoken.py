"""Written Chinese becomes what an announcer would say."""

from __future__ import annotations

from pathlib import Path

import pytest

from speech.numerals import cardinal, digits, number
from speech.spoken import spoken

CASES = {
    "security codes": [
        ("贵州茅台（600519）今日收涨", "贵州茅台，六零零五一九，今日收涨"),
        ("代码000001.SZ", "代码零零零零零一"),
        ("600519.SH", "六零零五一九"),
        ("sz300750", "三零零七五零"),
        ("买入600519，卖出300750", "买入六零零五一九，卖出三零零七五零"),
        ("证券代码：113050", "证券代码：一一三零五零"),
        ("腾讯控股(00700.HK)", "腾讯控股，港股零零七零零"),
        ("成交600519股", "成交六十万零五百一十九股"),
        ("募资600000万元", "募资六十万万元"),
        ("IF2309合约", "I F二三零九合约"),
    ],
    "amounts": [
        ("成交额45.6亿元", "成交额四十五点六亿元"),
        ("报1,688.00元", "报一千六百八十八点零零元"),
        ("2万元", "两万元"),
        ("净利润3~5亿元", "净利润三至五亿元"),
        ("¥3.5万", "三点五万元"),
        ("US$100", "一百美元"),
        ("HK$20", "二十港元"),
        ("500万USD", "五百万美元"),
        ("10~20元/股", "十至二十元每股"),
        ("佣金万2.5，最低5元", "佣金万二点五，最低五元"),
        ("10送3转5派2.5元", "十送三转五派二点五元"),
        ("1.2万亿", "一点二万亿"),
    ],
    "percentages": [
        ("跌3.5%", "跌百分之三点五"),
        ("涨跌幅-3.5%", "涨跌幅负百分之三点五"),
        ("涨幅+10.02%", "涨幅正百分之十点零二"),
        ("增长10%-15%", "增长百分之十至百分之十五"),
        ("5-8%", "百分之五至百分之八"),
        ("100%", "百分之百"),
        ("0.5‰", "千分之零点五"),
        ("下降0.3个百分点", "下降零点三个百分点"),
        ("降息25BP", "降息二十五个基点"),
    ],
    "dates": [
        ("2023-08-28起", "二零二三年八月二十八日起"),
        ("2023年8月28日", "二零二三年八月二十八日"),
        ("2023/08/28", "二零二三年八月二十八日"),
        ("20230828", "二零二三年八月二十八日"),
        ("2023年08月", "二零二三年八月"),
        ("2月2日", "二月二日"),
        ("1-8月", "一至八月"),
        ("2023-2025年", "二零二三至二零二五年"),
        ("2023Q3", "二零二三年第三季度"),
        ("2023H1", "二零二三年上半年"),
        ("08年", "零八年"),
        ("10年期国债", "十年期国债"),
        ("2023-08-28T15:00:00+08:00", "二零二三年八月二十八日十五点"),
    ],
    "times": [
        ("9:30开盘", "九点三十分开盘"),
        ("15:00收盘", "十五点收盘"),
        ("9:05", "九点零五分"),
        ("14：57", "十四点五十七分"),
        ("9:15-9:25", "九点十五分至九点二十五分"),
        ("2:30", "两点三十分"),
        ("13:00:05", "十三点零分零五秒"),
        ("7×24小时", "七乘二十四小时"),
        ("比例为1:10", "比例为一比十"),
        ("比分2:1", "比分二比一"),
    ],
    "telephone and account numbers": [
        ("手机13800138000", "手机幺三八零零幺三八零零零"),
        ("请拨打95588", "请拨打九五五八八"),
        ("400-820-8820", "四零零八二零八八二零"),
        ("010-66558888", "零幺零六六五五八八八八"),
        ("致电10010", "致电幺零零幺零"),
        ("尾号1234", "尾号一二三四"),
        ("验证码482913", "验证码四八二九一三"),
    ],
    "plain numbers": [
        ("2个工作日", "两个工作日"),
        ("第2季度", "第二季度"),
        ("12个", "十二个"),
        ("沪深300", "沪深三百"),
        ("气温-5℃", "气温负五摄氏度"),
        ("市盈率12.5倍", "市盈率十二点五倍"),
        ("收益的1/3", "收益的三分之一"),
        ("版本1.2.3", "版本一点二点三"),
        ("１２３", "一百二十三"),
    ],
    "letters": [
        ("ETF", "E T F"),
        ("A股IPO", "A股I P O"),
        ("*ST康美", "星S T康美"),
        ("T+1交易", "T加一交易"),
        ("PE(TTM)为15x", "P E，T T M，为十五倍"),
        ("REITs基金", "REITs基金"),
        ("中证A500", "中证A五百"),
    ],
    "markup": [
        ("**重点**：[官网](https://www.sse.com.cn/a?b=1)", "重点：官网"),
        ("【公告】分红方案", "公告，分红方案"),
        ("答案见下。【1】[2]", "答案见下。"),
        ("详见https://example.com/a-1.html。", "详见。"),
        ("# 标题\n- 一\n- 二", "标题\n一\n二"),
        (
            "| 代码 | 价格 |\n|---|---|\n| 600519 | 1,688 |",
            "代码，价格\n六零零五一九，一千六百八十八",
        ),
        ("《公司法》第16条", "公司法第十六条"),
        ("涨😀停", "涨停"),
    ],
}


@pytest.mark.parametrize(
    ("written", "said"),
    [pytest.param(*case, id=f"{kind}-{case[0]!r}") for kind in CASES for case in CASES[kind]],
)
def test_written_text_is_said_as_an_announcer_would(written: str, said: str) -> None:
    """Numbers, dates, codes, letters and markup each have their spoken form."""
    assert spoken(written) == said


@pytest.mark.parametrize("written", [case[0] for kind in CASES for case in CASES[kind]])
def test_spoken_text_stays_as_it_is(written: str) -> None:
    """Saying again what is spoken already changes nothing."""
    said = spoken(written)
    assert spoken(said) == said


@pytest.mark.parametrize("written", ["", "   ", "```", "https://example.com", "😀"])
def test_nothing_to_say_is_an_empty_text(written: str) -> None:
    """Text without a word becomes the empty text, not an error."""
    assert spoken(written) == ""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0", "零"),
        ("10", "十"),
        ("110", "一百一十"),
        ("1010", "一千零一十"),
        ("10001", "一万零一"),
        ("101000", "十万一千"),
        ("200000000", "两亿"),
        ("100001000", "一亿零一千"),
        ("1234567890123", "一万二千三百四十五亿六千七百八十九万零一百二十三"),
        ("1000000000000", "一万亿"),
        ("12345678901234567", "一二三四五六七八九零一二三四五六七"),
    ],
)
def test_a_whole_number_is_said_by_its_places(written: str, said: str) -> None:
    """Skipped places are said once as 零; beyond sixteen digits they come one by one."""
    assert cardinal(written) == said


def test_a_decimal_is_said_digit_by_digit_behind_the_point() -> None:
    """Thousands separators vanish and trailing zeros are said."""
    assert number("1,234.50") == "一千二百三十四点五零"


def test_one_can_be_said_as_yao() -> None:
    """Telephone numbers say 幺 for 1."""
    assert digits("110", one="幺") == "幺幺零"


def test_every_real_security_code_is_said_digit_by_digit(shared: Path) -> None:
    """No A-share code is read as an amount, but a round one with neither name nor parentheses."""
    lines = (shared / "facts" / "securities.tsv").read_text(encoding="utf-8").splitlines()
    codes = [line.split("\t")[0] for line in lines[1:]]
    assert [code for code in codes if spoken(f"（{code}）") != digits(code)] == []
    assert [code for code in codes if spoken(f"代码{code}") != f"代码{digits(code)}"] == []
    amounts = [code for code in codes if spoken(f"买入{code}，") != f"买入{digits(code)}"]
    assert all(code.endswith("000") for code in amounts)
