"""What a dialogue needs from others: somebody who answers questions, reads values, minds words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from assist.answer import Answer
from assist.compliance import Checked, Context, Declined
from assist.conversation import Conversation
from assist.handoff import Wish
from assist.slot import Reading, Said, SlotSpec

if TYPE_CHECKING:
    from assist.emotion import MoodReading


class Desk(Protocol):
    """Answers questions outside the flow; `assist.front_desk.FrontDesk` is one."""

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """The answer to a message and the conversation after it."""


class ValueReader(Protocol):
    """Reads the value of a slot; `assist.slot_read.SlotReader` is one."""

    def read(self, spec: SlotSpec, utterance: Said, *, now: datetime | None = None) -> Reading:
        """The value, a problem with it, or None where nothing of the kind was said."""


class OutgoingGuard(Protocol):
    """Minds what may be said; `assist.compliance.Guard` is one."""

    def check(self, text: str, *, context: Context = Context.REPLY) -> Checked:
        """The text as it may leave."""

    def advice(self, text: str) -> Declined | None:
        """The approved reply to a question that may not be answered."""


class PersonWish(Protocol):
    """Recognises the wish for a person; `assist.handoff.HandoffDetector` is one."""

    def wish(self, text: str) -> Wish:
        """Whether a message asks for a person."""


class Moods(Protocol):
    """Reads the mood of messages; `assist.emotion.MoodReader` is one."""

    @property
    def offer(self) -> str:
        """What is offered to somebody who is angry."""

    def read(self, text: str, earlier: Sequence[str] = ()) -> MoodReading:
        """The mood of a message after the customer's earlier ones, oldest first."""
