"""An outbound campaign: a list of customers, a flow, and the rules of calling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from assist.call_result import FINAL, CallCode, CallResult
from assist.campaign_rules import CallRules, china_day
from news.published import CHINA


class CampaignStatus(StrEnum):
    """DRAFT: not begun. PAUSED: no new calls. CLOSED: every customer has their result."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is to be said to whom; `rehearsal`: to simulated customers, nobody is really called."""

    id: str
    title: str
    flow_id: str
    rules: CallRules
    status: CampaignStatus = CampaignStatus.DRAFT
    rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Callee:
    """A customer of a campaign's list and how far they are.

    `fields` are the list's further columns (name, value), which the flow may say. The next call is
    not before `next_at`; `code` is the final result, None while calls may follow; `last` is that of
    the latest call. `attempts_today` were made on `day` (in China).
    """

    id: str
    phone: str
    customer_id: str
    fields: tuple[tuple[str, str], ...] = ()
    priority: int = 0
    deadline: datetime | None = None
    attempts: int = 0
    day: date | None = None
    attempts_today: int = 0
    next_at: datetime | None = None
    last: CallCode | None = None
    code: CallCode | None = None
    in_call: bool = False

    def attempts_on(self, day: date) -> int:
        """How many calls were made on a day in China."""
        return self.attempts_today if self.day == day else 0


@dataclass(frozen=True, slots=True)
class Call:
    """One call to one customer; `attempt` counts from 1. Times in UTC; `state` is the dialogue."""

    id: str
    campaign_id: str
    callee_id: str
    attempt: int
    phone: str
    started_at: datetime
    ended_at: datetime | None = None
    result: CallResult | None = None
    state: str | None = None


def called(callee: Callee, now: datetime) -> Callee:
    """The customer once a call begins."""
    day = china_day(now)
    return replace(
        callee,
        attempts=callee.attempts + 1,
        day=day,
        attempts_today=callee.attempts_on(day) + 1,
        in_call=True,
        next_at=None,
    )


def after_call(callee: Callee, result: CallResult, rules: CallRules, now: datetime) -> Callee:
    """The customer once a call ended: their final result, or the time before the next call.

    A time that the customer asked for is kept, whatever the pause would be; out of attempts, the
    latest result is the final one.
    """
    ended = replace(callee, in_call=False, last=result.code)
    if result.code in FINAL or callee.attempts >= rules.retries.attempts:
        return replace(ended, code=result.code)
    pause = rules.retries.pause_after(result.code, callee.attempts)
    at = result.call_back_at if result.call_back_at and result.call_back_at > now else now + pause
    if ended.attempts_on(china_day(at)) >= rules.retries.attempts_a_day:
        tomorrow = datetime.combine(china_day(at) + timedelta(days=1), time(0), CHINA)
        at = tomorrow.astimezone(now.tzinfo)
    return replace(ended, next_at=at)
