"""Handovers as JSON for agents and supervisors, and their conversion from the domain's types.

Times are ISO 8601 with the zone of China (+08:00).
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from assist.emotion_words import Mood
from assist.handover import Handover, HandoverReason, HandoverState, LevelReport, ServiceLevel
from assist.handover import waited as waited_of
from assist.handover_context import Gathered, HandoverContext
from assist.handover_note import Alert, AlertKind, Note, NoteKind
from assist.talk import LogKind, LogLine
from news.published import CHINA
from ui.agent_desk import Suggestion
from ui.api.conversation_models import ConversationId, Group, HandoverId, Moment, SaidBody


class HandoverBody(BaseModel):
    """A handover, for agents."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: HandoverId
    conversation_id: ConversationId
    group: Group
    reason: HandoverReason
    state: HandoverState
    asked_at: Moment
    counts_from: Moment
    """When the service-level clock began: later than `asked_at` outside the group's hours."""
    claimed_at: datetime | None = None
    replied_at: datetime | None = None
    ended_at: datetime | None = None
    agent: str | None = Field(None, examples=["小王"])
    note: str = Field("", examples=["已说明开通条件"])
    outcome: str | None = Field(None, examples=["solved"])
    taken_at: datetime | None = None
    """When the present agent took it; `claimed_at` stays that of the first claim."""
    waits_from: Moment
    """When the present wait began; later than now while the group is closed."""
    offered_at: datetime | None = None
    """When the customer was offered a call back."""
    calls_back: bool = False
    """Whether the customer has left a number; it stands in the handover's context."""
    waited_seconds: float = Field(examples=[12.5])
    overdue: bool
    """Whether it waited longer than the service level allows."""

    @classmethod
    def of(cls, handover: Handover, level: ServiceLevel, now: datetime) -> HandoverBody:
        """From the handover."""
        waited = waited_of(handover, now)
        return cls(
            id=handover.id,
            conversation_id=handover.conversation_id,
            group=handover.group,
            reason=handover.reason,
            state=handover.state,
            asked_at=handover.asked_at.astimezone(CHINA),
            counts_from=handover.counts_from.astimezone(CHINA),
            claimed_at=_china(handover.claimed_at),
            replied_at=_china(handover.replied_at),
            ended_at=_china(handover.ended_at),
            agent=handover.agent,
            note=handover.note,
            outcome=handover.outcome,
            taken_at=_china(handover.taken_at),
            waits_from=handover.waits_from.astimezone(CHINA),
            offered_at=_china(handover.offered_at),
            calls_back=handover.callback is not None,
            waited_seconds=round(waited.total_seconds(), 1),
            overdue=waited > level.within,
        )


class GroupBody(BaseModel):
    """A skill group now."""

    id: Group
    title: str = Field(examples=["人工客服"])
    open: bool
    opens_at: datetime | None = Field(None, description="When it works again, where closed.")
    waiting: int = Field(examples=[2])


class LevelBody(BaseModel):
    """The service level over the last 24 hours."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    goal_share: float = Field(examples=[0.8])
    goal_seconds: float = Field(examples=[20.0])
    counted: int
    """Claimed, or waiting already longer than the goal."""
    in_time: int
    share: float | None = None
    met: bool
    waiting: int
    longest_seconds: float

    @classmethod
    def of(cls, report: LevelReport, level: ServiceLevel) -> LevelBody:
        """From the report."""
        return cls(
            goal_share=level.share,
            goal_seconds=level.within.total_seconds(),
            counted=report.counted,
            in_time=report.in_time,
            share=None if report.share is None else round(report.share, 4),
            met=report.met,
            waiting=report.waiting,
            longest_seconds=round(report.longest.total_seconds(), 1),
        )


class OutcomeBody(BaseModel):
    """How a handover can end, as `data/handover.yaml` says."""

    id: str = Field(examples=["solved"])
    title: str = Field(examples=["已解决"])


class HandoversBody(BaseModel):
    """Handovers with the groups and the service level; those that wait in the queue's order."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    handovers: list[HandoverBody]
    groups: list[GroupBody]
    level: LevelBody
    outcomes: list[OutcomeBody]
    agents: list[str] = Field(examples=[["小李", "小王"]])
    """Agents who gave a sign lately: whom a conversation can be transferred to."""


