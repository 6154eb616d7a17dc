"""Events by the rules and, in addition, by a model that users trained on labels of their own.

A label of the model counts where it is the value of an `EventKind` (`repurchase`, `penalty`); other
labels are for `EventModel.predict` alone. Costs some milliseconds an article, the rules 0.1.
"""

from __future__ import annotations

from news.article import Mention, content_of
from news.event import ArticleEvent, EventKind
from news.event_extract import EventExtractor
from news.event_model import EventModel

_CONFIDENCE = 0.6
_KINDS = {kind.value: kind for kind in EventKind}


class LearnedEvents:
    """An event reader that asks the rules first, then the model for what they have not found."""

    def __init__(self, rules: EventExtractor, model: EventModel) -> None:
        self._rules = rules
        self._model = model

    def extract(
        self, headline: str, text: str, mentions: tuple[Mention, ...]
    ) -> tuple[ArticleEvent, ...]:
        """Events in the order of their evidence; the model's evidence is its subject's span."""
        found = self._rules.extract(headline, text, mentions)
        content = content_of(headline, text)
        told = self._model.predict([content])[0]
        kind = _KINDS.get(told.event_type)
        if kind is None or not told.subjects:
            return found
        start = content.find(told.subjects[0])
        end = start + len(told.subjects[0])
        subject = next((m.entity_id for m in mentions if m.start < end and start < m.end), None)
        if start < 0 or any(e.kind is kind and subject in (e.subject, None) for e in found):
            return found
        added = ArticleEvent(kind, subject, start, end, _CONFIDENCE)
        return tuple(sorted((*found, added), key=lambda event: event.start))
