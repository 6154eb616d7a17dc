"""ID_NUMBER slots: the citizen identification number of GB 11643-1999.

Six digits of region, eight of birth date, three of order, one check character (ISO 7064 mod 11-2,
0-9 or X). Permanent residence cards issued since 2023 begin with 9 and check the same way. The
numbers of 15 digits are void since 2013 and are refused by their length.
"""

from __future__ import annotations

from datetime import date

from assist.slot import Reading, SlotProblem, SlotReason, SlotSpec, SlotValue
from assist.slot_digits import DigitRow, attempts
from assist.slot_text import settle

LENGTH = 18
_WEIGHTS = tuple(pow(2, LENGTH - 1 - place, 11) for place in range(LENGTH - 1))
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    str(region)
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for region in range(first, last + 1)
)
"""GB/T 2260; 81 to 83 are the residence permits of Hong Kong, Macao and Taiwan."""
_FOREIGN = "9"
_OLDEST = 1900
_FEWEST_INSIDE = 10


def check_character(seventeen: str) -> str:
    """The last character that belongs to the first 17 digits."""
    return _CHECKS[sum(int(d) * w for d, w in zip(seventeen, _WEIGHTS, strict=True)) % 11]


def birth_date(number: str) -> date | None:
    """The birth date in an ID number of 18 characters; None where no calendar has that day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def fault(number: str, today: date) -> SlotReason | None:
    """Why this is no valid ID number; None for a valid one."""
    if len(number) != LENGTH:
        return SlotReason.LENGTH
    if not number[:-1].isdecimal() or not number.isascii() or number[-1] not in "0123456789X":
        return SlotReason.FORMAT
    province = number[1:3] if number[0] == _FOREIGN else number[:2]
    if province not in _PROVINCES:
        return SlotReason.FORMAT
    born = birth_date(number)
    if born is None or born.year < _OLDEST or born > today:
        return SlotReason.IMPOSSIBLE
    return None if check_character(number[:-1]) == number[-1] else SlotReason.CHECKSUM


def read_id_number(spec: SlotSpec, form: str, today: date) -> Reading:
    """An ID number in a `comparable` text, typed or said digit by digit."""
    return settle([_read(row, today) for row in attempts(form, _FEWEST_INSIDE)], form)


def read_id_keys(spec: SlotSpec, keys: str, today: date) -> Reading:
    """An ID number in telephone keys; `*` stands for the X."""
    return _read(DigitRow(keys.replace("*", "X"), 0, len(keys)), today) if keys else None


def _read(row: DigitRow, today: date) -> SlotValue | SlotProblem:
    reason = fault(row.digits, today)
    if reason is None:
        # Only its end is said back: somebody may be listening.
        return SlotValue(row.digits, f"尾号{row.digits[-4:]}的身份证", row.start, row.end)
    return SlotProblem(reason, row.digits, (), row.start, row.end)
