"""Numbers inside a text, however they are written: 3,000, 3万5, 三千五, 两万零五十, 叁仟, 三零零零.

Works on `news.comparable` text (half-width, upper-case, simplified), whose offsets are those of
the original. What people leave away is put back: 一百二 is 120, 三万五 is 35,000. A range that is
said like a number (三四千, 十几万, 三千多) is found and marked as vague.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "○": 0, "幺": 1, "两": 2, "俩": 2, "仨": 3,
    "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "K": 1000}
_BIG = {"万": 10**4, "W": 10**4, "亿": 10**8}
_TENS = {"廿": 20, "卅": 30}
_HAN = "".join(DIGITS)

_START = re.compile(
    rf"[0-9{_HAN}十拾廿卅半]|[几数][十百千万亿]|上[百千万亿](?![证度])|[百千万]把|百八十|千八百|万八千"
)
_ASCII = re.compile(
    r"[0-9]{1,3}(?:,[0-9]{3}|(?<=[0-9]) [0-9]{3}(?![0-9]))+(?![0-9])(?:\.[0-9]+)?"
    r"|[0-9]+(?:\.[0-9]+)?"
)
_ROUGH = re.compile(r"[几数][十百千万亿]+|上[百千万亿]+(?![证度])|[百千万]把|百八十|千八百|万八千")
_MORE = re.compile(r"[多几余](?!少)|来(?=[元块个万千百股年天次人手])|大几|出头|不到|以内|以上|以下")
_ABOUT = re.compile(r"(?:不到|将近|接近|几乎有?)$")
_POINT = re.compile(rf"点([{_HAN}]+)(?![{_HAN}十拾分刻])")
_LATIN = re.compile(r"[A-Z]")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number at [start, end). `bare` is a single Han numeral, which is often part of a word.

    `vague` numbers stand for a range; `digits` is the number of ASCII or spelled digits where it
    was said digit by digit (a code, a year), else 0.
    """

    value: Decimal
    start: int
    end: int
    vague: bool = False
    bare: bool = False
    digits: int = 0
    percent: bool = False


def numerals(form: str) -> tuple[Numeral, ...]:
    """Every number of a `comparable` text in reading order, without overlaps."""
    return tuple(_each(form))


def _each(form: str) -> Iterator[Numeral]:
    done = 0
    while match := _START.search(form, done):
        found = _Parser(form, match.start()).number()
        if found is None:
            done = match.start() + 1
        else:
            yield found
            done = found.end


