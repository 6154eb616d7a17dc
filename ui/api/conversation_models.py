"""Conversations and handovers as JSON, and their conversion from the domain's types.

Times are ISO 8601 with the zone of China (+08:00).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assist.answer import CitationKind
from assist.flow_state import Mode
from assist.handover import Handover, HandoverState
from assist.handover_rules import HandoverRules
from assist.said import Said, Speaker
from assist.talk import Happening
from news.published import CHINA

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
