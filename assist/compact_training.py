"""Training the compact encoder: pairs in, a table of term vectors out.

Two losses together. CoSENT (Su 2022): of two pairs of one source the one with the higher degree
should have the higher cosine. Multiple negatives ranking (Henderson et al. 2017): a text should be
nearer to its partner than to every other text of the batch; the texts of unlike pairs stand in the
batch too, and are its hard negatives. torch runs on the CPU; the same pairs, settings, seed and
number of threads give the same encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from assist.compact_encoder import CompactEncoder, CompactWeights, quantized
from assist.compact_terms import CountedTerms, Rows, count_terms
from assist.errors import KnowledgeError
from assist.lexical import plain
from assist.training_pairs import PairSet

Say = Callable[[str], None]
_COSENT_STEEPNESS = _RANKING_STEEPNESS = 5.0  # what cosines are multiplied with in each loss
_TABLE_RATE, _WEIGHT_RATE, _LAYER_RATE = 0.01, 0.02, 0.001
_LAST_RATE = 0.02  # share of the rates that is left at the last step
_DROPPED = 0.1  # share of a text's terms that is left out at a step
_OUT = -1e9


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How large and how long.

    dimensions: length of a vector. most_terms: rows of the table; (dimensions + 4) bytes each.
    rounds: passes over the pairs, more where they would make fewer than `least_steps` steps.
    batch: pairs in a step.
    """

    dimensions: int = 384
    most_terms: int = 56_000
    rounds: int = 2
    least_steps: int = 100
    batch: int = 512


DEFAULT_SETTINGS = TrainingSettings()


@dataclass(frozen=True, slots=True)
class _Batch:
    """Places of the texts of some pairs of one source, their degrees and groups of alike texts."""

    one: Rows
    other: Rows
    degrees: NDArray[np.float32]
    alike: Rows
    groups: Rows


def train_encoder(
    sets: Sequence[PairSet],
    *,
    seed: int,
    settings: TrainingSettings = DEFAULT_SETTINGS,
    say: Say = lambda line: None,
) -> CompactEncoder:
    """Learn an encoder; raises KnowledgeError where the pairs hold no terms to learn."""
    texts = list(dict.fromkeys(text for pairs in sets for text in pairs.texts))
    counted = count_terms(texts, most=settings.most_terms)
    if not counted.table.terms:
        raise KnowledgeError(
            f"{len(texts)} texts share no term with each other; give more pairs to learn from"
        )
    say(f"{len(texts)} texts, {len(counted.table.terms)} terms")
    rows = [counted.table.rows(text) for text in texts]
    model = _Model(counted, settings.dimensions, seed)
    place = {text: number for number, text in enumerate(texts)}
    sources = [_Source(pairs, place, texts) for pairs in sets]
    _fit(model, sources, rows, np.random.default_rng(seed), settings, say)
    return CompactEncoder(counted.table, model.weights())


