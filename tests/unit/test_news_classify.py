"""Learned tags."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from news.classify import TextClassifier, evaluate_tags
from news.classify_decision import Decision, best_decision, label_matrix, micro_f1
from news.errors import DataFileError

PLACES = {"国内": ("上海", "北京", "广东", "四川"), "海外": ("纽约", "伦敦", "东京", "巴黎")}
TOPICS = {
    "股市": ("股指午后走高，成交放量", "大盘震荡收跌，板块分化"),
    "天气": ("今夜有中雨，气温下降", "明天晴转多云，风力减弱"),
    "体育": ("球队主场取胜，升至榜首", "决赛加时分出胜负，夺得冠军"),
}


def corpus() -> tuple[list[str], list[tuple[str, str]]]:
    """Texts of a place and a topic each, with these two labels."""
    rows = [
        (f"{city}{verb}：{line}", (place, topic))
        for place, cities in PLACES.items()
        for city in cities
        for topic, lines in TOPICS.items()
        for line in lines
        for verb in ("快讯", "消息", "报道")
    ]
    return [text for text, _ in rows], [labels for _, labels in rows]


@pytest.fixture(scope="module")
def classifier() -> TextClassifier:
    """A classifier of places and topics."""
    return TextClassifier.fit(*corpus())


def test_labels_are_learned_together(classifier: TextClassifier) -> None:
    """New texts get one place and one topic, as every text in training had."""
    predicted = classifier.predict(["上海今天股指走高，成交放量", "伦敦明天有中雨"])
    assert [set(p) for p in predicted] == [{"国内", "股市"}, {"海外", "天气"}]


def test_a_saved_classifier_predicts_the_same(classifier: TextClassifier, tmp_path: Path) -> None:
    """Saving and loading keep labels and scores; the files hold plain data only."""
    classifier.save(tmp_path / "model")
    again = TextClassifier.load(tmp_path / "model")
    texts = corpus()[0]
    assert again.labels == classifier.labels
    assert again.predict(texts) == classifier.predict(texts)
    np.testing.assert_allclose(again.scores(texts), classifier.scores(texts), atol=1e-5)
    with np.load(tmp_path / "model" / "model.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "fi" for name in arrays.files)


def test_no_texts_give_no_predictions(classifier: TextClassifier) -> None:
    """An empty batch is fine, and so are texts without any known word."""
    assert classifier.predict([]) == ()
    assert len(classifier.predict(["", "zzz"])) == 2


def test_one_label_a_text_gives_exactly_one(tmp_path: Path) -> None:
    """Where every training text has one label, every prediction has one."""
    texts, labels = corpus()
    single = TextClassifier.fit(texts, [(topic,) for _, topic in labels])
    assert {len(p) for p in single.predict([*texts, "无关的内容", ""])} == {1}


def test_a_label_of_too_few_texts_is_not_learned() -> None:
    """Two examples teach nothing; the other labels do not suffer."""
    texts, labels = corpus()
    rows = [*labels[:-1], (*labels[-1], "罕见")]
    assert "罕见" not in TextClassifier.fit(texts, rows).labels


@pytest.mark.parametrize(
    ("texts", "labels"),
    [([], []), (["甲"], []), (["甲", "乙"], [("x",), ("y",)]), ([""] * 3, [("x",)] * 3)],
)
def test_what_cannot_teach_is_refused(texts: list[str], labels: list[tuple[str]]) -> None:
    """No rows, uneven rows, no frequent label or no words: an error that says what to give."""
    with pytest.raises(DataFileError, match="give"):
        TextClassifier.fit(texts, labels)


@pytest.mark.parametrize("harm", ["absent", "json", "format", "npz", "labels"])
def test_a_broken_model_is_refused(classifier: TextClassifier, tmp_path: Path, harm: str) -> None:
    """A missing, mangled, foreign or inconsistent model names its folder and the next step."""
    folder = tmp_path / "model"
    if harm != "absent":
        classifier.save(folder)
        described = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        changed = {
            "json": "{",
            "format": json.dumps(described | {"version": 99}),
            "labels": json.dumps(described | {"labels": ["x"]}),
        }
        if harm == "npz":
            (folder / "model.npz").write_bytes(b"PK\x03\x04nonsense")
        else:
            (folder / "model.json").write_text(changed[harm], encoding="utf-8")
    with pytest.raises(DataFileError, match="train and save it again") as caught:
        TextClassifier.load(folder)
    assert str(folder) in str(caught.value)


def test_scores_of_a_perfect_and_a_useless_test_set() -> None:
    """Scoring on the training rows is near perfect, on foreign labels zero."""
    rows = list(zip(*corpus(), strict=True))
    scores = evaluate_tags(rows, rows)
    assert scores.micro_f1 > 0.95
    assert scores.macro_f1 > 0.95
    assert scores.n == len(rows)
    assert evaluate_tags(rows, [("上海股指走高", ("别的",))]).micro_f1 == 0.0


def test_sets_keep_labels_apart_that_exclude_each_other() -> None:
    """With label sets, one of two rivals is chosen even where both or neither pass."""
    decision = Decision(np.zeros(2, np.float32), ((0,), (1,)))
    scores = np.array([[0.5, 0.4], [-0.9, -0.2]], np.float32)
    assert decision.choose(scores).tolist() == [[True, False], [False, True]]


def test_thresholds_are_chosen_where_sets_do_not_help() -> None:
    """Independent labels with shifted scores are decided by thresholds of their own."""
    random = np.random.default_rng(5)
    truth = random.random((400, 6)) < 0.3
    scores = (truth * 0.4 - 0.5 + random.normal(0, 0.05, truth.shape)).astype(np.float32)
    decision, f1 = best_decision(scores, truth, np.ones(400, np.bool_))
    assert decision.sets == ()
    assert f1 > 0.95


def test_f1_of_nothing_is_one() -> None:
    """Nothing to find and nothing found is right."""
    empty = label_matrix([(), ()], ["a"])
    assert micro_f1(empty, empty) == 1.0
    assert micro_f1(empty, label_matrix([("a",), ()], ["a"])) == 0.0


def test_real_news_tags_are_learned(shared: Path) -> None:
    """A third of the labelled news is enough for a micro-F1 above 0.8 on other news."""
    path = shared / "eval" / "news" / "finnl.train.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:3000]]
    pairs = [(row["text"], tuple(row["tags"])) for row in rows]
    assert evaluate_tags(pairs[:2400], pairs[2400:]).micro_f1 > 0.8
