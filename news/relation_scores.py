"""How well learned relations do on labelled rows that the model has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from news.relation_model import UNKNOWN, RelationExample, RelationModel, micro_f1


@dataclass(frozen=True, slots=True)
class RelationScores:
    """`micro_f1` over the rows, `unknown` being no relation; shares of `n` rows, 0 to 1.

    Every row is a question with one answer: a pair with two relations is two rows, of which one
    answer can fit at most one.
    """

    micro_f1: float
    precision: float
    recall: float
    n: int


def evaluate_relations(
    train: Sequence[RelationExample],
    test: Sequence[RelationExample],
    say: Callable[[str], None] = lambda line: None,
) -> RelationScores:
    """Train on rows and score on others; raises DataFileError where nothing can be learned."""
    model = RelationModel.fit(train, say)
    found = model.predict([(e.text, e.head, e.tail) for e in test])
    truth = [example.relation for example in test]
    hits = sum(a == b != UNKNOWN for a, b in zip(truth, found, strict=True))
    return RelationScores(
        micro_f1=round(micro_f1(truth, found), 4),
        precision=round(hits / max(1, sum(label != UNKNOWN for label in found)), 4),
        recall=round(hits / max(1, sum(label != UNKNOWN for label in truth)), 4),
        n=len(test),
    )
