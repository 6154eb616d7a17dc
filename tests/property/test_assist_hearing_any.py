"""Whatever is written, hearing gives a reading of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.hearing import LONGEST, Hearing
from assist.hearing_terms import SpeechTerms
from assist.knowledge import FaqEntry, KnowledgeBase

_SPOKEN = st.text(
    alphabet="创业版板怎么开通中终签呃嗯那个我想问一下六零幺百分之五十万点3 5%，？ETF谢"
)


@pytest.fixture(scope="module")
def hearing(data: Path) -> Hearing:
    """Hearing with the project's lexicons and a base of a few questions."""
    questions = ("创业板怎么开通", "中签了怎么缴款", "五十万门槛怎么算")
    entries = tuple(FaqEntry(str(n), question, ()) for n, question in enumerate(questions))
    return Hearing(KnowledgeBase(entries), SpeechTerms.load(data / "lexicons"))


@settings(deadline=None)
@given(text=st.text(max_size=600) | _SPOKEN)
def test_any_text_is_heard(hearing: Hearing, text: str) -> None:
    """No text is an error; a text without changes comes back as it is; something is left of it."""
    heard = hearing.hear(text)
    assert heard.text == text
    assert heard.changes or heard.understood == text
    assert heard.understood.strip() or not text.strip() or not text.isprintable()
    if len(text) > LONGEST:
        assert heard.understood == text


@settings(deadline=None)
@given(text=_SPOKEN)
def test_hearing_settles(hearing: Hearing, text: str) -> None:
    """What was understood is understood as it is: repair is idempotent."""
    understood = hearing.hear(text).understood
    assert hearing.hear(understood).understood == understood


@settings(deadline=None)
@given(text=_SPOKEN)
def test_hearing_is_the_same_every_time(hearing: Hearing, text: str) -> None:
    """The cache and the order of calls change nothing."""
    first = hearing.hear(text)
    hearing.hear(text + "呃")
    assert hearing.hear(text) == first
