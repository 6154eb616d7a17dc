"""Properties of duplicates over arbitrary text."""

from __future__ import annotations

import opencc
from hypothesis import given, settings
from hypothesis import strategies as st

from news.dedupe import Fingerprint, content_hash, fingerprint, near_duplicate, similarity

# Lone surrogates included: a broken feed can hold them.
ANY = st.characters()

SENTENCES = st.lists(
    st.sampled_from(
        [
            "公司公告净利润同比增长。",
            "国际油价震荡走低，市场关注库存数据。",
            "监管部门发布新的规定，自明年起施行。",
            "机构认为板块估值处于低位，建议关注龙头。",
            "董事会审议通过了回购股份的议案。",
            "新车型将于年内上市，产能正在爬坡。",
        ]
    ),
    min_size=1,
    max_size=6,
).map("".join)
TRADITIONAL = opencc.OpenCC("s2t")


@settings(max_examples=150, deadline=None)
@given(text=st.text(ANY, max_size=80), subjects=st.sets(st.text(ANY, max_size=5), max_size=60))
def test_any_text_has_a_fingerprint_that_survives_bytes(text: str, subjects: set[str]) -> None:
    """No text breaks it, lone surrogates included; the stored form stays below 1 KB."""
    mark = fingerprint(text, subjects)
    raw = mark.to_bytes()
    assert len(raw) < 1024
    again = Fingerprint.from_bytes(raw)
    assert again.bands() == mark.bands()
    assert near_duplicate(mark, again)
    assert len(content_hash(text, text)) == 32


@settings(max_examples=60, deadline=None)
@given(text=SENTENCES)
def test_width_and_script_change_neither_hash_nor_likeness(text: str) -> None:
    """Full-width marks and traditional characters leave a text the same."""
    for other in (TRADITIONAL.convert(text), text.replace("，", ",").replace("。", "！")):
        assert content_hash("", other) == content_hash("", text)
        assert near_duplicate(fingerprint(other), fingerprint(text))


@settings(max_examples=60, deadline=None)
@given(a=SENTENCES, b=SENTENCES)
def test_likeness_is_symmetric(a: str, b: str) -> None:
    """Which text came first does not matter."""
    one, two = fingerprint(a), fingerprint(b)
    assert near_duplicate(one, two) == near_duplicate(two, one)
    assert similarity(one, two) == similarity(two, one)
