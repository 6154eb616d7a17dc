"""Written Chinese turned into what is said: numbers, dates, codes, amounts, letters.

`spoken("贵州茅台(600519)跌3.5%")` -> 贵州茅台，六零零五一九，跌百分之三点五

The rules run in order and each leaves Chinese numerals, so that no later rule sees its digits:
markup, dates and times, telephone numbers and codes, percentages and amounts, plain numbers,
letters, marks. docs/speech.md says why these rules and not a library.
"""

from __future__ import annotations

import re

from speech import spoken_codes, spoken_dates
from speech.markup import plain
from speech.numerals import digits, number
from speech.rule import JOIN, NUMBER, Groups, Rule, apply, rule

_SIGN = r"(?:(?<![0-9A-Za-z%)])([-+±]))?"
_SIGNS = {"": "", "-": "负", "+": "正", "±": "正负"}
_CURRENCY = {
    "¥": "元", "CNY": "元", "RMB": "元", "$": "美元", "US$": "美元", "USD": "美元",
    "HK$": "港元", "HKD": "港元", "€": "欧元", "EUR": "欧元", "£": "英镑", "GBP": "英镑",
    "JPY": "日元",
}  # fmt: skip
_CURRENCY_SIGN = r"(US\$|HK\$|[¥$€£]|(?:CNY|RMB|USD|HKD|EUR|GBP|JPY)(?=\s?[0-9]))"
_CURRENCY_CODE = r"(CNY|RMB|USD|HKD|EUR|GBP|JPY)"
_SCALE = r"(万亿|亿|千万|百万|万|千)?"
_UNITS = {
    "kg": "千克", "km": "公里", "cm": "厘米", "mm": "毫米", "m2": "平方米", "m3": "立方米",
    "kWh": "千瓦时", "MWh": "兆瓦时", "GWh": "吉瓦时", "TWh": "太瓦时", "kW": "千瓦",
    "MW": "兆瓦", "GW": "吉瓦", "°C": "摄氏度", "°": "度", "w": "万", "W": "万",
}  # fmt: skip
# 2 is 两 before what is counted, 二 in dates and ordinals; 万 and 亿 count as well.
_COUNTED_BY_TWO = (
    "万|亿|千|个|只|家|次|天|年|倍|元|种|项|位|名|份|手|笔|类|条|小时|周|人|部|台|款|股|成|轮|批|张|套|户"
    "|件|步|者|大|点|分钟|美元|港元"
)
_SYMBOLS = {
    "≥": "大于等于", "≤": "小于等于", ">=": "大于等于", "<=": "小于等于", ">": "大于", "<": "小于",
    "≈": "约等于", "=": "等于", "&": "和", "@": "艾特", "°": "度", "→": "到",
    "×": "乘", "÷": "除以", "+": "加", "±": "正负",
}  # fmt: skip
_COUNTED = re.compile(_COUNTED_BY_TWO)
_SAID_AS_WORDS = frozenset({"NASDAQ", "OPEC", "SHIBOR", "LIBOR", "REIT", "NATO", "APEC", "WIND"})


def spoken(text: str) -> str:
    """What to say for `text`: no digit, no markup, no address; "" when nothing is left to say.

    Text that is spoken already stays as it is.
    """
    return _marks(apply(_RULES, plain(text)))


def _percent(groups: Groups) -> str:
    sign, value, mark = groups
    name = "百分之" if mark == "%" else "千分之"
    said = "百" if (value, mark) == ("100", "%") else number(value)
    return _SIGNS[sign] + name + said


def _percent_range(groups: Groups) -> str:
    low_sign, low, high_sign, high, mark = groups
    return f"{_percent((low_sign, low, mark))}至{_percent((high_sign, high, mark))}"


def _money(groups: Groups) -> str:
    sign, currency, value, scale = groups
    return _SIGNS[sign] + _two(value, scale or "元") + scale + _CURRENCY[currency]


def _range(groups: Groups) -> str:
    low, low_unit, high, following = groups
    return f"{_two(low, low_unit or following)}{low_unit}至{_two(high, following)}{following}"


def _plain_number(groups: Groups) -> str:
    sign, value, following = groups
    return _SIGNS[sign] + _two(value, following) + following


def _two(value: str, following: str) -> str:
    """`value` as said before `following`: 两 for 2 before what is counted; 007 by its digits."""
    if value == "2" and _COUNTED.match(following):
        return "两"
    if len(value) > 1 and value[0] == "0" and value[1] != ".":
        return digits(value).replace(".", "点")
    return number(value)


def _version(groups: Groups) -> str:
    return "点".join(number(part) for part in groups[0].split("."))


def _letters(groups: Groups) -> str:
    word = groups[0]
    return word if word in _SAID_AS_WORDS or len(word) > 6 else " ".join(word)


