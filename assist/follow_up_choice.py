"""Which completion of a follow-up is meant: each is asked of the base, the surest one wins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from assist.decide import Decision, Verdict
from assist.follow_up import Earlier, Lean, Message, completions, read_message
from assist.follow_up_words import FollowUpWords
from assist.knowledge import FaqEntry
from assist.lexical import plain
from assist.matcher import Match, Matcher
from assist.retrieve import Passage
from news.stage_times import stage

MOST_COMPLETIONS = 8
SURE_RIGHT, SURE_SCOPE = 0.8, 0.7
MOST_AGAIN = 0.8  # share of the entry just told beyond which what is left is no answer
SURE, UNSURE = "sure of the first candidate", "several candidates fit"
_KEPT = 1024
# In chance: what each place further down the list of completions costs, and what each completion
# that leads to the same entry is worth.
_LATER, _AGREEING = 0.03, 0.03
_NEAR = 2  # places of the first completion's candidates in which a later one may answer


@dataclass(frozen=True, slots=True)
class Reading:
    """What is really asked, with its match; `is_follow_up` where the message was completed."""

    asked: str
    match: Match
    is_follow_up: bool = False


@dataclass(frozen=True, slots=True)
class _Contents:
    """What an entry speaks of: its texts, the aspects asked about and the (group, side) named."""

    texts: tuple[str, ...]
    aspects: frozenset[int]
    sides: frozenset[tuple[int, int]]


class FollowUps:
    """Reads messages with what was spoken of before."""

    def __init__(self, matcher: Matcher, words: FollowUpWords) -> None:
        self._matcher = matcher
        self._words = words
        # Both take milliseconds, and conversations come back to the same entries.
        self._topic = lru_cache(maxsize=_KEPT)(matcher.topic)
        self._contents = lru_cache(maxsize=_KEPT)(self._read_entry)

    def read(self, text: str, question: str | None, entry: FaqEntry | None) -> Reading:
        """A message as it is meant after `question`, which `entry` answered, if one did."""
        alone = Reading(text, self._matcher.match(text))
        if alone.match.twins:
            return alone
        message = read_message(text, self._words)
        if question is not None:
            earlier = Earlier(question, entry.question if entry else None)
            lean = message.lean(earlier)
            if lean is Lean.WHOLLY or (lean is Lean.PERHAPS and not is_answered(alone.match)):
                with stage("complete"):
                    completed = self._completed(message, earlier, entry)
                if completed is not None and (
                    message.is_tied or lean is Lean.WHOLLY or is_answered(completed.match)
                ):
                    return completed
        return self._untied(alone, message)

    def _untied(self, alone: Reading, message: Message) -> Reading:
        """The message without the words that tie it to another (那怎么开户呢)."""
        if is_answered(alone.match) or not message.is_tied:
            return alone
        core = Reading(message.core, self._matcher.match(message.core))
        return core if sureness(core.match) > sureness(alone.match) else alone

    def _completed(
        self, message: Message, earlier: Earlier, entry: FaqEntry | None
    ) -> Reading | None:
        asked = completions(message, earlier, self._words)[:MOST_COMPLETIONS]
        readings = [Reading(question, self._matcher.match(question), True) for question in asked]
        if entry is None:
            return _surest([self._fitting(reading, message, "") for reading in readings])
        if self._words.of_the_matter(message.aspects):
            same = _of_the_matter(readings, plain(earlier.question), entry.id)
            if same is not None:
                return same
        others = [self._fitting(reading, message, entry.id) for reading in readings]
        best = _surest(others)
        if best is not None and is_answered(best.match):
            return best
        by_topic = self._topic(entry) + message.core
        last = Reading(by_topic, self._matcher.match(by_topic), True)
        return _surest([*others, self._fitting(last, message, entry.id)])

    def _fitting(self, reading: Reading, message: Message, told: str) -> Reading:
        """The reading without the entry told before, and without one that does not fit.

        One fits if it names what the message names; it is no sure one where none of its questions
        asks about the message's aspect.
        """
        match = _besides(reading.match, told)
        first = first_entry(match)
        entry = self._matcher.base.entry(first) if first else None
        if entry is not None:
            contents = self._contents(entry)
            if not _names(message, contents):
                match = replace(match, passages=(), twins=())
            elif message.aspects and contents.aspects.isdisjoint(message.aspects):
                match = match if match.twins else _unsure(match)
        return replace(reading, match=match)

    def _read_entry(self, entry: FaqEntry) -> _Contents:
        texts = tuple(plain(question) for question in entry.questions)
        aspects = {n for text in texts for a in self._words.aspects(text) for n in a.numbers}
        whole = (*texts, plain(entry.answer))
        named = {
            (n.group, side)
            for text in whole
            for n in self._words.named(text)
            if not n.is_action
            for side in n.sides
        }
        return _Contents(whole, frozenset(aspects), frozenset(named))


def _names(message: Message, contents: _Contents) -> bool:
    """Whether an entry names what a message names: a thing, or a part of its other words."""
    if len(message.rest) > 1:
        pairs = ["".join(pair) for pair in pairwise(message.rest)]
        return any(pair in text for text in contents.texts for pair in pairs)
    sides = {(n.group, s) for n in message.named if not n.is_action for s in n.sides}
    return not sides or not sides.isdisjoint(contents.sides)


def _surest(readings: Sequence[Reading]) -> Reading | None:
    """The reading to go on with; those that lead to the same entry speak for each other.

    A later completion says less of what was asked: it answers only with what the first one finds.
    """
    votes = Counter(first_entry(reading.match) for reading in readings)
    full = [p.entry_id for p in readings[0].match.passages[:_NEAR]] if readings else []
    found = [
        (
            is_answered(reading.match) and (place == 0 or not full or first in full),
            sureness(reading.match) - _LATER * place + _AGREEING * votes[first],
            -place,
        )
        for place, reading in enumerate(readings)
        if (first := first_entry(reading.match)) is not None
    ]
    if not found:
        return None
    answered, _, place = max(found)
    best = readings[-place]
    return best if answered else replace(best, match=_unsure(best.match))


def _of_the_matter(readings: Sequence[Reading], question: str, told: str) -> Reading | None:
    """The reading of a message such as 手机上能办吗: the entry told before may well tell it."""
    if readings and first_entry(readings[0].match) == told:
        match = readings[0].match
        sure = replace(match.decision, verdict=Verdict.ANSWER, rule=SURE)
        return replace(readings[0], match=replace(match, decision=sure))
    # Not by the whole question before: that would always lead back to where it led before.
    best = _surest([reading for reading in readings if not reading.asked.startswith(question)])
    return best if best is not None and is_answered(best.match) else None


def _unsure(match: Match) -> Match:
    if match.decision.verdict is not Verdict.ANSWER:
        return match
    decision = replace(match.decision, verdict=Verdict.CLARIFY, rule=UNSURE)
    return replace(match, decision=decision, twins=())


def _besides(match: Match, entry_id: str) -> Match:
    """The match once an entry is known not to be meant: it has just been told."""
    told = next((p for p in match.passages if p.entry_id == entry_id), None)
    if told is None or match.twins:
        return match if entry_id not in match.twins else replace(match, twins=(), passages=())
    rest = tuple(p for p in match.passages if p is not told)
    if not rest or rest[0].clash:
        return replace(match, passages=())
    return replace(match, passages=rest, decision=_surer(match, told, rest))


def _surer(match: Match, told: Passage, rest: Sequence[Passage]) -> Decision:
    """The decision where the chance of the entry told falls to the others (Bayes' rule)."""
    decision = match.decision
    shares = np.exp(np.array([p.score for p in (told, *rest) if not p.clash]))
    shares /= shares.sum()
    if told is match.passages[0]:
        right = float(shares[1] / (1 - shares[0]))
    else:
        others = 1 - float(shares[0] / max(1e-9, 1 - shares[1]))
        right = decision.right / (decision.right + (1 - decision.right) * others)
    kept = decision.verdict is Verdict.ANSWER and told is not match.passages[0]
    again = told is match.passages[0] and shares[0] > MOST_AGAIN
    sure = right >= SURE_RIGHT and decision.scope >= SURE_SCOPE and not again
    if decision.verdict is Verdict.REJECT or kept:
        return replace(decision, right=right)
    if sure:
        return replace(decision, verdict=Verdict.ANSWER, right=right, rule=SURE)
    return replace(decision, verdict=Verdict.CLARIFY, right=right, rule=UNSURE)


def is_answered(match: Match) -> bool:
    """Whether a question is answered without asking back."""
    return len(match.twins) == 1 or match.decision.verdict is Verdict.ANSWER


def first_entry(match: Match) -> str | None:
    """The entry that comes first, where any is offered."""
    if match.twins:
        return match.twins[0]
    if match.decision.verdict is Verdict.REJECT:
        return None
    return next((p.entry_id for p in match.passages if not p.clash), None)


def sureness(match: Match) -> float:
    """Chance that the first entry is the one that is asked for, from 0 to 1."""
    return 1.0 if match.twins else match.decision.right * match.decision.scope
