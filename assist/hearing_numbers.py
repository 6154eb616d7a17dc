"""Numbers as they are said, turned into the form that the knowledge base or a code list uses.

六零零五一九 is 600519, 百分之五 is 5%, 三千 is 3000, 五十万 is 50万. What the base knows as
it is written stays; else a form that the base knows is taken, be it digits or characters; else
digits, where it surely is a number. Single numerals stay: 一下, 三方存管, 两融 are words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_DIGITS = {c: str(n) for n, c in enumerate("零一二三四五六七八九")} | {
    "〇": "0",
    "幺": "1",
    "两": "2",
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_HAN = "零〇一二三四五六七八九两幺"
_COUNTED = "元块万亿天日月号岁点分秒个只股手次年周倍档笔家张份%开"

_ALONE = rf"(?<![{_HAN}0-9.十百千])"
_NO_MORE = rf"(?![{_HAN}十百千万亿0-9.])"
_SPELLED = re.compile(rf"{_ALONE}(?:[{_HAN}](?: ?[{_HAN}]){{2,}}|[0-9]+(?: [0-9]+)+){_NO_MORE}")
_MIXED_CODE = re.compile(rf"{_ALONE}[{_HAN}0-9]{{6}}{_NO_MORE}")
_IDIOM = re.compile(r"(.)\1(.)\2")
_SHARE = re.compile(rf"百分之([{_HAN}十百]+(?:点[{_HAN}]+)?)")
_NUMBER = re.compile(
    rf"(?<![第{_HAN}十百千万亿0-9])([{_HAN}十百千]*[十百千][{_HAN}十百千]*|[{_HAN}](?=点[{_HAN}]))(点[{_HAN}]+)?(?![{_HAN}十百千])"
)
_ARABIC = re.compile(r"(?<![0-9.a-zA-Z+])[0-9]{1,5}(?:\.[0-9]+)?%?(?![0-9.a-zA-Z])")
_PATTERNS = (_SHARE, _SPELLED, _MIXED_CODE, _NUMBER, _ARABIC)
_PARSED = re.compile(
    rf"(?:([{_HAN}]?)千)?(?:零?([{_HAN}])百)?(?:零?([{_HAN}]?)十)?(?:零)?([{_HAN}])?"
)

Keep = Callable[[int, int], bool]


class NumberForms:
    """The forms of numbers that a knowledge base knows, and what others become."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        """`known`: the base's questions in plain form."""
        found = [(text, match) for text in known for match in _each(text)]
        self._known = frozenset(match.group() for _, match in found)
        self._units = frozenset(
            match.group() + text[match.end() : match.end() + 1] for text, match in found
        )

    def rewrite(
        self, text: str, keep: Keep = lambda start, end: False
    ) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The text with its numbers in the wanted form, and each (before, after).

        `keep` says of [start, end) that it is part of a name and stays.
        """
        done, pieces, changes = 0, list[str](), list[tuple[str, str]]()
        for match in _each(text):
            if match.start() < done or keep(*match.span()):
                continue
            after = self._wanted(match, text[match.end() : match.end() + 1])
            if after != match.group():
                changes.append((match.group(), after))
                pieces += text[done : match.start()], after
                done = match.end()
        return "".join([*pieces, text[done:]]), tuple(changes)

    def _wanted(self, match: re.Match[str], following: str) -> str:
        written = match.group()
        if written in self._known:
            return written
        forms = _forms(match)
        known = next((form for form in forms if form + following in self._units), None)
        if known is not None:
            return known
        return forms[0] if forms and _is_sure(match, following) else written


def _each(text: str) -> Iterable[re.Match[str]]:
    """Numbers of a text in reading order, longer ones first."""
    found = [m for pattern in _PATTERNS for m in pattern.finditer(text)]
    return sorted(found, key=lambda m: (m.start(), -m.end()))


def _forms(match: re.Match[str]) -> list[str]:
    """Other ways to write a number, digits first; empty where it is none after all."""
    written = match.group()
    if match.re is _SHARE:
        value = _value(match[1])
        return [value + "%"] if value else []
    if match.re in (_SPELLED, _MIXED_CODE):
        digits = "".join(_DIGITS.get(c, c) for c in written if c != " ")
        is_code = match.re is _SPELLED or sum(c in _DIGITS for c in written) > 1
        return [digits] if digits != written and is_code else []
    if match.re is _NUMBER:
        value = _value(written)
        return [value] if value else []
    if written.endswith("%"):
        return ["百分之" + _in_characters(written[:-1])]
    return [_in_characters(written), "".join(_HAN_DIGITS[c] for c in written if c.isdigit())]


def _is_sure(match: re.Match[str], following: str) -> bool:
    """Whether a number that no base knows is one to be written in digits."""
    written = match.group()
    if match.re is _SHARE:
        return True
    if match.re in (_SPELLED, _MIXED_CODE):
        said = written.replace(" ", "")
        if said.isdecimal() and said.isascii():  # 600 519 is a code, 10 20 are two numbers
            return len(said) == 6 or len(written) == 2 * len(said) - 1
        return (len(said) >= 4 and not _IDIOM.fullmatch(said)) or "零" in said or "幺" in said
    if match.re is _NUMBER:
        proper = len(written) > 1 and written[0] in _HAN
        return (proper and written[-1:] != "点") or (len(written) > 1 and following in _COUNTED)
    return False


def _value(written: str) -> str | None:
    """三千五 is 3500, 二十四 is 24, 零点五 is 0.5; None where it is no number."""
    whole, _, part = written.partition("点")
    number = _whole(whole)
    if number is None:
        return None
    return f"{number}.{''.join(_DIGITS[c] for c in part)}" if part else str(number)


def _whole(written: str) -> int | None:
    match = _PARSED.fullmatch(written)
    if match is None or not written:
        return None
    thousand, hundred, ten, one = match.groups()
    total = 0
    for digit, unit in ((thousand, 1000), (hundred, 100), (ten, 10)):
        if digit is not None:
            total += int(_DIGITS.get(digit, "1")) * unit
    return total + int(_DIGITS[one]) * _last_unit(written) if one else total


def _last_unit(written: str) -> int:
    """一百二 is 120, 一百零二 is 102, 三千五 is 3500."""
    before = written[-2:-1]
    return _UNITS[before] // 10 if before in ("百", "千") else 1


_HAN_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


def _in_characters(number: str) -> str:
    """3000 is 三千, 24 is 二十四, 0.5 is 零点五; five digits and more stay digits."""
    whole, _, part = number.partition(".")
    said = _whole_in_characters(int(whole))
    return said + "点" + "".join(_HAN_DIGITS[c] for c in part) if part else said


def _whole_in_characters(value: int) -> str:
    if value < 10:
        return _HAN_DIGITS[str(value)]
    if value >= 10_000:
        return str(value)
    said, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            said += ("零" if gap and said else "") + _HAN_DIGITS[str(digit)] + name
        gap = bool(said) and not digit
    return said.removeprefix("一") if 10 <= value < 20 else said
