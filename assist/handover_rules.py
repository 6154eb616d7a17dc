"""Skill groups: who is responsible for what, when they work, and what customers are told.

Plain data and pure functions; `assist/handover_file.py` reads them from `data/handover.yaml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from assist.campaign_list import masked_phone
from assist.errors import HandoverError, HandoverInputError
from assist.handover import Handover, ServiceLevel
from assist.lexical import plain
from assist.trading_days import TradingDays
from news.published import CHINA

_MOST_DAYS = 60  # no holiday is longer
_FRIDAY = 4
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Shift:
    """From `start` up to but not including `end` of one day, Chinese time."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """People who can do the same.

    `week` are the shifts from Monday to Sunday; `holiday` those of a Monday to Friday on which the
    exchanges are closed. `words` in a customer's messages send them here. Who waits longer than
    `give_up_after` is offered a call back; None: nobody is.
    """

    id: str
    title: str
    week: tuple[tuple[Shift, ...], ...]
    holiday: tuple[Shift, ...] = ()
    words: tuple[str, ...] = ()
    give_up_after: timedelta | None = None

    def shifts(self, day: date, trading: TradingDays) -> tuple[Shift, ...]:
        """The shifts of a day (in China)."""
        is_holiday = day.weekday() <= _FRIDAY and not trading.is_open(day)
        return self.holiday if is_holiday else self.week[day.weekday()]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A code for how a handover ended, as reports count it, with its name for agents."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Wordings:
    """What customers are told.

    `{group}`, `{ahead}`, `{hours}`, `{opens}`, `{agent}`, `{phone}` are filled in.
    """

    queued: str
    waiting: str
    closed: str
    joined: str
    returned: str
    ended: str
    left: str
    moved: str
    released: str
    offer: str
    booked: str
    closing: str


@dataclass(frozen=True, slots=True)
class HandoverRules:
    """Everything that decides where a handover goes; the first group is the general one.

    `cancel` are messages by which a customer leaves the queue; `failures` replies in a row that
    did not help bring a person; `most_at_once` conversations are with one agent at most. An agent
    who gives no sign for `vanish_after` while the customer waits loses the conversation.
    """

    groups: tuple[SkillGroup, ...]
    level: ServiceLevel
    wordings: Wordings
    trading: TradingDays
    cancel: frozenset[str] = frozenset()
    failures: int = 3
    most_at_once: int = 5
    vanish_after: timedelta = timedelta(minutes=3)
    outcomes: tuple[Outcome, ...] = ()

    def group(self, group_id: str) -> SkillGroup:
        """Group by id; raises HandoverError naming those that exist."""
        for group in self.groups:
            if group.id == group_id:
                return group
        known = ", ".join(group.id for group in self.groups)
        raise HandoverInputError(f"no skill group {group_id[:40]!r}; there are {known}")

    def route(self, skill: str | None, texts: Sequence[str]) -> SkillGroup:
        """The group for a flow's `skill`, else for the customer's words, latest first."""
        for group in self.groups:
            if group.id == skill:
                return group
        for text in reversed(texts):
            said = plain(text)
            for group in self.groups:
                if any(plain(word) in said for word in group.words):
                    return group
        return self.groups[0]

    def outcome(self, outcome_id: str | None) -> str | None:
        """A code that exists, or None; raises HandoverInputError naming the codes."""
        known = [outcome.id for outcome in self.outcomes]
        if outcome_id is not None and outcome_id not in known:
            raise HandoverInputError(
                f"no outcome {outcome_id[:40]!r}; there are {', '.join(known) or 'none'}"
            )
        return outcome_id

    def cancels(self, text: str) -> bool:
        """Whether a waiting customer wants to go back to the bot."""
        return plain(text) in self.cancel

    def is_open(self, group: SkillGroup, moment: datetime) -> bool:
        """Whether the group works at this moment."""
        local = moment.astimezone(CHINA)
        shifts = group.shifts(local.date(), self.trading)
        return any(shift.start <= local.time() < shift.end for shift in shifts)

    def opens(self, group: SkillGroup, moment: datetime) -> datetime:
        """`moment` where the group works then, else when it begins next.

        Raises HandoverError for a group that never works.
        """
        local = moment.astimezone(CHINA)
        for ahead in range(_MOST_DAYS):
            day = local.date() + timedelta(days=ahead)
            for shift in group.shifts(day, self.trading):
                if local < datetime.combine(day, shift.end, CHINA):
                    begin = max(local, datetime.combine(day, shift.start, CHINA))
                    return begin.astimezone(moment.tzinfo)
        raise HandoverError(f"skill group {group.id} has no hours in {_MOST_DAYS} days; give some")

    def told(self, handover: Handover, place: int, now: datetime) -> str:
        """What the customer hears when the conversation enters the queue."""
        return self._enters(self.wordings.queued, handover, place, now)

    def moved(self, handover: Handover, place: int, now: datetime) -> str:
        """What the customer hears when it goes on to another group."""
        return self._enters(self.wordings.moved, handover, place, now)

    def released(self, handover: Handover, place: int, now: datetime) -> str:
        """What the customer hears when its agent cannot go on with it."""
        return self._enters(self.wordings.released, handover, place, now)

    def closing(self, handover: Handover, opens: datetime) -> str:
        """What the customer hears when the hours end while waiting."""
        return self._fill(self.wordings.closing, handover, opens=opens)

    def offer(self, handover: Handover) -> str:
        """What the customer hears who has waited long."""
        return self._fill(self.wordings.offer, handover)

    def booked(self, handover: Handover) -> str:
        """What the customer hears whose number was kept for a call back."""
        return self._fill(self.wordings.booked, handover)

    def waits(self, handover: Handover, place: int) -> str:
        """What the customer hears while waiting."""
        return self._fill(self.wordings.waiting, handover, place)

    def _enters(self, wording: str, handover: Handover, place: int, now: datetime) -> str:
        """Words for who enters a queue, or those of a group that does not work now."""
        if handover.waits_from <= now:
            return self._fill(wording, handover, place)
        return self._fill(self.wordings.closed, handover, opens=handover.waits_from)

    def _fill(
        self, wording: str, handover: Handover, place: int = 1, opens: datetime | None = None
    ) -> str:
        group = self.group(handover.group)
        local = opens.astimezone(CHINA) if opens else None
        day = f"{local.month}月{local.day}日（周{WEEKDAYS[local.weekday()]}）" if local else ""
        return wording.format(
            group=group.title,
            ahead=place - 1,
            hours=hours_in_words(group),
            opens=f"{day}{local:%H:%M}" if local else "",
            agent=handover.agent or "",
            phone=masked_phone(handover.callback or ""),
        )


def hours_in_words(group: SkillGroup) -> str:
    """`周一至周五 08:30-20:00，周六至周日 09:00-17:00`; days off are left out."""
    parts: list[str] = []
    first = 0
    for day in range(1, len(group.week) + 1):
        if day < len(group.week) and group.week[day] == group.week[first]:
            continue
        if group.week[first]:
            name = f"周{WEEKDAYS[first]}"
            days = name if day - first == 1 else f"{name}至周{WEEKDAYS[day - 1]}"
            times = "、".join(f"{s.start:%H:%M}-{s.end:%H:%M}" for s in group.week[first])
            parts.append(f"{days} {times}")
        first = day
    return "，".join(parts)
