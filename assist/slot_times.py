"""TIME slots: a day with a time of day, as for a call back: 明天下午三点半, 半小时后, 15:30.

A clock without 上午 or 下午 means office hours: 8 to 11 in the morning, 12 to 7 after noon. Without
a day it is the next such moment. Works on `comparable` text; moments carry no time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from assist.slot import Reading, SlotProblem, SlotReason, SlotSpec, SlotValue
from assist.slot_dates import DayFind, days
from assist.slot_numerals import numerals
from assist.slot_text import UNSURE_CONFIDENCE, Found, between, hedged, settle

_H = "零〇一二三四五六七八九十两"
_NUM = rf"(?:[0-9]{{1,2}}|[{_H}]{{1,3}})"
_PARTS = (
    "凌晨|清晨|早晨|早上|上午|中午|下午|午后|傍晚|晚上|夜里|夜晚|半夜|深夜"
    "|今早|今晚|明早|明晚|昨晚|早|晚"
)
_CLOCK = re.compile(
    rf"({_PARTS})?[的\s,]*(?:差({_NUM}|一刻)分?钟?(?:到)?)?({_NUM})\s?(?:[点时](?!间|候|长)|:(?=[0-9]{{2}}))"
    rf"(?:钟|整)?\s?(?:(半)|([一三13])刻|({_NUM})(?:分(?!钟))?(?![0-9{_H}]|点))?(?:钟|整)?(多)?"
)
_MERIDIEM = re.compile(r"(?<![0-9:])([0-9]{1,2})(?::([0-9]{2}))?\s?([AP])\.?M")
_RANGE = re.compile(r"(?:一两|[二两]三|三四|四五|五六|六七|七八|八九|九十|十一二)(?=点)|几点")
_AFTER = re.compile(
    rf"(?:过|再过|等)?\s?(半|[0-9]{{1,4}}(?:\.[05])?|[{_H}百]+(?:点五)?)\s?(个)?(半)?\s?"
    rf"(小时|钟头|分钟|刻钟|分)(半)?(?:以后|之后|后|过后|再)?"
)
_SOON = re.compile(
    r"一会儿?|等会儿?|待会儿?|稍后|晚点|晚些|过会儿?|回头|马上|迟点|有空|空了|忙完|下班"
)
_PART_ONLY = re.compile(_PARTS.removesuffix("|早|晚"))
_AFTERNOON = ("下午", "午后", "傍晚")
_EVENING = ("晚上", "夜里", "夜晚", "今晚", "明晚", "昨晚", "晚", "深夜", "半夜")
_EARLIEST_PLAIN = 8
_LATEST, _NO_HOUR = 28, 99
_MINUTES = {"小时": 60, "钟头": 60, "分钟": 1, "分": 1, "刻钟": 15}


@dataclass(frozen=True, slots=True)
class ClockFind:
    """A time of day at [start, end). `said` tells whether 上午 or the like was.

    After 24 come the hours that 晚上 stretches into the next day (晚上一点 is hour 25).
    """

    start: int
    end: int
    hour: int
    minute: int
    said: bool
    rough: bool = False

    @property
    def is_possible(self) -> bool:
        """Whether a clock can show it."""
        return 0 <= self.minute < 60 and 0 <= self.hour <= _LATEST


def bound(written: str | None, now: datetime) -> datetime | None:
    """A minimum or maximum: `now`, `now+60` (minutes) or an ISO moment."""
    if written is None:
        return None
    if written.startswith("now"):
        return now + timedelta(minutes=int(written[3:] or 0))
    return datetime.fromisoformat(written)


def read_time(spec: SlotSpec, form: str, now: datetime) -> Reading:
    """A moment in a `comparable` text."""
    now = now.replace(tzinfo=None, second=0, microsecond=0)
    found = list(_moments(form, now))
    if not found:
        found = list(_not_exact(form, now))
    return _in_bounds(spec, settle(found, form), now)


def read_time_keys(spec: SlotSpec, keys: str, now: datetime) -> Reading:
    """`1530` in telephone keys, the next such moment."""
    if not keys:
        return None
    if len(keys) != 4 or not keys.isdecimal():
        return SlotProblem(SlotReason.FORMAT, keys, (), 0, len(keys))
    now = now.replace(tzinfo=None, second=0, microsecond=0)
    hour = int(keys[:2])
    clock = ClockFind(0, 4, hour if hour <= 24 else _NO_HOUR, int(keys[2:]), said=True)
    return _in_bounds(spec, _reading(keys, clock, None, now), now)


def spoken_time(moment: datetime, today: date) -> str:
    """明天下午3点30分; other days with their date."""
    names = {0: "今天", 1: "明天", 2: "后天"}
    day = names.get((moment.date() - today).days, f"{moment.month}月{moment.day}日")
    parts = ((6, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
    part = next(name for until, name in parts if moment.hour < until)
    hour = moment.hour - 12 if moment.hour > 12 else moment.hour
    return f"{day}{part}{hour}点" + (f"{moment.minute:02d}分" if moment.minute else "")


def clocks(form: str) -> tuple[ClockFind, ...]:
    """Every time of day that a text names."""
    found = [_of_meridiem(m) for m in _MERIDIEM.finditer(form)]
    for match in _CLOCK.finditer(form):
        if not any(f.start < match.end() and match.start() < f.end for f in found):
            found.append(_of_clock(match))
    return tuple(sorted(found, key=lambda find: find.start))


def _of_meridiem(match: re.Match[str]) -> ClockFind:
    hour = int(match[1]) % 12 + (12 if match[3] == "P" else 0)
    hour = hour if int(match[1]) <= 12 else 99
    return ClockFind(*match.span(), hour, int(match[2] or 0), said=True)


def _of_clock(match: re.Match[str]) -> ClockFind:
    part, to, hour_said, half, quarter, minute_said, more = match.groups()
    hour = _number(hour_said)
    minute = 30 if half else 0
    if quarter:
        minute = 15 if quarter in "一1" else 45
    elif minute_said:
        minute = _number(minute_said)
    said = (
        part is not None or hour > 12 or hour == 0 or (hour_said[:1] == "0" and len(hour_said) > 1)
    )
    hour = _by_part(hour, part)
    if to:
        before = 15 if to == "一刻" else _number(to)
        hour, minute = hour - 1, 60 - before
    return ClockFind(*match.span(), hour, minute, said, more is not None)


def _by_part(hour: int, part: str | None) -> int:
    """The hour that 下午三点, 晚上十二点, 中午一点 mean."""
    if hour > 24:
        return _NO_HOUR
    if part is None or hour > 12:
        return hour
    if part in _AFTERNOON:
        return hour + 12 if hour < 12 else hour
    if part == "中午":
        return hour + 12 if hour < 10 else hour
    if part in _EVENING:
        return hour + 12 if hour >= 5 else hour + 24
    return 0 if part == "凌晨" and hour == 12 else hour


def _moments(form: str, now: datetime) -> Iterator[Found]:
    named = list(days(form, now.date()))
    times = [c for c in clocks(form)]
    for match in _AFTER.finditer(form):
        if any(c.start < match.end() and match.start() < c.end for c in times):
            continue
        if match.group().endswith(("分", "分钟", "小时", "钟头", "刻钟", "半")) and not _is_later(
            form, match
        ):
            continue
        minutes = _minutes(match)
        yield _value(form, now + timedelta(minutes=minutes), match.start(), match.end(), now)
    for clock in times:
        if _RANGE.search(form, max(0, clock.start - 1), clock.end):
            yield SlotProblem(
                SlotReason.VAGUE, form[clock.start : clock.end], (), clock.start, clock.end
            )
        else:
            yield _reading(form, clock, _day_of(named, clock, times), now)


def _is_later(form: str, match: re.Match[str]) -> bool:
    """过十分钟 and 半小时再打 mean later; an answer that is nothing else does as well."""
    return (
        match.group().startswith(("过", "再过", "等"))
        or "再" in form[match.end() :]
        or (match.end() - match.start() >= len(form.strip("。,吧 ")) - 2)
    )


def _minutes(match: re.Match[str]) -> int:
    count, _, half, unit, late = match.groups()
    size = _MINUTES[unit]
    amount = 0.5 if count == "半" else _decimal(count)
    return int((amount + (0.5 if (half or late) and count != "半" else 0)) * size)


def _decimal(written: str) -> float:
    if written[0].isascii():
        return float(written)
    found = numerals(written)
    return float(found[0].value) if found else 0.0


def _day_of(named: list[DayFind], clock: ClockFind, times: list[ClockFind]) -> DayFind | None:
    """The day that stands before a clock, or the only one of the answer."""
    before = [find for find in named if find.start <= clock.start]
    if before:
        return before[-1]
    return named[0] if named and len(times) == 1 else None


def _reading(form: str, clock: ClockFind, day: DayFind | None, now: datetime) -> Found:
    start = min(clock.start, day.start) if day else clock.start
    end = max(clock.end, day.end) if day else clock.end
    if not clock.is_possible or (day is not None and day.day is None):
        reason = day.reason if day is not None and clock.is_possible else SlotReason.IMPOSSIBLE
        return SlotProblem(reason, form[start:end], (), start, end)
    hour, sure = clock.hour, clock.said
    if not clock.said:
        hour, sure = (hour, True) if hour >= _EARLIEST_PLAIN else (hour + 12, hour < 7)
    if day is not None and day.day is not None:
        moment = datetime.combine(day.day, datetime.min.time()) + _clock(hour, clock.minute)
        if day.day == now.date() and moment <= now and not clock.said and hour < 12:
            moment, sure = moment + timedelta(hours=12), False
    else:
        moment, sure = _next(hour, clock, now, sure)
    confidence = 1.0 if sure and not clock.rough else UNSURE_CONFIDENCE
    return _value(form, moment, start, end, now, confidence)


def _next(hour: int, clock: ClockFind, now: datetime, sure: bool) -> tuple[datetime, bool]:
    """The next moment with that clock; 八点 said at ten means the evening."""
    midnight = datetime.combine(now.date(), datetime.min.time())
    moment = midnight + _clock(hour, clock.minute)
    if moment > now:
        return moment, sure
    if not clock.said and hour < 10 and moment + timedelta(hours=12) > now:
        return moment + timedelta(hours=12), False
    return moment + timedelta(days=1), sure and clock.said


def _clock(hour: int, minute: int) -> timedelta:
    return timedelta(hours=hour, minutes=minute)


def _value(
    form: str, moment: datetime, start: int, end: int, now: datetime, confidence: float = 1.0
) -> SlotValue:
    if hedged(form):
        confidence = UNSURE_CONFIDENCE
    written = moment.isoformat(timespec="minutes")
    return SlotValue(written, spoken_time(moment, now.date()), start, end, confidence)


def _not_exact(form: str, now: datetime) -> Iterator[Found]:
    """What names no moment: 一会儿, 下午, 明天, 几点."""
    for pattern, reason in (
        (_SOON, SlotReason.VAGUE),
        (_RANGE, SlotReason.VAGUE),
        (_PART_ONLY, SlotReason.INCOMPLETE),
    ):
        if match := pattern.search(form):
            yield SlotProblem(reason, match.group(), (), *match.span())
            return
    for find in days(form, now.date()):
        reason = SlotReason.INCOMPLETE if find.day else find.reason
        yield SlotProblem(reason, form[find.start : find.end], (), find.start, find.end)


def _in_bounds(spec: SlotSpec, reading: Reading, now: datetime) -> Reading:
    low, high = bound(spec.minimum, now), bound(spec.maximum, now)
    return between(reading, low, high, datetime.fromisoformat)


def _number(written: str) -> int:
    if written.isascii():
        return int(written)
    found = numerals(written)
    return int(found[0].value) if found and found[0].end == len(written) else 99
