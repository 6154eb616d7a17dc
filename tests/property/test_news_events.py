"""Events and relations of any text at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.article import Mention, content_of
from news.event_extract import EventExtractor
from news.relation import RelationExtractor

_WORDS = (
    "甲公司 乙公司 拟 收购 减持 股份 否认 与 签署 战略合作 3.5亿元 100万股 -12%"
    " 2026年2月30日 ， 。 (000001)"
)
_PIECES = st.lists(
    st.sampled_from([*_WORDS.split(), "“", "IPO", "\ud800", "\n", "未", "９９％"])
    | st.text(max_size=4),
    max_size=25,
)


@pytest.fixture(scope="module")
def readers(data: Path) -> tuple[EventExtractor, RelationExtractor]:
    """The shipped rules."""
    lexicons = data / "lexicons"
    return (
        EventExtractor.load(lexicons / "events.yaml"),
        RelationExtractor.load(lexicons / "relations.yaml"),
    )


def mentions_of(content: str) -> tuple[Mention, ...]:
    """Every 甲公司 and 乙公司 of a text, in reading order."""
    found = []
    for name in ("甲公司", "乙公司"):
        start = content.find(name)
        while start >= 0:
            found.append(Mention(f"company:{name}", name, start, start + 3, "name", 0.9))
            start = content.find(name, start + 3)
    return tuple(sorted(found, key=lambda mention: mention.start))


@settings(max_examples=150, deadline=None)
@given(headline=_PIECES, text=_PIECES)
def test_evidence_lies_in_the_text(
    readers: tuple[EventExtractor, RelationExtractor], headline: list[str], text: list[str]
) -> None:
    """Whatever is read, evidence is a span of the content and confidence lies between 0 and 1."""
    head, body = "".join(headline), "".join(text)
    content = content_of(head, body)
    mentions = mentions_of(content)
    ids = {mention.entity_id for mention in mentions}
    for event in readers[0].extract(head, body, mentions):
        assert 0 <= event.start < event.end <= len(content)
        assert 0 < event.confidence < 1
        assert event.subject is None or event.subject in ids
        assert list(event.arguments) == sorted(dict(event.arguments).items())
    for relation in readers[1].extract(content, mentions):
        assert 0 <= relation.start < relation.end <= len(content)
        assert {relation.subject, relation.object} == ids
