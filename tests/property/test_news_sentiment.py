"""Properties of tags and tone over arbitrary text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.sentiment import SentimentLexicon
from news.tag import TopicTagger

# Lone surrogates included: a broken feed can hold them.
ANY = st.characters()

LEXICONS = ("sentiment.tsv", "negations.txt", "topics.yaml")


@pytest.fixture(scope="module")
def paths(data: Path) -> tuple[Path, ...]:
    """The project's lexicons."""
    found = tuple(data / "lexicons" / name for name in LEXICONS)
    if not all(path.exists() for path in found):
        pytest.skip("data/lexicons is incomplete")
    return found


@pytest.fixture(scope="module")
def lexicon(paths: tuple[Path, ...]) -> SentimentLexicon:
    """The project's word list."""
    return SentimentLexicon.load(paths[0], paths[1])


@pytest.fixture(scope="module")
def tagger(paths: tuple[Path, ...]) -> TopicTagger:
    """The project's topic rules."""
    return TopicTagger.load(paths[2])


@settings(max_examples=150, deadline=None)
@given(headline=st.text(ANY, max_size=30), text=st.text(ANY, max_size=80))
def test_any_text_has_a_bounded_score(lexicon: SentimentLexicon, headline: str, text: str) -> None:
    """No text breaks the scorer, and the score stays within -1 and 1."""
    assert -1 <= lexicon.score(headline, text)[1] <= 1


@settings(max_examples=150, deadline=None)
@given(headline=st.text(ANY, max_size=30), text=st.text(ANY, max_size=80))
def test_any_text_has_ordered_distinct_tags(tagger: TopicTagger, headline: str, text: str) -> None:
    """Tags are distinct, known, and in falling order of confidence below 1."""
    tags = tagger.tag(headline, text)
    assert len({tag.name for tag in tags}) == len(tags)
    assert {tag.name for tag in tags} <= set(tagger.names)
    levels = [tag.confidence for tag in tags]
    assert levels == sorted(levels, reverse=True)
    assert all(0.5 <= level < 1 for level in levels)
