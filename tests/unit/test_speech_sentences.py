"""Long texts are cut where a speaker would breathe."""

from __future__ import annotations

import pytest

from speech.errors import SynthesizerError
from speech.synthesize import Voice, checked_text, sentences


def test_sentences_end_with_their_mark() -> None:
    """The mark stays with its sentence, since it shapes the melody."""
    assert list(sentences("您好。请问？\n好！！谢谢")) == ["您好。", "请问？", "好！！", "谢谢"]


def test_a_long_sentence_is_cut_at_commas() -> None:
    """Clauses are joined up to the limit."""
    parts = list(sentences("一二三，四五六，七八九，十。", limit=8))
    assert parts == ["一二三，四五六，", "七八九，十。"]


def test_a_run_without_any_mark_is_cut_hard() -> None:
    """No part is longer than the limit, and nothing is lost."""
    parts = list(sentences("字" * 1_000 + "。", limit=120))
    assert max(map(len, parts)) <= 120
    assert "".join(parts) == "字" * 1_000 + "。"


def test_blank_text_has_no_sentence() -> None:
    """White space alone gives nothing."""
    assert list(sentences(" \n\n ")) == []


@pytest.mark.parametrize(("speed", "pitch"), [(0.4, 1.0), (2.1, 1.0), (1.0, 0.4), (1.0, 1.6)])
def test_a_voice_outside_its_range_is_refused(speed: float, pitch: float) -> None:
    """The message gives the value and the range."""
    with pytest.raises(SynthesizerError, match=r"outside 0\.5 to"):
        Voice(speed=speed, pitch=pitch)


def test_text_is_stripped() -> None:
    """Outer white space is not spoken."""
    assert checked_text("  好 \n") == "好"