class _Parser:
    """Reads one number from `at` on."""

    def __init__(self, form: str, at: int) -> None:
        self._form, self._start, self._at = form, at, at
        self._vague = self._units = False
        self._digits = 0

    def number(self) -> Numeral | None:
        """The number that begins here; None where none does."""
        if rough := _ROUGH.match(self._form, self._at):
            return Numeral(Decimal(0), rough.start(), rough.end(), vague=True)
        start = self._start
        if _LATIN.match(self._form[start - 1 : start]) and self._form[start].isdigit():
            return None
        value = self._grouped()
        if value is None:
            return None
        percent = self._form.endswith("百分之", 0, start)
        self._vague = self._vague or _ABOUT.search(self._form, 0, start) is not None
        if more := _MORE.match(self._form, self._at):
            self._vague, self._at = True, more.end()
            while self._at < len(self._form) and self._form[self._at] in "十百千万亿":
                self._at += 1
        if self._form.startswith("%", self._at):
            percent, self._at = True, self._at + 1
        if percent and self._form.endswith("百分之", 0, start):
            start -= 3
        bare = self._at - self._start == 1 and not self._form[self._start].isdigit()
        negative = self._sign(start)
        return Numeral(
            -value if negative else value,
            start - negative,
            self._at,
            self._vague,
            bare,
            0 if self._units else self._digits,
            percent,
        )

    def _sign(self, start: int) -> bool:
        before = self._form[start - 1 : start]
        if before == "负":
            return True
        return before in ("-", "−") and not re.search(r"[0-9A-Z一-鿿]\s*[-−]$", self._form[:start])

    def _grouped(self) -> Decimal | None:
        """Sections with 万 and 亿 behind them, added up."""
        total, last = Decimal(0), Decimal(0)
        while (section := self._section(shorthand=last)) is not None:
            unit = self._big_unit()
            if unit is None:
                return total + section
            # 一百二十万亿 multiplies all that was said before it.
            total = (
                (total + section) * unit if total and unit > last > 0 else total + section * unit
            )
            last = Decimal(unit)
            if fraction := self._point([]):
                return total + fraction
            if not self._continues():
                return total
        return total if last else None

    def _continues(self) -> bool:
        following = self._form[self._at : self._at + 1]
        return following != "" and (following.isdigit() or following in _HAN + "十拾廿卅")

    def _big_unit(self) -> int | None:
        at = self._at
        if self._form.startswith(("个亿", "个万"), at):
            at += 1
        unit = None
        while (step := _BIG.get(self._form[at : at + 1])) is not None:
            if self._form[at] == "W" and _LATIN.match(self._form[at + 1 : at + 2]):
                break
            unit, at = (unit or 1) * step, at + 1
        if unit is not None:
            self._units, self._at = True, at
        return unit

    def _section(self, shorthand: Decimal) -> Decimal | None:
        """A number below 10,000, or any ASCII one; `shorthand` is the unit said before it."""
        if self._form.startswith("半", self._at):
            return self._half(shorthand)
        if ascii_number := _ASCII.match(self._form, self._at):
            return self._ascii(ascii_number, shorthand)
        return self._han(shorthand)

    def _half(self, shorthand: Decimal) -> Decimal | None:
        after = self._form[self._at + 1 : self._at + 3].removeprefix("个")[:1]
        if shorthand or after not in ("万", "亿") or not after:
            return None
        self._at += 1
        return Decimal("0.5")

    def _ascii(self, match: re.Match[str], shorthand: Decimal) -> Decimal | None:
        written = match.group().replace(",", "").replace(" ", "")
        value = Decimal(written)
        self._at = match.end()
        self._digits = len(written) if written.isdigit() else 0
        unit = self._form[self._at : self._at + 1]
        if unit in _SMALL and unit and not _LATIN.match(self._form[self._at + 1 : self._at + 2]):
            self._units, self._at = True, self._at + 1
            rest = self._han(Decimal(_SMALL[unit])) if self._continues_small() else None
            return value * _SMALL[unit] + (rest or 0)
        if shorthand and len(written) == 1:
            return value * shorthand / 10
        return value

    def _continues_small(self) -> bool:
        following = self._form[self._at : self._at + 1]
        return following != "" and following in _HAN

    def _han(self, shorthand: Decimal) -> Decimal | None:
        """Han numerals: 三千五百二, 零五十, 二零二六, 三点五."""
        begin, total, last, zero = self._at, 0, int(shorthand), False
        pending: list[int] = []
        while self._at < len(self._form):
            char = self._form[self._at]
            if char in DIGITS:
                pending.append(DIGITS[char])
            elif char in _TENS and not pending:
                total, last = total + _TENS[char], 10
            elif char in _SMALL and char != "K":
                unit = _SMALL[char]
                if not pending and unit != 10:
                    break
                amount, zero = self._before_unit(pending), False
                if amount is None:
                    return None
                total, last, pending = total + amount * unit, unit, []
                self._units = True
            else:
                break
            zero = zero or (bool(pending) and pending[0] == 0)
            self._at += 1
        if self._at == begin:
            return None
        return self._ending(total, last, pending, begin, shorthand)

    def _before_unit(self, pending: list[int]) -> int | None:
        while len(pending) > 1 and pending[0] == 0:
            pending.pop(0)
        if len(pending) > 2:
            return None
        if len(pending) == 2:
            self._vague = True
        return pending[0] if pending else 1

    def _ending(
        self, total: int, last: int, pending: list[int], begin: int, shorthand: Decimal
    ) -> Decimal:
        """What the digits after the last unit mean."""
        point = self._point(pending)
        if point is not None:
            return total + point
        spelled = len(pending) > 1 and total == 0 and not shorthand
        if spelled:
            self._digits = len(pending)
            self._vague = self._vague or _is_range(pending, self._form[self._at : self._at + 1])
            return Decimal(int("".join(map(str, pending))))
        zero = bool(pending) and pending[0] == 0 and len(pending) > 1
        while len(pending) > 1 and pending[0] == 0:
            pending.pop(0)
        if len(pending) > 1:
            self._vague = True
        one = pending[0] if pending else 0
        # 一百二 is 120 and 三万五 35,000, but 一百零二 is 102; 三万五千 goes on with its own unit.
        short = last >= 100 and one and not zero and not self._unit_follows()
        return Decimal(total) + Decimal(one) * (last // 10 if short else 1)

    def _unit_follows(self) -> bool:
        following = self._form[self._at : self._at + 1]
        return following != "" and following in "万亿"

    def _point(self, pending: list[int]) -> Decimal | None:
        """三点五: digits said after 点, unless it is the hour of a clock."""
        found = _POINT.match(self._form, self._at)
        while len(pending) > 1 and pending[0] == 0:
            pending = pending[1:]
        if found is None or len(pending) > 1:
            return None
        self._at = found.end()
        fraction = "".join(str(DIGITS[c]) for c in found[1])
        return Decimal(f"{pending[0] if pending else 0}.{fraction}")


def _is_range(pending: list[int], following: str) -> bool:
    """三四个, 三五个: two numbers as a range; not the digits of a code."""
    low, high = pending[0], pending[1]
    near = high - low == 1 or (low, high) == (3, 5)
    return len(pending) == 2 and low > 0 and near and following in tuple("个块元万亿股手次天年")
