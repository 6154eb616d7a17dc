"""What must not change an answer: how it is typed, and in which order the base was published."""

from __future__ import annotations

import csv
import itertools
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.answer import Answer
from assist.assistant import FaqAssistant
from assist.fit import FACTORY_FITTED
from assist.handoff import HandoffDetector
from assist.knowledge import FaqEntry, KnowledgeBase
from assist.knowledge_file import load_folder
from assist.matcher import Lexicons, Matcher
from assist.store import KnowledgeStore

DATA = Path(__file__).resolve().parents[2] / "data"
ASKED = Path(__file__).resolve().parents[1] / "data" / "faq_heldout_1.tsv"
MARKS = "，。！？、；：…~!?,. \t\u3000"
TRADITIONAL = opencc.OpenCC("s2t")
NOW = datetime(2024, 5, 6, tzinfo=UTC)


def messages() -> list[str]:
    """Messages of customers."""
    with ASKED.open(encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file, delimiter="\t")]


@pytest.fixture(scope="module")
def assistant() -> FaqAssistant:
    """The sample assistant with the factory's fit."""
    matcher = Matcher(
        load_folder(DATA / "faq").base, Lexicons.load(DATA / "lexicons"), fitted=FACTORY_FITTED
    )
    return FaqAssistant(matcher, HandoffDetector.load(DATA / "lexicons" / "handoff.txt"))


def said(answer: Answer) -> tuple[object, ...]:
    """What a customer sees of an answer."""
    return answer.kind, answer.reply, answer.options


def full_width(text: str) -> str:
    """ASCII letters, digits and marks in their full-width forms."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@given(st.sampled_from(messages()), st.data())
@settings(max_examples=60, deadline=None)
def test_marks_and_blanks_change_nothing(
    assistant: FaqAssistant, text: str, data: st.DataObject
) -> None:
    """Blanks between Han characters, and marks behind the message, are no matter of meaning."""
    pieces = [text[:1]]
    for before, character in itertools.pairwise(text):
        han = unicodedata.category(before) == "Lo" == unicodedata.category(character)
        pieces.append(data.draw(st.sampled_from(["", " ", "\u3000"])) if han else "")
        pieces.append(character)
    typed = "".join(pieces) + data.draw(st.text(MARKS, max_size=4))
    assert said(assistant.answer(typed)) == said(assistant.answer(text))


@given(st.sampled_from(messages()))
@settings(max_examples=60, deadline=None)
def test_full_width_and_traditional_forms_change_nothing(
    assistant: FaqAssistant, text: str
) -> None:
    """创业板 and 創業板, ETF and ＥＴＦ are the same words."""
    plain = said(assistant.answer(text))
    assert said(assistant.answer(full_width(text))) == plain
    assert said(assistant.answer(TRADITIONAL.convert(text))) == plain
    assert said(assistant.answer(text.upper())) == plain


ENTRIES = load_folder(DATA / "faq").entries[::40]


@given(st.permutations(ENTRIES), st.lists(st.integers(1, 4), min_size=1, max_size=4))
@settings(max_examples=12, deadline=None)
def test_base_built_step_by_step_is_the_base_built_at_once(
    tmp_path_factory: pytest.TempPathFactory, entries: list[FaqEntry], steps: list[int]
) -> None:
    """Published in any order and in any portions, it answers as though published at once."""
    store = KnowledgeStore.open(tmp_path_factory.mktemp("step") / "workspace.db")
    rest = list(entries)
    for size in (*steps, len(entries)):
        portion, rest = rest[:size], rest[size:]
        store.publish(portion, "编辑", NOW)
        # An index stands between two steps, as in a running service.
        Matcher(store.base(date(2024, 5, 6)), Lexicons.empty(), fitted=FACTORY_FITTED)
    grown = store.base(date(2024, 5, 6))
    at_once = KnowledgeBase(ENTRIES)
    one, other = (
        Matcher(base, Lexicons.empty(), fitted=FACTORY_FITTED) for base in (grown, at_once)
    )
    for text in ("怎么开户", "手续费多少", "创业板怎么开通", "密码忘了"):
        assert one.match(text) == other.match(text)
