"""Tagging by trigger words."""

from __future__ import annotations

from pathlib import Path

import pytest

from news.article import TagGroup
from news.errors import DataFileError
from news.tag import TopicTagger

RULES = """
- tag: 分红
  group: topic
  any: [现金分红, 派现]
  title_weight: 2
- tag: 新股
  group: topic
  any: [IPO, 招股书]
  none: [退市整理期]
- tag: 银行
  group: industry
  any: [商业银行, 净息差]
"""


@pytest.fixture
def tagger(tmp_path: Path) -> TopicTagger:
    """A tagger over three small rules."""
    path = tmp_path / "topics.yaml"
    path.write_text(RULES, encoding="utf-8")
    return TopicTagger.load(path)


def names(tagger: TopicTagger, headline: str, text: str) -> list[str]:
    """Names of the tags of an article."""
    return [tag.name for tag in tagger.tag(headline, text)]


def test_word_in_headline_weighs_more_than_in_text(tagger: TopicTagger) -> None:
    """The same word gives more confidence in the headline; the group comes with the tag."""
    (high,) = tagger.tag("公司宣布现金分红", "")
    (low,) = tagger.tag("", "公司宣布现金分红")
    assert (high.name, high.group) == ("分红", TagGroup.TOPIC)
    assert 0.5 <= low.confidence < high.confidence < 1


def test_more_distinct_words_give_more_confidence_and_repeats_do_not(
    tagger: TopicTagger,
) -> None:
    """Confidence grows with distinct words only, and stays below 1."""
    one = tagger.tag("", "派现")[0].confidence
    assert tagger.tag("", "派现、派现、派现")[0].confidence == one
    assert one < tagger.tag("", "派现即现金分红")[0].confidence < 1


def test_single_word_deep_in_a_long_text_is_no_tag(tagger: TopicTagger) -> None:
    """A passing word far below the lead does not make an article about its topic."""
    assert names(tagger, "", "略" * 300 + "净息差") == []
    assert names(tagger, "", "略" * 300 + "净息差，商业银行") == ["银行"]


def test_veto_word_anywhere_removes_the_tag(tagger: TopicTagger) -> None:
    """A word of `none` overrules every trigger."""
    assert names(tagger, "IPO招股书", "") == ["新股"]
    assert names(tagger, "IPO招股书", "进入退市整理期") == []


def test_tags_come_most_confident_first(tagger: TopicTagger) -> None:
    """The headline's topic precedes one that the text only touches."""
    assert names(tagger, "公司派现", "商业银行净息差收窄") == ["分红", "银行"]


@pytest.mark.parametrize("text", ["ipo获受理", "ＩＰＯ获受理", "招股書披露"])
def test_width_case_and_traditional_characters_do_not_matter(
    tagger: TopicTagger, text: str
) -> None:
    """Triggers are found in full width, lower case and traditional characters."""
    assert names(tagger, text, "") == ["新股"]


def test_latin_word_inside_a_longer_one_is_no_trigger(tagger: TopicTagger) -> None:
    """IPO inside of SIPOX is another word."""
    assert names(tagger, "SIPOX发布", "") == []


def test_nothing_found_gives_no_tags(tagger: TopicTagger) -> None:
    """An article without triggers, or without words, has no tags."""
    assert tagger.tag("", "") == ()
    assert tagger.tag("天气晴", "适合出游") == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- {tag: 甲, group: nonsense, any: [乙]}", r"0\.group \(tag '甲'\)"),
        ("- {tag: 甲, group: topic}", r"0\.any"),
        ("- {tag: 甲, group: topic, any: []}", r"0\.any"),
        ("- {tag: 甲, group: topic, any: [乙], extra: 1}", r"0\.extra"),
        ("- {tag: 甲, group: topic, any: [' ']}", "empty word"),
        ("- {tag: 甲, group: topic, any: [乙]}\n- {tag: 甲, group: topic, any: [丙]}", "twice"),
        ("tag: 甲", "list"),
        ("- [", "no valid YAML"),
    ],
)
def test_broken_rules_name_file_and_entry(tmp_path: Path, content: str, message: str) -> None:
    """A broken rule is refused with the file and the entry to correct."""
    path = tmp_path / "topics.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError, match=message) as caught:
        TopicTagger.load(path)
    assert str(path) in str(caught.value)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there is a data file error."""
    with pytest.raises(DataFileError, match=r"absent\.yaml"):
        TopicTagger.load(tmp_path / "absent.yaml")


@pytest.mark.parametrize(
    ("headline", "tag"),
    [
        ("央行宣布下调存款准备金率0.5个百分点", "货币政策"),
        ("公司控股股东拟减持不超过2%股份", "增减持"),
        ("存储芯片价格上涨，半导体板块走强", "半导体"),
        ("某公司收到证监会行政处罚决定书", "处罚"),
    ],
)
def test_project_rules_tag_typical_headlines(data: Path, headline: str, tag: str) -> None:
    """The project's own rules load and give the obvious tag."""
    path = data / "lexicons" / "topics.yaml"
    if not path.exists():
        pytest.skip("data/lexicons/topics.yaml is not there")
    assert tag in names(TopicTagger.load(path), headline, "")
