"""What was heard and what was meant: messages as a speech recogniser writes them, put right.

Fillers and stutter go, spelled letters are joined, spoken numbers take the form that the knowledge
base knows, homophones of terms are repaired. A question that the base knows is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache, partial

from assist.hearing_numbers import NumberForms
from assist.hearing_repair import Repair
from assist.hearing_terms import SpeechTerms, build_repairer
from assist.knowledge import KnowledgeBase
from assist.lexical import plain
from news.text import clean, simplify

LONGEST = 500
_CACHED = 4096
_MOST_READINGS = 4
_HAN_BLANK = re.compile(r"(?<=[\u3400-\u9fff])[ ]+(?=[\u3400-\u9fff])")
_SPELLED = re.compile(r"(?<![A-Za-z])[A-Za-z](?:[ .·-]+[A-Za-z])+(?![A-Za-z])")


class ChangeKind(StrEnum):
    """Why a part of a message was read otherwise than it stands."""

    FILLER = "filler"
    LETTERS = "letters"
    NUMBER = "number"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Change:
    """`before` was read as `after`, which is empty where it was dropped."""

    kind: ChangeKind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message `text` as it came, `understood` as it is meant, and what was changed.

    `possible` is a further reading with less sure repairs in it, for when the first one leads
    nowhere; None where there is none.
    """

    text: str
    understood: str
    changes: tuple[Change, ...] = ()
    possible: Heard | None = None


def prepared(text: str) -> str:
    """Simplified characters, half-width letters, no blank between Han characters."""
    return _HAN_BLANK.sub("", simplify(clean(text)))


class Hearing:
    """Understands what a recogniser wrote, for one knowledge base; immutable.

    Building takes 0.6 s for 18,000 questions and 5,736 securities, a message 0.2 ms.
    """

    def __init__(self, base: KnowledgeBase, terms: SpeechTerms) -> None:
        questions = [plain(q) for entry in base.entries for q in entry.questions]
        self._known = frozenset(questions)
        self._numbers = NumberForms(questions)
        self._fillers = terms.fillers
        self._repairer = build_repairer(base, terms)
        self._cached = lru_cache(maxsize=_CACHED)(self._hear)

    def hear(self, text: str) -> Heard:
        """What a message means; the same text comes back where nothing is to be changed."""
        return self._cached(text) if len(text) <= LONGEST else Heard(text, text)

    def _hear(self, text: str) -> Heard:
        # One change can uncover another (请闻 becomes 请问, a courtesy): read until it stands.
        heard = self._read(text)
        changes = heard.changes
        for _ in range(_MOST_READINGS):
            if not heard.changes:
                break
            heard = self._read(heard.understood)
            changes += heard.changes
        possible = heard.possible
        if possible is not None:
            possible = Heard(text, possible.understood, changes + possible.changes)
        return Heard(text, heard.understood, changes, possible)

    def _read(self, text: str) -> Heard:
        if self._is_known(text):
            return Heard(text, text)
        form, changes = _joined(prepared(text))
        form, dropped = self._fillers.drop(form)
        changes += [Change(ChangeKind.FILLER, *pair) for pair in dropped]
        if self._is_known(form):
            return _heard(text, form, changes)
        form, numbers = self._numbers.rewrite(form, partial(self._is_named, form))
        changes += [Change(ChangeKind.NUMBER, *pair) for pair in numbers]
        return self._repaired(text, form, changes)

    def _repaired(self, text: str, form: str, changes: list[Change]) -> Heard:
        if self._is_known(form):
            return _heard(text, form, changes)
        sure, possible = self._repairer.repairs(form)
        heard = _with(text, form, changes, sure)
        if not possible or sure == possible:
            return heard
        return replace(heard, possible=_with(text, form, [], possible))

    def _is_named(self, text: str, start: int, end: int) -> bool:
        """Whether [start, end) is a name or in one, as 二三四五 is."""
        return any(a <= start and end <= b for a, b in self._repairer.named(text))

    def _is_known(self, text: str) -> bool:
        return plain(text) in self._known


def _joined(text: str) -> tuple[str, list[Change]]:
    """Letters spelled one by one are a word: E T F is ETF."""
    changes: list[Change] = []

    def join(match: re.Match[str]) -> str:
        word = "".join(c for c in match.group() if c.isalpha())
        changes.append(Change(ChangeKind.LETTERS, match.group(), word))
        return word

    return _SPELLED.sub(join, text), changes


def _with(text: str, form: str, changes: list[Change], repairs: Sequence[Repair]) -> Heard:
    made = list(changes)
    for repair in repairs:
        made.append(Change(ChangeKind.SOUND, form[repair.start : repair.end], repair.term))
    for repair in reversed(repairs):
        form = form[: repair.start] + repair.term + form[repair.end :]
    return _heard(text, form, made)


def _heard(text: str, form: str, changes: list[Change]) -> Heard:
    return Heard(text, form, tuple(changes)) if changes else Heard(text, text)
