"""Measuring intents on labelled files: figures over all, by intent, and what is confused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assist.encode import Encoder
from assist.errors import KnowledgeError
from assist.intents import OUT_OF_SCOPE, IntentClassifier
from assist.intents_examples import Example, read_examples

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class IntentScores:
    """How intents are told apart and what is kept out.

    accuracy: share of in-scope rows that get their intent; a rejected row counts as wrong (as
    Larson et al. 2019 count on CLINC150).
    oos_recall: share of out-of-scope rows that were rejected; None without such rows.
    in_scope_rejected: share of in-scope rows that were rejected.
    """

    accuracy: float
    oos_recall: float | None
    in_scope_rejected: float
    n: int


@dataclass(frozen=True, slots=True)
class IntentQuality:
    """Of n rows of an intent (`oos` too): precision (None where it was never guessed), recall."""

    intent: str
    precision: float | None
    recall: float
    n: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many rows of an intent were taken for another one (`oos`: were rejected)."""

    intent: str
    taken_for: str
    rows: int


@dataclass(frozen=True, slots=True)
class IntentReport:
    """The scores, each intent (lowest recall first) and the confusions (commonest first)."""

    scores: IntentScores
    intents: tuple[IntentQuality, ...]
    confusions: tuple[Confusion, ...]


def evaluate_intents(
    train: Path,
    test: Path,
    *,
    encoder: Encoder | None = None,
    limit: int | None = None,
    say: Say = lambda line: None,
) -> IntentScores:
    """Learn from one file and guess the other; `limit` cuts the test file."""
    examples = read_examples(train, say=say)
    asked = read_examples(test, limit=limit, say=say)
    say(f"learning from {len(examples)} examples")
    classifier = IntentClassifier(encoder=encoder)
    classifier.fit([e.text for e in examples], [e.intent for e in examples])
    return report_of(classifier, asked).scores


def report_of(classifier: IntentClassifier, asked: Sequence[Example]) -> IntentReport:
    """What the classifier makes of labelled examples; at least one must be in scope."""
    guesses = classifier.predict([example.text for example in asked])
    pairs = [(e.intent, guess.label) for e, guess in zip(asked, guesses, strict=True)]
    inside = [(truth, label) for truth, label in pairs if truth != OUT_OF_SCOPE]
    outside = [label for truth, label in pairs if truth == OUT_OF_SCOPE]
    if not inside:
        raise KnowledgeError(f"only rows of {OUT_OF_SCOPE!r} to measure; give in-scope rows too")
    scores = IntentScores(
        accuracy=_share([truth == label for truth, label in inside]),
        oos_recall=_share([label == OUT_OF_SCOPE for label in outside]) if outside else None,
        in_scope_rejected=_share([label == OUT_OF_SCOPE for _, label in inside]),
        n=len(asked),
    )
    confused = Counter((truth, label) for truth, label in pairs if truth != label)
    return IntentReport(
        scores,
        _qualities(pairs),
        tuple(Confusion(truth, label, rows) for (truth, label), rows in confused.most_common()),
    )


def _qualities(pairs: Sequence[tuple[str, str]]) -> tuple[IntentQuality, ...]:
    right = Counter(truth for truth, label in pairs if truth == label)
    guessed = Counter(label for _, label in pairs)
    asked = Counter(truth for truth, _ in pairs)
    found = [
        IntentQuality(
            intent,
            round(right[intent] / guessed[intent], 4) if guessed[intent] else None,
            round(right[intent] / rows, 4),
            rows,
        )
        for intent, rows in asked.items()
    ]
    return tuple(sorted(found, key=lambda quality: (quality.recall, quality.intent)))


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / len(hits), 4)
