"""The assistant and any text at all."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import opencc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assist.answer import Answer, AnswerKind
from assist.assistant import FaqAssistant
from assist.conversation import Conversation
from assist.fit import FACTORY_FITTED
from assist.follow_up_words import FollowUpWords
from assist.handoff import HandoffDetector
from assist.knowledge_file import load_folder
from assist.lexical import plain
from assist.matcher import Lexicons, Matcher

ROOT = Path(__file__).parents[2]
SLOW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
QUESTIONS = (
    *("创业板怎么开通", "融资利率现在是多少", "今天天气怎么样", "港股通的交易时间"),
    *("转人工", "T+0是什么意思", "怎么注销证券账户", "300开头的股票", "卖出股票的钱什么时候到账"),
)


@cache
def assistant() -> FaqAssistant:
    """The assistant over the sample base, with the decision as it comes."""
    base = load_folder(ROOT / "data" / "faq").base
    lexicons = Lexicons.load(ROOT / "data" / "lexicons")
    handoff = HandoffDetector.load(ROOT / "data" / "lexicons" / "handoff.txt")
    words = FollowUpWords.load(ROOT / "data" / "lexicons")
    matcher = Matcher(base, lexicons, fitted=FACTORY_FITTED)
    return FaqAssistant(matcher, handoff, follow_ups=words)


def gist(answer: Answer) -> tuple[AnswerKind, str, tuple[str, ...], tuple[str, ...]]:
    """What a customer sees."""
    cited = tuple(citation.id for citation in answer.citations)
    return answer.kind, answer.reply, cited, answer.option_ids


@SLOW
@given(st.text(max_size=300), st.text(max_size=20))
def test_any_text_gets_a_reply(first: str, second: str) -> None:
    """Two messages of any characters get a reply each, and the state stays storable."""
    _, before = assistant().reply("创业板怎么开通")
    answer, state = assistant().reply(first, before)
    assert answer.reply
    assert 0.0 <= answer.score <= 1.0
    again, after = assistant().reply(second, Conversation.from_json(state.to_json()))
    assert again.reply
    assert Conversation.from_json(after.to_json()) == after


@SLOW
@given(st.sampled_from(QUESTIONS), st.data())
def test_marks_and_blanks_change_nothing(question: str, data: st.DataObject) -> None:
    """Blanks, punctuation and invisible characters between Han characters do not matter."""
    noise = st.text(alphabet=" \t\u3000，。！？、…「」\u200b\ufeff~", max_size=3)
    pieces = [data.draw(noise)]
    for here, after in zip(question, question[1:] + "。", strict=True):
        # Between two Latin letters or digits a mark has a meaning: T+0, 5.5, app store.
        pieces += [here, "" if here.isascii() or after.isascii() else data.draw(noise)]
    assert gist(assistant().answer("".join(pieces))) == gist(assistant().answer(question))


@SLOW
@given(st.sampled_from(QUESTIONS))
def test_width_case_and_script_change_nothing(question: str) -> None:
    """Full-width letters, capitals and traditional characters are read as what they mean."""
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in question)
    traditional = opencc.OpenCC("s2t").convert(question)
    expected = gist(assistant().answer(question))
    for form in (wide, question.upper(), question.lower(), traditional):
        assert gist(assistant().answer(form)) == expected


@given(st.text(max_size=400))
def test_plain_form_is_stable(text: str) -> None:
    """The plain form of a plain form is itself."""
    once = plain(text)
    assert len(once) <= 200
    if len(once) < 200:
        assert plain(once) == once


@pytest.mark.parametrize("text", ["'; DROP TABLE faq_entries; --", "{{7*7}}", "../../etc/passwd"])
def test_hostile_text_is_only_text(text: str) -> None:
    """Text that would mean something to a database, template or file system means nothing."""
    assert assistant().answer(text).kind in (AnswerKind.REJECT, AnswerKind.CLARIFY)