_RULES: tuple[Rule, ...] = (
    *spoken_dates.RULES,
    *spoken_codes.RULES,
    rule(_SIGN + f"({NUMBER})[%‰]?" + JOIN + f"([-+]?)({NUMBER})([%‰])", _percent_range),
    rule(_SIGN + f"({NUMBER})\\s?([%‰])", _percent),
    rule(f"({NUMBER})\\s?个?(?:pcts?|ppts?|pp)(?![A-Za-z])", lambda g: number(g[0]) + "个百分点"),
    rule(f"({NUMBER})\\s?(?:[bB][pP][sS]?)(?![A-Za-z])", lambda g: _two(g[0], "个") + "个基点"),
    rule(_SIGN + _CURRENCY_SIGN + f"\\s?({NUMBER})\\s?{_SCALE}元?", _money),
    rule(
        f"({NUMBER})\\s?{_SCALE}\\s?{_CURRENCY_CODE}(?![A-Za-z])",
        lambda g: _money(("", g[2], g[0], g[1])),
    ),
    rule(r"(?<![0-9.])([0-9]+(?:\.[0-9]+){2,})(?!\.?[0-9])", _version),
    rule(
        r"(?<![0-9./])([0-9]{1,3})\s?[/⁄]\s?([1-9][0-9]{0,3})(?![0-9./])",
        lambda g: f"{number(g[1])}分之{number(g[0])}",
    ),
    rule(r"(?<=[0-9])\^([0-9]+)", lambda g: f"的{number(g[0])}次方"),
    rule(r"(?<=[0-9])\s?[×xX*]\s?(?=[0-9])", lambda g: "乘"),
    rule(r"(?<=[0-9])[xX](?![A-Za-z0-9])", lambda g: "倍"),
    rule(r"(?<=[0-9])\s?(" + "|".join(_UNITS) + r")(?![A-Za-z])", lambda g: _UNITS[g[0]]),
    rule(r"/(kg|km|kWh|m2|m3)(?![A-Za-z])", lambda g: "每" + _UNITS[g[0]]),
    rule(r"(?<=[元万亿分角次吨股点瓦时度])/(?=[\u4e00-\u9fff])", lambda g: "每"),
    rule(
        f"({NUMBER})((?:万亿|亿|万|千)?(?:个|元|美元|港元|股|点|年|倍|天|日|月|吨|手)?)"
        + JOIN
        + f"({NUMBER})((?:{_COUNTED_BY_TWO})?)",
        _range,
    ),
    rule(r"\bNo\.?\s?(?=[0-9])", lambda g: "第"),
    rule(f"(第)({NUMBER})", lambda g: g[0] + number(g[1])),
    rule(_SIGN + f"({NUMBER})((?:{_COUNTED_BY_TWO})?)", _plain_number),
    rule(r"([0-9])", lambda g: digits(g[0])),
    rule(r"\*(?=S?T)", lambda g: "星"),
    rule(r"(?<![A-Za-z])([A-Z]{2,})(?![A-Za-z])", _letters),
    rule(r"(>=|<=|[≥≤><≈=&@°→×÷+±])", lambda g: _SYMBOLS[g[0]]),
)

_NUMERAL = "零一二两三四五六七八九十百千万亿年月日点分元"
_HAN = r"\u3400-\u9fff"
_MARK_STEPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\.{2,}|…+|—+|–+", "，"),
        (r"(?<=[A-Za-z])\.(?=[A-Za-z])", "点"),
        (rf"(?<=[{_NUMERAL}])[-~～](?=[{_NUMERAL}])", "至"),
        (rf"(?<=[{_HAN}])[-~～](?=[{_HAN}])", "，"),
        (r"(?<=[A-Za-z])'(?=[A-Za-z])", "\0"),
        (r"[#%*_^~～\\{}\[\]$¥€£\"'`“”‘’「」『』《》〈〉〔〕-]", " "),
        (r"\0", "'"),
        (r"[(（)）/,]", "，"),
        (r"[.]", "。"), (r"[?]", "？"), (r"[!]", "！"), (r"[;]", "；"), (r"[:]", "："),
        (r"(?<=[^A-Za-z])[ \t]+|[ \t]+(?=[^A-Za-z])", ""),
        (r"[ \t]*\n+[ \t]*", "\n"),
        (r"[，、：\n]*([。！？；])[，、：。；\s]*", r"\1"),
        (r"[，、：]*\n+[，、：]*", "\n"),
        (r"[，、：]*([，、：])", r"\1"),
        (r"^[，、：。！？；\s]+|[，、：\s]+$", ""),
    )
)  # fmt: skip


def _marks(text: str) -> str:
    """Chinese marks only, one at a time, none at the beginning; no space beside a Han character."""
    for pattern, replacement in _MARK_STEPS:
        text = pattern.sub(replacement, text)
    return text
