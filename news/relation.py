"""Relations between entities that a text states, found by patterns between two names.

Only neighbours in one sentence are looked at, and only a pattern that spans everything between them
counts: precision comes before recall, since a wrong edge of the graph is worse than a missing one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from news.article import Mention
from news.belief import Belief
from news.comparable import comparable
from news.fact import SYMMETRIC, FactStatus, Predicate
from news.relation_lexicon import RelationPattern, load_relations

FARTHEST = 40
_END = re.compile(r"[。!?;\n]")
_CODE = re.compile(r"\s?\((?:SH|SZ|BJ|HK)?[\d.]{4,9}(?:SH|SZ|BJ|HK)?\)")
_OPENING, _CLOSING = '"“‘《(', '"”’》)'
_NEGATED = re.compile(r"(?:未|没有|不|并非|不是|无意|否认)[^,。、:;\s]{0,4}")
# In front of a name: it is what something is done to or with, not who does it.
_OBJECT = re.compile(
    r"(?:与|和|同|及|、|对|向|由|从|给|套现|减持|增持|抛售|出售|收购|持有|入股|参股|控股|重组|退出|告别)$"
)


@dataclass(frozen=True, slots=True)
class RelationFound:
    """One relation that a text states.

    `subject` and `object` are entity ids; a symmetric predicate has the smaller id as subject.
    [start, end) is the evidence in the content; `confidence` is 0 to 1. `stage` is `planned`,
    `ended` or None.
    """

    subject: str
    predicate: Predicate
    object: str
    start: int
    end: int
    confidence: float
    status: FactStatus = FactStatus.ASSERTED
    stage: str | None = None


class RelationExtractor:
    """Finds relations by the patterns of a lexicon; immutable."""

    def __init__(self, patterns: tuple[RelationPattern, ...], belief: Belief) -> None:
        self._patterns = patterns
        self._belief = belief

    @classmethod
    def load(cls, path: Path) -> RelationExtractor:
        """Read the patterns and `belief.yaml` beside them; raises DataFileError."""
        return cls(load_relations(path), Belief.load(path.with_name("belief.yaml")))

    def extract(self, content: str, mentions: tuple[Mention, ...]) -> tuple[RelationFound, ...]:
        """Relations in reading order, each statement once; `mentions` in reading order."""
        near = [(a, b) for a, b in pairwise(mentions) if 0 <= b.start - a.end <= FARTHEST]
        if not near:
            return ()
        form = comparable(content)
        cuts = [0, *(match.end() for match in _END.finditer(form)), len(form)]
        best: dict[tuple[str, Predicate, str], RelationFound] = {}
        for first, second in near:
            place = bisect_right(cuts, first.start) - 1
            sentence = (cuts[place], cuts[min(place + 1, len(cuts) - 1)])
            if first.entity_id != second.entity_id and second.end <= sentence[1]:
                for found in self._between(form, first, second, sentence):
                    key = (found.subject, found.predicate, found.object)
                    if key not in best or found.confidence > best[key].confidence:
                        best[key] = found
        return tuple(sorted(best.values(), key=lambda found: found.start))

    def _between(
        self, form: str, first: Mention, second: Mention, sentence: tuple[int, int]
    ) -> Iterator[RelationFound]:
        spans = _widened(form, first), _widened(form, second)
        if spans[0][1] > spans[1][0] or _NEGATED.search(form, spans[0][1], spans[1][0]):
            return
        is_object = _OBJECT.search(form, max(0, spans[0][0] - 2), spans[0][0]) is not None
        for pattern in self._patterns:
            if is_object and pattern.forward:
                continue
            ids = (first.entity_id, second.entity_id)
            subject, other = ids if pattern.forward else ids[::-1]
            if not _fits(pattern, subject, other):
                continue
            end = pattern.evidence(form, *spans)
            if end is not None and end <= sentence[1]:
                if pattern.predicate in SYMMETRIC and other < subject:
                    subject, other = other, subject
                status, stage = self._belief.status(form, first.start, end, sentence)
                sure = pattern.confidence * min(first.confidence, second.confidence)
                yield RelationFound(
                    subject,
                    pattern.predicate,
                    other,
                    first.start,
                    end,
                    round(sure, 2),
                    status,
                    stage,
                )
                return


def _fits(pattern: RelationPattern, subject: str, other: str) -> bool:
    return subject.startswith(f"{pattern.kinds[0]}:") and other.startswith(f"{pattern.kinds[1]}:")


def _widened(form: str, mention: Mention) -> tuple[int, int]:
    """The name with its code and the marks around it, which patterns pass over."""
    start, end = mention.start, mention.end
    code = _CODE.match(form, end)
    end = code.end() if code else end
    if form[start - 1 : start] in _OPENING and start and form[end : end + 1] in _CLOSING:
        start, end = start - 1, min(len(form), end + 1)
    return start, end
