"""How dates and times of day are said."""

from __future__ import annotations

import re

from speech.numerals import cardinal, digits, number
from speech.rule import COUNTED, JOIN, Groups, Rule, rule

_YEAR = r"(?<![0-9.])((?:1[5-9]|20|21)[0-9]{2})"
_MONTH = r"(0?[1-9]|1[0-2])"
_DAY = r"(0?[1-9]|[12][0-9]|3[01])"
_CLOCK = r"([01]?[0-9]|2[0-4])[:：]([0-5][0-9])(?:[:：]([0-5][0-9]))?"
_CLOCK_START = r"(?<![0-9:：.])"
_CLOCK_END = r"(?![0-9:：]|\.[0-9])"
_HALF = {"1": "上半年", "2": "下半年"}


def _date(groups: Groups) -> str:
    year, month, day = groups
    return f"{digits(year)}年{cardinal(month)}月{cardinal(day)}日"


def _year_month(groups: Groups) -> str:
    return f"{digits(groups[0])}年{cardinal(groups[1])}月"


def _quarter(groups: Groups) -> str:
    year, quarter = groups
    return (f"{digits(year)}年" if year else "") + f"第{cardinal(quarter)}季度"


def _half_year(groups: Groups) -> str:
    return f"{digits(groups[0])}年{_HALF[groups[1]]}"


def _clock(hour: str, minute: str, second: str) -> str:
    spoken = ("两" if int(hour) == 2 else cardinal(hour)) + "点"
    if int(minute) or int(second or 0):
        spoken += _two_places(minute) + "分"
    return spoken + (_two_places(second) + "秒" if int(second or 0) else "")


def _two_places(value: str) -> str:
    """Minutes and seconds keep their leading zero: 9:05 is 九点零五分."""
    return cardinal(value) if value[0] != "0" or value == "00" else digits(value)


def _clock_range(groups: Groups) -> str:
    return f"{_clock(*groups[:3])}至{_clock(*groups[3:])}"


def _ratio(groups: Groups) -> str:
    return groups[0] + "比".join(number(part) for part in re.split(r"\s?[:：]\s?", groups[1]))


RULES: tuple[Rule, ...] = (
    # 2023-08-28T15:00:00.000+08:00: the moment as people write it, the zone left out.
    rule(
        r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
        r"(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?",
        lambda groups: f"{groups[0]} {groups[1]}",
    ),
    rule(_YEAR + r"\s?年\s?" + _MONTH + r"\s?月\s?" + _DAY + r"(?![0-9])(?:\s?[日号])?", _date),
    rule(_YEAR + r"[-/.]" + _MONTH + r"[-/.]" + _DAY + r"(?![0-9]|\.[0-9])日?", _date),
    rule(r"(?<![0-9.])((?:19|20)[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])(?![0-9.])", _date),
    rule(_YEAR + r"\s?年\s?" + _MONTH + r"\s?月", _year_month),
    rule(_YEAR + r"[-/](0[1-9]|1[0-2])(?![0-9/-])", _year_month),
    rule(
        _YEAR + JOIN + rf"((?:19|20)[0-9]{{2}})(?![0-9]|\.[0-9]|\s?(?:{COUNTED}))",
        lambda g: f"{digits(g[0])}至{digits(g[1])}",
    ),
    rule(_YEAR + r"(?=\s?年至|\s?[至到]\s?(?:19|20)[0-9]{2}\s?年)", lambda g: digits(g[0])),
    rule(_YEAR + r"\s?年?\s?(?:第)?[Qq]([1-4])(?![0-9A-Za-z])", _quarter),
    rule(
        r"(?<![0-9A-Za-z])([1-4])[Qq]((?:20)?[0-9]{2})(?![0-9A-Za-z])",
        lambda g: _quarter((g[1], g[0])),
    ),
    rule(r"(?<![0-9A-Za-z])()[Qq]([1-4])(?![0-9A-Za-z])", _quarter),
    rule(_YEAR + r"\s?年?\s?[Hh]([12])(?![0-9A-Za-z])", _half_year),
    rule(
        r"(?<![0-9A-Za-z])([12])[Hh]((?:20)?[0-9]{2})(?![0-9A-Za-z])",
        lambda g: _half_year((g[1], g[0])),
    ),
    rule(_YEAR + r"\s?(?=年|财年|款|届|版)", lambda g: digits(g[0])),
    # Short years: 08年, and 23年 where what follows can only belong to a calendar year.
    rule(r"(?<![0-9.])(0[0-9])(?=年)", lambda g: digits(g[0])),
    rule(
        r"(?<![0-9.第近])([0-9]{2})(?=年(?:报|中报|上半年|下半年|[一二三四前]季|全年|度|底|末|初))",
        lambda g: digits(g[0]),
    ),
    rule(r"(?<![0-9])0([1-9])(?=[月日号])", lambda g: cardinal(g[0])),
    rule(
        r"((?:比例|比率|比价|比分|配比|杠杆|拆分|换股|兑换|折算)[^0-9\n]{0,4})"
        r"([0-9]+(?:\.[0-9]+)?(?:\s?[:：]\s?[0-9]+(?:\.[0-9]+)?)+)",
        _ratio,
    ),
    rule(_CLOCK_START + _CLOCK + JOIN + _CLOCK + _CLOCK_END, _clock_range),
    rule(_CLOCK_START + _CLOCK + _CLOCK_END, lambda groups: _clock(*groups)),
    rule(r"()((?<![0-9.])[0-9]+(?:\.[0-9]+)?(?:\s?[:：]\s?[0-9]+(?:\.[0-9]+)?)+)", _ratio),
)
