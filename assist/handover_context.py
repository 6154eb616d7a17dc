"""What an agent should know before the first word: why, what was gathered, how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from assist.dialogue_bot import state_of
from assist.emotion_words import Mood
from assist.flow import Flow
from assist.flow_ports import Moods
from assist.flow_state import Filled
from assist.handover import Handover, HandoverReason
from assist.said import Said, Speaker

_QUESTIONS = 3
_WISH = 5  # 转人工 and the like: shorter than any question worth repeating


@dataclass(frozen=True, slots=True)
class Gathered:
    """A value that a flow has collected, by the name that the flow gives it."""

    label: str
    value: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class HandoverContext:
    """A conversation in a few lines; `flow` is the title of the business that was under way.

    `questions` are the customer's latest words, oldest first; `mood` is how the last of them
    sounds, `anger` from 0 to 1, `mood_reason` the words that it rests on. `verified`: the customer
    has proven who they are. `callback` is the number to call.
    """

    reason: HandoverReason
    flow: str | None
    gathered: tuple[Gathered, ...]
    questions: tuple[str, ...]
    mood: Mood | None
    anger: float
    mood_reason: str
    verified: bool
    callback: str | None


def context_of(
    handover: Handover,
    state: str,
    said: Sequence[Said],
    flows: Sequence[Flow],
    moods: Moods | None,
) -> HandoverContext:
    """From the bot's state and what was said; a state of the desk alone has no flow."""
    dialogue = state_of(state)
    known = {flow.id: flow for flow in flows}
    parts = [(frame.flow, frame.slots) for frame in reversed(dialogue.stack)]
    parts += [(done.flow, done.slots) for done in reversed(dialogue.finished)]
    gathered = chain.from_iterable(_gathered(known.get(flow), slots) for flow, slots in parts)
    under_way = dialogue.stack[0].flow if dialogue.stack else None
    if under_way is None and dialogue.finished and handover.reason is HandoverReason.FLOW:
        under_way = dialogue.finished[-1].flow  # it handed over with its last step
    running = known.get(under_way) if under_way else None
    texts = [one.text for one in said if one.speaker is Speaker.CUSTOMER]
    reading = moods.read(texts[-1], texts[:-1]) if moods and texts else None
    return HandoverContext(
        handover.reason,
        running.title if running else None,
        tuple(dict.fromkeys(gathered)),
        tuple(text for text in texts if len(text) >= _WISH)[-_QUESTIONS:],
        reading.mood if reading else None,
        reading.anger if reading else 0.0,
        reading.reason if reading else "",
        dialogue.verified,
        handover.callback,
    )


def _gathered(flow: Flow | None, slots: Sequence[Filled]) -> list[Gathered]:
    labels = {slot.name: slot.label for slot in flow.slots} if flow else {}
    return [Gathered(labels.get(s.name) or s.name, s.spoken, s.private) for s in slots if s.spoken]
