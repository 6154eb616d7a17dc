"""What all slots share: fillers, hedges, and which of several finds an answer means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from assist.slot import Reading, SlotProblem, SlotReason, SlotValue

Found = SlotValue | SlotProblem
"""One find in an answer."""

_Moment = TypeVar("_Moment", date, datetime)

UNSURE_CONFIDENCE = 0.6
"""Confidence of a reading that should be confirmed."""

_FILLER = re.compile(
    r"嗯+|啊+|呃+|额(?!度)|哦+|噢+|喔|唉|诶|哎|哈+|呵+|嘛|呀|呢|吧|啦|咯|喽|哟|哇|那么|那个|这个|就是|那就|就"
    r"|您好|你好|喂|好的|好|对的?|行|是的?|我的|我|要|想|需要|大概|大约|差不多|左右|可能|应该|估计|一共|总共"
    r"|合计|全部|给你|给我|帮我|请|麻烦|说|填|写|输入|选|的|了|也|先|再|然后|后面|到|在|为|即|约|不是|而是"
)
_WORD = re.compile(r"[^\W_]")
_HEDGE = re.compile(r"大概|大约|差不多|左右|上下|可能|应该|估计|好像|也许|或许|约|似乎|记得是")
_CORRECTION = re.compile(
    r"不对|说错|讲错|打错|写错|搞错|弄错|错了|应该是|改成|改为|改到|改一下|哦不|噢不|啊不|嗯不|更正|纠正|不不"
    r"|换成|换到|还是(?=[^,，。;；]{1,12}吧)"
)
_NEGATED = re.compile(
    r"(?:不是|并非|不要|不选|不用|不想|不买|别|没说|不在)(?:说|要|转|买|选|改)?[\s「“\"']*$"
)
_QUESTION = re.compile(
    r"[?？]\s*$|(?:吗|么|多少|几时|什么时候)\s*[?？。]*$|怎么(?!可能|都)|(?<!没)(?<!没有)什么|如何|为啥"
    r"|哪[个里些儿只家天]"
)


def alone(form: str, start: int, end: int) -> bool:
    """Whether an answer says hardly anything beside [start, end)."""
    rest = f"{form[:start]} {form[end:]}"
    return not _WORD.search(_FILLER.sub(" ", rest))


def hedged(form: str) -> bool:
    """Whether the answer says 大概, 差不多 or the like."""
    return bool(_HEDGE.search(form))


def is_question(form: str) -> bool:
    """Whether the customer asks rather than answers."""
    return bool(_QUESTION.search(form))


def settle(found: Iterable[Found], form: str) -> Reading:
    """What the answer means: what it does not negate, what follows its last correction.

    Several different values left are a choice for the customer to make.
    """
    said = [f for f in found if not _NEGATED.search(form[: f.start])]
    finds = _after_correction(said, form)
    values = _distinct([f for f in finds if isinstance(f, SlotValue)])
    problems = [f for f in finds if isinstance(f, SlotProblem)]
    if len(values) > 1:
        first, last = values[0], values[-1]
        return SlotProblem(
            SlotReason.AMBIGUOUS,
            form[first.start : last.end],
            values,
            first.start,
            max(value.end for value in values),
        )
    if values:
        # A vague or broken piece beside a value leaves doubt about it.
        return (
            replace(values[0], confidence=min(values[0].confidence, 0.65))
            if problems
            else values[0]
        )
    return problems[-1] if problems else None


def _after_correction(finds: Sequence[Found], form: str) -> Sequence[Found]:
    for mark in reversed(list(_CORRECTION.finditer(form))):
        after = [f for f in finds if f.start >= mark.end()]
        if after:
            return after
    return finds


def _distinct(values: Sequence[SlotValue]) -> tuple[SlotValue, ...]:
    """Values said once; the surest reading of each stays."""
    best: dict[str, SlotValue] = {}
    for value in values:
        known = best.get(value.value)
        if known is None or value.confidence > known.confidence:
            best[value.value] = value
    return tuple(sorted(best.values(), key=lambda value: value.start))


def between(
    reading: Reading, low: _Moment | None, high: _Moment | None, read: Callable[[str], _Moment]
) -> Reading:
    """The reading, or why its day or moment lies outside low and high (inclusive)."""
    if not isinstance(reading, SlotValue):
        return reading
    moment = read(reading.value)
    if low is not None and moment < low:
        return SlotProblem(SlotReason.TOO_SMALL, reading.spoken, (), reading.start, reading.end)
    if high is not None and moment > high:
        return SlotProblem(SlotReason.TOO_LARGE, reading.spoken, (), reading.start, reading.end)
    return reading
