"""DATE slots: 2026-11-03, 十一月三号, 三号, 明天, 下周三, 月底, 三天后, 国庆.

A day without its month or year is the next one, or the last one where the slot asks for the past
(its maximum is today or before). Weeks begin on Monday. Works on `comparable` text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from assist.slot import Reading, SlotProblem, SlotReason, SlotSpec, SlotValue
from assist.slot_calendar import (
    add_months,
    bound,
    day_of,
    last_of_month,
    monthly,
    spoken_date,
    yearly,
)
from assist.slot_numerals import numerals
from assist.slot_text import UNSURE_CONFIDENCE, Found, between, hedged, settle

_H = "零〇一二三四五六七八九十两廿卅"
_NUM = rf"([0-9]{{1,2}}|[{_H}]{{1,3}})"
_YEAR = (
    r"([0-9]{4}|[0-9]{2}|[零〇一二三四五六七八九]{4}|[零〇一二三四五六七八九]{2}|今|明|去|前|后)年"
)
_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六")} | {"日": 6, "天": 6, "末": 5} | {
    c: n for n, c in enumerate("123456")
} | {"7": 6}  # fmt: skip
_YEAR_SHIFT = {"今": 0, "明": 1, "后": 2, "去": -1, "前": -2}
_DAY_WORDS = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0,
    "今儿": 0, "今晚": 0, "今早": 0, "今夜": 0, "当天": 0, "明天": 1, "明日": 1, "明儿": 1,
    "明早": 1, "明晚": 1, "后天": 2, "后日": 2, "后儿": 2, "大后天": 3,
}  # fmt: skip
_HOLIDAY = r"(?=$|[\s,。.!?吧呢啊哦节前后]|假期|期间|长假|放假|小长假|黄金周|当天|那天|的?时候|之)"
_FESTIVALS = {
    "元旦": (1, 1), "情人节": (2, 14), "妇女节|三八节": (3, 8), "植树节": (3, 12),
    rf"劳动节|(?<![{_H}])五一{_HOLIDAY}": (5, 1), "青年节": (5, 4),
    rf"儿童节|(?<![{_H}])六一{_HOLIDAY}": (6, 1), "建军节": (8, 1), "教师节": (9, 10),
    rf"国庆|(?<![双第{_H}])十一{_HOLIDAY}": (10, 1),
    "双十一": (11, 11), "双十二": (12, 12), "平安夜": (12, 24), "圣诞": (12, 25),
}  # fmt: skip

_FULL = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})\s?[-/.]\s?([0-9]{1,2})\s?[-/.]\s?([0-9]{1,2})(?![0-9])"
)
_COMPACT = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?![0-9])")
_MONTH_DAY = re.compile(rf"(?:{_YEAR}的?\s?)?{_NUM}\s?月份?的?\s?{_NUM}\s?[号日]?(?![{_H}0-9])")
_SHORT = re.compile(r"(?<![0-9./-])([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9./-]|[万元块%])")
_MONTH_END = re.compile(
    rf"(?:{_YEAR}的?)?(?:{_NUM}月|(上上|上|下下|下|这|本)?个?月)(?:份|的)?(底|末|初|最后一天|{_NUM}\s?[号日])"
)
_DAY = re.compile(rf"(?<![{_H}0-9月第第.]){_NUM}\s?[号日](?!线|楼|元|公|门|店|报|[码本])")
_YEAR_END = re.compile(rf"(?:{_YEAR}的?年?|本?年)[底末]")
_WEEKDAY = re.compile(
    r"(上上|上|下下|下|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天末1-7])(?![年月个])"
)
_AFTER = re.compile(
    r"(?:过|再过|等)?\s?(个?半|[0-9]+|[零一二三四五六七八九十两百廿]+)\s?(?:个)?(半)?(天|日|周|星期|礼拜|月|年)(半)?"
    r"\s?(?:之)?(后|以后|前|以前|之后|之前)"
)
_PASSING = re.compile(r"(?:再?过|等)([0-9]+|[一三四五六七八九十百廿]+)(?:个)?(天|周|星期|礼拜|月)")
_VAGUE = re.compile(
    r"过(?:几|两)天|(?:这|那)几天|这两天|前两天|改天|过(?:一?阵子|段时间|些天|些日子)|几天(?:后|前)|以后再|农历|阴历|腊月"
    r"|正月|春节|过年|中秋|端午|清明|重阳|除夕|月中|年初|年中"
)
_THAT_DAY = re.compile(rf"{_YEAR}的?今[天日]")
_PART = re.compile(
    rf"(?:{_YEAR}的?)?{_NUM}月(?!{_NUM})份?"
    r"|(?:上|下|这|本)个?月|(?:上|下|这|本)个?(?:周|星期|礼拜)|(?:今|明|去|后|前)年"
)


@dataclass(frozen=True, slots=True)
class DayFind:
    """A day found at [start, end); `day` None: no calendar has it, `reason` says why not."""

    start: int
    end: int
    day: date | None
    reason: SlotReason = SlotReason.IMPOSSIBLE


def read_date(spec: SlotSpec, form: str, today: date) -> Reading:
    """A day in a `comparable` text."""
    past = _asks_past(spec, today)
    confidence = UNSURE_CONFIDENCE if hedged(form) else 1.0
    found = [_reading(form, find, confidence) for find in days(form, today, past=past)]
    return in_bounds(spec, settle(found, form), today)


def read_date_keys(spec: SlotSpec, keys: str, today: date) -> Reading:
    """`20261103`, `1103` or `03` in telephone keys."""
    past = _asks_past(spec, today)
    if not keys.isdecimal() or len(keys) not in (1, 2, 4, 8):
        return SlotProblem(SlotReason.FORMAT, keys, (), 0, len(keys)) if keys else None
    if len(keys) == 8:
        day = day_of(int(keys[:4]), int(keys[4:6]), int(keys[6:]))
    elif len(keys) == 4:
        day = yearly(int(keys[:2]), int(keys[2:]), today, past=past)
    else:
        day = monthly(int(keys), today, past=past)
    return in_bounds(spec, _reading(keys, DayFind(0, len(keys), day), 1.0), today)


def in_bounds(spec: SlotSpec, reading: Reading, today: date) -> Reading:
    """The reading, or why its day is out of the slot's bounds."""
    low, high = bound(spec.minimum, today), bound(spec.maximum, today)
    return between(reading, low, high, date.fromisoformat)


