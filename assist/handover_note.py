"""What only agents and supervisors see of a conversation: notes, its moves, alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NoteKind(StrEnum):
    """A note on its own, or one that goes with a move; GONE: the agent gave no sign any more."""

    NOTE = "note"
    TRANSFER = "transfer"
    RELEASE = "release"
    TAKEOVER = "takeover"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Note:
    """A line on a handover: `agent` wrote it or moved it, to `target` (a group id or an agent).

    Neither the customer nor the bot ever sees it.
    """

    at: datetime
    kind: NoteKind
    agent: str | None
    text: str = ""
    target: str | None = None


class AlertKind(StrEnum):
    """A customer's anger rises, or an agent left a customer alone."""

    ANGER = "anger"
    AGENT_GONE = "agent_gone"


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """An alert to be kept; `anger` from 0 to 1, `text` is masked.

    `reason` names the words that the anger rests on, or the agent who is gone.
    """

    kind: AlertKind
    reason: str
    text: str = ""
    anger: float | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A kept alert; `seq` is its line of the log, `number` the customer's line it is about.

    `seen_by` is the supervisor who took note of it.
    """

    seq: int
    at: datetime
    kind: AlertKind
    conversation_id: str
    reason: str
    text: str
    handover_id: str | None = None
    number: int | None = None
    anger: float | None = None
    seen_at: datetime | None = None
    seen_by: str | None = None
