"""Chinese numerals: how numbers written in ASCII digits are said."""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_GROUP_UNITS = ("", "万", "亿", "万亿")
MAX_INTEGER_DIGITS = 16


def digits(text: str, *, one: str = "一") -> str:
    """Each ASCII digit said by itself: "600519" -> 六零零五一九; other characters stay.

    `one` is 幺 where people say it: telephone numbers.
    """
    return text.translate({48 + value: name for value, name in enumerate(_DIGITS)} | {49: one})


def cardinal(text: str) -> str:
    """A whole number: "1688" -> 一千六百八十八, "20000" -> 两万, "0" -> 零.

    Leading zeros do not count; beyond 16 digits the digits are said one by one.
    """
    value = text.lstrip("0")
    if not value:
        return "零"
    if len(value) > MAX_INTEGER_DIGITS:
        return digits(value)
    spoken = _groups(value)
    if spoken.startswith("一十"):
        return spoken[1:]
    # 两 stands before 千, 万 and 亿 where the number begins; 二百 keeps 二.
    if spoken.startswith(("二千", "二万", "二亿")):
        return "两" + spoken[1:]
    return spoken


def number(text: str) -> str:
    """A whole or decimal number, commas allowed: "1,234.50" -> 一千二百三十四点五零."""
    whole, _, fraction = text.replace(",", "").partition(".")
    spoken = cardinal(whole or "0")
    return f"{spoken}点{digits(fraction)}" if fraction else spoken


def _groups(value: str) -> str:
    """Four digits at a time, with 零 where a place is skipped between two groups."""
    padded = value.zfill(-(-len(value) // 4) * 4)
    groups = [padded[start : start + 4] for start in range(0, len(padded), 4)]
    spoken, gap = "", False
    for place, group in zip(range(len(groups) - 1, -1, -1), groups, strict=True):
        if group == "0000":
            gap = True
            continue
        # 一亿零一 and 一万零二百: a group that begins with 0, or follows an empty one, takes 零.
        if spoken and (gap or group[0] == "0"):
            spoken += "零"
        spoken += _four(group) + _unit(place, groups)
        gap = False
    return spoken


def _unit(place: int, groups: list[str]) -> str:
    """万亿 keeps its 亿 only where no group of 亿 follows that would say it: 一万零二亿."""
    follows = place == 3 and groups[-3] != "0000"
    return "万" if follows else _GROUP_UNITS[place]


def _four(group: str) -> str:
    """The places of one group of four digits, inner zeros said once: "1010" -> 一千零一十."""
    spoken, skipped = "", False
    for digit, unit in zip(group, "千百十 ", strict=True):
        if digit == "0":
            skipped = bool(spoken)
            continue
        spoken += ("零" if skipped else "") + _DIGITS[int(digit)] + unit.strip()
        skipped = False
    return spoken
