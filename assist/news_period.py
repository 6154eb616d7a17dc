"""Days that a question asks about: 昨天, 上个月, 今年三月, 去年下半年, 最近三天, 2021年二季度."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from news.text import clean, simplify

_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_NUMBER = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二两三四五六七八九])"
_RECENT = re.compile(
    r"(?:最近|近|过去|这)的?(\d{1,3}|[一二两三四五六七八九十半]{1,3})"
    r"(?:个)?(天|日|周|星期|礼拜|月|季度|年)(?:以来|内|里|间)?"
)
_YEAR_WORDS = {"今年": 0, "本年": 0, "去年": -1, "上一年": -1, "前年": -2}
_SPELLED = "[二一][〇零九][〇零一二三四五六七八九]{2}年"
_YEAR_FORMS = rf"{'|'.join(_YEAR_WORDS)}|(?<!\d)(?:19[89]\d|20\d\d)(?!\d)年?|{_SPELLED}"
_YEAR = rf"(?P<year>{_YEAR_FORMS})?的?"
_PART = re.compile(
    rf"{_YEAR}(?:(?P<half>[上下])半年|第?(?P<quarter>[一二三四1-4])季度"
    rf"|(?<!\d)(?P<month>{_NUMBER})月(?:份|(?P<day>3[01]|[12]\d|0?[1-9])[日号])?|(?P<edge>年初|年底|年末)"
    r"|(?P<since>以来))"
)
_WHOLE = re.compile(rf"(?P<year>{_YEAR_FORMS})")


@dataclass(frozen=True, slots=True)
class Period:
    """Days asked for, `first` inclusive, `last` exclusive, with the words that said so."""

    first: date
    last: date
    words: str

    @property
    def told(self) -> str:
        """The words with the days that they stand for, both ends inclusive."""
        end = self.last - timedelta(days=1)
        days = f"{self.first}" if self.first == end else f"{self.first}至{end}"
        return f"{self.words}（{days}）"


def period(text: str, today: date) -> Period | None:
    """The days that a question names; None where it names none."""
    text = simplify(clean(text))
    return next((found for read in _READERS for found in read(text, today)), None)


def recent(days: int, today: date, words: str) -> Period:
    """The last `days` days, today among them."""
    return Period(today - timedelta(days=days - 1), today + timedelta(days=1), words)


def _named(text: str, today: date) -> Iterator[Period]:
    """Days, weeks and months that have a name of their own."""
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    spans = {
        ("大前天",): (today - timedelta(days=3), today - timedelta(days=2)),
        ("今天", "今日", "今儿"): (today, today + timedelta(days=1)),
        ("昨天", "昨日", "昨儿"): (today - timedelta(days=1), today),
        ("前天", "前日"): (today - timedelta(days=2), today - timedelta(days=1)),
        ("上上周",): (monday - timedelta(days=14), monday - timedelta(days=7)),
        ("本周", "这周", "这个星期", "这星期", "这个礼拜"): (monday, monday + timedelta(days=7)),
        ("上周", "上个星期", "上星期", "上个礼拜", "上礼拜"): (monday - timedelta(days=7), monday),
        ("上上个月",): (_month(month, -2), _month(month, -1)),
        ("上个月", "上月"): (_month(month, -1), month),
        ("本月", "这个月", "当月"): (month, _month(month, 1)),
    }
    for words, (first, last) in spans.items():
        said = next((word for word in words if word in text), None)
        if said:
            yield Period(first, last, said)


def _latest(text: str, today: date) -> Iterator[Period]:
    """最近三天, 近一个月, 过去半年, counted back from today, today among them."""
    found = _RECENT.search(text)
    if found is None:
        return
    unit = {"天": 1, "日": 1, "月": 30, "季度": 91, "年": 365}.get(found[2], 7)
    days = unit // 2 if found[1] == "半" else unit * _number(found[1])
    if 0 < days < 40_000 and today.toordinal() > days:
        yield recent(days, today, found[0])


def _part(text: str, today: date) -> Iterator[Period]:
    """A half, a quarter, a month or a day, of a named year or the latest that has begun."""
    for found in _PART.finditer(text):
        if (found["edge"] or found["since"]) and not found["year"]:
            continue
        named = _year(found["year"], today) if found["year"] else None
        for year in (named,) if named else (today.year, today.year - 1):
            span = _span(found, year, today)
            if span and (named or span[0] <= today):
                yield Period(*span, found[0])
                break


def _span(found: re.Match[str], year: int, today: date) -> tuple[date, date] | None:
    if found["since"]:
        return date(year, 1, 1), today + timedelta(days=1)
    if found["half"]:
        first = date(year, 1 if found["half"] == "上" else 7, 1)
        return first, _month(first, 6)
    if found["quarter"]:
        first = date(year, 3 * _number(found["quarter"]) - 2, 1)
        return first, _month(first, 3)
    if found["edge"]:
        first = date(year, 1 if found["edge"] == "年初" else 11, 1)
        return first, _month(first, 2)
    first = date(year, _number(found["month"]), 1)
    if not found["day"]:
        return first, _month(first, 1)
    day = int(found["day"])
    if day > calendar.monthrange(year, first.month)[1]:
        return None
    return first.replace(day=day), first.replace(day=day) + timedelta(days=1)


def _whole(text: str, today: date) -> Iterator[Period]:
    """A whole year."""
    found = _WHOLE.search(text)
    if found:
        year = _year(found["year"], today)
        yield Period(date(year, 1, 1), date(year + 1, 1, 1), found[0])


_Reader = Callable[[str, date], Iterator[Period]]
_READERS: tuple[_Reader, ...] = (_latest, _named, _part, _whole)


def _year(words: str, today: date) -> int:
    if words in _YEAR_WORDS:
        return today.year + _YEAR_WORDS[words]
    written = words.removesuffix("年")
    return int(written) if written.isdigit() else _spelled(written)


def _spelled(written: str) -> int:
    """二〇二一 as 2021."""
    return int("".join(str(_DIGITS[c]) for c in written))


def _number(written: str) -> int:
    if written.isdigit():
        return int(written)
    tens, ten, ones = written.rpartition("十")
    value = _DIGITS.get(ones, 0) if ones else 0
    return value + (10 * _DIGITS.get(tens, 1) if ten else 0)


def _month(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
