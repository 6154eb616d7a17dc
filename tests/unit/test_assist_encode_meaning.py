"""Searching the vectors of the known questions, exact and in cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from assist.meaning import Likeness, Meanings, nearest_questions

QUESTIONS = [str(number) for number in range(6000)]


class Clustered:
    """Vectors around 150 centres, as questions about 150 matters are."""

    def __init__(self) -> None:
        chance = np.random.default_rng(0)
        centres = chance.normal(size=(150, 32))
        around = centres[np.arange(len(QUESTIONS)) % 150]
        self._vectors = around + 0.7 * chance.normal(size=around.shape)
        self._vectors /= np.linalg.norm(self._vectors, axis=1, keepdims=True)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vector that a text's number names."""
        return self._vectors[[int(text) for text in texts]].astype(np.float32)


@pytest.fixture(scope="module")
def exact() -> Meanings:
    """Compares with every question."""
    return Meanings(Clustered(), QUESTIONS)


@pytest.fixture(scope="module")
def in_cells() -> Meanings:
    """Looks into near cells only, as above 50,000 questions."""
    return Meanings(Clustered(), QUESTIONS, exact_up_to=1000)


def test_cells_find_nearly_all_that_exact_search_finds(exact: Meanings, in_cells: Meanings) -> None:
    """Of the twenty nearest at least 95 in 100 are found, of the nearest one 99."""
    firsts, shares = [], []
    for number in range(0, 6000, 60):
        wanted = nearest_questions(exact.likeness(str(number)), 20)
        found = nearest_questions(in_cells.likeness(str(number)), 20)
        firsts.append(found[0] == wanted[0])
        shares.append(len(set(found) & set(wanted)) / 20)
    assert np.mean(firsts) >= 0.99
    assert np.mean(shares) >= 0.95


def test_cosines_are_exact_either_way(exact: Meanings, in_cells: Meanings) -> None:
    """Whatever is asked for by number is the true cosine, of a text or of a known question."""
    rows = np.array([5, 4000, 17])
    one, other = exact.likeness("42"), in_cells.likeness("42")
    assert isinstance(other, Likeness)
    assert len(other) == len(one) == 6000
    np.testing.assert_allclose(other[rows], one[rows], atol=1e-6)
    np.testing.assert_allclose(
        in_cells.likeness_of_known(7)[rows], exact.likeness_of_known(7)[rows], atol=1e-6
    )


def test_cells_are_the_same_each_time(in_cells: Meanings) -> None:
    """A base built again finds the same questions in the same order."""
    again = Meanings(Clustered(), QUESTIONS, exact_up_to=1000)
    for number in range(0, 6000, 500):
        np.testing.assert_array_equal(
            nearest_questions(in_cells.likeness(str(number)), 20),
            nearest_questions(again.likeness(str(number)), 20),
        )


def test_more_than_there_are_gives_all(exact: Meanings) -> None:
    """A limit above the number of questions is no error."""
    assert len(nearest_questions(exact.likeness("1"), 10_000)) == 6000
