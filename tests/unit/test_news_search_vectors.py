"""Articles as vectors: caught up with the store, kept over restarts, dropped with their encoder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from news.article import Article, Sentiment
from news.dedupe import content_hash, fingerprint
from news.search_vectors import ArticleVectors
from news.store import NewsStore
from news.transaction import transaction

DAY = datetime(2024, 3, 1, 10, tzinfo=UTC)
SUBJECTS = ("电池", "白酒", "银行")


class Encoder:
    """A direction for each subject; counts what it was given."""

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """[n, 3], each of length 1."""
        self.encoded += len(texts)
        counts = [[text.count(subject) + 0.01 for subject in SUBJECTS] for text in texts]
        vectors = np.array(counts, np.float32)
        unit: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


@pytest.fixture
def store(tmp_path: Path) -> NewsStore:
    return NewsStore.open(tmp_path / "workspace.db")


def _put(store: NewsStore, key: str, headline: str, version: int = 1) -> None:
    article = Article(
        key, headline, "", "源", "o", None, DAY, True, DAY, version,
        content_hash(headline, ""), Sentiment.NEUTRAL, 0.0, (), (), None,
    )  # fmt: skip
    with transaction(store.connection):
        store.put(article, fingerprint(article.content))


def test_the_nearest_meaning_comes_first_and_changes_are_taken_in(
    store: NewsStore, tmp_path: Path
) -> None:
    """A changed article stands by its new words; what is known is not encoded again."""
    encoder = Encoder()
    vectors = ArticleVectors(tmp_path / "vectors.db", encoder, "one")
    assert vectors.nearest("电池", 5) == ()
    for key, headline in (("a", "电池"), ("b", "白酒"), ("c", "电池与银行")):
        _put(store, key, headline)
    assert vectors.catch_up(store) == 3
    assert vectors.nearest("电池", 2) == (1, 3)
    _put(store, "b", "电池电池", version=2)
    assert vectors.catch_up(store) == 1
    assert set(vectors.nearest("电池", 2)) == {1, 2}
    encoder.encoded = 0
    assert vectors.catch_up(store) == 0
    assert encoder.encoded == 0


def test_vectors_outlive_the_process_but_not_their_encoder(
    store: NewsStore, tmp_path: Path
) -> None:
    """Another encoder's vectors mean nothing: all are made anew."""
    _put(store, "a", "电池")
    ArticleVectors(tmp_path / "vectors.db", Encoder(), "one").catch_up(store)
    assert ArticleVectors(tmp_path / "vectors.db", Encoder(), "one").nearest("电池", 1) == (1,)
    other = ArticleVectors(tmp_path / "vectors.db", Encoder(), "two")
    assert other.nearest("电池", 1) == ()
    assert other.catch_up(store) == 1


def test_a_large_workspace_looks_into_cells(
    store: NewsStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inverted file finds the same nearest articles."""
    monkeypatch.setattr("news.search_vectors.EXACT_UP_TO", 100)
    for number in range(450):
        _put(store, f"a{number}", SUBJECTS[number % 3] * 2 + str(number))
    vectors = ArticleVectors(tmp_path / "vectors.db", Encoder(), "one")
    vectors.catch_up(store)
    found = vectors.nearest("白酒", 20)
    assert len(found) == 20
    assert {(seq - 1) % 3 for seq in found} == {1}
