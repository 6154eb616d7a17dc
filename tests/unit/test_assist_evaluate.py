"""Measuring on labelled files."""

from __future__ import annotations

from pathlib import Path

import pytest

from assist.errors import KnowledgeError
from assist.evaluate import evaluate_faq, evaluate_similarity
from assist.evaluate_intents import evaluate_intents
from assist.labelled import read_table
from assist.similarity import LexicalSimilarity

KB = "entry_id\tquestion\na\t怎么开户\na\t开户流程\nb\t怎么销户\nc\t印花税多少\n"
QUERIES = "text\tentry_id\n如何开户\ta\n销户\tb\n印花税\tc\n明天下雨吗\ta\n"


def write(folder: Path, name: str, text: str | bytes) -> Path:
    """A file in the folder."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def test_faq_scores(tmp_path: Path) -> None:
    """Three of four queries find their entry first; time is measured for each."""
    kb, queries = write(tmp_path, "kb.tsv", KB), write(tmp_path, "q.tsv", QUERIES)
    ticks = iter(range(100))
    scores = evaluate_faq(kb, queries, timer=lambda: next(ticks) / 1000)
    assert (scores.top1, scores.top3, scores.mrr, scores.n) == (0.75, 0.75, 0.75, 4)
    assert (scores.p50_ms, scores.p99_ms) == (1.0, 1.0)
    assert evaluate_faq(kb, queries, limit=2).n == 2


def test_similarity_scores(tmp_path: Path) -> None:
    """Pairs of like words come above pairs of unlike ones."""
    pairs = "text_a\ttext_b\tlabel\n怎么开户\t如何开户\t1\n怎么开户\t能开户吗\t1\n"
    pairs += "怎么开户\t印花税多少\t0\n今天下雨\t股票代码\t0\n"
    scores = evaluate_similarity(write(tmp_path, "p.tsv", pairs))
    assert scores.n == 4
    assert scores.spearman > 0.5
    assert scores.auc is not None
    assert scores.auc > 0.8


def test_negation_numbers_and_order_count() -> None:
    """A negation, another number and shuffled words each make two texts less alike."""
    texts = ["能开户吗", "不能开户吗", "买100股", "买200股", "银行转证券", "证券转银行"]
    similarity = LexicalSimilarity(texts)
    for text, other in zip(texts[::2], texts[1::2], strict=True):
        assert similarity.score(text, other) < similarity.score(text, text)
        assert similarity.score(text, other) == similarity.score(other, text)
    assert similarity.score("", "开户") < 0.1


def test_intent_scores(tmp_path: Path) -> None:
    """Rows out of scope count in their own figure."""
    rows = [f"怎么{do}第{n}种\t{do}" for do in ("开户", "销户") for n in range(6)]
    train = write(tmp_path, "t.tsv", "text\tintent\n" + "\n".join(rows))
    test = write(tmp_path, "e.tsv", "text\tintent\n想开户\t开户\n想销户\t销户\n下雨了\toos\n")
    scores = evaluate_intents(train, test)
    assert (scores.accuracy, scores.n) == (1.0, 3)
    assert scores.oos_recall in (0.0, 1.0)


def test_bad_rows_are_told_and_skipped(tmp_path: Path) -> None:
    """Wrong field counts, empty fields and empty lines are named, the rest is used."""
    said: list[str] = []
    path = write(tmp_path, "kb.tsv", KB + "x\n\nd\t\ne\t好\t多\n")
    table = read_table(path, ("entry_id", "question"), say=said.append)
    assert (len(table.rows), table.skipped) == (4, 4)
    assert said == [
        f"{path}:6: skipped, 1 fields where the header has 2",
        f"{path}:7: skipped, empty line",
        f"{path}:8: skipped, an empty field",
        f"{path}: 4 bad rows skipped",
    ]


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    """Columns are found by their names; a byte-order mark and CRLF do no harm."""
    path = write(tmp_path, "q.tsv", "\ufeffnote\tquestion\tentry_id\r\nx\t怎么开户\ta\r\n")
    assert read_table(path, ("entry_id", "question")).rows == (("a", "怎么开户"),)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", r"kb\.tsv: is empty"),
        (b"id\tquestion\na\tb\n", r"kb\.tsv:1: no column entry_id"),
        (b"entry_id\tquestion\n", r"kb\.tsv: no usable row among 0"),
        (b"entry_id\tquestion\n\t\n", r"kb\.tsv: no usable row among 1"),
        ("entry_id\tquestion\na\t开户\n".encode("gb18030"), r"kb\.tsv:2: is no UTF-8"),
    ],
)
def test_unusable_file_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """The message names the file, the line where there is one, and what is wanted."""
    with pytest.raises(KnowledgeError, match=reason):
        read_table(write(tmp_path, "kb.tsv", content), ("entry_id", "question"))


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A path that is not there is named."""
    with pytest.raises(KnowledgeError, match=r"nowhere\.tsv: cannot be read"):
        read_table(tmp_path / "nowhere.tsv", ("text",))


def test_label_that_is_no_number_is_a_bad_row(tmp_path: Path) -> None:
    """A pair with a broken label is skipped; where nothing is left the file is refused."""
    path = write(tmp_path, "p.tsv", "text_a\ttext_b\tlabel\n甲\t乙\tnan\n甲\t乙\t高\n")
    with pytest.raises(KnowledgeError, match="no usable row"):
        evaluate_similarity(path)


def test_one_label_only_is_refused(tmp_path: Path) -> None:
    """Nothing can be told apart where every label is the same."""
    path = write(tmp_path, "p.tsv", "text_a\ttext_b\tlabel\n甲\t乙\t1\n丙\t丁\t1\n")
    with pytest.raises(KnowledgeError, match="two values"):
        evaluate_similarity(path)


def test_real_retrieval_beats_plain_tfidf(shared: Path) -> None:
    """On real questions the first entry is right more often than by TF-IDF (0.856 and 0.171)."""
    faq = shared / "eval" / "faq"
    lcqmc = evaluate_faq(faq / "lcqmc.kb.tsv", faq / "lcqmc.queries.tsv", limit=600)
    assert lcqmc.top1 >= 0.89
    bank = evaluate_faq(faq / "bq.kb.tsv", faq / "bq.queries.tsv")
    assert bank.top1 >= 0.23


def test_real_similarity_beats_plain_tfidf(shared: Path) -> None:
    """On real pairs the rank correlation is above that of TF-IDF (0.454 and 0.413)."""
    folder = shared / "eval" / "similarity"
    assert evaluate_similarity(folder / "bq.dev.tsv", limit=4000).spearman >= 0.47
    assert evaluate_similarity(folder / "lcqmc.dev.tsv", limit=4000).spearman >= 0.43
