"""AMOUNT and NUMBER slots: 三千, 3万5, 两块五, ¥12,000.50, 五百股, 百分之三."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from assist.slot import Reading, SlotProblem, SlotReason, SlotSpec, SlotType, SlotValue
from assist.slot_numerals import DIGITS, Numeral, numerals
from assist.slot_text import UNSURE_CONFIDENCE, Found, alone, hedged, settle

_YUAN = re.compile(r"\s?(?:块钱|块|元|圆|人民币|RMB|CNY)(?:整|正)?(?:人民币)?")
_FOREIGN = re.compile(
    r"\s?(?:万|亿)?(?:美元|美金|美刀|刀|港币|港元|港纸|欧元|日元|日币|英镑|澳元|加元|USD|HKD|EUR|JPY|GBP)"
)
_FOREIGN_BEFORE = re.compile(r"(?:US|HK)?\$\s?$|(?:USD|HKD|EUR|JPY|GBP|美元|港币)\s?$|[€£]\s?$")
_SIGN_BEFORE = re.compile(r"(?:¥|￥|RMB|CNY|人民币)\s?$")
_SMALL_MONEY = re.compile(
    rf"([0-9{''.join(DIGITS)}])\s?([角毛])(?:钱)?(?:([0-9{''.join(DIGITS)}])分?)?"
)
_CENTS = re.compile(rf"([0-9{''.join(DIGITS)}])分(?!钟|之)")
_AFTER_YUAN = re.compile(
    rf"(半)|([0-9{''.join(DIGITS)}])(?![0-9{''.join(DIGITS)}十百千万亿个次天元块])"
)
_NO_MONEY = re.compile(
    r"\s?(?:个(?!亿|万)|次|天|年|月|号|日|点|时|分钟|分之|小时|只|股|手|张|位|人|岁|期|家|%|成|折|倍|笔|楼|遍|下|些|样"
    r"|定|起|般|直|会|方|条|句|类|级|档|周|季|旦|切|共|边|面|代|份|项|口|户|套|台"
    r"|首|集|部|本|页|章|频道|路|线|名|届|轮|局|选|小|班|座|层|门|寸|斤|公斤|米|公里|度|克|码|字|[A-Z])"
)
_NO_COUNT = re.compile(
    r"\s?(?:点|号|日|分之|方|楼|下|些|样|般|定|直|起|会|旦|切|共|边|面|时|代|句|类|[:/.-][0-9])"
)
_COUNT_WORD = re.compile(
    r"\s?(?:股|手|个|张|次|笔|份|只|家|人|年|岁|倍|%|天|期|项|口|位|遍|条|月|户|套|台|成|周|级|元|块|折|分(?!之))"
)
_ORDINAL = re.compile(r"[第周期]\s?$|[万统唯同]$")
_PAYING = re.compile(
    r"转|取|存|充|付|打(?![开电个])|买|要|额|投|借|还|提|缴|交|款|申购|赎回|是|改成|钱|共|成|就|给"
)
_NEAR = 5
"""Characters before a number in which a word may say that it is money."""
_AND_A_HALF = re.compile(r"[个年天倍]半")
_PHONE_LENGTH = 11
_LARGEST = Decimal(10) ** 16
"""No amount and no count of a customer reaches it; longer runs of digits are something else."""


def read_amount(spec: SlotSpec, form: str) -> Reading:
    """An amount of yuan in a `comparable` text."""
    return _checked(spec, settle(_amounts(form), form))


def read_number(spec: SlotSpec, form: str) -> Reading:
    """A number in a `comparable` text; a percentage gives its number (百分之五 is 5)."""
    return _checked(spec, settle(_counts(form), form))


def read_number_keys(spec: SlotSpec, keys: str) -> Reading:
    """A number in telephone keys; `*` is the decimal point."""
    written = keys.replace("*", ".")
    try:
        value = Decimal(written)
    except InvalidOperation:
        return SlotProblem(SlotReason.FORMAT, keys, (), 0, len(keys)) if keys else None
    return _checked(spec, _value(spec.type, value, 0, len(keys), 1.0))


def plain(value: Decimal) -> str:
    """Without exponent and needless zeros: 30000, 12.8."""
    written = f"{value:f}"
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written in ("-0", "") else written


def _amounts(form: str) -> Iterator[Found]:
    done = -1
    for numeral in numerals(form):
        if numeral.start < done:
            continue
        found = _amount(form, numeral)
        if found is not None:
            done = found.end
            yield found


def _amount(form: str, numeral: Numeral) -> Found | None:
    start, end = numeral.start, numeral.end
    if sign := _SIGN_BEFORE.search(form, 0, start):
        start = sign.start()
    if _FOREIGN.match(form, end) or _FOREIGN_BEFORE.search(form, 0, start):
        foreign = _FOREIGN.match(form, end)
        last = foreign.end() if foreign else end
        return SlotProblem(SlotReason.CURRENCY, form[start:last], (), start, last)
    if numeral.percent or _ORDINAL.search(form, 0, start):
        return None
    value, last = _money(form, numeral)
    if last == end and not sign:
        if (
            _NO_MONEY.match(form, end)
            or (numeral.bare and not alone(form, start, end))
            or numeral.digits >= _PHONE_LENGTH
        ):
            return None
        sure = alone(form, start, end) or _PAYING.search(form[max(0, start - _NEAR) : start])
        confidence = 1.0 if alone(form, start, end) else 0.8 if sure else UNSURE_CONFIDENCE
    else:
        confidence = 1.0
    if numeral.vague:
        return SlotProblem(SlotReason.VAGUE, form[start:last], (), start, last)
    if hedged(form):
        confidence = UNSURE_CONFIDENCE
    return _value(SlotType.AMOUNT, value, start, last, confidence)


def _money(form: str, numeral: Numeral) -> tuple[Decimal, int]:
    """Value and end of an amount with its 元, 角 and 分."""
    value, end = numeral.value, numeral.end
    single = _SMALL_MONEY.match(form, numeral.start)
    if single is not None and single.start(2) == end:
        return _tenths(single), single.end()
    if (cents := _CENTS.match(form, numeral.start)) and cents.end() == end + 1 and "分钱" in form:
        return Decimal(DIGITS.get(cents[1], 0) or cents[1]) / 100, cents.end()
    unit = _YUAN.match(form, end)
    if unit is None:
        return value, end
    end = unit.end()
    if small := _SMALL_MONEY.match(form, end):
        return value + _tenths(small), small.end()
    if cents := _CENTS.match(form, re.compile(r"零?").match(form, end).end()):  # type: ignore[union-attr]
        return value + Decimal(_digit(cents[1])) / 100, cents.end()
    # 三块五 is 3.5; what follows 块钱 or 元整 belongs to something else.
    if unit.group()[-1] in "块元" and (half := _AFTER_YUAN.match(form, end)):
        return value + (Decimal("0.5") if half[1] else Decimal(_digit(half[2])) / 10), half.end()
    return value, end


def _tenths(match: re.Match[str]) -> Decimal:
    return Decimal(_digit(match[1])) / 10 + Decimal(_digit(match[3] or "0")) / 100


def _digit(char: str) -> int:
    return DIGITS[char] if char in DIGITS else int(char)


def _counts(form: str) -> Iterator[Found]:
    for numeral in numerals(form):
        if found := _count(form, numeral):
            yield found


def _count(form: str, numeral: Numeral) -> Found | None:
    start, end = numeral.start, numeral.end
    whole = alone(form, start, end)
    if not whole and (_NO_COUNT.match(form, end) or _ORDINAL.search(form, 0, start)):
        return None
    unit = _COUNT_WORD.match(form, end)
    if numeral.bare and not whole and unit is None:
        return None
    if numeral.vague:
        return SlotProblem(SlotReason.VAGUE, form[start:end], (), start, end)
    # 一个 is rather an article than a count.
    counted = unit is not None and not (numeral.bare and form[start] == "一")
    confidence = 1.0 if whole or counted else 0.65
    confidence = UNSURE_CONFIDENCE if hedged(form) else confidence
    value, percent = numeral.value, numeral.percent
    if form.startswith("成", end):
        value, percent, end = value * 10, True, end + 1
    elif half := _AND_A_HALF.match(form, end):
        value, end = value + Decimal("0.5"), half.end()
    written = plain(value)
    return SlotValue(written, written + ("%" if percent else ""), start, end, confidence)


def _value(kind: SlotType, value: Decimal, start: int, end: int, confidence: float) -> SlotValue:
    written = plain(value)
    spoken = f"{written}元" if kind is SlotType.AMOUNT else written
    return SlotValue(written, spoken, start, end, confidence)


def _checked(spec: SlotSpec, reading: Reading) -> Reading:
    """The reading, or why its value cannot be: out of bounds, or with parts of a fen."""
    if not isinstance(reading, SlotValue):
        return reading
    value = Decimal(reading.value)
    low = (
        spec.minimum if spec.minimum is not None else "0" if spec.type is SlotType.AMOUNT else None
    )
    reason = None
    if low is not None and value < Decimal(low):
        reason = SlotReason.TOO_SMALL
    elif abs(value) >= _LARGEST or (spec.maximum is not None and value > Decimal(spec.maximum)):
        reason = SlotReason.TOO_LARGE
    elif spec.type is SlotType.AMOUNT and value != value.quantize(Decimal("0.01")):
        reason = SlotReason.FORMAT
    if reason is None:
        return reading
    return SlotProblem(reason, reading.spoken, (), reading.start, reading.end)
