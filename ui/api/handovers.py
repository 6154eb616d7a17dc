"""`/v1/handovers`: the agents' side, for desktops of your own; the console does the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from assist.handover import OPEN, Handover, HandoverState
from assist.talk import Happening
from news.published import CHINA
from ui.agent_desk import AgentDesk
from ui.api.access import Workspace
from ui.api.chat import LONGEST_TEXT
from ui.api.conversation_models import (
    GroupBody,
    HandoverBody,
    HandoverDetailBody,
    HandoversBody,
    HappeningBody,
    LevelBody,
    LogBody,
    SaidBody,
    SuggestionBody,
)
from ui.api.events import STREAM, LastEventId, ServerEvent, Streams
from ui.api.guard import BODIES, guarded
from ui.api.knowledge import Entries
from ui.api.once import Once
from ui.api.parameters import Whole, not_blank, printable, without_control_characters
from ui.api.personal import reveal, turns_of
from ui.audit import Subject
from ui.scope import Scope
from ui.wiring import Wiring

router = guarded(
    "/v1/handovers",
    "handovers",
    read=Scope.HANDOVERS_READ,
    write=Scope.HANDOVERS_WRITE,
    masks=True,
    also=BODIES,
)
_Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["0f9e4c1d7a3b4c58a6e2d1c0b9a87766"])]
_GroupId = Annotated[str, Query(pattern="^[a-z0-9][a-z0-9_-]{0,39}$", examples=["general"])]
_DAY = timedelta(hours=24)


class Agent(BaseModel):
    """Who takes the step."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"agent": "小王"}]},
    )

    agent: Annotated[
        str,
        StringConstraints(strict=True, min_length=1, max_length=40),
        AfterValidator(printable),
        AfterValidator(not_blank),
    ]
    """The name or number that the customer is told."""


class Words(Agent):
    """What an agent says."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"agent": "小王", "text": "您好，请问有什么可以帮您？"}]}
    )

    text: Annotated[
        str,
        StringConstraints(strict=True, min_length=1, max_length=LONGEST_TEXT),
        AfterValidator(without_control_characters),
        AfterValidator(not_blank),
    ]


class Ending(Agent):
    """Who ends it, with a note for colleagues."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"agent": "小王", "note": "已说明开通条件"}]}
    )

    note: Annotated[
        str,
        StringConstraints(strict=True, max_length=500),
        AfterValidator(without_control_characters),
    ] = ""


def _desk(wiring: Workspace, request: Request) -> AgentDesk:
    # Not a dependency: those run in threads of their own, and a desk belongs to one thread.
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
    """`handover` for each new state, and for each message of a customer (`kind` message).

    Begins after `Last-Event-ID`, else with what happens from now on; 0 gives all that is kept.
    """
    desk = _desk(wiring, request)
    if group is not None:
        desk.rules.group(group)
    streams: Streams = request.app.state.streams
    begin = int(last) if last else wiring.handover_store.last_log()
    return streams.response(_Reader(wiring, begin, group).read)


@router.get(
    "/{handover_id}", summary="One, with its conversation", response_model_exclude_none=True
)
def show(
    wiring: Workspace, entries: Entries, handover_id: _Id, request: Request
) -> HandoverDetailBody:
    """The whole conversation and what the bot would suggest to say."""
    desk = _desk(wiring, request)
    handover = desk.handover(handover_id)
    suggestions = desk.suggestions(handover) if entries and handover.is_open else ()
    said = desk.said(handover)
    reveal(request, Subject.HANDOVER, handover_id, turns_of(said))
    return HandoverDetailBody(
        handover=HandoverBody.of(handover, desk.rules.level, request.app.state.clock()),
        turns=[SaidBody.of(one) for one in said],
        suggestions=[SuggestionBody.of(suggestion) for suggestion in suggestions],
    )


@router.post("/{handover_id}/claim", summary="Take it over", response_model_exclude_none=True)
def claim(
    wiring: Workspace, once: Once, handover_id: _Id, body: Agent, request: Request
) -> HappeningBody:
    """The customer is told who has joined; from now on the bot is silent. 409: somebody has it."""
    desk = _desk(wiring, request)
    return _body(desk, desk.claim(handover_id, body.agent, once=once), request)


@router.post("/{handover_id}/say", summary="Say something", response_model_exclude_none=True)
def say(
    wiring: Workspace, once: Once, handover_id: _Id, body: Words, request: Request
) -> HappeningBody:
    """To the customer; 422 with the words at fault where the compliance rules forbid the text."""
    desk = _desk(wiring, request)
    return _body(desk, desk.say(handover_id, body.agent, body.text, once=once), request)


@router.post(
    "/{handover_id}/return", summary="Give it back to the bot", response_model_exclude_none=True
)
def give_back(
    wiring: Workspace, once: Once, handover_id: _Id, body: Ending, request: Request
) -> HappeningBody:
    """The bot goes on, with all that was said meanwhile in mind."""
    desk = _desk(wiring, request)
    return _body(desk, desk.give_back(handover_id, body.agent, body.note, once=once), request)


@router.post(
    "/{handover_id}/close", summary="End the conversation", response_model_exclude_none=True
)
def close(
    wiring: Workspace, once: Once, handover_id: _Id, body: Ending, request: Request
) -> HappeningBody:
    """The customer is told; nobody speaks in the conversation any more."""
    desk = _desk(wiring, request)
    return _body(desk, desk.close(handover_id, body.agent, body.note, once=once), request)


class _Reader:
    """What is new in the log since the last look."""

    def __init__(self, wiring: Wiring, after: int, group: str | None) -> None:
        self._wiring, self._after, self._group = wiring, after, group

    def read(self) -> Sequence[ServerEvent]:
        """Events in order; called from any thread, one call at a time."""
        lines = self._wiring.handover_store.log_after(self._after)
        self._after = lines[-1].seq if lines else self._after
        return [
            ServerEvent("handover", LogBody.of(line), line.seq)
            for line in lines
            if self._group in (None, line.group)
        ]


def _body(desk: AgentDesk, happening: Happening, request: Request) -> HappeningBody:
    reveal(request, Subject.HANDOVER, request.path_params["handover_id"], turns_of(happening.said))
    return HappeningBody.of(happening, desk.rules, request.app.state.clock())


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
