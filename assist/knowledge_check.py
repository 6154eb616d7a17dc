"""What is wrong in a knowledge base although every entry is well formed.

The exact faults are looked up; the others are found as a customer would find them: each known
question is taken out of its entry and asked (leave one out), and the entry that fits best should be
its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from assist.features import EntryFeatures
from assist.knowledge import FaqEntry, KnowledgeBase, Validity
from assist.knowledge_found import Severity
from assist.lexical import Tokeniser, plain
from assist.matcher import Lexicons
from assist.rank import FACTORY
from assist.retrieve import FaqRetriever
from news.text import fold

SOON = timedelta(days=30)
CLEAR_LEAD = 3.0
"""Lead in score from which another entry clearly fits a question better than its own."""


class Fault(StrEnum):
    """What can be wrong, the most serious first."""

    SHARED_QUESTION = "shared question"
    OPPOSITE_QUESTION = "opposite question"
    UNREACHED = "unreached entry"
    EXPIRED = "expired"
    SAME_ANSWER = "same answer"
    NO_SIMILAR = "no similar question"
    NEARER_TO_ANOTHER = "nearer to another entry"
    EXPIRING = "expiring"
    UPCOMING = "upcoming"


_ORDER = list(Fault)
_SEVERITY = {
    Fault.SHARED_QUESTION: Severity.ERROR,
    Fault.OPPOSITE_QUESTION: Severity.WARNING,
    Fault.UNREACHED: Severity.WARNING,
    Fault.EXPIRED: Severity.WARNING,
    Fault.SAME_ANSWER: Severity.WARNING,
    Fault.NO_SIMILAR: Severity.WARNING,
    Fault.NEARER_TO_ANOTHER: Severity.NOTICE,
    Fault.EXPIRING: Severity.NOTICE,
    Fault.UPCOMING: Severity.NOTICE,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of an entry; `question` and `other_id` name the wording and the rival, if any.

    `lead` is by how much the rival fits the question better, in units of the ranking score.
    """

    fault: Fault
    severity: Severity
    entry_id: str
    message: str
    question: str = ""
    other_id: str = ""
    lead: float = 0.0


def check_base(
    base: KnowledgeBase,
    lexicons: Lexicons,
    today: date,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Finding, ...]:
    """Everything found, the most serious first; some milliseconds a question.

    `progress` hears how many of how many questions have been asked.
    """
    found = [*_shared(base.entries), *_same_answers(base.entries)]
    for entry in base.entries:
        found += _dates(entry, today)
        found += _opposite(entry, lexicons)
        if not entry.similar:
            message = "has no similar question: only who says it word for word is sure to find it"
            found.append(_finding(Fault.NO_SIMILAR, entry, message))
    shared = {plain(f.question) for f in found if f.fault is Fault.SHARED_QUESTION}
    asked = [f for f in _asked(base.entries, lexicons, progress) if plain(f.question) not in shared]
    return tuple(sorted(found + asked, key=_seriousness))


def _seriousness(finding: Finding) -> tuple[int, int, float, str]:
    severity = list(Severity).index(finding.severity)
    return severity, _ORDER.index(finding.fault), -finding.lead, finding.entry_id


def _finding(
    fault: Fault,
    entry: FaqEntry,
    message: str,
    *,
    question: str = "",
    other_id: str = "",
    lead: float = 0.0,
) -> Finding:
    severity = _SEVERITY[fault]
    if fault is Fault.NEARER_TO_ANOTHER and lead >= CLEAR_LEAD:
        severity = Severity.WARNING
    return Finding(fault, severity, entry.id, message, question, other_id, round(lead, 2))


def _shared(entries: Iterable[FaqEntry]) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for entry in entries:
        for text, question in {plain(q): q for q in entry.questions}.items():
            other = owners.setdefault(text, entry.id)
            if other != entry.id:
                message = f"{question!r} is also a question of {other}: neither is answered"
                yield _finding(
                    Fault.SHARED_QUESTION, entry, message, question=question, other_id=other
                )


