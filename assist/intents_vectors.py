"""Sentence vectors for the intent classifier: as features, and as the nearness to examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assist.encode import Encoder
from assist.errors import EncoderError

_PROBE = "我要转人工 transfer to an agent"
_ALIKE = 0.999
_NEIGHBOURS, _CHUNK = 5, 512


class Neighbours:
    """Vectors of the in-scope examples, float32 [n, d], each of length 1."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self.vectors = vectors

    def nearness(self, asked: NDArray[np.float32]) -> NDArray[np.float64]:
        """Mean cosine of each of m vectors with the five examples nearest to it [m].

        The mean of a few is steadier than the best alone (deep nearest neighbours, Sun 2022).
        """
        number = min(_NEIGHBOURS, len(self.vectors))
        parts = [np.zeros(0)]
        for begin in range(0, len(asked), _CHUNK):
            cosines = asked[begin : begin + _CHUNK] @ self.vectors.T
            nearest = np.partition(cosines, -number, axis=1)[:, -number:]
            parts.append(nearest.mean(axis=1, dtype=np.float64))
        return np.concatenate(parts)


def vectors_of(encoder: Encoder | None, texts: Sequence[str]) -> NDArray[np.float32] | None:
    """Vectors of n texts [n, d]; None without an encoder."""
    return None if encoder is None else np.asarray(encoder.encode(texts), dtype=np.float32)


def probe(encoder: Encoder) -> NDArray[np.float32]:
    """The vector of a fixed sentence, by which the encoder is known again, float32 [d]."""
    return np.asarray(encoder.encode([_PROBE])[0], dtype=np.float32)


def check_encoder(
    place: str, encoder: Encoder | None, wanted: NDArray[np.float32] | None
) -> Encoder | None:
    """The encoder to use, None where none is needed.

    Raises EncoderError where intents were trained with another encoder than the given one.
    """
    if wanted is None:
        return None
    if encoder is None:
        raise EncoderError(
            f"{place}: was trained with a sentence encoder of {len(wanted)} dimensions; give the"
            " same one with --encoder"
        )
    given = probe(encoder)
    if given.shape != wanted.shape or float(given @ wanted) < _ALIKE:
        raise EncoderError(
            f"{place}: was trained with another sentence encoder ({len(wanted)} dimensions, the"
            f" given one has {len(given)}); give that one or train again"
        )
    return encoder
