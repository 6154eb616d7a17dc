"""Relations by the patterns and, in addition, by a model that users trained.

A label of the model counts where it is the value of a `Predicate` (`supplies`, `owns`); the model
is asked about neighbours in one sentence for which no pattern was found.
"""

from __future__ import annotations

from itertools import pairwise

from news.article import Mention
from news.fact import SYMMETRIC, Predicate
from news.relation import FARTHEST, RelationExtractor, RelationFound
from news.relation_model import RelationModel

_CONFIDENCE = 0.6
_MARKS = "。！？!?；;\n"
_PREDICATES = {predicate.value: predicate for predicate in Predicate}


class LearnedRelations:
    """Finds relations by patterns first, then by the model."""

    def __init__(self, patterns: RelationExtractor, model: RelationModel) -> None:
        self._patterns = patterns
        self._model = model

    def extract(self, content: str, mentions: tuple[Mention, ...]) -> tuple[RelationFound, ...]:
        """Relations in reading order, each statement once; `mentions` in reading order."""
        found = self._patterns.extract(content, mentions)
        known = {frozenset((r.subject, r.object)) for r in found}
        asked = [
            (a, b, _sentence(content, a.start, b.end))
            for a, b in pairwise(mentions)
            if _neighbours(content, a, b) and frozenset((a.entity_id, b.entity_id)) not in known
        ]
        labels = self._model.predict([(text, a.surface, b.surface) for a, b, text in asked])
        added: dict[tuple[str, str, str], RelationFound] = {}
        for (a, b, _), label in zip(asked, labels, strict=True):
            predicate = _PREDICATES.get(label)
            if predicate is not None:
                ids = (a.entity_id, b.entity_id)
                subject, other = sorted(ids) if predicate in SYMMETRIC else ids
                relation = RelationFound(subject, predicate, other, a.start, b.end, _CONFIDENCE)
                added.setdefault((subject, label, other), relation)
        return tuple(sorted((*found, *added.values()), key=lambda relation: relation.start))


def _neighbours(content: str, first: Mention, second: Mention) -> bool:
    between = content[first.end : second.start]
    return (
        first.entity_id != second.entity_id
        and 0 <= second.start - first.end <= FARTHEST
        and not any(mark in between for mark in _MARKS)
    )


def _sentence(content: str, start: int, end: int) -> str:
    first = max(content.rfind(mark, 0, start) for mark in _MARKS) + 1
    last = min((i for mark in _MARKS if (i := content.find(mark, end)) >= 0), default=len(content))
    return content[first:last]