class SuggestionBody(BaseModel):
    """Something that the agent could say to the customer's latest question."""

    title: str = Field(examples=["怎么开通创业板权限？"])
    text: str = Field(examples=["您可以在App内办理：交易-更多业务-权限开通……"])
    share: float = Field(examples=[0.91])
    entry_id: str | None = Field(None, examples=["board-permission-chinext-open"])
    version: int | None = Field(None, examples=[1])

    @classmethod
    def of(cls, suggestion: Suggestion) -> SuggestionBody:
        """From the desk's suggestion."""
        return cls(
            title=suggestion.title,
            text=suggestion.text,
            share=round(suggestion.share, 4),
            entry_id=suggestion.entry_id,
            version=suggestion.version,
        )


class GatheredBody(BaseModel):
    """A value that a flow has collected."""

    label: str = Field(examples=["金额"])
    value: str = Field(examples=["五千元"])
    private: bool

    @classmethod
    def of(cls, gathered: Gathered) -> GatheredBody:
        """From the context."""
        return cls(label=gathered.label, value=gathered.value, private=gathered.private)


class ContextBody(BaseModel):
    """What an agent should know before the first word."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    reason: HandoverReason
    flow: str | None = Field(None, examples=["银证转账"])
    """The business that was under way."""
    gathered: list[GatheredBody]
    questions: list[str] = Field(examples=[["怎么开通创业板"]])
    """The customer's latest words, oldest first."""
    mood: Mood | None = None
    anger: float = Field(examples=[0.12])
    """From 0 to 1."""
    mood_reason: str = Field("", examples=["words: 太慢了"])
    verified: bool
    """Whether the customer has proven who they are."""
    callback: str | None = Field(None, examples=["138****8000"])
    """The number to call back."""

    @classmethod
    def of(cls, context: HandoverContext) -> ContextBody:
        """From the desk's context."""
        return cls(
            reason=context.reason,
            flow=context.flow,
            gathered=[GatheredBody.of(one) for one in context.gathered],
            questions=list(context.questions),
            mood=context.mood,
            anger=context.anger,
            mood_reason=context.mood_reason,
            verified=context.verified,
            callback=context.callback,
        )


class NoteBody(BaseModel):
    """What an agent left for colleagues; `target` is the group or agent that it went to."""

    at: Moment
    kind: NoteKind
    agent: str | None = Field(None, examples=["小王"])
    target: str | None = Field(None, examples=["trading"])
    text: str = Field(examples=["客户问两融保证金"])

    @classmethod
    def of(cls, note: Note) -> NoteBody:
        """From a kept note."""
        return cls(
            at=note.at.astimezone(CHINA),
            kind=note.kind,
            agent=note.agent,
            target=note.target,
            text=note.text,
        )


class AlertBody(BaseModel):
    """Something that supervisors should see; texts are masked."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: int = Field(examples=[17])
    at: Moment
    kind: AlertKind
    conversation_id: ConversationId
    handover_id: str | None = Field(None, examples=["0f9e4c1d7a3b4c58a6e2d1c0b9a87766"])
    number: int | None = Field(None, examples=[5])
    """The customer's words that it is about, by their place in the conversation."""
    anger: float | None = Field(None, examples=[0.86])
    reason: str = Field(examples=["words: 太慢了"])
    text: str = Field("", examples=["你们怎么这么慢"])
    seen_at: datetime | None = None
    seen_by: str | None = Field(None, examples=["陈主管"])

    @classmethod
    def of(cls, alert: Alert) -> AlertBody:
        """From a kept alert."""
        return cls(
            id=alert.seq,
            at=alert.at.astimezone(CHINA),
            kind=alert.kind,
            conversation_id=alert.conversation_id,
            handover_id=alert.handover_id,
            number=alert.number,
            anger=alert.anger,
            reason=alert.reason,
            text=alert.text,
            seen_at=_china(alert.seen_at),
            seen_by=alert.seen_by,
        )


class AlertsBody(BaseModel):
    """Alerts, latest first."""

    alerts: list[AlertBody]


class HandoverDetailBody(BaseModel):
    """A handover with what to know first, its whole conversation, notes and suggestions."""

    handover: HandoverBody
    context: ContextBody
    notes: list[NoteBody]
    turns: list[SaidBody]
    suggestions: list[SuggestionBody]


class LogBody(BaseModel):
    """Something that happened to a handover."""

    at: Moment
    kind: LogKind
    handover_id: HandoverId
    conversation_id: ConversationId
    group: Group
    state: HandoverState | None = None
    agent: str | None = None

    @classmethod
    def of(cls, line: LogLine) -> LogBody:
        """From a line of the log."""
        return cls(
            at=line.at.astimezone(CHINA),
            kind=line.kind,
            handover_id=line.handover_id,
            conversation_id=line.conversation_id,
            group=line.group,
            state=line.state,
            agent=line.agent,
        )


def _china(at: datetime | None) -> datetime | None:
    return at.astimezone(CHINA) if at else None
