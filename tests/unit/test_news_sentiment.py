"""Tone of articles by the word list."""

from __future__ import annotations

from pathlib import Path

import pytest

from news.article import Sentiment
from news.errors import DataFileError
from news.sentiment import SentimentLexicon

WORDS = """word	polarity	weight
增长	1	1
亏损	-1	1
亏损收窄	1	1
风险	-1	1
造假	-1	2
平稳	1	0.5
"""
NEGATIONS = "不\n没有\n并非\n否认\n未\n"


@pytest.fixture
def lexicon(tmp_path: Path) -> SentimentLexicon:
    """A lexicon of six words and five negations."""
    words, negations = tmp_path / "words.tsv", tmp_path / "negations.txt"
    words.write_text(WORDS, encoding="utf-8")
    negations.write_text(NEGATIONS, encoding="utf-8")
    return SentimentLexicon.load(words, negations)


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("公司业绩增长", Sentiment.POSITIVE),
        ("公司出现亏损", Sentiment.NEGATIVE),
        ("公司亏损收窄", Sentiment.POSITIVE),
        ("公司召开会议", Sentiment.NEUTRAL),
        ("增长与亏损并存", Sentiment.NEUTRAL),
        ("", Sentiment.NEUTRAL),
        ("股价涨3.5%", Sentiment.POSITIVE),
        ("股价跌超4%", Sentiment.NEGATIVE),
    ],
)
def test_words_give_the_tone(lexicon: SentimentLexicon, text: str, tone: Sentiment) -> None:
    """Good and bad words decide, the longest word wins, balance and silence are neutral."""
    assert lexicon.score("", text)[0] is tone


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("公司没有增长", Sentiment.NEGATIVE),
        ("公司否认财务造假", Sentiment.POSITIVE),
        ("并非没有风险", Sentiment.NEGATIVE),
        ("公司没有回应，业绩增长", Sentiment.POSITIVE),
        ("业绩不断增长，未来增长可期", Sentiment.POSITIVE),
        ("没有任何一个部门和任何一家子公司今年不曾出现增长", Sentiment.NEGATIVE),
    ],
)
def test_negation_turns_a_word_over_within_its_clause(
    lexicon: SentimentLexicon, text: str, tone: Sentiment
) -> None:
    """One negation turns, two cancel, one in another clause or far away does nothing."""
    assert lexicon.score("", text)[0] is tone


def test_headline_weighs_twice_and_degree_words_count(lexicon: SentimentLexicon) -> None:
    """The same word moves the score more in the headline and after 大幅, less after 略微."""
    plain = lexicon.score("", "业绩增长")[1]
    assert lexicon.score("业绩增长", "")[1] > plain
    assert lexicon.score("", "业绩大幅增长")[1] > plain > lexicon.score("", "业绩略微增长")[1]


def test_score_stays_within_its_bounds_and_repeats_fade(lexicon: SentimentLexicon) -> None:
    """However often a word is repeated, the score stays below 1 and grows ever slower."""
    once, twice, many = (lexicon.score("", "增长，" * n)[1] for n in (1, 2, 500))
    assert 0 < once < twice < many < 1
    assert twice - once < once


def test_width_case_and_traditional_characters_do_not_matter(lexicon: SentimentLexicon) -> None:
    """Words are found in traditional characters and full width."""
    assert lexicon.score("", "業績增長")[0] is Sentiment.POSITIVE
    assert lexicon.score("", "股價漲３％")[0] is Sentiment.POSITIVE


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("word\tpolarity\n甲\t1\n", "1: no column weight"),
        ("word\tpolarity\tweight\n甲\t2\t1\n", "2: '甲', '2', '1'"),
        ("word\tpolarity\tweight\n甲\t1\t0\n", "above 0"),
        ("word\tpolarity\tweight\n甲\t1\tmuch\n", "2: "),
        ("word\tpolarity\tweight\n甲\t1\n", "2: "),
    ],
)
def test_broken_word_list_names_file_and_line(tmp_path: Path, content: str, message: str) -> None:
    """A bad column, polarity or weight is refused with its line and what is allowed."""
    words, negations = tmp_path / "words.tsv", tmp_path / "negations.txt"
    words.write_text(content, encoding="utf-8")
    negations.write_text("不\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=message) as caught:
        SentimentLexicon.load(words, negations)
    assert str(words) in str(caught.value)


def test_missing_negations_are_refused(tmp_path: Path) -> None:
    """A file that is not there is a data file error."""
    words = tmp_path / "words.tsv"
    words.write_text(WORDS, encoding="utf-8")
    with pytest.raises(DataFileError, match=r"absent\.txt"):
        SentimentLexicon.load(words, tmp_path / "absent.txt")


@pytest.mark.parametrize(
    ("headline", "tone"),
    [
        ("公司净利润大增，创历史新高", Sentiment.POSITIVE),
        ("公司涉嫌信息披露违法被立案调查", Sentiment.NEGATIVE),
        ("公司召开2024年第一次临时股东大会", Sentiment.NEUTRAL),
    ],
)
def test_project_words_give_typical_tones(data: Path, headline: str, tone: Sentiment) -> None:
    """The project's own lists load and give the obvious tone."""
    words, negations = (data / "lexicons" / n for n in ("sentiment.tsv", "negations.txt"))
    if not (words.exists() and negations.exists()):
        pytest.skip("data/lexicons/sentiment.tsv is not there")
    assert SentimentLexicon.load(words, negations).score(headline, "")[0] is tone