def days(form: str, today: date, *, past: bool = False) -> tuple[DayFind, ...]:
    """Every day that a text names, in reading order; longer wordings hide those inside them."""
    taken: list[DayFind] = []
    for pattern, reader in _PATTERNS:
        for match in pattern.finditer(form):
            if any(f.start < match.end() and match.start() < f.end for f in taken):
                continue
            find = reader(match, today, past)
            if find is not None:
                taken.append(find)
    return tuple(sorted(taken, key=lambda find: find.start))


def _asks_past(spec: SlotSpec, today: date) -> bool:
    high = bound(spec.maximum, today)
    return high is not None and high <= today


def _reading(form: str, find: DayFind, confidence: float) -> Found:
    if find.day is None:
        return SlotProblem(find.reason, form[find.start : find.end], (), find.start, find.end)
    return SlotValue(find.day.isoformat(), spoken_date(find.day), find.start, find.end, confidence)


Reader = Callable[[re.Match[str], date, bool], DayFind | None]


def _whole(match: re.Match[str], today: date, past: bool) -> DayFind:
    return _found(match, day_of(*(int(part) for part in match.groups())))


def _month_and_day(match: re.Match[str], today: date, past: bool) -> DayFind:
    year, month, day = match.groups()
    if year is None:
        return _found(match, yearly(_number(month), _number(day), today, past=past))
    return _found(match, day_of(_year(year, today), _number(month), _number(day)))


def _same_day(match: re.Match[str], today: date, past: bool) -> DayFind:
    return _found(match, day_of(_year(match[1], today), today.month, today.day))


def _short(match: re.Match[str], today: date, past: bool) -> DayFind | None:
    month, day = int(match[1]), int(match[2])
    if "." in match.group() and not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return _found(match, yearly(month, day, today, past=past))


def _in_month(match: re.Match[str], today: date, past: bool) -> DayFind | None:
    year, month, shift, what, day = match.groups()
    if month is not None:
        first = day_of(_year(year, today) if year else today.year, _number(month), 1)
    else:
        steps = {"上上": -2, "上": -1, "下": 1, "下下": 2}.get(shift or "", 0)
        first = add_months(today.replace(day=1), steps)
        if shift is None and day:
            return None
    if first is None:
        return _found(match, None)
    if day:
        return _found(match, day_of(first.year, first.month, _number(day)))
    if what == "初":
        return DayFind(*match.span(), None, SlotReason.VAGUE)
    return _found(match, last_of_month(first))


