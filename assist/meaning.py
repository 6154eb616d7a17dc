"""Vectors of the known questions, for bases that have a sentence encoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assist.encode import Encoder
from assist.errors import EncoderError
from assist.terms import Floats, Ints


class Meanings:
    """Known questions as unit vectors, [questions, d]; exact search by dot product."""

    def __init__(self, encoder: Encoder, questions: Sequence[str]) -> None:
        self._encoder = encoder
        self.vectors = self._checked(questions)

    def likeness(self, text: str) -> Floats:
        """Cosine of a text with every known question, [questions]."""
        result: Floats = self.vectors @ self._checked([text])[0]
        return result

    def likeness_of_known(self, question: int) -> Floats:
        """The same for a known question by its number."""
        result: Floats = self.vectors @ self.vectors[question]
        return result

    def _checked(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = self._encoder.encode(texts)
        if vectors.shape[:1] != (len(texts),) or not np.isfinite(vectors).all():
            raise EncoderError(
                f"the encoder gave an array of shape {vectors.shape} for {len(texts)} texts;"
                " it must give one row of finite numbers for each text"
            )
        return vectors


def nearest_questions(likeness: Floats, limit: int) -> Ints:
    """Numbers of the `limit` likest questions, best first."""
    if limit >= len(likeness):
        return np.argsort(-likeness, kind="stable")
    some = np.argpartition(-likeness, limit)[:limit]
    return some[np.argsort(-likeness[some], kind="stable")]
