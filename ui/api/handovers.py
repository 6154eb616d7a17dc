"""`/v1/handovers`: the agents' side, for desktops of your own; the console does the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from assist.handover import OPEN, Handover, HandoverState
from assist.talk import Happening, LogKind, LogLine
from news.published import CHINA
from ui.agent_desk import AgentDesk
from ui.api.access import Workspace
from ui.api.conversation_models import HappeningBody, SaidBody
from ui.api.events import STREAM, LastEventId, ServerEvent, Streams
from ui.api.guard import BODIES, guarded
from ui.api.handover_models import (
    AlertBody,
    AlertsBody,
    ContextBody,
    GroupBody,
    HandoverBody,
    HandoverDetailBody,
    HandoversBody,
    LevelBody,
    LogBody,
    NoteBody,
    OutcomeBody,
    SuggestionBody,
)
from ui.api.handover_requests import Agent, Ending, Remark, Transfer, Words
from ui.api.knowledge import Entries
from ui.api.once import Once
from ui.api.parameters import Whole
from ui.api.personal import reveal, turns_of
from ui.api.watching import watching
from ui.audit import Subject
from ui.scope import Scope
from ui.transfer_desk import TransferDesk
from ui.wiring import Wiring

router = guarded(
    "/v1/handovers",
    "handovers",
    read=Scope.HANDOVERS_READ,
    write=Scope.HANDOVERS_WRITE,
    masks=True,
    also=BODIES,
)
router.lifespan_context = watching
_Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["0f9e4c1d7a3b4c58a6e2d1c0b9a87766"])]
_GroupId = Annotated[str, Query(pattern="^[a-z0-9][a-z0-9_-]{0,39}$", examples=["general"])]
_DAY = timedelta(hours=24)


class _Act:
    """A request about one handover.

    Makes its desks when they are asked for: a dependency runs in a thread of its own, and a desk
    belongs to one thread.
    """

    def __init__(self, wiring: Workspace, once: Once, handover_id: _Id, request: Request) -> None:
        self._wiring, self._request = wiring, request
        self.once, self.id = once, handover_id

    @property
    def desk(self) -> AgentDesk:
        """The agents' desk."""
        return _desk(self._wiring, self._request)

    @property
    def transfers(self) -> TransferDesk:
        """The desk that moves conversations."""
        return self._wiring.transfer_desk(self._request.app.state.clock)

    def body(self, happening: Happening) -> HappeningBody:
        """The answer to it."""
        reveal(self._request, Subject.HANDOVER, self.id, turns_of(happening.said))
        now: datetime = self._request.app.state.clock()
        return HappeningBody.of(happening, self._wiring.handover_rules, now)


Act = Annotated[_Act, Depends()]


def _desk(wiring: Wiring, request: Request) -> AgentDesk:
    return wiring.agent_desk(request.app.state.clock)


@router.get("", summary="Who waits and who is served", response_model_exclude_none=True)
def listed(
    wiring: Workspace,
    request: Request,
    state: HandoverState | None = None,
    group: _GroupId | None = None,
    limit: Annotated[Whole, Query(ge=1, le=500)] = 100,
) -> HandoversBody:
    """The queue in its order, then the others, latest first; without `state` those not ended."""
    desk = _desk(wiring, request)
    now: datetime = request.app.state.clock()
    states = (state,) if state else OPEN
    found = desk.listed(states, group, limit)
    order = {h.id: place for place, h in enumerate(desk.waiting())}
    found = tuple(sorted(found, key=lambda h: order.get(h.id, len(order))))
    level = desk.rules.level
    return HandoversBody(
        handovers=[HandoverBody.of(handover, level, now) for handover in found],
        groups=_groups(desk, now),
        level=LevelBody.of(desk.level(now - _DAY), level),
        outcomes=[OutcomeBody(id=one.id, title=one.title) for one in desk.rules.outcomes],
        agents=list(desk.present()),
    )


@router.get(
    "/events", summary="Follow them live", response_class=StreamingResponse, responses=STREAM
)
def events(
    wiring: Workspace,
    request: Request,
    last: LastEventId = None,
    group: _GroupId | None = None,
) -> StreamingResponse:
    """`handover` for each new state, each message of a customer and each note (`kind`); `alert`.

    Begins after `Last-Event-ID`, else with what happens from now on; 0 gives all that is kept.
    """
    desk = _desk(wiring, request)
    if group is not None:
        desk.rules.group(group)
    streams: Streams = request.app.state.streams
    begin = int(last) if last else wiring.handover_store.last_log()
    return streams.response(_Reader(wiring, begin, group).read)


@router.get("/alerts", summary="What supervisors should see", response_model_exclude_none=True)
def alerts(
    wiring: Workspace,
    request: Request,
    seen: bool = False,
    limit: Annotated[Whole, Query(ge=1, le=500)] = 100,
) -> AlertsBody:
    """Angry customers and agents who vanished, latest first; `seen`: also those taken note of."""
    found = _desk(wiring, request).alerts(open_only=not seen, limit=limit)
    return AlertsBody(alerts=[AlertBody.of(alert) for alert in found])


@router.post(
    "/alerts/{alert_id}/acknowledge",
    summary="Take note of an alert",
    response_model_exclude_none=True,
)
def acknowledge(
    wiring: Workspace,
    alert_id: Annotated[Whole, Path(ge=1, le=999_999_999_999)],
    body: Agent,
    request: Request,
) -> AlertBody:
    """The first supervisor who did stays; again changes nothing."""
    return AlertBody.of(_desk(wiring, request).acknowledge(alert_id, body.agent))


