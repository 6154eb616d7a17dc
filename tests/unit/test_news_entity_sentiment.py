"""Tones towards entities, their relevance, and negative news with its subject."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from news.article import Sentiment
from news.entity_sentiment import EntitySentiment, NegativeNews, mentions_of, relevances
from news.errors import DataFileError
from news.learned_moves import moves_around, nearest_moves
from news.learned_pieces import TEXT_FAMILIES, PieceSpace, plain, text_segments
from news.learned_sentiment import (
    Judgement,
    NegativeNewsModel,
    NegativeRow,
    Subject,
    score_judgements,
)
from news.learned_tone import EntityToneModel, ToneRow, score_tones
from news.sentiment import SentimentLexicon

NAMES = (
    "青山股份",
    "白云科技",
    "长河集团",
    "金桥银行",
    "红叶食品",
    "蓝海重工",
    "明月药业",
    "星光电子",
)
GOOD = ("净利润大增", "中标重大订单", "股价涨停")
BAD = ("净利润大降", "被立案调查", "股价跌停")


@pytest.fixture(scope="module")
def lexicon(data: Path) -> SentimentLexicon:
    """The shipped word list."""
    folder = data / "lexicons"
    return SentimentLexicon.load(folder / "sentiment.tsv", folder / "negations.txt")


def tone_rows() -> list[ToneRow]:
    """Two companies a text, one that fares well and one that fares badly."""
    rows = []
    for n, first in enumerate(NAMES):
        second = NAMES[(n + 3) % len(NAMES)]
        for good, bad in zip(GOOD, BAD, strict=True):
            text = f"{first}今日公告{good}。{second}方面，{bad}。"
            rows.append(ToneRow(text, first, Sentiment.POSITIVE))
            rows.append(ToneRow(text, second, Sentiment.NEGATIVE))
    return rows


def negative_rows() -> list[NegativeRow]:
    """Bad news about one of two companies, and good news about both."""
    rows = []
    for n, first in enumerate(NAMES):
        second = NAMES[(n + 1) % len(NAMES)]
        for good, bad in zip(GOOD, BAD, strict=True):
            pair = (first, second)
            rows.append(NegativeRow("", f"{first}{bad}，律师来自{second}。", pair, True, (first,)))
            rows.append(NegativeRow("", f"{first}{good}，合作方为{second}。", pair, False, ()))
    return rows


@pytest.fixture(scope="module")
def tones() -> EntityToneModel:
    """A model of the invented tones."""
    return EntityToneModel.fit(tone_rows())


@pytest.fixture(scope="module")
def negatives() -> NegativeNewsModel:
    """A model of the invented bad news."""
    return NegativeNewsModel.fit(negative_rows())


def test_rules_tell_the_entities_of_one_text_apart(lexicon: SentimentLexicon) -> None:
    """Of two companies in one text, each gets the tone of its own clause."""
    text = "青山股份净利润大增，白云科技被立案调查。"
    found = EntitySentiment(lexicon).score(text, mentions_of(text, ["青山股份", "白云科技"]))
    tones = {tone.entity_id: tone for tone in found}
    assert tones["青山股份"].sentiment is Sentiment.POSITIVE
    assert tones["白云科技"].sentiment is Sentiment.NEGATIVE
    assert tones["青山股份"].score > 0 > tones["白云科技"].score
    assert all(0 < tone.confidence <= 1 for tone in found)


def test_a_list_shares_the_predicate_behind_it(lexicon: SentimentLexicon) -> None:
    """Every company of a list gets the tone of the words that follow the list."""
    text = "午后走势分化。青山股份、白云科技、长河集团跌停。"
    found = EntitySentiment(lexicon).score(text, mentions_of(text, NAMES[:3]))
    assert [tone.sentiment for tone in found] == [Sentiment.NEGATIVE] * 3


def test_nothing_said_is_neutral(lexicon: SentimentLexicon) -> None:
    """A text without any word of the list is neutral, and no mention gives no tone."""
    text = "青山股份将于周五召开股东大会。"
    (tone,) = EntitySentiment(lexicon).score(text, mentions_of(text, ["青山股份"]))
    assert (tone.sentiment, tone.score) == (Sentiment.NEUTRAL, 0.0)
    assert EntitySentiment(lexicon).score(text, ()) == ()
    assert (
        EntitySentiment(lexicon).towards("净利润大增", "青山股份").sentiment is Sentiment.POSITIVE
    )


def test_headline_and_lead_make_relevant() -> None:
    """An entity of the headline is more relevant than one named once further down."""
    content = "青山股份发布年报\n青山股份营收增长。分析师还提到了行业情况。白云科技为其客户。"
    found = relevances(content, mentions_of(content, ["青山股份", "白云科技"]))
    assert 1 > found["青山股份"] > 0.7 > 0.5 > found["白云科技"] > 0


def test_a_longer_name_is_meant_where_it_holds_a_shorter_one() -> None:
    """The short name inside the long one is no mention of its own."""
    found = mentions_of("长河集团财务公司与长河集团签约", ["长河集团", "长河集团财务公司"])
    assert [m.entity_id for m in found] == ["长河集团财务公司", "长河集团"]
    assert mentions_of("任何文本", []) == ()


def test_rules_name_the_subject_of_bad_news(lexicon: SentimentLexicon) -> None:
    """Bad news names the company that it is bad for; good news names none."""
    judge = NegativeNews(EntitySentiment(lexicon))
    bad = judge.judge("", "青山股份被立案调查。白云科技净利润大增。", NAMES[:2])
    assert bad.negative or bad.subjects == ()
    worse = judge.judge("青山股份被立案调查", "青山股份跌停。白云科技中标大单。", NAMES[:2])
    assert worse.negative
    assert [subject.name for subject in worse.subjects] == ["青山股份"]
    assert not judge.judge("", "青山股份净利润大增。", NAMES[:1]).negative


def test_learned_tones_follow_the_clause(tones: EntityToneModel) -> None:
    """A model tells two entities of one new text apart, and is sure to some degree."""
    first, second = tones.tones(
        "紫荆重工今日公告净利润大增。翠竹纸业方面，被立案调查。", ["紫荆重工", "翠竹纸业"]
    )
    assert first.sentiment is Sentiment.POSITIVE
    assert second.sentiment is Sentiment.NEGATIVE
    assert 0.5 < first.chance <= 1
    assert first.score > 0 > second.score
    assert tones.expected is not None
    assert tones.expected.accuracy > 0.9


def test_tones_do_not_depend_on_the_company_of_others(tones: EntityToneModel) -> None:
    """An entity's tone is the same whether it is asked for alone or with others."""
    text = "青山股份今日公告中标重大订单。白云科技方面，股价跌停。"
    alone = tones.tones(text, ["白云科技"])[0]
    together = tones.tones(text, ["青山股份", "白云科技", "不在文中"])
    assert len(together) == 3
    assert together[1].sentiment is alone.sentiment
    assert together[1].score == pytest.approx(alone.score, abs=1e-3)


