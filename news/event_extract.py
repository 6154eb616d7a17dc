"""Which events an article reports: trigger words, the company, figures and how far to believe it.

All trigger words are looked for at once (Aho-Corasick, leftmost and longest, so that a phrase hides
the words inside it). A mere hint counts in the headline, or beside a company. A word with a
negation right before it tells of no event. One event is kept for each kind and company, with the
surest evidence, the headline before the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

from news.article import Mention, content_of
from news.belief import Belief
from news.comparable import comparable, is_cut_latin
from news.event import ArticleEvent, EventKind
from news.event_arguments import arguments_of
from news.event_lexicon import EventLexicon, Trigger
from news.event_subject import Where, subject_of
from news.fact import EntityKind, FactStatus

_END = re.compile(r"[。!?;\n]")
_NEGATED = re.compile(
    r"(?:未|没有|不存在|不涉及|并无|不会|不再|并非|不是|无|免于|避免|不构成)"
    r"[^,。、:;\s]{0,4}$"
)
_FORECAST = re.compile(r"预[计告增减亏盈]")
_SURE, _HINT, _IN_HEADLINE = 0.85, 0.55, 0.1
_LOST = {Where.BESIDE: 0.0, Where.SENTENCE: 0.05, Where.ARTICLE: 0.15, Where.NOWHERE: 0.25}
_COMPANY = f"{EntityKind.COMPANY}:"
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class _Sentence:
    """[start, end) of a sentence in the content, and the companies that it names."""

    start: int
    end: int
    companies: tuple[Mention, ...]


class EventExtractor:
    """Finds events by the words of a lexicon; immutable."""

    def __init__(self, lexicon: EventLexicon, belief: Belief) -> None:
        words = list(lexicon.triggers)
        self._triggers = tuple(lexicon.triggers[word] for word in words)
        self._automaton = AhoCorasick(words, MatchKind.LeftmostLongest)
        self._belief = belief

    @classmethod
    def load(cls, path: Path) -> EventExtractor:
        """Read the lexicon and `belief.yaml` beside it; raises DataFileError."""
        return cls(EventLexicon.load(path), Belief.load(path.with_name("belief.yaml")))

    def extract(
        self, headline: str, text: str, mentions: tuple[Mention, ...]
    ) -> tuple[ArticleEvent, ...]:
        """Events in the order of their evidence; the first 20,000 characters are read.

        `mentions` are offsets into `content_of(headline, text)`; those of companies count.
        """
        form = comparable(content_of(headline, text)[:_LONGEST])
        matches = self._automaton.find_matches_as_indexes(form)
        if not matches:
            return ()
        companies = tuple(m for m in mentions if m.entity_id.startswith(_COMPANY))
        sentences = _sentences(form, companies)
        starts = [sentence.start for sentence in sentences]
        best: dict[tuple[EventKind, str | None], ArticleEvent] = {}
        for word, start, end in matches:
            triggers = self._triggers[word]
            if triggers is None or _is_nothing(form, start, end):
                continue
            sentence = sentences[bisect_right(starts, start) - 1]
            for trigger in triggers:
                event = self._event(form, trigger, start, end, sentence, companies)
                if end <= len(headline):
                    _keep(best, _lifted(event))
                elif trigger.sure or event.confidence >= _HINT:
                    _keep(best, event)
        return tuple(sorted(_named_once(best), key=lambda event: event.start))

    def _event(
        self,
        form: str,
        trigger: Trigger,
        start: int,
        end: int,
        sentence: _Sentence,
        companies: tuple[Mention, ...],
    ) -> ArticleEvent:
        subject, where = subject_of(form, trigger, start, end, sentence.companies, companies)
        kind = trigger.kind
        if kind is EventKind.EARNINGS and _FORECAST.search(form, sentence.start, sentence.end):
            kind = EventKind.EARNINGS_PREVIEW
        around = (sentence.start, sentence.end)
        status, stage = self._belief.status(form, start, end, around)
        if kind is EventKind.CLARIFICATION:
            status = FactStatus.ASSERTED
        arguments = arguments_of(form, sentence.start, sentence.end, start)
        if stage:
            arguments = tuple(sorted((*arguments, ("stage", stage))))
        confidence = (_SURE if trigger.sure else _HINT) - _LOST[where]
        return ArticleEvent(kind, subject, start, end, round(confidence, 2), arguments, status)


def _is_nothing(form: str, start: int, end: int) -> bool:
    """Whether the word is cut from a longer Latin one, or denied right before it."""
    return is_cut_latin(form, start, end) or bool(_NEGATED.search(form, max(0, start - 8), start))


def _sentences(form: str, companies: tuple[Mention, ...]) -> list[_Sentence]:
    cuts = [0, *(match.end() for match in _END.finditer(form)), len(form) + 1]
    starts = [mention.start for mention in companies]
    found = []
    for start, end in pairwise(cuts):
        first, last = bisect_right(starts, start - 1), bisect_right(starts, end - 1)
        found.append(_Sentence(start, min(end, len(form)), companies[first:last]))
    return found


def _lifted(event: ArticleEvent) -> ArticleEvent:
    return replace(event, confidence=round(min(0.95, event.confidence + _IN_HEADLINE), 2))


def _keep(best: dict[tuple[EventKind, str | None], ArticleEvent], event: ArticleEvent) -> None:
    """The surest evidence of a kind and company; figures that only the other has are added."""
    key = (event.kind, event.subject)
    known = best.get(key)
    if known is None:
        best[key] = event
        return
    kept, other = (event, known) if event.confidence > known.confidence else (known, event)
    added = {name: value for name, value in other.arguments if name != "stage"}
    merged = {**added, **dict(kept.arguments)}
    best[key] = replace(kept, arguments=tuple(sorted(merged.items())))


def _named_once(
    best: dict[tuple[EventKind, str | None], ArticleEvent],
) -> Iterator[ArticleEvent]:
    """Without what a surer event of the article says already.

    That is an event of no company where the same kind has one elsewhere, and results that a
    forecast speaks of.
    """
    named = {kind for kind, subject in best if subject is not None}
    for (kind, subject), event in best.items():
        forecast = best.get((EventKind.EARNINGS_PREVIEW, subject))
        if (
            kind is EventKind.EARNINGS
            and forecast is not None
            and forecast.confidence > event.confidence
        ):
            continue
        if subject is not None or kind not in named:
            yield event
