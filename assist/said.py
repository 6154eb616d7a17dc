"""One thing that was said in a conversation, as it is kept: by whom, when, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assist.answer import Citation


class Speaker(StrEnum):
    """Who said it; SYSTEM tells both sides what happens (somebody joined, the queue moved)."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Draft:
    """Something to be kept as said; the store gives it its place.

    `kind` is an event of the customer (assist.utterance.Event), a kind of reply
    (assist.reply.ReplyKind) or, for agents and the system, `say`. `agent` is who typed it,
    `reply_id` the bot's own id of the reply, `link` a page to open. `private` marks account facts.
    """

    speaker: Speaker
    kind: str
    text: str
    agent: str | None = None
    options: tuple[str, ...] = ()
    reply_id: str | None = None
    interruptible: bool = True
    private: bool = False
    citations: tuple[Citation, ...] = ()
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Draft):
    """A kept draft. `seq` grows over the whole workspace, `number` in its conversation from 1."""

    seq: int
    conversation_id: str
    number: int
    at: datetime
