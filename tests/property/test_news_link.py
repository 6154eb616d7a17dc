"""Properties of entity linking over arbitrary text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.comparable import comparable
from news.link import EntityLinker
from news.securities import SecuritiesMaster

# Lone surrogates included: a broken feed can hold them.
ANY = st.characters()

PIECES = """
贵州茅台 机器人 万科A *ST国华 (600519) 股份有限公司 、 公告 中国银行 业 SH600519 工行
集团 有限公司 涨停 ST Ａ 臺灣
"""
FRAGMENTS = st.sampled_from([*PIECES.split(), " ", "\n"])


@pytest.fixture(scope="module")
def linker(data: Path) -> EntityLinker:
    """A linker over the project's own data."""
    master = SecuritiesMaster.load(data / "securities.tsv")
    return EntityLinker(master, data / "lexicons" / "ambiguous_names.yaml")


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(st.text(ANY, max_size=60), st.lists(FRAGMENTS, max_size=12).map("".join)))
def test_offsets_slice_to_surface_and_never_overlap(linker: EntityLinker, text: str) -> None:
    """Whatever the text, each mention is its slice and mentions stand in order, apart."""
    for mentions in (linker.link(text), linker.find(text)):
        end = 0
        for mention in mentions:
            assert text[mention.start : mention.end] == mention.surface != ""
            assert mention.start >= end
            assert 0 < mention.confidence <= 1
            end = mention.end


@settings(max_examples=200, deadline=None)
@given(text=st.text(ANY, max_size=80))
def test_comparable_form_keeps_every_offset(text: str) -> None:
    """The form in which names are compared has the length of the text."""
    assert len(comparable(text)) == len(text)
