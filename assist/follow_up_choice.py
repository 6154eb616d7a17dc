"""Which completion of a follow-up is meant: each is asked of the base, the surest one wins."""

from __future__ import annotations

from dataclasses import dataclass

from assist.decide import Verdict
from assist.follow_up import Earlier, Lean, Message, completions, read_message
from assist.follow_up_words import FollowUpWords
from assist.knowledge import FaqEntry
from assist.matcher import Match, Matcher

MOST_COMPLETIONS = 6
_LATER = 0.03  # of chance that each place further down the list of completions costs


@dataclass(frozen=True, slots=True)
class Reading:
    """What is really asked, with its match; `is_follow_up` where the message was completed."""

    asked: str
    match: Match
    is_follow_up: bool = False


class FollowUps:
    """Reads messages with what was spoken of before."""

    def __init__(self, matcher: Matcher, words: FollowUpWords) -> None:
        self._matcher = matcher
        self._words = words

    def read(self, text: str, earlier: Earlier | None, entry: FaqEntry | None) -> Reading:
        """A message as it is meant; `entry` is the one that answered before."""
        alone = Reading(text, self._matcher.match(text))
        if earlier is None or alone.match.twins:
            return alone
        message = read_message(text, self._words)
        if message.lean is Lean.NOT or (message.lean is Lean.PERHAPS and is_answered(alone.match)):
            return alone
        completed = self._completed(message, earlier, entry)
        if completed is None:
            return alone
        if is_answered(completed.match) or not is_answered(alone.match):
            return completed
        return alone

    def _completed(
        self, message: Message, earlier: Earlier, entry: FaqEntry | None
    ) -> Reading | None:
        found = []
        for place, asked in enumerate(
            completions(message, earlier, self._words)[:MOST_COMPLETIONS]
        ):
            match = self._matcher.match(asked)
            first = first_entry(match)
            repeats = entry is not None and first == entry.id and not message.same_entry
            if first is not None and not repeats:
                answered = is_answered(match)
                found.append((answered, sureness(match) - _LATER * place, -place, asked, match))
        if not found:
            return None
        _, _, _, asked, match = max(found, key=lambda option: option[:3])
        return Reading(asked, match, True)


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
