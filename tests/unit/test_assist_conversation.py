"""Choosing an option, follow-ups, and state between messages."""

from __future__ import annotations

import pytest

from assist.answer import Answer, AnswerKind, Citation, CitationKind
from assist.conversation import (
    KEPT_TURNS,
    Conversation,
    chosen,
    declines,
)
from assist.errors import AssistError

OPTIONS = ("创业板权限怎么开通？", "创业板的开通条件是什么？", "怎么关闭创业板权限？")


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("2", 1),
        ("２", 1),
        ("第二个", 1),
        ("选2吧", 1),
        ("我要第三个", 2),
        ("第一", 0),
        ("最后一个", 2),
        ("开通条件", 1),
        ("怎么关闭创业板权限", 2),
        ("创业板的开通条件是啥？", 1),
    ],
)
def test_picks_an_option(said: str, place: int) -> None:
    """By number in any script, by position and by words of one option."""
    assert chosen(said, OPTIONS) == place


@pytest.mark.parametrize("said", ["4", "创业板", "今天天气怎么样", "融资利率是多少", "", "都不是"])
def test_picks_nothing(said: str) -> None:
    """A number too high, words of all options and a new question pick none."""
    assert chosen(said, OPTIONS) is None


def test_without_options_a_number_is_no_choice() -> None:
    """A bare number is only a choice where something was offered."""
    assert chosen("2", ()) is None


@pytest.mark.parametrize("said", ["都不是", "以上都不是", "都不对", "不是这些"])
def test_turns_options_down(said: str) -> None:
    """Saying that none fits is understood."""
    assert declines(said)


def answer(entry_id: str) -> Answer:
    """An answer from one entry."""
    citation = Citation(CitationKind.FAQ, entry_id, "标准问", "1")
    return Answer(AnswerKind.ANSWER, "答案", 1.0, citations=(citation,))


def test_remembers_the_last_entry_through_a_rejection() -> None:
    """What was talked about stays known when a message in between is not understood."""
    state = Conversation().after("创业板怎么开通", answer("a"))
    state = state.after("啊？", Answer(AnswerKind.REJECT, "抱歉", 1.0))
    assert state.last_entry == "a"
    assert [turn.entry_id for turn in state.turns] == ["a", None]


def test_options_are_open_for_one_message_only() -> None:
    """After the next reply an old list cannot be picked from."""
    clarify = Answer(AnswerKind.CLARIFY, "哪个？", 1.0, options=("一", "二"), option_ids=("a", "b"))
    state = Conversation().after("怎么开通", clarify)
    assert state.option_ids == ("a", "b")
    assert state.after("别的", answer("c")).options == ()


def test_state_is_bounded() -> None:
    """A long conversation keeps its latest turns, and long messages are cut."""
    state = Conversation()
    for _ in range(KEPT_TURNS + 5):
        state = state.after("问" * 10_000, answer("a"))
    assert len(state.turns) == KEPT_TURNS
    assert len(state.to_json()) < 50_000


def test_state_survives_as_text() -> None:
    """What is kept between two messages comes back the same."""
    state = Conversation().after("创业板怎么开通", answer("a"))
    assert Conversation.from_json(state.to_json()) == state


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"turns": [1]}'])
def test_broken_state_is_refused(text: str) -> None:
    """Text that is no conversation is an error that says what to do."""
    with pytest.raises(AssistError, match="begin a new one"):
        Conversation.from_json(text)
