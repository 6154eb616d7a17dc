"""What a text says apart from its words: its body without boilerplate, numbers, dates, pivots.

All work on `comparable` text: half-width, upper-case, simplified.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from news.text import segmenter

_REPORT = r"(?:讯|电|快讯|消息|报道|获悉)"
_HAN = r"\u3400-\u9fff"
_BYLINE = r"\((?:记者|编辑|通讯员|实习|见习)[^)\n]{0,20}\)"
_HEADER = re.compile(
    r"\s*(?:"
    r"【[^】\n]{0,12}(?:讯|社|网|报|独家|电)】|\[[^\]\n]{0,12}(?:讯|社|网|报)\]"
    r"|\((?:原标题|记者|来源|图)[^)\n]{0,40}\)"
    rf"|[^,。!?\n:]{{2,16}}?(?:\d{{1,2}}月)?\d{{1,2}}日{_REPORT}"
    rf"|[A-Z{_HAN}]{{1,14}}(?:网|社|报|通讯|AI|新闻|财经|公司){_REPORT}"
    r"|格隆汇(?:\d{1,2}月)?\d{1,2}日[丨|]|(?:来源|文章来源|本文来源):[^\n,。]{2,20}\n"
    r"|据[^,。\n]{2,14}(?:报道|消息|获悉)"
    rf")(?:\s*{_BYLINE})?[,:丨|\s]*"
)
_OUTLET = rf"财联社|新华社|央视|上证报|界面|澎湃|第一财经|[{_HAN}]{{2,6}}(?:网|社|报|新闻|财经)"
_TAIL = re.compile(
    rf"(?:[(【](?:责任编辑|责编|编辑|记者|来源|文章来源|作者|{_OUTLET})[^)】\n]{{0,30}}[)】]"
    r"|(?:免责声明|风险提示|特别声明|版权声明|本文来源|文章来源|来源|转载请|转载自|责任编辑|编辑)[:,]?[^\n]{0,200})\s*$"
)
_FIGURE = re.compile(
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"
    r"|(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?P<unit>[年月日号]?)"
)
_UNFINISHED = re.compile(r"[\d.,]*\s*$")
_PLACES_PART = 240
_PIVOT = re.compile(
    r"涨|跌|增持|减持|买入|卖出|净买|净卖|流入|流出|上调|下调|上升|下降|北向|南向|盘前|盘初|早盘|午盘|尾盘|开盘|收盘"
    r"|高开|低开|沪指|深成指|深证成指|创业板指|科创50|恒指|恒生科技|纳指|道指|标普|预增|预减|预亏|预盈"
    r"|[第两一二三四五六七八九十]+(?:[天日个次家年月名人成倍周季轮批期]|连[涨跌板])"
)


def body_of(form: str) -> str:
    """The text without the marks of reprinting: source lines, by-lines, disclaimers."""
    body = form
    for _ in range(3):
        header = _HEADER.match(body)
        shorter = _TAIL.sub("", body[header.end() :] if header else body, count=1)
        if shorter == body or not shorter.strip():
            break
        body = shorter
    return body.strip()


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers and dates of a text; the second `5` is `5#2`, so that one of two changed shows.

    Numbers have no separators and idle zeros (1,901.80 is 1901.8). Dates have one form: `2024年`,
    `1月`, or `1月5日` with `5日`; 2024-01-05 gives the same.
    """

    numbers: frozenset[str]
    dates: frozenset[str]


def figures_in(body: str) -> Figures:
    """Numbers and dates; what touches the very end may have been cut and is left out."""
    numbers: list[str] = []
    dates: list[str] = []
    month, month_end = "", -1
    for match in _FIGURE.finditer(_UNFINISHED.sub("", body)):
        number, unit = match["number"], match["unit"]
        if number is None:
            dates += _day(match["m"], match["d"], match["y"])
        elif unit in ("日", "号"):
            dates += _day(month if match.start() == month_end else "", number)
        elif unit in ("年", "月"):
            dates.append(f"{_plain(number)}{unit}")
            month, month_end = (number, match.end()) if unit == "月" else ("", -1)
        else:
            numbers.append(_plain(number))
    return Figures(_counted(numbers), _counted(dates))


def pivots_in(body: str) -> frozenset[str]:
    """Words on which the meaning of a flash turns.

    Places in the first 240 characters (jieba's dictionary) but for one cut at the end, directions
    (涨, 减持), sides and sessions of the market (北向, 收盘), indices, and counts in characters.
    """
    places = places_in(segmenter().tag(body[:_PLACES_PART], False)[:-1])
    return frozenset(places.union(_PIVOT.findall(body)))


def places_in(tagged: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Countries, provinces and cities among words with jieba's tags."""
    return frozenset(word for word, tag in tagged if tag == "ns" and len(word) > 1)


def _day(month: str, day: str, year: str = "") -> Iterator[str]:
    if year:
        yield f"{_plain(year)}年"
    if month:
        yield f"{_plain(month)}月{_plain(day)}日"
    yield f"{_plain(day)}日"


def _plain(number: str) -> str:
    number = number.replace(",", "")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return number.lstrip("0") or "0"


def _counted(tokens: Iterable[str]) -> frozenset[str]:
    times: Counter[str] = Counter()
    found = set()
    for token in tokens:
        times[token] += 1
        found.add(token if times[token] == 1 else f"{token}#{times[token]}")
    return frozenset(found)
