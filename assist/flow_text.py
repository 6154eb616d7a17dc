"""Texts and conditions of a flow, with the values that are known now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from assist.flow import VERIFIED, Comparison, Condition, Flow
from assist.flow_state import DialogueState, Filled, Frame

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text with its values; `private` where one of them is, `missing` names unknown ones."""

    text: str
    private: bool
    missing: tuple[str, ...]


def names_in(template: str) -> tuple[str, ...]:
    """Names of the values that a text says."""
    return tuple(dict.fromkeys(_PLACE.findall(template)))


def render(template: str, frame: Frame, flow: Flow) -> Rendered:
    """A text with the values of a frame; braces inside a value stay as they are."""
    values = {name: frame.value(name) for name in names_in(template)}
    missing = tuple(name for name, value in values.items() if value is None)

    def put(match: re.Match[str]) -> str:
        value = values[match[1]]
        return value.spoken if value else ""

    private = any(v and (v.private or flow.is_private(v.name)) for v in values.values())
    return Rendered(_PLACE.sub(put, template), private, missing)


def holds(condition: Condition, frame: Frame, state: DialogueState) -> bool:
    """Whether a condition holds; a test of an unknown value never holds, save is_not and not_in."""
    if condition.slot == VERIFIED:
        value: str | None = "yes" if state.verified else "no"
    else:
        value = _value(frame.value(condition.slot))
    given = condition.values
    match condition.comparison:
        case Comparison.IS | Comparison.IN:
            return value in given
        case Comparison.IS_NOT | Comparison.NOT_IN:
            return value not in given
        case Comparison.AT_LEAST:
            return value is not None and _compared(value, given[0]) in (0, 1)
        case Comparison.AT_MOST:
            return value is not None and _compared(value, given[0]) in (0, -1)
        case Comparison.SAME_AS:
            return value is not None and value == _value(frame.value(given[0]))
        case Comparison.DIFFERS_FROM:
            other = _value(frame.value(given[0]))
            return value is not None and other is not None and value != other
        case Comparison.KNOWN:
            return (value is not None) == (given[0] == "yes")


def _value(filled: Filled | None) -> str | None:
    return filled.value if filled else None


def _compared(a: str, b: str) -> int:
    """-1, 0 or 1; numbers as numbers, days and times as the texts that they are."""
    try:
        left, right = Decimal(a), Decimal(b)
        return (left > right) - (left < right)
    except InvalidOperation:
        return (a > b) - (a < b)
