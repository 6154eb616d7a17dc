"""Learning intents from examples: the model, and from cross-validation its acceptance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assist.intents_examples import OUT_OF_SCOPE, spoken_name
from assist.intents_features import TermFeatures, Terms, terms_of
from assist.intents_linear import LARGEST_KERNEL, LinearModel, learn
from assist.intents_reject import Acceptance, Trials, settle
from assist.intents_vectors import SentenceVectors

_HELD_OUT = 0.15
_FEWEST_TO_HOLD_OUT = 4


@dataclass(frozen=True, slots=True)
class Fitted:
    """Everything that guessing needs."""

    model: LinearModel
    terms: TermFeatures
    acceptance: Acceptance

    @property
    def outside(self) -> int | None:
        """Column of `oos`, where there were examples of it."""
        return _column(self.model.intents)


@dataclass(frozen=True, slots=True)
class _Material:
    """Examples and, as further examples, the intents' names; vectors: [n, d] or None."""

    terms: tuple[Terms, ...]
    intents: NDArray[np.str_]
    vectors: sparse.csr_matrix | None
    examples: int

    def features(
        self, terms: TermFeatures, chosen: NDArray[np.int64]
    ) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
        """Features and shares of unknown words of the chosen rows."""
        features, unknown = terms.matrix(self.terms[n] for n in chosen)
        if self.vectors is not None:
            features = sparse.hstack([features, self.vectors[chosen]]).tocsr()
        return features, unknown

    def fit(self, chosen: NDArray[np.int64]) -> tuple[TermFeatures, LinearModel]:
        """Vocabulary and model out of the chosen rows."""
        terms = TermFeatures.learn([self.terms[n] for n in chosen])
        features, _ = self.features(terms, chosen)
        return terms, learn(features, self.intents[chosen].tolist())


def fit_intents(
    texts: Sequence[str], intents: Sequence[str], vectors: SentenceVectors | None = None
) -> Fitted:
    """Learn from all examples; the acceptance comes from models that saw a part of them."""
    names = [name for name in sorted(set(intents)) if name != OUT_OF_SCOPE]
    said = [*texts, *(spoken_name(name) for name in names)]
    material = _Material(
        tuple(terms_of(text) for text in said),
        np.array([*intents, *names]),
        vectors.columns(said) if vectors is not None else None,
        len(texts),
    )
    terms, model = material.fit(np.arange(len(said)))
    return Fitted(model, terms, settle(_trials(material, model.intents)))


def _trials(material: _Material, intents: tuple[str, ...]) -> Trials:
    """Every round leaves out a part of each intent's examples, and a few whole intents."""
    logits, truth, unknown = [], [], []
    for train, test in _splits(material.intents, material.examples):
        terms, model = material.fit(train)
        features, strange = material.features(terms, test)
        widened = np.full((len(test), len(intents)), -np.inf)
        widened[:, [intents.index(name) for name in model.intents]] = model.logits(features)
        known = np.isin(material.intents[test], model.intents)
        logits.append(widened)
        truth.append(np.where(known, np.searchsorted(intents, material.intents[test]), -1))
        unknown.append(strange)
    if not logits:
        nothing = np.zeros(0)
        return Trials(np.zeros((0, len(intents))), nothing.astype(np.int64), nothing, None)
    return Trials(
        np.concatenate(logits), np.concatenate(truth), np.concatenate(unknown), _column(intents)
    )


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


def _column(intents: Sequence[str]) -> int | None:
    return intents.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in intents else None
