"""The assistant that customers meet: which half answers, and what a conversation remembers."""

from __future__ import annotations

import pytest

from assist.answer import AnswerKind, CitationKind
from assist.conversation import Conversation
from assist.front_desk import FrontDesk
from ui.sample import load_sample
from ui.settings import read_settings
from ui.wiring import Wiring


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> FrontDesk:
    """The whole assistant over the sample workspace."""
    home = tmp_path_factory.mktemp("front")
    parts = Wiring(read_settings({"FORELAND_HOME": str(home)}))
    load_sample(parts, say=lambda line: None)
    return parts.assistant


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> FrontDesk:
    """The assistant of a workspace in which nobody has loaded anything."""
    home = tmp_path_factory.mktemp("bare")
    return Wiring(read_settings({"FORELAND_HOME": str(home)})).assistant


def test_a_company_question_goes_to_the_news_desk(desk: FrontDesk) -> None:
    """News and facts come with a notice that they are no advice."""
    answer, conversation = desk.reply("宁德时代最近有什么消息")
    assert {c.kind for c in answer.citations} == {CitationKind.ARTICLE}
    assert answer.risk_notice is not None
    assert conversation.last_company == "company:300750"


def test_a_business_question_with_a_company_goes_to_the_knowledge_base(desk: FrontDesk) -> None:
    """A company's name alone does not take a question away from the approved answers."""
    answer, conversation = desk.reply("创业板怎么开通")
    assert answer.citations[0].kind is CitationKind.FAQ
    assert conversation.last_company is None


def test_a_wish_for_a_person_comes_first(desk: FrontDesk) -> None:
    """Handing over wins over any company in the sentence."""
    assert desk.reply("别跟我说宁德时代的消息了，转人工")[0].kind is AnswerKind.HANDOFF


def test_a_conversation_survives_as_text(desk: FrontDesk) -> None:
    """The state between two messages can be stored and read by another process."""
    _, state = desk.respond("贵州茅台属于哪个行业", None)
    answer, state = desk.respond("它的上游呢", state)
    assert "上游" in answer.reply
    assert Conversation.from_json(state).last_company == "company:600519"


@pytest.mark.parametrize("state", ["", "{}", "not json", '{"turns": 1}'])
def test_an_unreadable_state_begins_anew(desk: FrontDesk, state: str) -> None:
    """A customer gets an answer even where the stored conversation is broken."""
    assert desk.respond("创业板怎么开通", state)[0].kind is AnswerKind.ANSWER


def test_an_empty_knowledge_base_declines_and_still_knows_companies(bare: FrontDesk) -> None:
    """Without entries every business question is declined; facts are there from the start."""
    assert bare.entries == 0
    assert bare.reply("创业板怎么开通")[0].kind is AnswerKind.REJECT
    assert "2001年8月27日" in bare.reply("贵州茅台什么时候上市的")[0].reply


def test_the_clarify_options_can_be_chosen_by_number(desk: FrontDesk) -> None:
    """2 after a question back answers the second option word for word."""
    first, conversation = desk.reply("手续费")
    assert first.kind is AnswerKind.CLARIFY
    chosen, _ = desk.reply("2", conversation)
    assert chosen.kind is AnswerKind.ANSWER
    assert chosen.citations[0].id == first.option_ids[1]
