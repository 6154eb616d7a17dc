"""When a campaign may call: hours and days in China, growing pauses, lines, deadline.

Plain data and pure functions; `assist/campaign_file.py` reads them from YAML.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from assist.call_result import CallCode
from assist.trading_days import TradingDays
from news.published import CHINA

EARLIEST, LATEST = time(8, 0), time(21, 0)
"""Nobody is called outside these hours, whatever a campaign's file says."""
_MOST_DAYS = 60  # no holiday is longer: a search for the next day that ends nowhere is a fault


class Days(StrEnum):
    """On which days calls are allowed; the values are words of the campaign files."""

    TRADING = "trading"
    WEEKDAYS = "weekdays"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` up to but not including `end`, Chinese time."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Retries:
    """How often, and after which pause.

    The pause after attempt n is the code's pause (else `pause`) times `growth` to the power n-1.
    """

    attempts: int = 3
    attempts_a_day: int = 2
    pause: timedelta = timedelta(hours=2)
    growth: float = 2.0
    pauses: tuple[tuple[CallCode, timedelta], ...] = (
        (CallCode.LINE_BUSY, timedelta(minutes=10)),
        (CallCode.BUSY, timedelta(minutes=60)),
        (CallCode.DRIVING, timedelta(minutes=60)),
    )

    def pause_after(self, code: CallCode, attempt: int) -> timedelta:
        """Pause after attempt number `attempt` (from 1) that ended with `code`."""
        base = dict(self.pauses).get(code, self.pause)
        return base * self.growth ** (attempt - 1)


@dataclass(frozen=True, slots=True)
class CallRules:
    """The rules of a campaign. `lines` calls run at once at most; `deadline` in UTC."""

    hours: tuple[Hours, ...] = (Hours(time(9, 0), time(11, 30)), Hours(time(13, 30), time(18, 0)))
    days: Days = Days.TRADING
    retries: Retries = Retries()
    lines: int = 10
    starts_at: datetime | None = None
    deadline: datetime | None = None


def allows(rules: CallRules, moment: datetime, trading: TradingDays) -> bool:
    """Whether a call may begin at this moment."""
    local = moment.astimezone(CHINA)
    if rules.starts_at and moment < rules.starts_at:
        return False
    if rules.deadline and moment >= rules.deadline:
        return False
    return _is_day(rules.days, local.date(), trading) and any(
        hours.start <= local.time() < hours.end for hours in _lawful(rules.hours)
    )


def next_allowed(rules: CallRules, moment: datetime, trading: TradingDays) -> datetime | None:
    """The first moment from `moment` on at which a call may begin; None where none is left."""
    if rules.starts_at:
        moment = max(moment, rules.starts_at)
    local = moment.astimezone(CHINA)
    for ahead in range(_MOST_DAYS):
        day = local.date() + timedelta(days=ahead)
        if not _is_day(rules.days, day, trading):
            continue
        for hours in sorted(_lawful(rules.hours), key=lambda h: h.start):
            begin = max(local, datetime.combine(day, hours.start, CHINA))
            if begin < datetime.combine(day, hours.end, CHINA):
                found = begin.astimezone(moment.tzinfo)
                return None if rules.deadline and found >= rules.deadline else found
    return None


def china_day(moment: datetime) -> date:
    """The day in China."""
    return moment.astimezone(CHINA).date()


def _lawful(hours: tuple[Hours, ...]) -> tuple[Hours, ...]:
    cut = (Hours(max(h.start, EARLIEST), min(h.end, LATEST)) for h in hours)
    return tuple(h for h in cut if h.start < h.end)


def _is_day(days: Days, day: date, trading: TradingDays) -> bool:
    if days is Days.TRADING:
        return trading.is_open(day)
    return days is Days.EVERY or day.weekday() < 5
