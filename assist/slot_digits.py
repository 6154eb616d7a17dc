"""Digit by digit: what was said or typed as a row of digits, for phones, ID numbers and codes.

Rows are said with pauses and fillers (一三八，嗯，零零一三), with 幺 for 1, with repeats (三个八,
两个零), with 八千 for 8000 at the end, and with 叉 for the X of an ID number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assist.slot import Reading, SlotProblem, SlotReason, SlotSpec, SlotValue
from assist.slot_numerals import DIGITS
from assist.slot_text import alone, settle

_SAID = {char: str(value) for char, value in DIGITS.items() if char not in "俩仨"} | {
    "洞": "0", "拐": "7", "勾": "9",
}  # fmt: skip
_ONE = f"0-9{''.join(_SAID)}"
_GAP = (
    r"(?:[\s\-–—.,、。·…~]|嗯|啊|呃|额|哦|那个|这个|然后|后面|接着|再(?:是|来)?|最后|中间|是|杠)*"
)
_PIECE = re.compile(
    rf"([2-9二两三四五六七八九])个([{_ONE}])"
    rf"|([{_ONE}])([百千])(?![{_ONE}万])"
    rf"|([{_ONE}])"
    r"|(?<=[0-9零一二三四五六七八九幺两 ])(X|叉|艾克斯|埃克斯|爱克斯)(?![A-Z])"
)
_NEXT = re.compile(_GAP)
_PREFIX = re.compile(r"^(?:00)?86(?=1[3-9][0-9]{9}$)")
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_PHONES = re.compile(r"(?:1[3-9][0-9]{9}){2,}")
_PHONE_DIGITS = 11
_FEWEST, _FEWEST_INSIDE = 4, 7
"""Digits from which on a row counts as an attempt at a phone: alone, or among other words."""
_CUE = re.compile(r"手机|电话|号码|尾号|身份证|证件|[号那个]")
_LANDLINE = re.compile(r"0[1-9][0-9]{8,10}|[2-9][0-9]{6,7}|400[0-9]{7}")


@dataclass(frozen=True, slots=True)
class DigitRow:
    """ASCII digits, perhaps with a last `X`, found at [start, end) of a text."""

    digits: str
    start: int
    end: int


def digit_rows(form: str) -> tuple[DigitRow, ...]:
    """Rows of digits of a `comparable` text in reading order, pauses inside them left out."""
    rows: list[DigitRow] = []
    at = 0
    while first := _PIECE.search(form, at):
        digits, end = _digits(first), first.end()
        while following := _PIECE.match(form, _gap_end(form, end)):
            digits, end = digits + _digits(following), following.end()
        rows.append(DigitRow(digits, first.start(), end))
        at = end
    return tuple(rows)


def _gap_end(form: str, at: int) -> int:
    match = _NEXT.match(form, at)
    return match.end() if match else at


def _digits(piece: re.Match[str]) -> str:
    times, repeated, leading, unit, single, check = piece.groups()
    if repeated:
        return _ascii(repeated) * int(_ascii(times))
    if unit:
        return _ascii(leading) + ("000" if unit == "千" else "00")
    return "X" if check else _ascii(single)


def _ascii(char: str) -> str:
    return _SAID.get(char, char)


def attempts(form: str, fewest: int) -> list[DigitRow]:
    """Rows that were meant as a long number; short ones (2026年) only where they are all."""
    return [
        row
        for row in digit_rows(form)
        if len(row.digits) >= fewest
        or (len(row.digits) >= _FEWEST and alone(_CUE.sub("", form), *_moved(form, row)))
    ]


def _moved(form: str, row: DigitRow) -> tuple[int, int]:
    """Where a row is once the words that announce it are taken out."""
    shift = sum(len(m.group()) for m in _CUE.finditer(form) if m.end() <= row.start)
    return row.start - shift, row.end - shift


def read_phone(spec: SlotSpec, form: str) -> Reading:
    """A mobile number of mainland China: 11 digits, 1[3-9]; +86 before it is left out."""
    rows = [one for row in attempts(form, _FEWEST_INSIDE) for one in _apart(row)]
    return settle([_phone(row) for row in rows], form)


def read_phone_keys(spec: SlotSpec, keys: str) -> Reading:
    """A mobile number in telephone keys."""
    return _phone(DigitRow(keys, 0, len(keys))) if keys else None


def _apart(row: DigitRow) -> list[DigitRow]:
    """Several numbers that only a comma separated, each with the evidence of all."""
    if not _PHONES.fullmatch(row.digits):
        return [row]
    return [DigitRow(m.group(), row.start, row.end) for m in _PHONE.finditer(row.digits)]


def _phone(row: DigitRow) -> SlotValue | SlotProblem:
    digits = _PREFIX.sub("", row.digits)
    if _PHONE.fullmatch(digits):
        return SlotValue(digits, digits, row.start, row.end)
    wrong = len(digits) == _PHONE_DIGITS or _LANDLINE.fullmatch(digits)
    reason = SlotReason.FORMAT if wrong else SlotReason.LENGTH
    return SlotProblem(reason, digits, (), row.start, row.end)