def test_learned_bad_news_has_its_subject(negatives: NegativeNewsModel) -> None:
    """New bad news is found with the company that it is about, not the one beside it."""
    judged = negatives.judge("", "紫荆重工被立案调查，律师来自翠竹纸业。", ("翠竹纸业", "紫荆重工"))
    assert judged.negative
    assert judged.chance > 0.5
    assert [subject.name for subject in judged.subjects] == ["紫荆重工"]
    good = negatives.judge("", "紫荆重工净利润大增，合作方为翠竹纸业。", ("紫荆重工",))
    assert (good.negative, good.subjects) == (False, ())


@pytest.mark.parametrize("text", ["", "。。。", "zzz", "\ud800", "净利润大降" * 2000])
def test_any_text_is_judged(
    negatives: NegativeNewsModel, tones: EntityToneModel, text: str
) -> None:
    """Empty, foreign, broken and very long texts, and names that are not in them, are fine."""
    assert 0 <= negatives.judge(text, text, ("", "青山股份", "青山股份")).chance <= 1
    assert 0 <= negatives.judge("", text, ()).chance <= 1
    assert len(tones.tones(text, ["青山股份", ""])) == 2


def test_saved_models_judge_the_same(
    negatives: NegativeNewsModel, tones: EntityToneModel, tmp_path: Path
) -> None:
    """Saving and loading change nothing."""
    negatives.save(tmp_path / "negative")
    tones.save(tmp_path / "tones")
    row, tone = negative_rows()[0], tone_rows()[0]
    again = NegativeNewsModel.load(tmp_path / "negative")
    assert again.judge("", row.text, row.entities) == negatives.judge("", row.text, row.entities)
    loaded = EntityToneModel.load(tmp_path / "tones")
    assert loaded.tones(tone.text, [tone.entity]) == tones.tones(tone.text, [tone.entity])


def test_one_model_is_not_taken_for_another(tones: EntityToneModel, tmp_path: Path) -> None:
    """A folder of another kind, a damaged one and none at all are refused with the next step."""
    tones.save(tmp_path / "tones")
    with pytest.raises(DataFileError, match="foreland train sentiment"):
        NegativeNewsModel.load(tmp_path / "tones")
    with pytest.raises(DataFileError, match="foreland train entity-sentiment"):
        EntityToneModel.load(tmp_path / "nowhere")
    arrays = tmp_path / "tones" / "model.npz"
    arrays.write_bytes(arrays.read_bytes()[:-10])
    with pytest.raises(DataFileError, match="damaged"):
        EntityToneModel.load(tmp_path / "tones")


