"""The compact encoder: a sentence vector as a weighted sum of its terms' vectors.

A few megabytes, learned on one's own pairs within minutes (`foreland train encoder`), and fast: no
torch is needed to use it. The sum of the term vectors, brought to length 1, passes one residual
layer v + B relu(A v) and is brought to length 1 again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assist.compact_file import read_arrays, write_arrays
from assist.compact_terms import TermTable
from assist.errors import EncoderError
from assist.similarity import BESIDE_TRAINED_VECTORS, PairWeights

Floats = NDArray[np.float32]
_TINY = np.float32(1e-12)


@dataclass(frozen=True, slots=True)
class CompactWeights:
    """What was learned.

    rows: int8 [terms, d], the vectors of the terms; scales: float32 [terms], what a row is
    multiplied with (its own weight included); inner [h, d], inner_bias [h], outer [d, h] and
    outer_bias [d]: the residual layer, float32.
    """

    rows: NDArray[np.int8]
    scales: Floats
    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats


class CompactEncoder:
    """Vectors from a table of terms; immutable, usable from several threads."""

    def __init__(self, table: TermTable, weights: CompactWeights) -> None:
        self._table = table
        self._weights = weights

    @property
    def pair_weights(self) -> PairWeights:
        """It has learned from words already: of those of a pair only what turns it round counts."""
        return BESIDE_TRAINED_VECTORS

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._weights.rows.shape[1])

    @property
    def terms(self) -> int:
        """How many terms have a row of their own."""
        return len(self._table.terms)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Vectors of length 1, float32 [texts, d]; a text without any term has one too."""
        table, weights = self._table, self._weights
        sums = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for place, text in enumerate(texts):
            rows = table.rows(text)
            sums[place] = weights.scales[rows] @ weights.rows[rows].astype(np.float32)
        # A text that says nothing is like no other; any fixed direction does.
        sums[~sums.any(axis=1), 0] = 1.0
        vectors = _unit(sums)
        hidden = np.maximum(vectors @ weights.inner.T + weights.inner_bias, 0.0)
        return _unit(vectors + hidden @ weights.outer.T + weights.outer_bias)

    def save(self, folder: Path, about: Mapping[str, str | int | float]) -> int:
        """Write the folder that `load` reads, and its size in bytes; `about` tells of its making.

        Raises EncoderError where the folder cannot be written or holds another model.
        """
        arrays: dict[str, NDArray[np.generic]] = {
            field.name: getattr(self._weights, field.name) for field in fields(self._weights)
        }
        arrays["terms"] = np.frombuffer("\n".join(self._table.terms).encode("utf-8"), np.uint8)
        return write_arrays(folder, arrays, about)

    @classmethod
    def load(cls, folder: Path) -> CompactEncoder:
        """Read a folder that `save` wrote; raises EncoderError where it is damaged or newer."""
        arrays = read_arrays(folder)
        try:
            terms = arrays.pop("terms").tobytes().decode("utf-8")
            encoder = cls(TermTable(terms.split("\n") if terms else ()), CompactWeights(**arrays))
        except (KeyError, TypeError, UnicodeDecodeError) as error:
            raise EncoderError(
                f"encoder {str(folder)!r}: holds other arrays than this program writes ({error});"
                " train it again"
            ) from error
        encoder._check(folder)
        return encoder

    def _check(self, folder: Path) -> None:
        rows, d = self._weights.rows.shape
        inner = self._weights.inner.shape
        wanted = {
            "rows": (len(self._table), d),
            "scales": (rows,),
            "inner": (inner[0], d),
            "inner_bias": (inner[0],),
            "outer": (d, inner[0]),
            "outer_bias": (d,),
        }
        for name, shape in wanted.items():
            found = getattr(self._weights, name).shape
            if found != shape:
                raise EncoderError(
                    f"encoder {str(folder)!r}: {name} has the shape {found} where {shape} was"
                    " expected; train it again"
                )


def quantized(rows: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Rows as whole numbers of -127 to 127 and the scale of each, [terms, d] and [terms]."""
    scales = np.maximum(np.abs(rows).max(axis=1), _TINY) / np.float32(127)
    return np.rint(rows / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def _unit(vectors: Floats) -> Floats:
    result: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _TINY)
    return result
