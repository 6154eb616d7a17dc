"""Sentence vectors as further features of the intent classifier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assist.encode import Encoder
from assist.errors import EncoderError

WEIGHT = 4.0
_PROBE = "我要转人工 transfer to an agent"
_ALIKE = 0.999


class SentenceVectors:
    """An encoder's vectors, weighted for the classifier."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def columns(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """The texts' weighted vectors, [n, d]."""
        return sparse.csr_matrix(self._encoder.encode(texts) * np.float32(WEIGHT))

    def probe(self) -> NDArray[np.float32]:
        """The vector of a fixed sentence, by which the encoder is known again, float32 [d]."""
        return np.asarray(self._encoder.encode([_PROBE])[0], dtype=np.float32)

    @classmethod
    def check(cls, place: str, encoder: Encoder | None, probe: NDArray[np.float32] | None) -> None:
        """Raise EncoderError where intents were trained with another encoder than the given one;
        an encoder that is not needed does no harm."""
        if probe is None:
            return
        if encoder is None:
            raise EncoderError(
                f"{place}: was trained with a sentence encoder of {len(probe)} dimensions; give the"
                " same one with --encoder"
            )
        given = cls(encoder).probe()
        if given.shape != probe.shape or float(given @ probe) < _ALIKE:
            raise EncoderError(
                f"{place}: was trained with another sentence encoder ({len(probe)} dimensions, the"
                f" given one has {len(given)}); give that one or train again"
            )
