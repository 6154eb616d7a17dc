"""Why an answer is what it is, as the API tells it on request."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from assist.answer import Candidate, Trace
from assist.emotion import MoodReading


class FeatureBody(BaseModel):
    """How well a candidate fits the question in one respect."""

    name: str = Field(examples=["nearest_term"])
    value: float = Field(examples=[0.82])


class CandidateBody(BaseModel):
    """An entry of the knowledge base that was considered, best first."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    entry_id: str = Field(examples=["board-permission-chinext-open"])
    title: str = Field(examples=["创业板权限怎么开通？"])
    nearest: str
    """The known wording that is closest to the question."""
    score: float
    share: float
    """Share of the candidate among all, 0 to 1."""
    contradicts: bool
    """It says the opposite of what was asked and is never the answer."""
    features: list[FeatureBody]

    @classmethod
    def of(cls, candidate: Candidate) -> CandidateBody:
        """From the assistant's candidate."""
        return cls(
            entry_id=candidate.entry_id,
            title=candidate.title,
            nearest=candidate.nearest,
            score=candidate.score,
            share=candidate.share,
            contradicts=candidate.clash,
            features=[FeatureBody(name=n, value=v) for n, v in candidate.features],
        )


class ChangeBody(BaseModel):
    """A part of the message that was read otherwise than it was written."""

    kind: str = Field(examples=["sound"])
    before: str = Field(examples=["创业版"])
    after: str = Field(examples=["创业板"])


class StageBody(BaseModel):
    """A stage of the reply and its own time."""

    name: str = Field(examples=["order"])
    milliseconds: float = Field(examples=[1.3])


class MoodBody(BaseModel):
    """How the customer sounds, and on which words that rests."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    mood: str = Field(examples=["annoyed"])
    chance: float
    anger: float
    """How angry, 0 to 1."""
    rising: bool
    """Clearly angrier than the messages before."""
    alert: bool
    """A person should be offered now."""
    reason: str = Field(examples=["words: 太慢; model: 怎么还"])

    @classmethod
    def of(cls, mood: MoodReading) -> MoodBody:
        """From the assistant's reading."""
        return cls(
            mood=mood.mood,
            chance=mood.chance,
            anger=mood.anger,
            rising=mood.rising,
            alert=mood.alert,
            reason=mood.reason,
        )


class TraceBody(BaseModel):
    """How the answer came about."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    rule: str = Field(examples=["follow-up: sure of the first candidate"])
    """The rule that fired; it begins with `follow-up: ` where the message was completed."""
    asked: str = Field(examples=["创业板怎么关闭"])
    """The question that was looked up."""
    right: float
    """Chance that the first candidate is the right one."""
    scope: float
    """Chance that the knowledge base covers the question."""
    candidates: list[CandidateBody]
    changes: list[ChangeBody]
    stages: list[StageBody]
    guarded: list[str] = Field(examples=[["trade_advice"]])
    """Compliance rules that changed the reply before it left."""
    mood: MoodBody | None = None

    @classmethod
    def of(cls, trace: Trace) -> TraceBody:
        """From the assistant's trace."""
        return cls(
            rule=trace.rule,
            asked=trace.asked,
            right=round(trace.right, 4),
            scope=round(trace.scope, 4),
            candidates=[CandidateBody.of(candidate) for candidate in trace.candidates],
            changes=[
                ChangeBody(kind=c.kind, before=c.before, after=c.after) for c in trace.changes
            ],
            stages=[StageBody(name=n, milliseconds=ms) for n, ms in trace.milliseconds],
            guarded=list(trace.guarded),
            mood=MoodBody.of(trace.mood) if trace.mood else None,
        )
