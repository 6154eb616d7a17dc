"""How well learned events do on labelled rows that the model has not seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from news.comparable import comparable
from news.event_model import NONE_TYPES, EventExample, EventModel


@dataclass(frozen=True, slots=True)
class EventScores:
    """Shares of 0 to 1 over `n` rows.

    type_accuracy: rows whose type is the one told from the text; of a text with events of two types
    one row can be right at most. subject_f1: micro F1 of the subjects of the texts, each text's
    likeliest subject against all those that its rows name, equal after normalising of width, case
    and traditional characters; the type is the model's own guess. subject_f1_given_type: the same
    where the row's type is given, of each text and type.
    """

    type_accuracy: float
    subject_f1: float
    subject_f1_given_type: float
    n: int


def evaluate_events(
    train: Sequence[EventExample],
    test: Sequence[EventExample],
    names: Collection[str] = (),
    say: Callable[[str], None] = lambda line: None,
) -> EventScores:
    """Train on rows and score on others; raises DataFileError where nothing can be learned."""
    model = EventModel.fit(train, names, say)
    texts = sorted({example.text for example in test})
    kinds = dict(zip(texts, model.types(texts), strict=True))
    say(f"looking for subjects in {len(texts)} texts")
    right = sum(kinds[example.text] == example.event_type for example in test)
    asked = {(e.text, e.event_type) for e in test if e.event_type not in NONE_TYPES}
    return EventScores(
        type_accuracy=round(right / max(1, len(test)), 4),
        subject_f1=_f1(
            {(e.text, comparable(e.subject)) for e in test if e.subject},
            {(text, name) for text in texts for name in _first(model, text, kinds[text])},
        ),
        subject_f1_given_type=_f1(
            {(e.text, e.event_type, comparable(e.subject)) for e in test if e.subject},
            {(text, kind, name) for text, kind in asked for name in _first(model, text, kind)},
        ),
        n=len(test),
    )


def _first(model: EventModel, text: str, kind: str) -> tuple[str, ...]:
    return tuple(comparable(name) for name in model.subjects(text, kind)[:1])


def _f1(gold: Collection[object], found: Collection[object]) -> float:
    hits = len(set(gold) & set(found))
    return round(2 * hits / max(1, len(gold) + len(found)), 4)
