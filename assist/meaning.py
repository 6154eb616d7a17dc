"""Vectors of the known questions, for bases that have a sentence encoder.

Up to EXACT_UP_TO questions a search compares with every one. Above that an inverted file (faiss
IVF, fp16: Sivic & Zisserman 2003; Johnson et al. 2019) looks into the nearest CELLS_SEEN of its
cells only; the cosines that it finds its candidates by are then taken exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assist.encode import Encoder
from assist.errors import EncoderError
from assist.terms import Floats, Ints

EXACT_UP_TO = 50_000
CELLS_SEEN = 32
_QUESTIONS_A_CELL = 200
_CHUNK = 4096


class Meanings:
    """Known questions as unit vectors, float32 [questions, d]."""

    def __init__(
        self, encoder: Encoder, questions: Sequence[str], *, exact_up_to: int = EXACT_UP_TO
    ) -> None:
        self._encoder = encoder
        self.vectors = self._checked(questions)
        self._cells = Cells(self.vectors) if len(questions) > exact_up_to else None

    def likeness(self, text: str) -> Floats | Likeness:
        """Cosine of a text with every known question, [questions].

        Of a large base it is a Likeness, which works out only what is asked for.
        """
        return self._likeness(self._checked([text])[0])

    def likeness_of_known(self, question: int) -> Floats | Likeness:
        """The same for a known question by its number."""
        return self._likeness(self.vectors[question])

    def _likeness(self, vector: Floats) -> Floats | Likeness:
        if self._cells is None:
            result: Floats = self.vectors @ vector
            return result
        return Likeness(self.vectors, vector, self._cells)

    def _checked(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = self._encoder.encode(texts)
        if vectors.shape[:1] != (len(texts),) or not np.isfinite(vectors).all():
            raise EncoderError(
                f"the encoder gave an array of shape {vectors.shape} for {len(texts)} texts;"
                " it must give one row of finite numbers for each text"
            )
        return vectors


class Likeness:
    """Cosine of one text with the questions of a large base, worked out where it is asked for."""

    def __init__(self, vectors: Floats, vector: Floats, cells: Cells) -> None:
        self._vectors = vectors
        self._vector = vector
        self._cells = cells

    def __len__(self) -> int:
        return len(self._vectors)

    def __getitem__(self, rows: Ints) -> Floats:
        """Cosines with the questions of these numbers, exact."""
        result: Floats = self._vectors[rows] @ self._vector
        return result

    def nearest(self, limit: int) -> Ints:
        """Numbers of the `limit` likest questions found, best first; a few may be missed."""
        found = self._cells.near(self._vector, limit)
        return found[np.lexsort((found, -self[found]))]


class Cells:
    """An inverted file over unit vectors: near ones lie in one cell."""

    def __init__(self, vectors: Floats) -> None:
        # Imported here: only large bases need it.
        import faiss

        size, dimensions = vectors.shape
        self._flat = faiss.IndexFlatIP(dimensions)
        self._index: Any = faiss.IndexIVFScalarQuantizer(
            self._flat,
            dimensions,
            max(1, size // _QUESTIONS_A_CELL),
            faiss.ScalarQuantizer.QT_fp16,
            faiss.METRIC_INNER_PRODUCT,
        )
        clustering = self._index.cp
        clustering.niter, clustering.max_points_per_centroid = 8, 40
        clustering.min_points_per_centroid = 1
        clustering.spherical = True
        self._index.train(vectors)
        for start in range(0, size, _CHUNK):
            self._index.add(vectors[start : start + _CHUNK])
        self._index.nprobe = CELLS_SEEN

    def near(self, vector: Floats, limit: int) -> Ints:
        """Numbers of at most `limit` near vectors."""
        found = self._index.search(vector[None, :], limit)[1][0]
        numbers: Ints = found[found >= 0].astype(np.int64)
        return numbers


def nearest_questions(likeness: Floats | Likeness, limit: int) -> Ints:
    """Numbers of the `limit` likest questions, best first."""
    if isinstance(likeness, Likeness):
        return likeness.nearest(limit)
    if limit >= len(likeness):
        return np.argsort(-likeness, kind="stable")
    some = np.argpartition(-likeness, limit)[:limit]
    return some[np.argsort(-likeness[some], kind="stable")]
