"""What the dialogue says back, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assist.answer import Citation, Trace


class ReplyKind(StrEnum):
    """What a reply does; a DISCLOSE must be played to its end, an END closes the conversation."""

    SAY = "say"
    ASK = "ask"
    DISCLOSE = "disclose"
    ANSWER = "answer"
    CLARIFY = "clarify"
    REJECT = "reject"
    LINK = "link"
    HANDOVER = "handover"
    END = "end"


@dataclass(frozen=True, slots=True)
class Why:
    """Why a reply was given: the rule, the place in a flow, what the guard changed.

    `answer` is the trace of the FAQ or news desk where the reply comes from there; `acts` are the
    actions that were taken before it, with the names of what went in and out, never the values.
    """

    rule: str
    flow: str | None = None
    step: str | None = None
    guard: tuple[str, ...] = ()
    answer: Trace | None = None
    acts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing that is said. `id` is unique in its conversation; DELIVERED events name it.

    `link` is a page to open, `slow` asks a voice to speak slowly; `private` marks account facts,
    which only a verified customer hears.
    """

    id: str
    kind: ReplyKind
    text: str
    interruptible: bool = True
    options: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    link: str | None = None
    trace: Why | None = None
    slow: bool = False
    private: bool = False