class _Source:
    """The pairs of one source as places of texts."""

    def __init__(self, pairs: PairSet, place: dict[str, int], texts: Sequence[str]) -> None:
        self._one = np.array([place[a] for a, _ in pairs.pairs], dtype=np.int64)
        self._other = np.array([place[b] for _, b in pairs.pairs], dtype=np.int64)
        self._degrees = np.array(pairs.degrees, dtype=np.float32)
        self._alike = pairs.alike()
        self._groups = _groups(texts, self._one[self._alike], self._other[self._alike])

    def batches(self, size: int, chance: np.random.Generator) -> Iterator[_Batch]:
        """All pairs once, shuffled."""
        order = chance.permutation(len(self._degrees))
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            one, other = self._one[chosen], self._other[chosen]
            groups = self._groups[np.concatenate([one, other])]
            yield _Batch(
                one, other, self._degrees[chosen], np.flatnonzero(self._alike[chosen]), groups
            )

    def steps(self, size: int) -> int:
        """Batches of a round."""
        return -(-len(self._degrees) // size)


def _groups(texts: Sequence[str], one: Rows, other: Rows) -> Rows:
    """Number of the group of texts that say the same, for each text: none may be a negative."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first: dict[str, int] = {}
    twins = [first.setdefault(plain(text), number) for number, text in enumerate(texts)]
    left = np.concatenate([one, np.arange(len(texts))])
    right = np.concatenate([other, np.array(twins, dtype=np.int64)])
    links = coo_array((np.ones(len(left)), (left, right)), shape=(len(texts), len(texts)))
    groups: Rows = connected_components(links, directed=False)[1].astype(np.int64)
    return groups


class _Model(nn.Module):
    """Table, weights and layer while they are learned."""

    def __init__(self, counted: CountedTerms, dimensions: int, seed: int) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)
        size = len(counted.table)
        start = torch.randn(size, dimensions, generator=self.generator) / dimensions**0.5
        self.table = nn.EmbeddingBag.from_pretrained(start, freeze=False, mode="sum", sparse=True)
        self.log_weights = nn.Parameter(torch.from_numpy(counted.weights).log())
        bound = dimensions**-0.5
        inner = torch.rand(dimensions, dimensions, generator=self.generator) * 2 * bound - bound
        self.inner = nn.Parameter(inner)
        self.inner_bias = nn.Parameter(torch.zeros(dimensions))
        self.outer = nn.Parameter(torch.zeros(dimensions, dimensions))
        self.outer_bias = nn.Parameter(torch.zeros(dimensions))

    def forward(self, rows: Sequence[Rows]) -> Tensor:
        """Vectors of length 1 for texts given by the rows of their terms, some dropped."""
        starts = torch.from_numpy(np.cumsum([0, *(len(found) for found in rows)])[:-1])
        numbers = torch.from_numpy(np.concatenate(rows))
        kept = torch.rand(len(numbers), generator=self.generator) >= _DROPPED
        sums = self.table(
            numbers, starts, per_sample_weights=self.log_weights[numbers].exp() * kept
        )
        unit = nn.functional.normalize(sums, dim=1)
        hidden = torch.relu(unit @ self.inner.T + self.inner_bias)
        return nn.functional.normalize(unit + hidden @ self.outer.T + self.outer_bias, dim=1)

    def optimizers(self) -> tuple[torch.optim.Optimizer, ...]:
        """One for the table, whose gradients are sparse, one for the rest."""
        layer = [self.inner, self.inner_bias, self.outer, self.outer_bias]
        return (
            torch.optim.SparseAdam([self.table.weight], lr=_TABLE_RATE),
            torch.optim.Adam(
                [
                    {"params": [self.log_weights], "lr": _WEIGHT_RATE},
                    {"params": layer, "lr": _LAYER_RATE},
                ]
            ),
        )

    def weights(self) -> CompactWeights:
        """What was learned, in the form that is kept."""
        rows, scales = quantized(_array(self.table.weight))
        return CompactWeights(
            rows,
            scales * np.exp(_array(self.log_weights)),
            _array(self.inner),
            _array(self.inner_bias),
            _array(self.outer),
            _array(self.outer_bias),
        )


def _fit(
    model: _Model,
    sources: Sequence[_Source],
    rows: Sequence[Rows],
    chance: np.random.Generator,
    settings: TrainingSettings,
    say: Say,
) -> None:
    a_round = sum(source.steps(settings.batch) for source in sources)
    rounds = max(settings.rounds, -(-settings.least_steps // a_round))
    optimizers = model.optimizers()
    rates = [(group, group["lr"]) for o in optimizers for group in o.param_groups]
    step = 0
    for number in range(1, rounds + 1):
        batches = [b for source in sources for b in source.batches(settings.batch, chance)]
        total = 0.0
        for place in chance.permutation(len(batches)):
            for group, rate in rates:
                group["lr"] = rate * max(_LAST_RATE, 1 - step / (rounds * a_round))
            total += _step(model, optimizers, batches[place], rows)
            step += 1
        say(f"round {number} of {rounds}: loss {total / len(batches):.3f}")


def _step(
    model: _Model,
    optimizers: Sequence[torch.optim.Optimizer],
    batch: _Batch,
    rows: Sequence[Rows],
) -> float:
    vectors = model([rows[place] for place in (*batch.one, *batch.other)])
    loss = _cosent(vectors, batch) + _ranking(vectors, batch)
    for optimizer in optimizers:
        optimizer.zero_grad()
    torch.autograd.backward(loss)
    for optimizer in optimizers:
        optimizer.step()
    return float(loss.detach())


def _cosent(vectors: Tensor, batch: _Batch) -> Tensor:
    """log(1 + sum of exp(s_j - s_i)) over pairs i of a higher degree than j."""
    one, other = vectors[: len(batch.one)], vectors[len(batch.one) :]
    scores = (one * other).sum(dim=1) * _COSENT_STEEPNESS
    degrees = torch.from_numpy(batch.degrees)
    above = degrees[:, None] > degrees[None, :]
    wrong = (scores[None, :] - scores[:, None])[above]
    return torch.logsumexp(torch.cat([torch.zeros(1), wrong]), dim=0)


def _ranking(vectors: Tensor, batch: _Batch) -> Tensor:
    """Cross entropy of finding a text's partner among the batch's texts; 0 without alike pairs."""
    if not len(batch.alike):
        return torch.zeros(())
    first = torch.from_numpy(batch.alike)
    partner = first + len(batch.one)
    groups = torch.from_numpy(batch.groups)
    scores = vectors[first] @ vectors.T * _RANKING_STEEPNESS
    same = groups[first][:, None] == groups[None, :]
    same[torch.arange(len(first)), partner] = False
    return nn.functional.cross_entropy(scores.masked_fill(same, _OUT), partner)


def _array(parameter: Any) -> NDArray[np.float32]:
    result: NDArray[np.float32] = parameter.detach().numpy().copy()
    return result
