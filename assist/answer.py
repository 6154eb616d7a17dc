"""What the assistant says, on what it rests, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assist.emotion import MoodReading
from assist.hearing import Change, ChangeKind

FOLLOW_UP = "follow-up: "
"""Begins the rule of a reply to a message that was completed from the conversation."""


class AnswerKind(StrEnum):
    """What kind of reply this is; the values are part of the HTTP interface."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    REJECT = "reject"
    HANDOFF = "handoff"


class CitationKind(StrEnum):
    """What a citation names."""

    FAQ = "faq"
    ARTICLE = "article"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Citation:
    """What a reply rests on: an entry, an article or a fact, in a certain version.

    `source` names the rule or document behind a knowledge-base entry.
    """

    kind: CitationKind
    id: str
    title: str
    version: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that was considered.

    `nearest` is the known wording closest to the question, `score` orders candidates, `share` is
    the softmax share among them (they sum to 1), `clash` marks a contradiction, `features` are
    (name, value) pairs.
    """

    entry_id: str
    title: str
    nearest: str
    score: float
    share: float
    clash: bool
    features: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """Why a reply is what it is.

    `rule` fired; `asked` is the question that was really looked up (a follow-up is completed, what
    a recogniser misheard is put right: `changes` says what was read otherwise than it was written);
    `right` and `scope` are the chances that the first candidate is right and that the base covers
    the question, `candidates` what the knowledge base offered (also where the reply comes from
    elsewhere); `milliseconds` are (stage, duration) pairs, each without the stages inside it.
    `guarded` are the compliance rules that changed the text before it left; `mood` is how the
    customer sounds.
    """

    rule: str
    asked: str
    right: float = 0.0
    scope: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    milliseconds: tuple[tuple[str, float], ...] = ()
    changes: tuple[Change, ...] = ()
    guarded: tuple[str, ...] = ()
    mood: MoodReading | None = None

    @property
    def is_follow_up(self) -> bool:
        """Whether `asked` was completed from what was said before."""
        return self.rule.startswith(FOLLOW_UP)

    @property
    def restated(self) -> str | None:
        """The question as it was understood, where it is worth telling the customer."""
        misheard = any(change.kind is ChangeKind.SOUND for change in self.changes)
        return self.asked if self.is_follow_up or misheard else None


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply. `reply` of kind ANSWER is the approved text word for word.

    `score` is the chance from 0 to 1 that the kind is right; `options` are standard questions to
    choose from and `option_ids` their entries; `risk_notice` must be shown with the reply; `offer`
    is what an angry customer is offered beside it.
    """

    kind: AnswerKind
    reply: str
    score: float
    citations: tuple[Citation, ...] = ()
    options: tuple[str, ...] = ()
    option_ids: tuple[str, ...] = ()
    risk_notice: str | None = None
    offer: str | None = None
    trace: Trace | None = None
