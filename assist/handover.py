"""A conversation that waits for a person or has one: its steps and the service-level clock.

Plain data and pure functions. waiting → assigned (claimed) → active (the agent has spoken) →
returned (the bot goes on) or closed (the conversation has ended). How one moves between agents
and back into the queue stands in `assist/handover_move.py`.

The clock: a customer's wait counts from the wish (or from when the group opens) to the first
claim, once. A transfer, a release or an agent who vanished begins no new count; the place in the
queue stays that of the first wait, so that who was moved goes before those who came later. A call
back that was promised does not stop the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from assist.errors import HandoverError, TakenError


class HandoverState(StrEnum):
    """Where a handover stands; the values are part of the HTTP interface."""

    WAITING = "waiting"
    ASSIGNED = "assigned"
    ACTIVE = "active"
    RETURNED = "returned"
    CLOSED = "closed"


OPEN = (HandoverState.WAITING, HandoverState.ASSIGNED, HandoverState.ACTIVE)
WITH_AGENT = (HandoverState.ASSIGNED, HandoverState.ACTIVE)


class HandoverReason(StrEnum):
    """Why a person is wanted."""

    ASKED = "asked"
    FAILURES = "failures"
    ANGER = "anger"
    FLOW = "flow"


URGENT = frozenset({HandoverReason.ANGER})
"""These go before the others in the queue."""


@dataclass(frozen=True, slots=True)
class Handover:
    """A conversation handed over to a skill group.

    `counts_from` starts the service-level clock: when the customer asked or, outside the group's
    hours, when it opens next. `claimed_at` is the first claim, `taken_at` the present agent's.
    `queued_at` is when it entered the queue again (later than now: when the group opens again);
    `offered_at` when the customer was offered a call back, `callback` the number given for it.
    `note` and `outcome` are what the agent leaves at the end.
    """

    id: str
    conversation_id: str
    group: str
    reason: HandoverReason
    state: HandoverState
    asked_at: datetime
    counts_from: datetime
    claimed_at: datetime | None = None
    replied_at: datetime | None = None
    ended_at: datetime | None = None
    agent: str | None = None
    note: str = ""
    taken_at: datetime | None = None
    queued_at: datetime | None = None
    offered_at: datetime | None = None
    callback: str | None = None
    outcome: str | None = None

    @property
    def waits_from(self) -> datetime:
        """When the present wait began or, in the future, will begin."""
        return self.queued_at or self.counts_from

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a person or has one."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """`share` of the customers are to be claimed by a person `within` this time."""

    share: float = 0.8
    within: timedelta = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class LevelReport:
    """How a set of handovers meets the service level.

    `counted` were claimed, or wait already longer than the level allows; `share` is None where
    nothing counts yet.
    """

    counted: int
    in_time: int
    share: float | None
    met: bool
    waiting: int
    longest: timedelta


def claimed(handover: Handover, agent: str, now: datetime) -> Handover:
    """Given to an agent; the same agent's second claim changes nothing. Raises HandoverError."""
    if handover.state in WITH_AGENT and handover.agent == agent:
        return handover
    if handover.state is not HandoverState.WAITING:
        raise _taken(handover)
    first = handover.claimed_at or now
    return replace(
        handover, state=HandoverState.ASSIGNED, agent=agent, claimed_at=first, taken_at=now
    )


def spoken(handover: Handover, agent: str, now: datetime) -> Handover:
    """The agent has said something; raises HandoverError where it is not theirs to say."""
    check_owner(handover, agent)
    replied = handover.replied_at or now
    return replace(handover, state=HandoverState.ACTIVE, replied_at=replied)


def ended(
    handover: Handover, agent: str, note: str, outcome: str | None, now: datetime, *, gone: bool
) -> Handover:
    """Given back to the bot by its agent or, with `gone`, ended with the conversation.

    Raises HandoverError.
    """
    check_owner(handover, agent)
    return replace(left(handover, now, gone=gone), note=note, outcome=outcome)


def left(handover: Handover, now: datetime, *, gone: bool) -> Handover:
    """The customer does not want a person any more: back to the bot, or `gone` for good."""
    state = HandoverState.CLOSED if gone else HandoverState.RETURNED
    return replace(handover, state=state, ended_at=now)


def queue_order(waiting: Iterable[Handover]) -> tuple[Handover, ...]:
    """Who is next: first those whose clock runs earlier, urgent reasons before all others."""
    return tuple(
        sorted(waiting, key=lambda h: (h.reason not in URGENT, h.counts_from, h.asked_at, h.id))
    )


def place_of(handover: Handover, waiting: Iterable[Handover]) -> int | None:
    """Place in its group's queue, from 1; None where it does not wait."""
    group = [h for h in waiting if h.group == handover.group]
    ids = [h.id for h in queue_order(group)]
    return ids.index(handover.id) + 1 if handover.id in ids else None


def waited(handover: Handover, now: datetime) -> timedelta:
    """Time on the service-level clock: until somebody claimed it first, it ended, or now."""
    until = handover.claimed_at or handover.ended_at or now
    return max(until - handover.counts_from, timedelta())


def waiting_for(handover: Handover, now: datetime) -> timedelta:
    """How long it waits this time; nothing before the group opens."""
    return max(now - handover.waits_from, timedelta())


def level_report(handovers: Sequence[Handover], level: ServiceLevel, now: datetime) -> LevelReport:
    """How the service level is met; who left in time counts neither way."""
    waiting = [h for h in handovers if h.state is HandoverState.WAITING]
    late = [h for h in handovers if waited(h, now) > level.within]
    in_time = [h for h in handovers if h.claimed_at and waited(h, now) <= level.within]
    counted = len(late) + len(in_time)
    share = len(in_time) / counted if counted else None
    longest = max((waiting_for(h, now) for h in waiting), default=timedelta())
    met = share is None or share >= level.share
    return LevelReport(counted, len(in_time), share, met, len(waiting), longest)


def check_owner(handover: Handover, agent: str) -> None:
    """Raises HandoverError where the handover is not with this agent."""
    if handover.state is HandoverState.WAITING:
        raise HandoverError(f"handover {handover.id} still waits; claim it first")
    if handover.state not in WITH_AGENT or handover.agent != agent:
        raise _taken(handover)


def _taken(handover: Handover) -> HandoverError:
    if handover.is_open:
        return TakenError(
            f"handover {handover.id} is with {handover.agent}; choose another one from the queue"
        )
    return HandoverError(
        f"handover {handover.id} is {handover.state}; nothing more can be done with it"
    )
