"""The compact encoder: how it learns, how it is kept, what its folder must hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from assist.compact_encoder import CompactEncoder
from assist.compact_file import ARRAYS, DESCRIPTION, FORMAT
from assist.compact_terms import UNKNOWN_ROWS, TermTable, count_terms, terms_of
from assist.compact_training import TrainingSettings, train_encoder
from assist.encode import load_encoder
from assist.errors import EncoderError, KnowledgeError
from assist.knowledge import FaqEntry
from assist.knowledge_file import load_folder
from assist.similarity import BESIDE_TRAINED_VECTORS, LexicalSimilarity, hybrid_scores
from assist.training_pairs import PairSet, pairs_of_base, read_pairs

SMALL = TrainingSettings(dimensions=48, rounds=1, least_steps=30, batch=128)
ENTRIES = (
    FaqEntry("open", "怎么开户", ("开户流程是什么", "手机能开户吗", "想办个股票账户")),
    FaqEntry("close", "怎么销户", ("注销账户怎么办", "不想要这个账户了")),
    FaqEntry("tax", "印花税多少", ("卖股票收多少税", "印花税税率")),
    FaqEntry("alone", "手续费多少"),
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for each other take longer over these few pairs than one does."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def trained(data: Path) -> CompactEncoder:
    """An encoder of some of the sample base's questions."""
    entries = load_folder(data / "faq").entries[:40]
    return train_encoder([pairs_of_base(entries, seed=0)], seed=0, settings=SMALL)


@pytest.fixture
def saved(trained: CompactEncoder, tmp_path: Path) -> Path:
    """Its folder."""
    trained.save(tmp_path / "encoder", {"sources": "sample"})
    return tmp_path / "encoder"


def test_learns_what_is_alike(trained: CompactEncoder, data: Path) -> None:
    """Questions of one entry come closer to each other than to those of other entries."""
    entries = load_folder(data / "faq").entries[:40]
    questions = [q for entry in entries for q in entry.questions]
    owner = np.repeat(np.arange(len(entries)), [len(entry.questions) for entry in entries])
    vectors = trained.encode(questions)
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, -1)
    assert np.mean(owner[cosine.argmax(axis=1)] == owner) > 0.8


def test_same_seed_same_encoder(tmp_path: Path) -> None:
    """Training twice gives the same bytes; another seed gives others."""
    pairs = pairs_of_base(ENTRIES, seed=0)
    tiny = TrainingSettings(dimensions=16, rounds=1, least_steps=5)
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        train_encoder([pairs], seed=seed, settings=tiny).save(tmp_path / name, {})
    first, again, other = ((tmp_path / n / ARRAYS).read_bytes() for n in ("one", "again", "other"))
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("怎么开户？", "怎么 开户"),
        ("ＥＴＦ怎么买", "etf怎么买"),
        ("融資融券", "融资融券"),
        ("印花税0.05％", "印花税 0.05%"),
    ],
)
def test_marks_width_and_script_change_nothing(
    trained: CompactEncoder, one: str, other: str
) -> None:
    """Blanks, punctuation, full-width and traditional characters leave the vector as it is."""
    vectors = trained.encode([one, other])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)


def test_unknown_words_still_tell_texts_apart(trained: CompactEncoder) -> None:
    """Two texts of unknown characters are alike where they share them, else not."""
    one, same, far = trained.encode(["貔貅饕餮", "饕餮貔貅", "鼙鼓氤氲"])
    assert one @ same > one @ far + 0.2


def test_terms_of_a_text() -> None:
    """Characters, pairs with both ends, and pieces of Latin words."""
    found = terms_of("买ETF基金")
    assert {"c买", "cetf", "b^ 买", "b金 $", "l<et", "letf", "ltf>"} <= set(found)
    assert terms_of("？！") == ()


def test_rare_terms_get_no_row() -> None:
    """A term of one text alone shares the unknown rows; common terms weigh less than rare ones."""
    counted = count_terms(["开户", "开户流程", "开心", "流程"], most=100)
    assert "c心" not in counted.table.terms
    assert len(counted.table) == len(counted.table.terms) + UNKNOWN_ROWS
    rows = {term: row for row, term in enumerate(counted.table.terms)}
    assert counted.weights[rows["c开"]] < counted.weights[rows["c户"]]
    assert TermTable(("c开",)).rows("心")[0] >= 1


def test_pairs_of_a_base() -> None:
    """Alike pairs stay inside an entry, unlike ones cross; entries with one question give none."""
    pairs = pairs_of_base(ENTRIES, seed=0)
    owner = {q: entry.id for entry in ENTRIES for q in entry.questions}
    for (one, other), alike in zip(pairs.pairs, pairs.alike(), strict=True):
        assert (owner[one] == owner[other]) == bool(alike)
    assert "手续费多少" not in pairs.texts
    assert pairs == pairs_of_base(ENTRIES, seed=0)
    with pytest.raises(KnowledgeError, match="相似问"):
        pairs_of_base(ENTRIES[-1:], seed=0)


