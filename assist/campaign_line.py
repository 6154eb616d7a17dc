"""The port to the telephone: calls as text, one event at a time.

A telephone adapter puts its recogniser and its voice behind it; the runner sees utterances only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assist.call_result import CallCode
from assist.campaign import Call, Callee
from assist.reply import Reply
from assist.utterance import Utterance


@dataclass(frozen=True, slots=True)
class LineEvent:
    """What happened in a call at `at` (UTC).

    Without `utterance` and `failure` the customer picked up; `failure` says why nobody did: a code
    of `UNANSWERED`, or FAILED where the call could not be made.
    """

    call_id: str
    at: datetime
    utterance: Utterance | None = None
    failure: CallCode | None = None


class Line(Protocol):
    """Where calls are made. `wait` is the only method that takes time."""

    def dial(self, call: Call, callee: Callee) -> None:
        """Begin a call; whether somebody answers comes as an event."""
        ...

    def say(self, call_id: str, replies: Sequence[Reply], *, last: bool) -> None:
        """Say replies one after the other; `last`: then hang up."""
        ...

    def wait(self, until: datetime | None) -> LineEvent | None:
        """The next event; None where `until` came first, or nothing can come any more."""
        ...
