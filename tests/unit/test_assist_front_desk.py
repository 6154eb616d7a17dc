"""The assistant that customers meet: which half answers, and what a conversation remembers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from assist.answer import Answer, AnswerKind, CitationKind
from assist.conversation import Conversation
from assist.front_desk import FrontDesk
from assist.labelled import read_table
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


HELD_ASIDE = Path(__file__).parents[1] / "data"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A row of follow_ups.tsv: messages before, a follow-up, and what it should lead to.

    `wanted` are an entry, `company:ID topic` with the words for days if any, or `none` where
    nothing may be answered; any of them is right.
    """

    before: tuple[str, ...]
    follow_up: str
    wanted: tuple[str, ...]

    def outcome(self, desk: FrontDesk) -> str:
        """How the desk takes it: right, clarified (with the right one), wrong or declined."""
        state = None
        for message in self.before:
            _, state = desk.reply(message, state)
        answer, state = desk.reply(self.follow_up, state)
        if any(_is_right(wanted, answer, state) for wanted in self.wanted):
            return "right"
        if answer.kind is AnswerKind.CLARIFY:
            return "clarified" if {*self.wanted} & {*answer.option_ids} else "wrong clarify"
        return "wrong" if answer.kind is AnswerKind.ANSWER else "declined"


def _is_right(wanted: str, answer: Answer, state: Conversation) -> bool:
    if wanted == "none":
        return answer.kind is not AnswerKind.ANSWER
    company, _, topic = wanted.partition(" ")
    topic, _, days = topic.partition(" ")
    if topic:
        rule = answer.trace.rule if answer.trace else ""
        asked = rule.endswith(f"company question: {topic}") and days in answer.reply
        return asked and state.last_company == company
    return wanted in [citation.id for citation in answer.citations]


@pytest.fixture(scope="module")
def dialogues() -> tuple[Dialogue, ...]:
    """Dialogues written by hand."""
    rows = read_table(HELD_ASIDE / "follow_ups.tsv", ("before", "follow_up", "wanted")).rows
    return tuple(Dialogue(tuple(b.split(" > ")), f, tuple(w.split("|"))) for b, f, w in rows)


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


def test_follow_ups_are_understood(desk: FrontDesk, dialogues: tuple[Dialogue, ...]) -> None:
    """Nine in ten are answered as wanted, and hardly any gets another answer."""
    outcomes = Counter(dialogue.outcome(desk) for dialogue in dialogues)
    assert outcomes["right"] >= 0.88 * outcomes.total(), outcomes
    assert outcomes["wrong"] <= 0.05 * outcomes.total(), outcomes


def test_a_question_of_its_own_is_never_completed(desk: FrontDesk) -> None:
    """Asked after an unrelated answer, a full question gets what it gets without history."""
    _, before = desk.reply("怎么申购新股？")
    rows = read_table(HELD_ASIDE / "faq_heldout_2.tsv", ("text",)).rows
    texts = [text for (text,) in rows]
    texts += (HELD_ASIDE / "out_of_scope_heldout.txt").read_text("utf-8").split("\n")[:100]
    changed = [
        text for text in texts if _gist(desk.reply(text)[0]) != _gist(desk.reply(text, before)[0])
    ]
    assert len(changed) <= 0.005 * len(texts), changed


def _gist(answer: Answer) -> tuple[object, ...]:
    return answer.kind, answer.option_ids, [citation.id for citation in answer.citations]


def test_a_chain_runs_across_the_base_and_companies(desk: FrontDesk) -> None:
    """A company's news, its industry chain, an account, and back to another company."""
    state, kinds = None, []
    for message in ("宁德时代最近有什么消息", "它的上游呢", "怎么在网上开立证券账户？", "那要多久"):
        answer, state = desk.reply(message, state)
        kinds.append({citation.kind for citation in answer.citations})
    # Suppliers that articles name stand beside the industry's facts.
    upstream = {CitationKind.FACT, CitationKind.ARTICLE}
    assert kinds[:3] == [{CitationKind.ARTICLE}, upstream, {CitationKind.FAQ}]
    answer, state = desk.reply("那比亚迪呢", state)
    assert answer.trace is not None
    assert answer.trace.asked == "比亚迪的上游"
    assert state.last_company == "company:002594"


def test_the_completed_question_is_told(desk: FrontDesk) -> None:
    """The rule says that it was a follow-up, and the question as understood is at hand."""
    _, state = desk.reply("科创板权限怎么开通？")
    trace = desk.reply("那创业板呢", state)[0].trace
    assert trace is not None
    assert trace.is_follow_up
    assert trace.restated == "创业板权限怎么开通"
    alone = desk.reply("科创板权限怎么开通？")[0].trace
    assert alone is not None
    assert alone.restated is None


@pytest.mark.parametrize(
    "said",
    [
        "创业板权限怎么开通？",
        "宁德时代最近有什么消息",
        "宁德时代能买吗",
        "转人工",
        "今天天气",
        "\x00",
    ],
)
def test_every_reply_can_tell_why(desk: FrontDesk, said: str) -> None:
    """Answers, news, refusals and hand-overs alike carry a rule and the time of each stage."""
    trace = desk.reply(said)[0].trace
    assert trace is not None
    assert trace.rule
    assert trace.milliseconds
    assert all(milliseconds >= 0 for _, milliseconds in trace.milliseconds)


def test_stages_of_a_search_are_told_apart(desk: FrontDesk) -> None:
    """Finding, ordering and deciding each have their time."""
    trace = desk.reply("融资利率怎么算的呀")[0].trace
    assert trace is not None
    assert {"hear", "find", "order", "decide", "answer"} <= {name for name, _ in trace.milliseconds}


def test_a_conversation_of_an_older_program_goes_on(desk: FrontDesk) -> None:
    """A state without the later fields is read, not begun anew."""
    old = '{"turns": [], "last_entry": "ipo-how", "options": [], "option_ids": []}'
    assert Conversation.from_json(old).last_entry == "ipo-how"
    assert desk.respond("创业板怎么开通", old)[0].kind is AnswerKind.ANSWER
