"""A conversation as all processes see it: who speaks in it, and what one step of it brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

from assist.flow_state import Mode
from assist.handover import Handover, HandoverState
from assist.said import Said


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation's row: `said` counts what was said; `customer` and `channel` as given."""

    conversation_id: str
    mode: Mode = Mode.BOT
    customer: str | None = None
    channel: str = "text"
    said: int = 0


@dataclass(frozen=True, slots=True)
class Happening:
    """What one step brought: the mode now, what was said in it, the handover with its place.

    Kept with the step's idempotency key, so that a repeated request gets the same again.
    """

    conversation_id: str
    mode: Mode
    said: tuple[Said, ...] = ()
    handover: Handover | None = None
    place: int | None = None

    def to_json(self) -> str:
        """As text, to be kept."""
        return _ADAPTER.dump_json(self).decode("utf-8")

    @classmethod
    def from_json(cls, text: str) -> Happening:
        """Read back what `to_json` wrote."""
        return _ADAPTER.validate_json(text)


class LogKind(StrEnum):
    """What the log tells: a new state, the customer's words, a note of an agent, an alert."""

    STATE = "state"
    MESSAGE = "message"
    NOTE = "note"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log of all handovers; `seq` grows over the workspace.

    An alert may concern a conversation that has no handover: it has neither id, group nor state.
    """

    seq: int
    at: datetime
    kind: LogKind
    handover_id: str
    conversation_id: str
    group: str
    state: HandoverState | None
    agent: str | None


@dataclass(frozen=True, slots=True)
class OnceKey:
    """A request that takes effect once: `owner` chose `key`, `digest` tells what was asked."""

    owner: str
    key: str
    digest: str


_ADAPTER = TypeAdapter(Happening)