def test_one_sided_examples_are_refused() -> None:
    """One tone alone, or bad news alone, teaches nothing: the error says what to give."""
    happy = [row for row in tone_rows() if row.sentiment is Sentiment.POSITIVE]
    with pytest.raises(DataFileError, match="more than one tone"):
        EntityToneModel.fit(happy)
    with pytest.raises(DataFileError, match="of both kinds"):
        NegativeNewsModel.fit([row for row in negative_rows() if row.negative])
    with pytest.raises(DataFileError, match="of both kinds"):
        NegativeNewsModel.fit([])


def test_subjects_count_by_text_and_name() -> None:
    """Subject F1 is over pairs of text and exact name; a missed text misses its subjects."""
    row = NegativeRow("", "甲乙", ("甲", "乙"), True, ("甲",))
    right = Judgement(True, 0.9, (Subject("甲", 0.9),))
    both = Judgement(True, 0.9, (Subject("甲", 0.9), Subject("乙", 0.6)))
    assert score_judgements([row], [right]).subject_f1 == 1.0
    assert score_judgements([row], [both]).subject_f1 == pytest.approx(0.6667)
    missed = score_judgements([row, row], [right, Judgement(False, 0.1)])
    assert missed.negative_f1 == missed.subject_f1 == pytest.approx(0.6667)


def test_tone_scores_count_only_tones_that_occur() -> None:
    """A tone that neither side has does not count as found."""
    positive, negative = Sentiment.POSITIVE, Sentiment.NEGATIVE
    scores = score_tones([positive, negative], [positive, positive])
    assert (scores.accuracy, scores.macro_f1, scores.n) == (0.5, pytest.approx(0.3333), 2)


def test_moves_keep_their_order_around_the_entity() -> None:
    """In a list with 分别, the move of the entity's own place is read."""
    sentence = "青山、白云和长河分别增长5%、3%和下降2%"
    start = sentence.index("长河")
    assert moves_around(sentence, start, start + 2) == (*"、@", "each", *"+、-")
    assert "own-" in nearest_moves(sentence, start, start + 2)
    assert "own+" in nearest_moves(sentence, sentence.index("白云"), sentence.index("白云") + 2)


def test_pieces_do_not_cross_texts() -> None:
    """Rows are cut apart: the features of a text do not depend on its neighbours."""
    texts = [plain(t) for t in ("净利润大增", "净利润大降", "", "利润大增")]
    segments = [s for row, text in enumerate(texts) for s in text_segments(row, text)]
    space = PieceSpace.learn(TEXT_FAMILIES, segments, len(texts))
    together = space.matrix(segments, len(texts)).toarray()
    for row, text in enumerate(texts):
        alone = space.matrix(text_segments(0, text), 1).toarray()[0]
        np.testing.assert_allclose(together[row], alone, atol=1e-6)


def labelled(shared: Path, name: str, rows: int) -> list[dict[str, object]]:
    """The first rows of a labelled file."""
    path = shared / "eval" / "news" / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()[:rows]]


def test_real_bad_news_is_found_with_its_subject(shared: Path) -> None:
    """A fifth of the labelled news teaches negative F1 above 0.92 and subject F1 above 0.85."""
    rows = [
        NegativeRow(
            r["title"], r["text"], tuple(r["entities"]), r["negative"], tuple(r["subjects"])
        )
        for r in labelled(shared, "finnsp.train.jsonl", 1100)
    ]
    model = NegativeNewsModel.fit(rows[:800])
    found = [model.judge(row.title, row.text, row.entities) for row in rows[800:]]
    scores = score_judgements(rows[800:], found)
    assert scores.negative_f1 > 0.92
    assert scores.subject_f1 > 0.85


def test_real_tones_are_told(shared: Path, lexicon: SentimentLexicon) -> None:
    """The word list tells three tones in four, a model of a third of the rows four in five."""
    rows = [
        ToneRow(r["text"], r["entity"], Sentiment(r["sentiment"]))
        for r in labelled(shared, "cfsc_sentiment.part1.jsonl", 1700)
    ]
    truth, ruled = [row.sentiment for row in rows[1300:]], EntitySentiment(lexicon)
    by_words = [ruled.towards(row.text, row.entity).sentiment for row in rows[1300:]]
    assert score_tones(truth, by_words).accuracy > 0.75
    model = EntityToneModel.fit(rows[:1300])
    learned = [model.tones(row.text, [row.entity])[0].sentiment for row in rows[1300:]]
    assert score_tones(truth, learned).accuracy > 0.8
