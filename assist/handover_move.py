"""How a conversation moves: to a group, to a colleague, back into the queue; who left it alone.

Pure functions over `assist.handover.Handover`; the clock's rules stand there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from assist.errors import HandoverError, HandoverInputError
from assist.handover import WITH_AGENT, Handover, HandoverState, check_owner
from assist.said import Said, Speaker


def transferred(handover: Handover, agent: str, group: str, opens: datetime) -> Handover:
    """Into another group's queue, with its first place in time; `opens`: from when it waits.

    Raises HandoverError where it is not the agent's.
    """
    check_owner(handover, agent)
    if group == handover.group:
        raise HandoverInputError(f"it is in {group} already; release it or name another group")
    return requeued(replace(handover, group=group), opens)


def released(handover: Handover, agent: str, opens: datetime) -> Handover:
    """Back into the same queue, by its agent; raises HandoverError."""
    check_owner(handover, agent)
    return requeued(handover, opens)


def requeued(handover: Handover, opens: datetime) -> Handover:
    """Waiting again, whoever had it."""
    return replace(
        handover,
        state=HandoverState.WAITING,
        agent=None,
        taken_at=None,
        queued_at=opens,
        offered_at=None,
    )


def handed_to(handover: Handover, agent: str, target: str, now: datetime) -> Handover:
    """From one agent to another; raises HandoverError."""
    check_owner(handover, agent)
    if target == agent:
        raise HandoverInputError(f"{agent} has it already; name another agent")
    return _with(handover, target, now)


def taken_over(handover: Handover, supervisor: str, now: datetime) -> Handover:
    """Taken from whoever has it; one that waits is claimed instead. Raises HandoverError."""
    if handover.state not in WITH_AGENT:
        raise HandoverError(
            f"handover {handover.id} is {handover.state} and with nobody; claim it while it waits"
        )
    return handover if handover.agent == supervisor else _with(handover, supervisor, now)


def vanished(
    handover: Handover,
    said: Sequence[Said],
    seen: datetime | None,
    after: timedelta,
    now: datetime,
) -> bool:
    """Whether its agent gave no sign for `after` while the customer waits for a word.

    `said` are the latest lines in order, `seen` the agent's last sign elsewhere (a heartbeat).
    """
    taken = handover.taken_at
    if handover.state not in WITH_AGENT or taken is None:
        return False
    spoke = [s.at for s in said if s.speaker is Speaker.AGENT and s.at >= taken]
    asked = [
        s.at for s in said if s.speaker is Speaker.CUSTOMER and (not spoke or s.at > spoke[-1])
    ]
    if spoke and not asked:
        return False
    begun = max(taken, asked[0]) if asked else taken
    return now - max(begun, *spoke[-1:], *((seen,) if seen else ())) >= after


def _with(handover: Handover, agent: str, now: datetime) -> Handover:
    return replace(handover, state=HandoverState.ASSIGNED, agent=agent, taken_at=now)
