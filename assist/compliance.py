"""The compliance guard: nothing that may not be said leaves, and advice is declined as approved.

Outgoing text is read sentence by sentence; a sentence that promises a return, recommends a trade,
forecasts a price or passes on inside information is left out and the approved wording stands in its
place. Rules and wordings are data: `data/lexicons/compliance.yaml`. What customers and articles
say is matched against them and never obeyed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assist.compliance_lexicon import Lexicon, Pattern, matching_form, read_lexicon
from assist.errors import KnowledgeError

_SENTENCE = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;]+|\n+|$)")
# What stands around a headline in a list of news: its mark and day before, its citations behind.
_AROUND = re.compile(
    r"^(\s*(?:·\s*(?:\d{4}-\d\d-\d\d|日期不详)?\s*)?)(.*?)((?:〔\d+〕)*[。！？!?；;]*\s*)$",
    re.DOTALL,
)
_QUESTION = re.compile(r"[？?]\s*$|(?:吗|么|呢|没有|不)\s*$")


class Rule(StrEnum):
    """What may not be said."""

    RETURN_PROMISE = "return_promise"
    TRADE_ADVICE = "trade_advice"
    PRICE_FORECAST = "price_forecast"
    INSIDE_INFORMATION = "inside_information"


class Topic(StrEnum):
    """What a customer asks for that is answered with approved wording only."""

    ADVICE = "advice"
    INSIDE_INFORMATION = "inside_information"
    GUARANTEE = "guarantee"


class Context(StrEnum):
    """Where an outgoing text comes from.

    APPROVED is the knowledge base's text, in which questions are customers' questions; REPLY is
    everything else: news, facts, flows, what a person at the desk types.
    """

    APPROVED = "approved"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Checked:
    """A text that may leave, the rules that changed it, and the words that they found."""

    text: str
    changed: bool = False
    rules: tuple[Rule, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """The compliant reply to a question, with the words that called for it."""

    topic: Topic
    reply: str
    words: str


class Guard:
    """Checks every outgoing text and declines what may not be answered; keeps no state."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Raises KnowledgeError where a rule is missing or forbids the approved wordings."""
        self._rules = tuple((rule, _of(lexicon.outgoing, rule)) for rule in Rule)
        self._topics = tuple((topic, _of(lexicon.incoming, topic)) for topic in Topic)
        self._replies = {topic: lexicon.replies.get(topic, "").strip() for topic in Topic}
        self._instead = lexicon.instead.strip()
        for wording in (self._instead, *self._replies.values()):
            found = self.check(wording)
            if not wording or found.changed:
                raise KnowledgeError(
                    f"compliance: the approved wording {wording!r} is empty or says what"
                    f" {', '.join(found.rules) or 'nothing'} forbids; reword it or the rule"
                )

    @classmethod
    def load(cls, path: Path) -> Guard:
        """Read the lexicon; raises KnowledgeError naming the file and the place in it."""
        return cls(read_lexicon(path))

    def check(self, text: str, *, context: Context = Context.REPLY) -> Checked:
        """The text as it may leave; every sentence that breaks a rule is replaced."""
        parts: list[str] = []
        rules: list[Rule] = []
        words: list[str] = []
        for sentence in _SENTENCE.findall(text):
            broken = self._broken(sentence, context)
            if broken is None:
                parts.append(sentence)
                continue
            rules.append(broken[0])
            words.append(broken[1])
            parts.append(self._replaced(sentence, parts))
        if not rules:
            return Checked(text)
        return Checked("".join(parts), True, tuple(dict.fromkeys(rules)), tuple(words))

    def advice(self, text: str) -> Declined | None:
        """The approved reply to a question for advice, inside information or a guarantee."""
        sentences = [matching_form(sentence) for sentence in _SENTENCE.findall(text)]
        for topic, pattern in self._topics:
            for asked in filter(None, sentences):
                words = pattern.found(asked)
                if words is not None:
                    return Declined(topic, self._replies[topic], words)
        return None

    def _broken(self, sentence: str, context: Context) -> tuple[Rule, str] | None:
        if context is Context.APPROVED and _QUESTION.search(sentence):
            return None
        said = matching_form(sentence)
        for rule, pattern in self._rules if said else ():
            words = pattern.found(said)
            if words is not None:
                return rule, words
        return None

    def _replaced(self, sentence: str, before: list[str]) -> str:
        """The wording in place of a sentence, once where several follow each other."""
        around = _AROUND.match(sentence)
        lead, tail = (around.group(1), around.group(3)) if around else ("", "")
        if before and before[-1].strip() == self._instead:
            return "\n" if "\n" in tail else ""
        end = re.sub(r"[。！？!?；;]", "", tail)
        return f"{lead}{self._instead}{end}"


def _of(patterns: dict[str, Pattern], name: str) -> Pattern:
    if name not in patterns:
        raise KnowledgeError(
            f"compliance: no patterns for {name!r}; add them, or nothing is checked for it"
        )
    return patterns[name]
