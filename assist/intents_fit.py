"""Learning intents from examples: the model, and from cross-validation its acceptance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assist.encode import Encoder
from assist.intents_examples import OUT_OF_SCOPE, spoken_name
from assist.intents_features import Terms, terms_of
from assist.intents_linear import LARGEST_KERNEL
from assist.intents_model import IntentModel, learn_model
from assist.intents_reject import Acceptance, Evidence, Trials, settle
from assist.intents_vectors import vectors_of

_HELD_OUT = 0.15
_FEWEST_TO_HOLD_OUT = 4


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model and what it takes to accept a guess of it."""

    model: IntentModel
    acceptance: Acceptance


@dataclass(frozen=True, slots=True)
class _Material:
    """Examples and, from row `examples` on, the intents' names; vectors: [n, d] or None."""

    terms: tuple[Terms, ...]
    intents: NDArray[np.str_]
    vectors: NDArray[np.float32] | None
    examples: int

    def of(self, rows: NDArray[np.int64]) -> tuple[tuple[Terms, ...], NDArray[np.float32] | None]:
        """Terms and vectors of rows."""
        chosen = tuple(self.terms[n] for n in rows)
        return chosen, None if self.vectors is None else self.vectors[rows]

    def learnt(self, rows: NDArray[np.int64]) -> IntentModel:
        """A model of rows."""
        terms, vectors = self.of(rows)
        return learn_model(terms, self.intents[rows], vectors)


def fit_intents(
    texts: Sequence[str], intents: Sequence[str], encoder: Encoder | None = None
) -> Fitted:
    """Learn from all examples; the acceptance comes from models that saw a part of them."""
    names = [name for name in sorted(set(intents)) if name != OUT_OF_SCOPE]
    said = [*texts, *(spoken_name(name) for name in names)]
    material = _Material(
        tuple(terms_of(text) for text in said),
        np.array([*intents, *names]),
        vectors_of(encoder, said),
        len(texts),
    )
    model = material.learnt(np.arange(len(said)))
    trials = [
        _trial(material, train, test, model)
        for train, test in _splits(material.intents, material.examples)
    ]
    return Fitted(model, settle(_joined(trials)) if trials else Acceptance())


def _trial(
    material: _Material, train: NDArray[np.int64], test: NDArray[np.int64], whole: IntentModel
) -> Trials:
    """What a model of some rows says of others, in the columns of the whole model."""
    model = material.learnt(train)
    names = whole.linear.intents
    evidence = model.evidence(*material.of(test))
    logits = np.full((len(test), len(names)), -np.inf)
    logits[:, [names.index(name) for name in model.linear.intents]] = evidence.logits
    known = np.isin(material.intents[test], model.linear.intents)
    truth = np.where(known, np.searchsorted(names, material.intents[test]), -1)
    return Trials(replace(evidence, logits=logits, outside=whole.outside), truth)


def _joined(trials: Sequence[Trials]) -> Trials:
    parts = [trial.evidence for trial in trials]
    near = [part.near for part in parts if part.near is not None]
    evidence = Evidence(
        np.concatenate([part.logits for part in parts]),
        np.concatenate([part.unknown for part in parts]),
        np.concatenate([part.blank for part in parts]),
        np.concatenate(near) if near else None,
        parts[0].outside,
    )
    return Trials(evidence, np.concatenate([trial.truth for trial in trials]))


def _splits(
    intents: NDArray[np.str_], examples: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows to train with and rows to test, for each round; rows from `examples` on only train."""
    many = examples > LARGEST_KERNEL
    rounds, parts = (1, 5) if many else (4, 4)
    random = np.random.default_rng(0)
    place = np.full(len(intents), -1)
    for name in np.unique(intents):
        rows = random.permutation(np.flatnonzero(intents[:examples] == name))
        if len(rows) > 1:
            place[rows] = np.arange(len(rows)) % parts
    for turn, strangers in enumerate(_held_out(intents, rounds, random)):
        strange = np.isin(intents, strangers)
        test = strange | (place == turn)
        train = np.flatnonzero(~test)
        test[examples:] = False
        if test.any() and len(set(intents[train]) - {OUT_OF_SCOPE}) > 1:
            yield train, np.flatnonzero(test)


def _held_out(
    intents: NDArray[np.str_], rounds: int, random: np.random.Generator
) -> list[NDArray[np.str_]]:
    """The intents that each round leaves out; none where examples of `oos` do better."""
    names = np.unique(intents)
    number = max(1, round(_HELD_OUT * len(names)))
    if OUT_OF_SCOPE in names or len(names) < _FEWEST_TO_HOLD_OUT:
        return [names[:0]] * rounds
    mixed = random.permutation(names)
    return [mixed[turn * number : (turn + 1) * number] for turn in range(rounds)]
