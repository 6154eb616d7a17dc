"""`/v1/conversations`: a customer's side of a conversation, with events for a live view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from assist.utterance import Event, Utterance
from ui.api.access import KeyId, Workspace
from ui.api.chat import LONGEST_TEXT
from ui.api.conversation_models import HappeningBody, SaidBody, TurnsBody
from ui.api.errors import ApiError, ErrorCode
from ui.api.events import STREAM, LastEventId, ServerEvent, Streams
from ui.api.guard import BODIES, guarded
from ui.api.knowledge import Entries
from ui.api.once import Once
from ui.api.parameters import Whole, not_blank, printable, without_control_characters
from ui.conversation_desk import ConversationDesk
from ui.scope import Scope

router = guarded("/v1/conversations", "conversations", read=Scope.CONVERSATIONS_WRITE, also=BODIES)
_Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["6c1f0c6be1d94f6e8d3a52b7f4a9e012"])]
_Milliseconds = Annotated[int, Field(strict=True, ge=0, le=86_400_000)]
_Share = Annotated[float, Field(strict=True, ge=0, le=1)]
_After = Annotated[Whole, Query(ge=0, le=999_999_999, description="Only what was said later.")]
_NEEDED = {
    Event.WORDS: "text",
    Event.PARTIAL: "text",
    Event.KEYS: "keys",
    Event.INTERRUPT: "reply_id",
    Event.DELIVERED: "reply_id",
}


class Beginning(BaseModel):
    """Who talks to us, and how."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"customer": "C-20817", "channel": "text"}]},
    )

    customer: (
        Annotated[
            str,
            StringConstraints(strict=True, min_length=1, max_length=64),
            AfterValidator(printable),
            AfterValidator(not_blank),
        ]
        | None
    ) = None
    """The customer's id in your own systems, by which all of it can be erased later."""
    channel: Literal["text", "voice"] = "text"


class Turn(BaseModel):
    """Something on the customer's side."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={
            "examples": [
                {"text": "创业板怎么开通"},
                {"event": "keys", "keys": "0"},
                {"event": "delivered", "reply_id": "r2"},
            ]
        },
    )

    event: Event = Event.WORDS
    """words; partial: what a recogniser has heard so far; keys; silence; interrupt and delivered:
    a reply was cut off or played to its end; hangup."""
    text: (
        Annotated[
            str,
            StringConstraints(strict=True, min_length=1, max_length=LONGEST_TEXT),
            AfterValidator(without_control_characters),
            AfterValidator(not_blank),
        ]
        | None
    ) = None
    """1 to 2,000 characters; needed for words and partial."""
    keys: Annotated[str, StringConstraints(strict=True, pattern="^[0-9*#]{1,64}$")] | None = None
    """Telephone keys, needed for keys."""
    confidence: _Share | None = None
    """The recogniser's, from 0 to 1; leave it out for typed text."""
    start_ms: _Milliseconds | None = None
    end_ms: _Milliseconds | None = None
    reply_id: (
        Annotated[
            str,
            StringConstraints(strict=True, min_length=1, max_length=64),
            AfterValidator(printable),
        ]
        | None
    ) = None
    """Which reply, needed for interrupt and delivered."""
    heard: _Share = 1.0
    """Share of that reply that was played."""

    def utterance(self) -> Utterance:
        """As the dialogue knows it; raises a 422 where the event lacks what it needs."""
        needed = _NEEDED.get(self.event)
        if needed is not None and getattr(self, needed) is None:
            raise ApiError(
                422,
                ErrorCode.INVALID,
                f"{needed} is missing; an event {self.event} needs it",
                parameter=needed,
            )
        return Utterance(
            self.text or "",
            self.event,
            self.keys or "",
            self.confidence,
            self.start_ms,
            self.end_ms,
            self.reply_id,
            self.heard,
        )


def _desk(wiring: Workspace, request: Request) -> ConversationDesk:
    # Not a dependency: those run in threads of their own, and a desk belongs to one thread.
    return wiring.conversation_desk(request.app.state.clock, request.app.state.token)


