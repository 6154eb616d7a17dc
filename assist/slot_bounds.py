"""Whether the bounds of a slot can be read, before a customer's answer is measured by them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from assist.slot import SlotSpec, SlotType
from assist.slot_calendar import bound as day_bound
from assist.slot_times import bound as time_bound

_TODAY = date(2026, 1, 1)
_NOW = datetime(2026, 1, 1)
_READERS: dict[SlotType, tuple[Callable[[str], Any], str]] = {
    SlotType.DATE: (
        lambda written: day_bound(written, _TODAY),
        "today, today+30, today-1 or a date as 2026-11-20",
    ),
    SlotType.TIME: (
        lambda written: time_bound(written, _NOW),
        "now, now+60 (minutes) or a moment as 2026-11-20T15:00",
    ),
    SlotType.AMOUNT: (Decimal, "a number of yuan as 1000 or 0.5"),
    SlotType.NUMBER: (Decimal, "a number as 100 or 0.5"),
    SlotType.TEXT: (int, "a number of characters as 20"),
}


def bounds_fault(spec: SlotSpec) -> str | None:
    """What is wrong with the minimum or maximum of a slot; None where nothing is."""
    given = [("minimum", spec.minimum), ("maximum", spec.maximum)]
    read: list[Any] = []
    for name, written in given:
        if written is None:
            continue
        if spec.type not in _READERS:
            return f"{name} {written!r}: a slot of type {spec.type} has no bounds; remove it"
        reader, allowed = _READERS[spec.type]
        try:
            read.append(reader(written))
        except (ValueError, InvalidOperation):
            return f"{name} {written!r} cannot be read; write {allowed}"
    # A fixed date and one that moves with today cannot be compared once and for all.
    moving = any(written and written[0] in "tn" for _, written in given)
    fixed = any(written and written[0] not in "tn" for _, written in given)
    if len(read) == 2 and not (moving and fixed) and read[0] > read[1]:
        return f"minimum {spec.minimum!r} is over maximum {spec.maximum!r}; no value would fit"
    return None
