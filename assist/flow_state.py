"""Where a dialogue stands between two events; plain data that is kept as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from assist.conversation import Conversation
from assist.errors import AssistError
from assist.reply import ReplyKind


class Mode(StrEnum):
    """Who speaks: the bot, nobody yet (in the queue), a person, or nobody any more."""

    BOT = "bot"
    WAITING = "waiting"
    HUMAN = "human"
    ENDED = "ended"


class Wait(StrEnum):
    """What a frame waits for: nothing, an answer, a yes to a value, a disclosure's delivery."""

    NOTHING = "nothing"
    ANSWER = "answer"
    CONFIRM = "confirm"
    DISCLOSURE = "disclosure"


class Entered(StrEnum):
    """How a flow came about: begun by us or from idle, linked to by a step, or a digression."""

    START = "start"
    LINK = "link"
    DIGRESSION = "digression"


@dataclass(frozen=True, slots=True)
class Filled:
    """A value with its evidence: the customer's words and the span in them.

    `turn` counts the customer's turns from 1, 0 for a value that was given or came from an action;
    `start_ms` and `end_ms` are the span in the recording.
    """

    name: str
    value: str
    spoken: str
    private: bool = False
    words: str = ""
    start: int = 0
    end: int = 0
    turn: int = 0
    confidence: float | None = None
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was taken, with what it said or was called with then."""

    step: str
    print: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A flow that is running or waits for the one above it.

    `tries` counts failed answers to the pending question; `candidate` is a value that waits for a
    yes, `offered` are values to choose from; `disclosure` is the step id of a disclosure that is
    being said, `said` how often; `replay` are steps that need not be taken again while a
    correction runs through what was done before.
    """

    flow: str
    version: int
    step: str
    slots: tuple[Filled, ...] = ()
    tries: int = 0
    wait: Wait = Wait.NOTHING
    candidate: Filled | None = None
    offered: tuple[Filled, ...] = ()
    disclosure: str | None = None
    said: int = 0
    done: tuple[Done, ...] = ()
    replay: tuple[Done, ...] = ()
    entered: Entered = Entered.START

    def value(self, name: str) -> Filled | None:
        """The value of a name, if it is known."""
        return next((slot for slot in self.slots if slot.name == name), None)


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply that was given out and not yet reported as delivered; `text` of a disclosure only."""

    id: str
    kind: ReplyKind
    flow: str | None = None
    disclosure: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """Proof that a disclosure of a flow's version was heard to its end."""

    flow: str
    version: int
    disclosure: str
    reply_id: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A flow that ended, with its result code and values."""

    flow: str
    version: int
    result: str
    slots: tuple[Filled, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something said in the bot's last turn, kept to be said again; `approved` as it stands."""

    kind: ReplyKind
    text: str
    private: bool = False
    options: tuple[str, ...] = ()
    approved: bool = False


@dataclass(frozen=True, slots=True)
class DialogueState:
    """A whole dialogue; the last frame of `stack` is the one that speaks, empty means idle.

    `failures` counts turns in a row that were not understood, `silences` silences in a row,
    `alerts` the turns that sounded angry (judged beside the latest messages, `heard`), `patience`
    the silences still granted after 等一下; `keys` are digits typed so far; `offering`: a person
    was offered and the answer is open; `aside`: something else was asked back last, not the flow's
    question; `result` is the result code of an ended conversation, `skill` the group that it is
    handed over to.

    `customer` is who was verified, by the name that the verifying action gave; `unproven` counts
    checks of identity that failed; `key` names the conversation to actions.
    """

    stack: tuple[Frame, ...] = ()
    conversation: Conversation = field(default_factory=Conversation)
    mode: Mode = Mode.BOT
    outbound: bool = False
    verified: bool = False
    customer: str = ""
    unproven: int = 0
    key: str = ""
    result: str | None = None
    skill: str | None = None
    turn: int = 0
    replies: int = 0
    sent: tuple[Sent, ...] = ()
    delivered: tuple[Delivered, ...] = ()
    finished: tuple[Finished, ...] = ()
    last: tuple[Spoken, ...] = ()
    failures: int = 0
    silences: int = 0
    patience: int = 0
    keys: str = ""
    slow: bool = False
    offering: bool = False
    aside: bool = False
    mood: str = "calm"
    mood_reason: str = ""
    alerts: int = 0
    heard: tuple[str, ...] = ()

    @property
    def frame(self) -> Frame | None:
        """The flow that speaks."""
        return self.stack[-1] if self.stack else None

    def value(self, name: str) -> Filled | None:
        """A value by name from the running flows, the upper first, then from finished ones."""
        running = (frame.slots for frame in reversed(self.stack))
        ended = (finished.slots for finished in reversed(self.finished))
        for slots in (*running, *ended):
            for slot in slots:
                if slot.name == name:
                    return slot
        return None

    def to_json(self) -> str:
        """The state as text, to be kept between two events."""
        return _ADAPTER.dump_json(self).decode("utf-8")

    @classmethod
    def from_json(cls, text: str) -> DialogueState:
        """Read a state back; raises AssistError where it is not one."""
        try:
            return _ADAPTER.validate_json(text)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the text"
            raise AssistError(
                f"the stored dialogue cannot be read ({where}: {error.errors()[0]['msg']});"
                " begin a new one"
            ) from error


_ADAPTER = TypeAdapter(DialogueState)