@router.post("", status_code=201, summary="Begin a conversation", response_model_exclude_none=True)
def begin(
    wiring: Workspace, key_id: KeyId, once: Once, body: Beginning, request: Request
) -> HappeningBody:
    """Begin a conversation; only this key can go on with it."""
    desk = _desk(wiring, request)
    happening = desk.begin(key_id, customer=body.customer, channel=body.channel, once=once)
    return HappeningBody.of(happening, wiring.handover_rules, request.app.state.clock())


@router.get("/{conversation_id}", summary="How it stands", response_model_exclude_none=True)
def show(wiring: Workspace, key_id: KeyId, conversation_id: _Id, request: Request) -> HappeningBody:
    """Who speaks now, and where in the queue the customer stands; `turns` is empty."""
    desk = _desk(wiring, request)
    happening = desk.now(conversation_id, key_id)
    return HappeningBody.of(happening, wiring.handover_rules, request.app.state.clock())


@router.get("/{conversation_id}/turns", summary="What was said", response_model_exclude_none=True)
def turns(
    wiring: Workspace,
    request: Request,
    key_id: KeyId,
    conversation_id: _Id,
    after: _After = 0,
    limit: Annotated[Whole, Query(ge=1, le=1000)] = 200,
) -> TurnsBody:
    """What was said after place `after`, in order: by the customer, the bot and agents."""
    desk = _desk(wiring, request)
    talk = desk.found(conversation_id, key_id)
    said = wiring.handover_store.said(conversation_id, after=after, limit=limit)
    return TurnsBody(
        conversation_id=conversation_id,
        mode=talk.mode,
        turns=[SaidBody.of(one) for one in said],
        last=said[-1].number if said else after,
    )


@router.post("/{conversation_id}/turns", summary="Say something", response_model_exclude_none=True)
def say(
    wiring: Workspace,
    key_id: KeyId,
    once: Once,
    entries: Entries,
    conversation_id: _Id,
    body: Turn,
    request: Request,
) -> HappeningBody:
    """Take in what happened on the customer's side and give what is said to it.

    In mode `human` the bot says nothing: the agent's words arrive as events, or under `turns`.
    """
    desk = _desk(wiring, request)
    utterance = body.utterance()
    if not entries:
        raise ApiError(
            503,
            ErrorCode.UNAVAILABLE,
            "this workspace has no knowledge base yet; the operator publishes one in the console",
        )
    happening = desk.hear(conversation_id, utterance, key_id=key_id, once=once)
    return HappeningBody.of(happening, wiring.handover_rules, request.app.state.clock())


@router.get(
    "/{conversation_id}/events",
    summary="Follow it live",
    response_class=StreamingResponse,
    responses=STREAM,
)
def events(
    wiring: Workspace,
    key_id: KeyId,
    conversation_id: _Id,
    request: Request,
    last: LastEventId = None,
    after: _After = 0,
) -> StreamingResponse:
    """`turn` for everything that is said, `state` when the mode or the place in the queue changes.

    Begins after `Last-Event-ID`, else after `after`.
    """
    desk = _desk(wiring, request)
    desk.found(conversation_id, key_id)
    streams: Streams = request.app.state.streams
    reader = _Reader(wiring, request, conversation_id, int(last) if last else after)
    return streams.response(reader.read)


class _Reader:
    """What is new in a conversation since the last look."""

    def __init__(
        self, wiring: Workspace, request: Request, conversation_id: str, after: int
    ) -> None:
        self._wiring, self._app = wiring, request.app
        self._id, self._after = conversation_id, after
        self._state: HappeningBody | None = None

    def read(self) -> Sequence[ServerEvent]:
        """Events in order; called from any thread, one call at a time."""
        said = self._wiring.handover_store.said(self._id, after=self._after)
        new = [ServerEvent("turn", SaidBody.of(one), one.number) for one in said]
        self._after = said[-1].number if said else self._after
        steps = self._wiring.steps(self._app.state.clock)
        now = self._app.state.clock()
        state = HappeningBody.of(steps.now(self._id), self._wiring.handover_rules, now)
        if state != self._state:
            self._state = state
            new.append(ServerEvent("state", state))
        return new
