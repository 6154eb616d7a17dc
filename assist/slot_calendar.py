"""Days by their parts: the next 3rd, the last 5 March, a month on, the end of a month."""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def bound(written: str | None, today: date) -> date | None:
    """A minimum or maximum: `today`, `today+30`, `today-1` or an ISO date."""
    if written is None:
        return None
    if written.startswith("today"):
        return today + timedelta(days=int(written[5:] or 0))
    return date.fromisoformat(written)


def spoken_date(day: date) -> str:
    """2026年11月3日，星期二: the weekday shows a misreading at once."""
    return f"{day.year}年{day.month}月{day.day}日，星期{'一二三四五六日'[day.weekday()]}"


def day_of(year: int, month: int, day: int) -> date | None:
    """The day; None where no calendar has it."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def yearly(month: int, day: int, today: date, *, past: bool) -> date | None:
    """The next (or last) day of that name; None where neither this nor that year has it."""
    this = day_of(today.year, month, day)
    if this is not None and (this <= today if past else this >= today):
        return this
    return day_of(today.year + (-1 if past else 1), month, day)


def monthly(day: int, today: date, *, past: bool) -> date | None:
    """The next (or last) day of the month with that number; None where no month has it."""
    if not 1 <= day <= 31:
        return None
    for months in range(3):
        first = add_months(today.replace(day=1), -months if past else months)
        found = day_of(first.year, first.month, day) if first else None
        if found is not None and (found <= today if past else found >= today):
            return found
    return None


def last_of_month(day: date) -> date:
    """The last day of that month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date | None:
    """The same day some months on, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        return None
    first = date(year, month + 1, 1)
    return first.replace(day=min(day.day, last_of_month(first).day))