def test_reads_degrees_and_zero_one(tmp_path: Path) -> None:
    """Labels are brought to 0..1 file by file; one label alone is an error that says so."""
    file = tmp_path / "pairs.tsv"
    head = "text_a\ttext_b\tlabel\n"
    file.write_text(head + "甲\t乙\t0\n甲\t丙\t4\n甲\t丁\t5\n甲\t戊\tbad\n", encoding="utf-8")
    said: list[str] = []
    pairs = read_pairs(file, say=said.append)
    assert pairs.degrees == (0.0, 0.8, 1.0)
    assert pairs.alike().tolist() == [False, True, True]
    assert any("'bad' is no number" in line for line in said)
    file.write_text(head + "甲\t乙\t1\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="every label is 1"):
        read_pairs(file)


def test_only_alike_or_only_unlike_pairs_train() -> None:
    """One kind of pair alone, or batches without one, are no error and give finite vectors."""
    for degree in (0.0, 1.0):
        pairs = PairSet("p", (("怎么开户", "怎么销户"), ("开户流程", "销户流程")), (degree,) * 2)
        tiny = TrainingSettings(dimensions=16, rounds=1, least_steps=5)
        vectors = train_encoder([pairs], seed=0, settings=tiny).encode(["开户"])
        assert np.isfinite(vectors).all()


def test_texts_that_share_nothing_cannot_train() -> None:
    """Nothing to learn from is said, not trained on."""
    with pytest.raises(KnowledgeError, match="share no term"):
        train_encoder([PairSet("p", (("甲", "乙"),), (1.0,))], seed=0, settings=SMALL)


def test_a_pair_scores_by_its_own_weights(trained: CompactEncoder) -> None:
    """Equal texts score 1; a negation or another number on one side costs something."""
    pairs = [("能开户吗", "能开户吗"), ("能开户吗", "不能开户吗"), ("买100股", "买200股")]
    scores = hybrid_scores(pairs, LexicalSimilarity(t for p in pairs for t in p), trained)
    assert scores[0] == pytest.approx(1.0, abs=1e-4)
    assert (scores[1:] < scores[0]).all()
    assert trained.pair_weights is BESIDE_TRAINED_VECTORS


def test_damaged_arrays_are_refused(saved: Path) -> None:
    """One changed byte is found by the checksum."""
    content = bytearray((saved / ARRAYS).read_bytes())
    content[len(content) // 2] ^= 1
    (saved / ARRAYS).write_bytes(content)
    with pytest.raises(EncoderError, match="damaged"):
        load_encoder(saved)


def test_missing_arrays_are_named(saved: Path) -> None:
    """A folder that was copied by half says which file is missing."""
    (saved / ARRAYS).unlink()
    with pytest.raises(EncoderError, match=r"encoder\.npz cannot be read"):
        load_encoder(saved)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": FORMAT + 1}, "format 2"),
        ({"kind": "something"}, "does not say kind"),
        ({"sha256": None}, "damaged"),
    ],
)
def test_other_descriptions_are_refused(
    saved: Path, change: dict[str, object], message: str
) -> None:
    """A newer format, another kind or a missing checksum is told apart."""
    raw = json.loads((saved / DESCRIPTION).read_text("utf-8"))
    (saved / DESCRIPTION).write_text(json.dumps({**raw, **change}), encoding="utf-8")
    with pytest.raises(EncoderError, match=message):
        load_encoder(saved)


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_a_description_that_is_none_is_refused(saved: Path, text: str) -> None:
    """Broken JSON is an EncoderError, not a traceback."""
    (saved / DESCRIPTION).write_text(text, encoding="utf-8")
    with pytest.raises(EncoderError, match=r"encoder\.json"):
        load_encoder(saved)


def test_never_writes_over_other_files(trained: CompactEncoder, tmp_path: Path) -> None:
    """A folder with other files, or a file, is left as it is; an encoder is replaced."""
    (tmp_path / "notes.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(EncoderError, match="other files"):
        trained.save(tmp_path, {})
    with pytest.raises(EncoderError, match="is a file"):
        trained.save(tmp_path / "notes.txt", {})
    for _ in range(2):
        trained.save(tmp_path / "new", {})
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == [DESCRIPTION, ARRAYS]


def test_using_it_needs_no_torch(saved: Path) -> None:
    """Loading and encoding leave torch unloaded."""
    code = (
        "import sys, pathlib; from assist.encode import load_encoder;"
        f"load_encoder(pathlib.Path({str(saved)!r})).encode(['开户']);"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _train(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.cli.main", "train", "encoder", *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_command_trains_and_the_folder_is_usable(tmp_path: Path) -> None:
    """`train encoder` prints one JSON object, and `eval similarity --encoder` takes the folder."""
    pairs = tmp_path / "pairs.tsv"
    rows = [
        f"{a}\t{b}\t{int(a[-1] == b[-1])}"
        for a in ("开户", "办户", "收税")
        for b in ("账户", "印花税")
    ]
    pairs.write_text("\n".join(["text_a\ttext_b\tlabel", *rows]), encoding="utf-8")
    done = _train(str(pairs), "--out", str(tmp_path / "out"), "--dimensions", "16")
    summary = json.loads(done.stdout)
    assert summary["pairs"] == 6
    assert summary["bytes"] == sum(p.stat().st_size for p in (tmp_path / "out").iterdir())
    assert "round" in done.stderr
    assert load_encoder(tmp_path / "out").encode(["开户"]).shape == (1, 16)


def test_command_says_what_it_lacks(tmp_path: Path) -> None:
    """Neither pairs nor a base, or a folder in use, is told before anything is trained."""
    nothing = _train("--out", str(tmp_path / "out"))
    assert nothing.returncode == 1
    assert "--kb FOLDER" in nothing.stderr
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    assert "holds other files" in _train("absent.tsv", "--out", str(tmp_path)).stderr
