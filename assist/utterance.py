"""What reaches the dialogue: words, keys, silence, and what became of a reply."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Event(StrEnum):
    """What happened on the customer's side.

    PARTIAL is what a recogniser has heard so far, INTERRUPT and DELIVERED tell of a reply that was
    cut off or played (shown) to its end.
    """

    WORDS = "words"
    PARTIAL = "partial"
    KEYS = "keys"
    SILENCE = "silence"
    INTERRUPT = "interrupt"
    DELIVERED = "delivered"
    HANGUP = "hangup"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One event with what belongs to it.

    `keys` are telephone keys (0-9, *, #), `confidence` the recogniser's from 0 to 1 (None: typed),
    `start_ms` and `end_ms` the span in the recording; `reply_id` names the reply of an INTERRUPT or
    DELIVERED and `heard` the share of it that was played, from 0 to 1.
    """

    text: str = ""
    event: Event = Event.WORDS
    keys: str = ""
    confidence: float | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    reply_id: str | None = None
    heard: float = 1.0
