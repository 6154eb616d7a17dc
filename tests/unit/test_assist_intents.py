"""Intents: learnt from a few examples, guessed, rejected, read from files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rapidfuzz import fuzz, process

from assist.errors import KnowledgeError
from assist.evaluate_intents import Confusion, evaluate_intents, report_of
from assist.intents import OUT_OF_SCOPE, IntentClassifier
from assist.intents_examples import Example, read_examples, spoken_name
from assist.intents_features import TermFeatures, terms_of
from assist.intents_linear import learn
from assist.intents_reject import Acceptance, Evidence, Trials, settle
from news.text import fold

HELD_OUT = Path(__file__).resolve().parents[1] / "data" / "intents_heldout.tsv"


@pytest.fixture(scope="module")
def examples(data: Path) -> tuple[Example, ...]:
    """The sample intents of a brokerage."""
    return read_examples(data / "intents" / "brokerage.yaml")


@pytest.fixture(scope="module")
def brokerage(examples: tuple[Example, ...]) -> IntentClassifier:
    """A classifier of the sample intents."""
    return IntentClassifier().fit([e.text for e in examples], [e.intent for e in examples])


def test_sample_intents_are_many_and_clear(examples: tuple[Example, ...]) -> None:
    """About thirty intents with ten to fifteen examples each, no text under two of them."""
    names = {e.intent for e in examples} - {OUT_OF_SCOPE}
    assert len(names) >= 30
    assert all(10 <= sum(e.intent == name for e in examples) <= 15 for name in names)
    assert len({e.text for e in examples}) == len(examples)


def test_held_out_questions_are_not_among_the_examples(examples: tuple[Example, ...]) -> None:
    """What measures the intents was not taught to them."""
    known = [fold(e.text) for e in examples]
    asked = [fold(e.text) for e in read_examples(HELD_OUT)]
    assert not set(known) & set(asked)
    closest = process.cdist(asked, known, scorer=fuzz.ratio, dtype=np.uint8).max(axis=1)
    assert np.mean(closest >= 90) <= 0.02


def test_held_out_questions_find_their_intents(brokerage: IntentClassifier) -> None:
    """Of questions in other words most get their intent, and most of what is none is rejected."""
    scores = report_of(brokerage, read_examples(HELD_OUT)).scores
    assert scores.accuracy >= 0.84
    assert scores.oos_recall is not None
    assert scores.oos_recall >= 0.8


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("帮我reset一下password", "reset_password"),
        ("ＡＰＰ閃退了", "app_problem"),
        ("我要轉人工", "human"),
        ("帮我把刚下的单cancel掉", "cancel_order"),
    ],
)
def test_mixed_and_traditional_texts(brokerage: IntentClassifier, text: str, intent: str) -> None:
    """English words, full-width letters and traditional characters do no harm."""
    assert brokerage.predict([text])[0].label == intent


def test_guess_ranks_three_intents(brokerage: IntentClassifier) -> None:
    """Probabilities fall, stay within 0 and 1, and the first is the guess; `oos` is no intent."""
    guess = brokerage.predict(["我忘记交易密码了"])[0]
    ranked = [r.probability for r in guess.alternatives]
    assert (guess.intent, guess.label) == ("reset_password", "reset_password")
    assert guess.probability == ranked[0]
    assert len(ranked) == 3
    assert 1 >= ranked[0] >= ranked[1] >= ranked[2] >= 0
    assert OUT_OF_SCOPE not in brokerage.intents


@pytest.mark.parametrize("text", ["", "  ", "？？", "\U0001f600", "\ud800", "ψ", "x" * 5000])
def test_text_without_a_known_word_is_out_of_scope(brokerage: IntentClassifier, text: str) -> None:
    """Nothing to go by is no reason to start a flow, and no reason to fail."""
    assert brokerage.predict([text])[0].out_of_scope
    two = IntentClassifier().fit(["怎么开户", "转人工"], ["open", "human"])
    assert two.predict([text])[0].out_of_scope


def test_same_examples_give_the_same_model(examples: tuple[Example, ...]) -> None:
    """Learning draws nothing by chance that a second run would not draw."""
    some = [e for e in examples if e.intent in ("open_star", "open_chinext", "human", "quote")]
    texts, intents = [e.text for e in some], [e.intent for e in some]
    first, second = (IntentClassifier().fit(texts, intents) for _ in range(2))
    assert first.predict(texts) == second.predict(texts)


def test_two_intents_with_one_example_each_are_enough() -> None:
    """The fewest that can be learnt from; nothing is rejected where nothing can be tried."""
    classifier = IntentClassifier().fit(["怎么开户", "转人工"], ["open", "human"])
    assert [g.label for g in classifier.predict(["我要开户", "人工服务"])] == ["open", "human"]


@pytest.mark.parametrize("intents", [[], ["open"], ["open", "oos"]])
def test_fewer_than_two_intents_are_refused(intents: list[str]) -> None:
    """The message says how many there are."""
    with pytest.raises(KnowledgeError, match="two or more are needed"):
        IntentClassifier().fit(["怎么开户"] * len(intents), intents)


def test_guessing_before_learning_is_refused() -> None:
    """The next step is named."""
    with pytest.raises(KnowledgeError, match="call fit"):
        IntentClassifier().predict(["怎么开户"])
    assert IntentClassifier().fit(["开户", "销户"], ["a", "b"]).predict([]) == ()


def test_many_examples_are_learnt_by_the_other_way() -> None:
    """With more examples than a softmax is for, an SVM tells two and three intents apart."""
    doing = {"open": "开户", "close": "销户", "pay": "转账"}
    for number in (2, 3):
        chosen = list(doing.items())[:number]
        texts = [f"{n}号客户想{do}" for _, do in chosen for n in range(60)]
        intents = [name for name, _ in chosen for _ in range(60)]
        terms = TermFeatures.learn([terms_of(text) for text in texts])
        features, unknown = terms.matrix([terms_of(text) for text in texts])
        model = learn(features, intents)
        guessed = [model.intents[n] for n in model.logits(features).argmax(axis=1)]
        assert guessed == intents
        assert not unknown.any()


def test_intent_names_count_as_examples() -> None:
    """A name says in English what its examples do not."""
    assert spoken_name("card_arrival") == "card arrival"
    assert spoken_name("cardArrival") == "card Arrival"
    classifier = IntentClassifier().fit(
        ["钱转不出来", "转账失败", "换个手机号", "号码换了"],
        ["transfer_failed", "transfer_failed", "change_phone", "change_phone"],
    )
    assert classifier.predict(["my phone is another one"])[0].intent == "change_phone"


def test_acceptance_gives_up_little_where_little_is_caught() -> None:
    """Texts of unseen intents that look like known ones are no reason to reject known ones."""
    random = np.random.default_rng(0)
    truth = np.repeat([0, 1, -1], 200)
    logits, nothing = random.normal(0, 0.3, (600, 2)), np.zeros(600)
    logits[:200, 0] += 2
    logits[200:400, 1] += 2
    logits[400:, 0] += 2
    alike = settle(Trials(Evidence(logits, nothing, nothing > 0, None, None), truth))
    logits[400:, 0] -= 2
    apart = settle(Trials(Evidence(logits, nothing, nothing > 0, None, None), truth))

    def rejected(acceptance: Acceptance, rows: slice) -> float:
        evidence = Evidence(logits[rows], nothing[rows], nothing[rows] > 0, None, None)
        return 1 - float(np.mean(acceptance.accepted(evidence)))

    assert rejected(alike, slice(0, 400)) <= 0.01
    assert rejected(apart, slice(400, 600)) >= 0.7
    assert rejected(apart, slice(0, 400)) <= 0.02


def test_probabilities_are_calibrated(shared: Path) -> None:
    """On real questions the mean probability is near the share of right guesses."""
    folder = shared / "eval" / "intents"
    train, test = (read_examples(folder / f"banking77.{n}.tsv") for n in ("train_5", "valid"))
    classifier = IntentClassifier().fit([e.text for e in train], [e.intent for e in train])
    guesses = classifier.predict([e.text for e in test])
    right = np.mean([g.intent == e.intent for g, e in zip(guesses, test, strict=True)])
    assert abs(float(np.mean([g.probability for g in guesses])) - float(right)) < 0.05


def test_few_shot_beats_a_plain_svm(shared: Path) -> None:
    """On real questions with five examples an intent (TF-IDF and a linear SVM give 0.623)."""
    folder = shared / "eval" / "intents"
    scores = evaluate_intents(folder / "banking77.train_5.tsv", folder / "banking77.valid.tsv")
    assert scores.accuracy >= 0.66
    assert scores.in_scope_rejected <= 0.02


def test_report_names_what_is_confused(brokerage: IntentClassifier) -> None:
    """Each intent has precision and recall; confusions are counted."""
    asked = [
        Example("我要销户", "close_account"),
        Example("转人工", "complaint"),
        Example("人工服务", "complaint"),
        Example("讲个笑话吧", OUT_OF_SCOPE),
    ]
    report = report_of(brokerage, asked)
    assert report.confusions == (Confusion("complaint", "human", 2),)
    worst = report.intents[0]
    assert (worst.intent, worst.precision, worst.recall, worst.n) == ("complaint", None, 0.0, 2)
    assert report.scores.accuracy == round(1 / 3, 4)
    with pytest.raises(KnowledgeError, match="only rows of 'oos'"):
        report_of(brokerage, asked[-1:])


def test_yaml_and_tsv_give_the_same_examples(tmp_path: Path) -> None:
    """Editors write YAML, programs TSV; one reader takes both."""
    form = tmp_path / "a.yaml"
    form.write_text(
        "intents:\n  open: [怎么开户, 我要开户, 怎么开户]\n  oos:\n  - 下雨吗\n", "utf-8"
    )
    table = tmp_path / "a.tsv"
    table.write_text("text\tintent\n怎么开户\topen\n我要开户\topen\n下雨吗\toos\n", "utf-8")
    assert read_examples(form) == read_examples(table)
    assert len(read_examples(form, limit=2)) == 2


def test_text_under_two_intents_is_told(tmp_path: Path) -> None:
    """It is kept, for data are data, but the editor hears of it."""
    form, said = tmp_path / "a.yaml", list[str]()
    form.write_text("intents:\n  open: [办理]\n  close: [办理]\n", "utf-8")
    assert len(read_examples(form, say=said.append)) == 2
    assert said == [f"{form}: '办理' stands under open and close; keep one of them"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("intents: {open: [1]}", r"intents\.open\.0: .*given '1'.*in quotes"),
        ("intents: {open: 怎么开户}", r"intents\.open: .*list"),
        ("intents: {}", "holds no example"),
        ("intent: {open: [怎么开户]}", "is the form|the form is"),
        ("- 怎么开户", "the form is"),
        ("intents: [", "is no YAML"),
        ("", "the form is"),
    ],
)
def test_malformed_yaml_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    """The message names the file, the place and the form that is wanted."""
    path = tmp_path / "a.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(KnowledgeError, match=reason) as raised:
        read_examples(path)
    assert str(raised.value).startswith(str(path))


def test_unreadable_yaml_is_refused(tmp_path: Path) -> None:
    """A missing file and one in another encoding are named."""
    with pytest.raises(KnowledgeError, match="cannot be read"):
        read_examples(tmp_path / "none.yaml")
    path = tmp_path / "a.yml"
    path.write_bytes("intents: {开户: [怎么开户]}".encode("gb18030"))
    with pytest.raises(KnowledgeError, match="no UTF-8"):
        read_examples(path)