def _same_answers(entries: Iterable[FaqEntry]) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for entry in entries:
        other = owners.setdefault(fold(entry.answer), entry.id)
        if other != entry.id:
            message = f"has the answer of {other}: make one entry of the two, or tell them apart"
            yield _finding(Fault.SAME_ANSWER, entry, message, other_id=other)


def _dates(entry: FaqEntry, today: date) -> Iterator[Finding]:
    until = entry.valid_until
    if entry.validity(today) is Validity.EXPIRED:
        yield _finding(Fault.EXPIRED, entry, f"held until {until} and is not answered any more")
    elif entry.validity(today) is Validity.UPCOMING:
        yield _finding(Fault.UPCOMING, entry, f"holds from {entry.valid_from} on, not before")
    elif until is not None and until <= today + SOON:
        yield _finding(Fault.EXPIRING, entry, f"holds until {until}, then it is not answered")


def _opposite(entry: FaqEntry, lexicons: Lexicons) -> Iterator[Finding]:
    sides = [lexicons.opposites.sides(question) for question in entry.questions]
    masks = np.array([side.masks for side in sides], dtype=np.int32)
    for question, mine in zip(entry.similar, sides[1:], strict=True):
        if mine.contradicts(sides[0]):
            message = f"{question!r} says the opposite of the standard question {entry.question!r}"
            finding = _finding(Fault.OPPOSITE_QUESTION, entry, message, question=question)
            # Where most wordings do not take the other side, the entry may well be about both.
            certain = 2 * int(mine.contradict(masks).sum()) > len(masks)
            yield finding if certain else replace(finding, severity=Severity.NOTICE)


def _asked(
    entries: tuple[FaqEntry, ...],
    lexicons: Lexicons,
    progress: Callable[[int, int], None] | None,
) -> Iterator[Finding]:
    """Questions that fit another entry better, and entries that none of their questions reaches."""
    if not entries:
        return
    tokeniser = Tokeniser(lexicons.synonyms)
    features = EntryFeatures(entries, tokeniser, lexicons.opposites)
    retriever = FaqRetriever(entries, features, FACTORY)
    numbers = np.flatnonzero(np.diff(features.first)[features.entry_of] > 1)
    reached: set[int] = set()
    tried: set[int] = set()
    for done, number in enumerate(numbers.tolist(), start=1):
        own = int(features.entry_of[number])
        tried.add(own)
        rival, lead = _rival(retriever, number, own)
        if rival is None:
            reached.add(own)
        else:
            question = features.questions[number]
            message = f"{question!r} fits {rival} better, once it is not known word for word"
            yield _finding(
                Fault.NEARER_TO_ANOTHER,
                entries[own],
                message,
                question=question,
                other_id=rival,
                lead=lead,
            )
        if progress is not None and (done % 100 == 0 or done == len(numbers)):
            progress(done, len(numbers))
    for own in sorted(tried - reached):
        message = "none of its questions leads to it once it is not known word for word"
        yield _finding(Fault.UNREACHED, entries[own], message)


def _rival(retriever: FaqRetriever, number: int, own: int) -> tuple[str | None, float]:
    """The entry that fits a question better than its own, and by how much; None where none does."""
    features = retriever.features
    question = features.known_question(number)
    candidates = np.union1d(retriever.finder.by_words(question), [own])
    fit = features.fit(question, candidates, without=number)
    scores = retriever.ranker.scores(fit.values)
    # As in `FaqRetriever.passages`: what contradicts the question comes last.
    best = int(np.lexsort((fit.entries, -scores, fit.clash))[0])
    mine = int(np.searchsorted(fit.entries, own))
    if best == mine:
        return None, 0.0
    rival = retriever.entries[int(fit.entries[best])].id
    return rival, max(0.0, float(scores[best] - scores[mine]))
