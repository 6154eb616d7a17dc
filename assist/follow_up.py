"""Follow-ups (那费用呢, 深市的呢): how a message leans on the one before, and what it may mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assist.follow_up_words import FollowUpWords, Named
from assist.lexical import plain

LONGEST_FOLLOW_UP = 18
LONGEST_EARLIER = 40  # of a question that is completed or asked again
_SHORT = 8


class Lean(StrEnum):
    """How much a message leans on the conversation."""

    NOT = "not"  # a question of its own
    PERHAPS = "perhaps"  # asked as it stands first; completed where that leads nowhere
    WHOLLY = "wholly"  # names no subject: completed first


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a possible follow-up.

    `core` is its plain form without what ties it to the one before; `named` are the things in it
    and `aspects` the numbers of the aspects that it asks about.
    """

    core: str
    lean: Lean
    named: tuple[Named, ...]
    aspects: tuple[int, ...]
    same_entry: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was spoken of before: the question as it was understood, and its subject in a word.

    `standard` is the standard question that answered it, None where it was not answered.
    """

    question: str
    standard: str | None = None
    topic: str | None = None


def read_message(text: str, words: FollowUpWords) -> Message:
    """How a message leans on the one before."""
    core, tied = words.core(plain(text))
    named, aspects = words.named(core), words.aspects(core)
    rest = words.content(_without(core, [*_places(named), *aspects.spans]))
    lean = _lean(core, tied, rest, named, bool(aspects.numbers))
    return Message(core, lean, named, aspects.numbers, aspects.same_entry)


def _lean(core: str, tied: bool, rest: str, named: tuple[Named, ...], asks: bool) -> Lean:
    if not core or len(core) > LONGEST_FOLLOW_UP:
        return Lean.NOT
    does = any(n.is_action for n in named)
    subject = any(not n.is_action for n in named)
    if len(rest) <= 1 and (asks or does) and not subject:
        return Lean.WHOLLY
    if len(rest) <= 1 and subject and not asks and not does:
        return Lean.WHOLLY if tied else Lean.PERHAPS
    if tied and not asks and not does and len(core) <= _SHORT:
        return Lean.WHOLLY
    if tied or (len(core) <= _SHORT and not subject):
        return Lean.PERHAPS
    return Lean.NOT


def completions(message: Message, earlier: Earlier, words: FollowUpWords) -> tuple[str, ...]:
    """Questions that a follow-up may mean, the likelier ones first, each once."""
    found: list[str] = []
    asked = [plain(earlier.question)]
    if earlier.standard and plain(earlier.standard) not in asked:
        asked.append(plain(earlier.standard))
    asked = [question for question in asked if 0 < len(question) <= LONGEST_EARLIER]
    for question in asked:
        found += _exchanged(message, question, words)
    subjects = [s for question in asked for s in (_subject(question, words),) if s]
    found += [subject + message.core for subject in subjects]
    if earlier.topic:
        found.append(earlier.topic + message.core)
    if not message.aspects:
        found += [message.core + _predicate(question, words) for question in asked]
        found += [message.core + question for question in asked]
    else:
        found += [question + message.core for question in asked]
    return tuple(dict.fromkeys(found))


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


def _subject(question: str, words: FollowUpWords) -> str:
    """What an earlier question is about: its words without the aspect that it asks about."""
    spans = words.aspects(question).spans
    return words.subject(_without(question, spans))


def _predicate(question: str, words: FollowUpWords) -> str:
    """What an earlier question asks about its subject."""
    return "".join(question[start:end] for start, end in words.aspects(question).spans)


def _places(named: tuple[Named, ...]) -> list[tuple[int, int]]:
    return [(n.start, n.end) for n in named]


def _without(text: str, places: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> str:
    hidden = {i for start, end in places for i in range(start, end)}
    return "".join(c for i, c in enumerate(text) if i not in hidden)
