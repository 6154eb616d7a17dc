"""The linear model behind intents, and the two ways in which it is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

FEW = 20
LARGEST_KERNEL = 3000
# Times the mean squared length of the features: what a regulariser sees is their product.
_SOFTMAX_C, _SVM_C = 100.0, 3.0
_SMALLEST_EIGENVALUE = 1e-6
_STEPS = 100


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Logits = features @ weights + bias. weights: float32 [columns, intents]; bias: [intents]."""

    intents: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(
        self, features: sparse.csr_matrix, vectors: NDArray[np.float32] | None = None
    ) -> NDArray[np.float64]:
        """Scores [n, intents]; vectors [n, d] stand for the last columns."""
        width = features.shape[1]
        logits = features @ self.weights[:width] + self.bias
        if vectors is not None:
            logits = logits + vectors @ self.weights[width:]
        return np.asarray(logits, dtype=np.float64)


def learn(features: sparse.csr_matrix, intents: Sequence[str]) -> LinearModel:
    """A model of features [n, columns] and their intents, two or more.

    With few examples an intent a softmax regression generalises best, with many a linear SVM
    (measured on BANKING77).
    """
    return (_svm if many_examples(intents) else _softmax)(features, intents)


def many_examples(intents: Sequence[str]) -> bool:
    """Whether the SVM learns these; names of intents count among the examples."""
    return len(intents) > min(LARGEST_KERNEL, (FEW + 1) * len(set(intents)))


def _softmax(features: sparse.csr_matrix, intents: Sequence[str]) -> LinearModel:
    """Softmax regression in the space that the examples span: n columns instead of thousands."""
    names, truth = np.unique(np.asarray(intents), return_inverse=True)
    wanted = np.eye(len(names), dtype=np.float32)[truth]
    # The constant 1 stands for the bias: a column of ones beside the features.
    kernel = np.asarray((features @ features.T).todense(), dtype=np.float64) + 1
    ridge = float(np.mean(kernel.diagonal() - 1)) / _SOFTMAX_C
    # Threads of BLAS wait for one another by spinning: beside busy neighbours that took ten times
    # as long as one thread does.
    with threadpool_limits(1):
        squares, vectors = np.linalg.eigh(kernel)
        kept = squares > _SMALLEST_EIGENVALUE
        lengths, vectors = np.sqrt(squares[kept]), vectors[:, kept]
        seen = (vectors * lengths).astype(np.float32)
        bound = (0.5 * squares[kept]).astype(np.float32)[:, None]
        duals = (vectors / lengths) @ _descend(seen, wanted, bound, ridge=ridge)
    return _made(names, features.T @ duals, duals.sum(axis=0))


def _descend(
    seen: NDArray[np.float32],
    wanted: NDArray[np.float32],
    bound: NDArray[np.float32],
    *,
    ridge: float,
) -> NDArray[np.float32]:
    """Weights of least cross-entropy plus ridge |weights|^2 / 2: accelerated fixed-Hessian steps.

    Half the squared features bound the Hessian (Boehning 1992); here they are diagonal: a step
    needs no search and no inverse. seen: [n, r], its columns orthogonal; bound: [r, 1].
    """
    weights = ahead = np.zeros((seen.shape[1], wanted.shape[1]), dtype=np.float32)
    for step in range(_STEPS):
        logits = seen @ ahead
        logits -= logits.max(axis=1, keepdims=True)
        likely = np.exp(logits)
        likely /= likely.sum(axis=1, keepdims=True)
        slope = seen.T @ (likely - wanted) + np.float32(ridge) * ahead
        following = ahead - slope / (bound + np.float32(ridge))
        ahead = following + np.float32(step / (step + 3)) * (following - weights)
        weights = following
    return weights


def _svm(features: sparse.csr_matrix, intents: Sequence[str]) -> LinearModel:
    from sklearn.svm import LinearSVC

    squared = float(features.multiply(features).sum()) / features.shape[0]
    model = LinearSVC(C=_SVM_C / squared, random_state=0).fit(features, np.asarray(intents))
    return _made(model.classes_, model.coef_.T, model.intercept_)


def _made(
    names: NDArray[np.str_], weights: NDArray[np.float64], bias: NDArray[np.float64]
) -> LinearModel:
    """The model; of two classes scikit-learn gives one column, its sign the class."""
    if weights.shape[1] == 1:
        weights, bias = np.hstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    return LinearModel(
        tuple(str(name) for name in names),
        np.ascontiguousarray(weights, dtype=np.float32),
        bias.astype(np.float32),
    )
