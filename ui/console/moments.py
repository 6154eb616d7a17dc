"""Times as people in China read them; a day chosen on a page becomes the moments it spans."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def minute(moment: datetime) -> str:
    """`2024-05-20 10:20` in Shanghai."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def day(moment: datetime) -> date:
    """The Shanghai day of a moment."""
    return moment.astimezone(SHANGHAI).date()


def start_of(chosen: date) -> datetime:
    """First moment of a Shanghai day."""
    return datetime.combine(chosen, time(), SHANGHAI)


def end_of(chosen: date) -> datetime:
    """First moment after a Shanghai day."""
    return start_of(chosen + timedelta(days=1))


def months_before(last: date, count: int) -> tuple[date, ...]:
    """First days of `count` months up to the month of `last`, oldest first."""
    number = last.year * 12 + last.month - 1
    return tuple(date(n // 12, n % 12 + 1, 1) for n in range(number - count + 1, number + 1))