def _day_only(match: re.Match[str], today: date, past: bool) -> DayFind:
    return _found(match, monthly(_number(match[1]), today, past=past))


def _year_end(match: re.Match[str], today: date, past: bool) -> DayFind:
    return _found(match, date(_year(match[1], today) if match[1] else today.year, 12, 31))


def _weekday(match: re.Match[str], today: date, past: bool) -> DayFind:
    shift, name = match.groups()
    monday = today - timedelta(days=today.weekday())
    weeks = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
    day = monday + timedelta(days=_WEEKDAYS[name] + 7 * weeks.get(shift or "", 0))
    if shift is None and past and day > today:
        day -= timedelta(days=7)
    elif shift is None and not past and day < today:
        day += timedelta(days=7)
    if name == "末":
        return DayFind(*match.span(), None, SlotReason.VAGUE)
    return _found(match, day)


def _relative(match: re.Match[str], today: date, past: bool) -> DayFind | None:
    count, half, unit, late_half, direction = match.groups()
    sign = -1 if "前" in direction else 1
    return _shifted(match, today, _amount(count), bool(half or late_half), unit, sign)


def _passing(match: re.Match[str], today: date, past: bool) -> DayFind | None:
    return _shifted(match, today, _amount(match[1]), False, match[2], 1)


def _amount(written: str) -> float:
    if written.endswith("半"):
        return 0.5
    if written.isdecimal() and written.isascii():
        return float(written[:6])
    found = numerals(written)
    return float(found[0].value) if found else 0.0


def _shifted(
    match: re.Match[str], today: date, count: float, half: bool, unit: str, sign: int
) -> DayFind | None:
    if count > 10_000:
        return _found(match, None)
    if unit in ("月", "年"):
        months = int(count) * (12 if unit == "年" else 1)
        months += 6 if unit == "年" and (half or count == 0.5) else 0
        extra = 15 if unit == "月" and (half or count == 0.5) else 0
        day = add_months(today, sign * months)
        return _found(match, day + timedelta(days=sign * extra) if day else None)
    if half or count == 0.5:
        return DayFind(*match.span(), None, SlotReason.VAGUE)
    step = 1 if unit in ("天", "日") else 7
    return _found(match, today + timedelta(days=sign * step * int(count)))


def _named(shift: int) -> Reader:
    return lambda match, today, past: _found(match, today + timedelta(days=shift))


def _festival(month: int, day: int) -> Reader:
    return lambda match, today, past: _found(match, yearly(month, day, today, past=past))


def _not_exact(reason: SlotReason) -> Reader:
    return lambda match, today, past: DayFind(*match.span(), None, reason)


def _found(match: re.Match[str], day: date | None) -> DayFind:
    return DayFind(*match.span(), day)


def _patterns() -> Iterator[tuple[re.Pattern[str], Reader]]:
    """Longer wordings first: what they hold is not read again."""
    yield _FULL, _whole
    yield _THAT_DAY, _same_day
    yield _COMPACT, _whole
    yield _MONTH_DAY, _month_and_day
    yield _MONTH_END, _in_month
    yield _YEAR_END, _year_end
    yield _AFTER, _relative
    yield _VAGUE, _not_exact(SlotReason.VAGUE)
    yield _PASSING, _passing
    for word in sorted(_DAY_WORDS, key=len, reverse=True):
        yield re.compile(word), _named(_DAY_WORDS[word])
    yield _WEEKDAY, _weekday
    for festival, (month, day) in _FESTIVALS.items():
        yield re.compile(festival), _festival(month, day)
    yield _DAY, _day_only
    yield _SHORT, _short
    yield _PART, _not_exact(SlotReason.INCOMPLETE)


_PATTERNS = tuple(_patterns())


def _number(written: str) -> int:
    if written.isdecimal() and written.isascii():
        return int(written)
    found = numerals(written)
    return int(found[0].value) if found and found[0].end == len(written) else 0


def _year(written: str, today: date) -> int:
    if written in _YEAR_SHIFT:
        return today.year + _YEAR_SHIFT[written]
    number = _number(written)
    if len(written) > 2:
        return number
    # 98年 is 1998, 26年 is 2026: nobody speaks of years more than 20 ahead by two digits.
    century = today.year // 100 * 100
    return century + number - (100 if century + number > today.year + 20 else 0)
