"""Conversations and handovers as JSON, and their conversion from the domain's types.

Times are ISO 8601 with the zone of China (+08:00).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assist.answer import CitationKind
from assist.flow_state import Mode
from assist.handover import Handover, HandoverReason, HandoverState, LevelReport, ServiceLevel
from assist.handover import waited as waited_of
from assist.handover_rules import HandoverRules
from assist.said import Said, Speaker
from assist.talk import Happening, LogKind, LogLine
from news.published import CHINA
from ui.agent_desk import Suggestion

ConversationId = Annotated[str, Field(examples=["6c1f0c6be1d94f6e8d3a52b7f4a9e012"])]
HandoverId = Annotated[str, Field(examples=["0f9e4c1d7a3b4c58a6e2d1c0b9a87766"])]
Moment = Annotated[datetime, Field(examples=["2026-03-02T10:00:00+08:00"])]
Group = Annotated[str, Field(examples=["general"])]


class CitedBody(BaseModel):
    """What a reply of the bot rests on."""

    kind: CitationKind
    id: str = Field(examples=["board-permission-chinext-open"])
    title: str = Field(examples=["怎么开通创业板权限？"])
    version: str = Field(examples=["1"])
    source: str | None = None


class SaidBody(BaseModel):
    """One thing that was said."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    number: int = Field(examples=[3])
    """Its place in the conversation, from 1."""
    at: Moment
    speaker: Speaker
    kind: str = Field(examples=["answer"])
    """Of the customer `words` or `keys`; of the bot say, ask, disclose, answer, clarify, reject,
    link or end; of the system `say`, `handover` (the queue) or `end`."""
    text: str = Field(examples=["您可以在App内办理：交易-更多业务-权限开通……"])
    agent: str | None = Field(None, examples=["小王"])
    options: list[str] = Field(examples=[[]])
    reply_id: str | None = None
    """Name it when telling that the reply was delivered or interrupted."""
    interruptible: bool = True
    citations: list[CitedBody]
    link: str | None = None

    @classmethod
    def of(cls, said: Said) -> SaidBody:
        """From what is kept."""
        return cls(
            number=said.number,
            at=said.at.astimezone(CHINA),
            speaker=said.speaker,
            kind=said.kind,
            text=said.text,
            agent=said.agent,
            options=list(said.options),
            reply_id=said.reply_id,
            interruptible=said.interruptible,
            citations=[
                CitedBody(kind=c.kind, id=c.id, title=c.title, version=c.version, source=c.source)
                for c in said.citations
            ],
            link=said.link,
        )


class QueueBody(BaseModel):
    """Where a customer stands who waits for a person or has one."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    handover_id: HandoverId
    state: HandoverState
    group: str = Field(examples=["人工客服"])
    place: int | None = Field(None, examples=[1])
    """Place in the queue, from 1; only while waiting."""
    opens_at: datetime | None = Field(None, examples=["2026-03-03T08:30:00+08:00"])
    """When the group works again, where it does not now."""
    agent: str | None = Field(None, examples=["小王"])

    @classmethod
    def of(
        cls, handover: Handover, place: int | None, rules: HandoverRules, now: datetime
    ) -> QueueBody:
        """From the handover."""
        later = handover.counts_from if handover.counts_from > now else None
        return cls(
            handover_id=handover.id,
            state=handover.state,
            group=rules.group(handover.group).title,
            place=place,
            opens_at=later.astimezone(CHINA) if later else None,
            agent=handover.agent,
        )


class HappeningBody(BaseModel):
    """What a step brought."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    conversation_id: ConversationId
    mode: Mode
    """Who speaks: bot, waiting (nobody yet), human, ended."""
    turns: list[SaidBody]
    """What was said by this step, the customer's own words first."""
    handover: QueueBody | None = None

    @classmethod
    def of(cls, happening: Happening, rules: HandoverRules, now: datetime) -> HappeningBody:
        """From the step."""
        handover = happening.handover
        return cls(
            conversation_id=happening.conversation_id,
            mode=happening.mode,
            turns=[SaidBody.of(said) for said in happening.said],
            handover=QueueBody.of(handover, happening.place, rules, now) if handover else None,
        )


class TurnsBody(BaseModel):
    """A part of what was said, in order."""

    conversation_id: ConversationId
    mode: Mode
    turns: list[SaidBody]
    last: int = Field(description="Give it as `after` to read on.", examples=[12])


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


class HandoversBody(BaseModel):
    """Handovers with the groups and the service level; those that wait in the queue's order."""

    handovers: list[HandoverBody]
    groups: list[GroupBody]
    level: LevelBody


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


class HandoverDetailBody(BaseModel):
    """A handover with its whole conversation and the bot's suggestions."""

    handover: HandoverBody
    turns: list[SaidBody]
    suggestions: list[SuggestionBody]


class LogBody(BaseModel):
    """Something that happened to a handover."""

    at: Moment
    kind: LogKind
    handover_id: HandoverId
    conversation_id: ConversationId
    group: Group
    state: HandoverState
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
