"""What a learned classifier sees of a text: pieces of characters, words, and the lead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from news.comparable import comparable
from news.errors import DataFileError
from news.text import words

_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_LEAD = 40
_LONGEST = 4000


def _plain(text: str) -> str:
    return _FIGURE.sub("0", comparable(text[:_LONGEST]))


def _pieces(text: str) -> list[str]:
    return [text[i : i + n] for n in (1, 2, 3) for i in range(len(text) - n + 1)]


def characters_of(text: str) -> list[str]:
    """Pieces of 1 to 3 characters."""
    return _pieces(_plain(text))


def words_of(text: str) -> list[str]:
    """Dictionary words."""
    return list(words(_plain(text)))


def lead_of(text: str) -> list[str]:
    """Pieces of 1 to 3 characters of the first 40."""
    return _pieces(_plain(text[: 2 * _LEAD])[:_LEAD])


ANALYSERS = (characters_of, words_of, lead_of)


def fitted(vectorizer: TfidfVectorizer, texts: Sequence[str]) -> sparse.csr_matrix:
    """Features of the training texts; DataFileError where they have nothing in common."""
    try:
        return vectorizer.fit_transform(texts)
    except ValueError as error:
        raise DataFileError(
            f"the training texts share no words or characters ({error}); give more texts"
        ) from error


def stacked(blocks: Iterable[sparse.csr_matrix]) -> sparse.csr_matrix:
    """Blocks of features side by side."""
    return sparse.hstack(list(blocks), format="csr", dtype=np.float64)


def restored(
    analyser: object, terms: Sequence[str], idf: npt.NDArray[np.float64]
) -> TfidfVectorizer:
    """A vectorizer as it was after training."""
    vectorizer = TfidfVectorizer(analyzer=analyser, vocabulary=list(terms), sublinear_tf=True)
    vectorizer.idf_ = idf
    return vectorizer
