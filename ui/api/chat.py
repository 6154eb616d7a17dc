"""`/v1/chat`: talking to the assistant, one message a call.

A conversation lives in the workspace's database between calls: it survives a restart, and the next
message may reach another process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from assist.answer import Answer, AnswerKind, Citation, CitationKind, Trace
from ui.api.access import KeyId, Workspace
from ui.api.errors import ApiError, ErrorCode
from ui.api.guard import BODIES, guarded
from ui.api.knowledge import Entries
from ui.api.parameters import not_blank, without_control_characters
from ui.api.personal import masked, reveal
from ui.api.trace import TraceBody
from ui.audit import Subject
from ui.scope import Scope
from ui.store import ConversationStore, SavedConversation
from ui.wiring import Wiring

LONGEST_TEXT = 2_000
"""Characters of one message."""
_ATTEMPTS = 3

router = guarded("/v1/chat", "chat", read=Scope.CHAT_WRITE, also=BODIES)


class Assistant(Protocol):
    """Who answers; used only in the thread that asked the wiring for it."""

    def respond(self, text: str, state: str | None) -> tuple[Answer, str]:
        """Answer one message and say how the conversation stands then.

        `state` is what the last answer of the conversation came with, None for a first message; it
        is text of the assistant's own making, kept in the database between two messages.
        """
        ...


class Message(BaseModel):
    """What a customer says."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"text": "创业板怎么开通"}]},
    )

    text: Annotated[
        str,
        StringConstraints(strict=True, min_length=1, max_length=LONGEST_TEXT),
        AfterValidator(without_control_characters),
        AfterValidator(not_blank),
    ]
    """1 to 2,000 characters."""
    conversation_id: (
        Annotated[str, StringConstraints(strict=True, pattern="^[0-9a-f]{32}$")] | None
    ) = None
    """From the answer to the conversation's first message; leave it out to begin a new one."""
    trace: Annotated[bool, Field(strict=True)] = False
    """Tell how the answer came about, as `trace` of the answer; personal data in it is masked."""


class CitationBody(BaseModel):
    """What an answer rests on."""

    kind: CitationKind
    id: str = Field(examples=["board-permission-chinext-open"])
    title: str = Field(examples=["怎么开通创业板权限？"])
    version: str = Field(examples=["1"])
    source: str | None = Field(
        description="The rule or document behind an entry.", examples=["示例证券业务办理指南"]
    )

    @classmethod
    def of(cls, citation: Citation) -> CitationBody:
        """From the assistant's citation."""
        return cls(
            kind=citation.kind,
            id=citation.id,
            title=citation.title,
            version=citation.version,
            source=citation.source,
        )


class Reply(BaseModel):
    """What the assistant says."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    conversation_id: str = Field(examples=["6c1f0c6be1d94f6e8d3a52b7f4a9e012"])
    """Send it with the next message."""
    kind: AnswerKind
    """answer; clarify: choose one of `options`; reject: not answered; handoff: a person takes
    over."""
    reply: str = Field(examples=["您可以在App内办理：交易-更多业务-权限开通……"])
    score: float = Field(examples=[0.93])
    citations: list[CitationBody]
    options: list[str] = Field(examples=[[]])
    risk_notice: str | None = Field(None, examples=["市场有风险，投资需谨慎。"])
    """Must be shown with the reply where it is there."""
    offer: str | None = Field(None, examples=["如果需要，您可以回复“转人工”……"])
    """Offers a person to an angry customer; show it with the reply where it is there."""
    understood: str | None = Field(None, examples=["创业板怎么关闭"])
    """The question as it was understood, where a follow-up was completed from the conversation or
    a misheard word put right; worth showing to the customer."""
    trace: TraceBody | None = None
    """Only where the message asked for it."""

    @classmethod
    def of(cls, conversation_id: str, answer: Answer, trace: TraceBody | None = None) -> Reply:
        """From the assistant's answer."""
        return cls(
            conversation_id=conversation_id,
            kind=answer.kind,
            reply=answer.reply,
            score=answer.score,
            citations=[CitationBody.of(citation) for citation in answer.citations],
            options=list(answer.options),
            risk_notice=answer.risk_notice,
            offer=answer.offer,
            understood=answer.trace.restated if answer.trace else None,
            trace=trace,
        )


@router.post(
    "/messages", summary="Say something to the assistant", response_model_exclude_none=True
)
def send(
    wiring: Workspace, key_id: KeyId, entries: Entries, message: Message, request: Request
) -> Reply:
    """Answer a message; only the key that began a conversation can go on with it."""
    if not entries:
        raise ApiError(
            503,
            ErrorCode.UNAVAILABLE,
            "this workspace has no knowledge base yet; the operator publishes one in the console",
        )
    _refuse_shared(wiring, message.conversation_id)
    assistant: Assistant = wiring.assistant
    store = wiring.conversation_store
    clock: Callable[[], datetime] = request.app.state.clock
    fresh = SavedConversation(request.app.state.token(16), key_id, 0, "")
    for _ in range(_ATTEMPTS):
        saved = _found(store, message.conversation_id, key_id) or fresh
        answer, state = assistant.respond(message.text, saved.state or None)
        following = replace(saved, version=saved.version + 1, state=state)
        if store.save(following, clock()):
            trace = answer.trace if message.trace else None
            return Reply.of(following.id, answer, _trace(trace, following.id, request))
    raise ApiError(
        409,
        ErrorCode.CONFLICT,
        "other messages of this conversation were answered meanwhile; send one at a time",
        parameter="conversation_id",
    )


def _trace(trace: Trace | None, conversation_id: str, request: Request) -> TraceBody | None:
    """The trace as this key may see it."""
    if trace is None:
        return None
    body = TraceBody.of(trace)
    clear = reveal(request, Subject.CONVERSATION, conversation_id, "trace")
    return body if clear else masked(body)


def _found(
    store: ConversationStore, conversation_id: str | None, key_id: str | None
) -> SavedConversation | None:
    """The conversation to go on with; None to begin one. Raises a 404."""
    if conversation_id is None:
        return None
    saved = store.find(conversation_id)
    if saved is None or saved.key_id != key_id:
        raise ApiError(
            404,
            ErrorCode.NOT_FOUND,
            f"no conversation {conversation_id} was begun with this key; leave conversation_id out"
            " to begin a new one",
            parameter="conversation_id",
        )
    return saved


def _refuse_shared(wiring: Wiring, conversation_id: str | None) -> None:
    """Refuse a conversation in which people may speak; the bot would talk over them here."""
    if conversation_id is not None and wiring.handover_store.talk(conversation_id) is not None:
        raise ApiError(
            409,
            ErrorCode.CONFLICT,
            "this conversation was begun under /v1/conversations; go on with it at"
            f" /v1/conversations/{conversation_id}/turns",
            parameter="conversation_id",
        )
