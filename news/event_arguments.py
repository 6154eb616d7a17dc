"""Figures of an event: amounts, numbers of shares, prices, percentages and days of a sentence."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALES = {"万亿": 10**12, "亿": 10**8, "千万": 10**7, "百万": 10**6, "万": 10**4, "": 1}
_CURRENCIES = {"元": "amount", "美元": "amount_usd", "港元": "amount_hkd", "欧元": "amount_eur"}
_FIGURE = re.compile(
    rf"(?P<sign>(?<![\d%元亿万股日月年])-)?(?P<number>{_NUMBER})\s?(?:(?P<percent>%)"
    r"|(?P<scale>万亿|千万|百万|亿|万)?(?:(?P<shares>股)|(?:人民币)?(?P<currency>美元|港元|欧元|元)"
    r"(?P<each>/股|每股)?))"
)
_DAY = re.compile(r"(20\d\d)(?:年|-|/)(\d{1,2})(?:月|-|/)(\d{1,2})")
_FEWEST_SHARES = 1000
_LOSS = re.compile(r"亏损?(?:约|为|达|超|近)?$")
_PER_SHARE = re.compile(r"每股(?:价格)?(?:为|约)?$")


def arguments_of(form: str, start: int, end: int, trigger: int) -> tuple[tuple[str, str], ...]:
    """(name, value) pairs of [start, end) of a comparable text, sorted by name.

    Of each name the figure nearest to `trigger` is kept, one behind it rather than one before.
    Amounts are in yuan (`amount`) or the currency of the name, losses negative; `price` is per
    share, `day` is ISO 8601.
    """
    best: dict[str, tuple[int, str]] = {}
    for match in _FIGURE.finditer(form, start, end):
        named = _figure(match, form)
        if named is not None:
            distance = match.start() - trigger if match.start() >= trigger else 0
            distance = distance or 2 * (trigger - match.start()) + 1
            name, value = named
            if name not in best or distance < best[name][0]:
                best[name] = (distance, value)
    day = _DAY.search(form, start, end)
    if day is not None and (iso := _iso(day)) is not None:
        best["day"] = (0, iso)
    return tuple(sorted((name, value) for name, (_, value) in best.items()))


def _figure(match: re.Match[str], form: str) -> tuple[str, str] | None:
    number = _decimal(match["number"])
    if number is None:
        return None
    if match["sign"] or _LOSS.search(form, max(0, match.start() - 5), match.start()):
        number = -number
    if match["percent"]:
        return "percent", _plain(number)
    number *= _SCALES[match["scale"] or ""]
    if match["shares"]:
        # 每10股派3元, 10只股票: no holding.
        return ("shares", _plain(number)) if number >= _FEWEST_SHARES else None
    if match["each"] or _PER_SHARE.search(form, max(0, match.start() - 6), match.start()):
        return "price", _plain(number)
    return _CURRENCIES[match["currency"]], _plain(number)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _iso(day: re.Match[str]) -> str | None:
    try:
        return date(int(day[1]), int(day[2]), int(day[3])).isoformat()
    except ValueError:
        return None