@router.post("/sign", status_code=204, summary="An agent is there")
def sign(wiring: Workspace, body: Agent, request: Request) -> None:
    """Send it every minute while an agent is logged in: who gives no sign loses conversations."""
    _desk(wiring, request).sign(body.agent)


@router.get(
    "/{handover_id}", summary="One, with its conversation", response_model_exclude_none=True
)
def show(
    wiring: Workspace, entries: Entries, handover_id: _Id, request: Request
) -> HandoverDetailBody:
    """What to know first, the whole conversation, notes, what the bot would suggest to say."""
    desk = _desk(wiring, request)
    handover = desk.handover(handover_id)
    suggestions = desk.suggestions(handover) if entries and handover.is_open else ()
    said = desk.said(handover)
    reveal(request, Subject.HANDOVER, handover_id, turns_of(said))
    return HandoverDetailBody(
        handover=HandoverBody.of(handover, desk.rules.level, request.app.state.clock()),
        context=ContextBody.of(desk.context(handover)),
        notes=[NoteBody.of(note) for note in desk.notes(handover)],
        turns=[SaidBody.of(one) for one in said],
        suggestions=[SuggestionBody.of(suggestion) for suggestion in suggestions],
    )


@router.post("/{handover_id}/claim", summary="Take it over", response_model_exclude_none=True)
def claim(act: Act, body: Agent) -> HappeningBody:
    """The customer is told who has joined; from now on the bot is silent. 409: somebody has it."""
    return act.body(act.desk.claim(act.id, body.agent, once=act.once))


@router.post("/{handover_id}/say", summary="Say something", response_model_exclude_none=True)
def say(act: Act, body: Words) -> HappeningBody:
    """To the customer; 422 with the words at fault where the compliance rules forbid the text."""
    return act.body(act.desk.say(act.id, body.agent, body.text, once=act.once))


@router.post(
    "/{handover_id}/return", summary="Give it back to the bot", response_model_exclude_none=True
)
def give_back(act: Act, body: Ending) -> HappeningBody:
    """The bot goes on, with all that was said meanwhile in mind."""
    step = act.desk.give_back
    return act.body(step(act.id, body.agent, body.note, body.outcome, once=act.once))


@router.post(
    "/{handover_id}/close", summary="End the conversation", response_model_exclude_none=True
)
def close(act: Act, body: Ending) -> HappeningBody:
    """The customer is told; nobody speaks in the conversation any more."""
    step = act.desk.close
    return act.body(step(act.id, body.agent, body.note, body.outcome, once=act.once))


@router.post(
    "/{handover_id}/transfer",
    summary="Hand it to another group or agent",
    response_model_exclude_none=True,
)
def transfer(act: Act, body: Transfer) -> HappeningBody:
    """To a `group`, with the place of its first wait, or `to` an agent who is there."""
    body.check()
    desk, by = act.transfers, body.agent
    if body.group is not None:
        return act.body(desk.to_group(act.id, by, body.group, body.note, once=act.once))
    return act.body(desk.to_agent(act.id, by, body.to or "", body.note, once=act.once))


@router.post(
    "/{handover_id}/release", summary="Put it back in the queue", response_model_exclude_none=True
)
def release(act: Act, body: Remark) -> HappeningBody:
    """With the place of its first wait; the customer is told."""
    return act.body(act.transfers.release(act.id, body.agent, body.note, once=act.once))


@router.post(
    "/{handover_id}/takeover", summary="Take it from its agent", response_model_exclude_none=True
)
def take_over(act: Act, body: Remark) -> HappeningBody:
    """For supervisors; the customer is told who has joined."""
    return act.body(act.transfers.take_over(act.id, body.agent, body.note, once=act.once))


@router.post("/{handover_id}/notes", summary="Leave a note", response_model_exclude_none=True)
def note(act: Act, body: Words) -> HappeningBody:
    """For colleagues only, also after the end: neither the customer nor the bot sees it."""
    return act.body(act.transfers.note(act.id, body.agent, body.text, once=act.once))


class _Reader:
    """What is new in the log since the last look."""

    def __init__(self, wiring: Wiring, after: int, group: str | None) -> None:
        self._wiring, self._after, self._group = wiring, after, group

    def read(self) -> Sequence[ServerEvent]:
        """Events in order; called from any thread, one call at a time."""
        lines = self._wiring.handover_store.log_after(self._after)
        self._after = lines[-1].seq if lines else self._after
        return [self._event(line) for line in lines if self._group in (None, line.group)]

    def _event(self, line: LogLine) -> ServerEvent:
        if line.kind is LogKind.ALERT:
            alert = self._wiring.handover_store.notes.alert_at(line.seq)
            return ServerEvent("alert", AlertBody.of(alert), line.seq)
        return ServerEvent("handover", LogBody.of(line), line.seq)


def _groups(desk: AgentDesk, now: datetime) -> list[GroupBody]:
    waiting: Sequence[Handover] = desk.waiting()
    groups = []
    for group in desk.rules.groups:
        opens = desk.rules.opens(group, now)
        groups.append(
            GroupBody(
                id=group.id,
                title=group.title,
                open=opens <= now,
                opens_at=opens.astimezone(CHINA) if opens > now else None,
                waiting=sum(handover.group == group.id for handover in waiting),
            )
        )
    return groups
