"""Follow-ups (那费用呢, 深市的呢): how a message leans on the one before, and what it may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assist.follow_up_words import Aspect, FollowUpWords, Named
from assist.lexical import plain

LONGEST_FOLLOW_UP = 14
LONGEST_EARLIER = 40  # of a question that is completed or asked again
_SHORT, _UNTIED = 8, 10
_MOST_BESIDES = 6  # letters of its own that a message may bring


class Lean(StrEnum):
    """How much a message leans on the conversation."""

    NOT = "not"  # a question of its own
    PERHAPS = "perhaps"  # asked as it stands first; completed where that leads nowhere
    WHOLLY = "wholly"  # names no subject: completed first


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a possible follow-up.

    `core` is its plain form without what ties it to the one before, `is_tied` whether anything did;
    `named` are the things in it, `aspects` the numbers of the aspects that it asks about, and
    `rest` what it says besides.
    """

    core: str
    is_tied: bool
    named: tuple[Named, ...]
    aspects: tuple[int, ...]
    rest: str

    def lean(self, earlier: Earlier) -> Lean:
        """How much it leans on what was spoken of before."""
        if not 0 < len(self.core) <= (LONGEST_FOLLOW_UP if self.is_tied else _UNTIED):
            return Lean.NOT
        asks = bool(self.aspects) or any(n.is_action for n in self.named)
        subject = any(not n.is_action for n in self.named)
        if len(self.rest) <= 1 and asks and not subject:
            return Lean.WHOLLY
        if self.is_tied and not asks and len(self.core) <= _SHORT:
            return Lean.WHOLLY
        takes_up = self.rest in plain(earlier.question + (earlier.standard or ""))
        if len(self.rest) > _MOST_BESIDES:
            return Lean.NOT
        if self.is_tied or (len(self.core) <= _SHORT and takes_up and not (asks and subject)):
            return Lean.PERHAPS
        return Lean.NOT


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was spoken of before: the question as it was understood.

    `standard` is the standard question that answered it, None where it was not answered.
    """

    question: str
    standard: str | None = None


def read_message(text: str, words: FollowUpWords) -> Message:
    """The parts of a message by which it may lean on the one before."""
    core, tied = words.core(plain(text))
    named = words.named(core)
    things = {i for n in named if not n.is_action for i in range(n.start, n.end)}
    aspects = [a for a in words.aspects(core) if things.isdisjoint(range(a.start, a.end))]
    rest = words.content(_without(core, [*named, *aspects]))
    numbers = tuple(dict.fromkeys(n for aspect in aspects for n in aspect.numbers))
    return Message(core, tied, named, numbers, rest)


def completions(message: Message, earlier: Earlier, words: FollowUpWords) -> tuple[str, ...]:
    """Questions that a follow-up may mean, the likelier ones first, each once."""
    asked = dict.fromkeys(plain(q) for q in (earlier.question, earlier.standard) if q)
    questions = [question for question in asked if 0 < len(question) <= LONGEST_EARLIER]
    found = [full for question in questions for full in _exchanged(message, question, words)]
    found += [s + message.core for q in questions for s in _subjects(q, message, words) if s]
    if not message.aspects:
        instead = [message.core + _predicate(question, words) for question in questions]
        added = [message.core + question for question in questions]
        found += instead + added if message.named else added + instead
    else:
        found += [question + message.core for question in questions]
    return tuple(full for full in dict.fromkeys(found) if full != message.core)


def _exchanged(message: Message, question: str, words: FollowUpWords) -> list[str]:
    """The earlier question with the side that the message names in place of its own."""
    if message.aspects:
        return []
    found = []
    there = words.named(question)
    for mine in message.named:
        rivals = [n for n in there if n.group == mine.group and not {*n.sides} & {*mine.sides}]
        if rivals:
            word = message.core[mine.start : mine.end]
            found.append(question[: rivals[0].start] + word + question[rivals[-1].end :])
    return found


def _subjects(question: str, message: Message, words: FollowUpWords) -> tuple[str, str]:
    """What an earlier question is about, with what is done (注销账户) and without it (账户)."""
    full = words.subject(question)
    kept = {i for n in words.named(question) if not n.is_action for i in range(n.start, n.end)}
    asks = [a for a in words.aspects(question) if kept.isdisjoint(range(a.start, a.end))]
    thing = words.subject(_without(question, asks))
    return (thing, full) if any(n.is_action for n in message.named) else (full, thing)


def _predicate(question: str, words: FollowUpWords) -> str:
    """What an earlier question asks about its subject."""
    return "".join(question[aspect.start : aspect.end] for aspect in words.aspects(question))


def _without(text: str, spans: Sequence[Named | Aspect]) -> str:
    hidden = {i for span in spans for i in range(span.start, span.end)}
    return "".join(c for i, c in enumerate(text) if i not in hidden)
