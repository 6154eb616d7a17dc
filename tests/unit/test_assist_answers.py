"""The assistant over the sample base: what customers get, and how often it is right."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assist.answer import AnswerKind, CitationKind
from assist.assistant import FaqAssistant
from assist.errors import KnowledgeError
from assist.fit import FACTORY_FITTED
from assist.follow_up_words import FollowUpWords
from assist.handoff import HandoffDetector
from assist.knowledge import FaqEntry, KnowledgeBase
from assist.knowledge_file import load_folder
from assist.live import LiveAssistant
from assist.matcher import Lexicons, Matcher, fitted_from_json, fitted_to_json
from assist.shared_fit import Means, SharedFit
from assist.store import KnowledgeStore

HELD_ASIDE = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def lexicons(data: Path) -> Lexicons:
    """The project's lexicons."""
    return Lexicons.load(data / "lexicons")


@pytest.fixture(scope="module")
def handoff(data: Path) -> HandoffDetector:
    """The project's wishes for a person."""
    return HandoffDetector.load(data / "lexicons" / "handoff.txt")


@pytest.fixture(scope="module")
def base(data: Path) -> KnowledgeBase:
    """The sample knowledge base."""
    return load_folder(data / "faq").base


@pytest.fixture(scope="module")
def matcher(base: KnowledgeBase, lexicons: Lexicons) -> Matcher:
    """The sample base, with a decision fitted to it as to a user's base."""
    return Matcher(base, lexicons)


@pytest.fixture(scope="module")
def assistant(matcher: Matcher, handoff: HandoffDetector, data: Path) -> FaqAssistant:
    """The assistant over the sample base."""
    words = FollowUpWords.load(data / "lexicons")
    return FaqAssistant(matcher, handoff, follow_ups=words)


def test_answers_word_for_word(assistant: FaqAssistant, base: KnowledgeBase) -> None:
    """The reply is the approved text, cited with id, title, version and source."""
    answer = assistant.answer("创业板怎么开通")
    entry = base.entry("board-permission-chinext-open")
    assert entry is not None
    assert answer.kind is AnswerKind.ANSWER
    assert answer.reply == entry.answer
    assert answer.risk_notice == entry.risk_notice
    (citation,) = answer.citations
    assert (citation.kind, citation.id) == (CitationKind.FAQ, entry.id)
    assert (citation.title, citation.version, citation.source) == (
        entry.question,
        str(entry.version),
        entry.source,
    )


def test_every_known_question_brings_its_entry(
    assistant: FaqAssistant, base: KnowledgeBase
) -> None:
    """A standard question is answered by its own entry, however it is typed."""
    for entry in base.entries[::7]:
        answer = assistant.answer(f" {entry.question.rstrip('？')} ?")
        assert [citation.id for citation in answer.citations] in ([entry.id], [])
        assert answer.kind in (AnswerKind.ANSWER, AnswerKind.HANDOFF), entry.question


@pytest.mark.parametrize("said", ["今天天气怎么样", "给我讲个笑话", "红烧肉怎么做", "你叫什么名字"])
def test_rejects_what_is_no_business_of_the_base(assistant: FaqAssistant, said: str) -> None:
    """Something else is declined, never answered with the nearest entry."""
    answer = assistant.answer(said)
    assert answer.kind is AnswerKind.REJECT
    assert answer.citations == ()


def test_asks_back_and_understands_the_choice(assistant: FaqAssistant) -> None:
    """A vague question offers up to three standard questions; a number picks one."""
    answer, state = assistant.reply("权限怎么开通")
    assert answer.kind is AnswerKind.CLARIFY
    assert 2 <= len(answer.options) == len(answer.option_ids) <= 3
    picked, _ = assistant.reply("第二个", state)
    assert picked.kind is AnswerKind.ANSWER
    assert picked.citations[0].id == answer.option_ids[1]
    declined, _ = assistant.reply("都不是", state)
    assert declined.kind is AnswerKind.REJECT


def test_new_question_leaves_the_options(assistant: FaqAssistant) -> None:
    """After a list of options a full question is a question."""
    _, state = assistant.reply("权限怎么开通")
    answer, _ = assistant.reply("怎么注销证券账户", state)
    assert [citation.id for citation in answer.citations] == ["close-account-how"]


def test_follow_up_takes_up_the_topic(assistant: FaqAssistant) -> None:
    """那条件呢 after a question about 创业板 means the conditions of 创业板."""
    _, state = assistant.reply("创业板怎么开通")
    answer, _ = assistant.reply("那条件呢", state)
    assert answer.citations[0].id == "board-permission-chinext-conditions"
    assert assistant.answer("那条件呢").kind is not AnswerKind.ANSWER


@pytest.mark.parametrize("said", ["转人工", "我要找真人客服", "轉人工"])
def test_hands_over(assistant: FaqAssistant, said: str) -> None:
    """A wish for a person is granted before anything is looked up."""
    assert assistant.answer(said).kind is AnswerKind.HANDOFF


@pytest.mark.parametrize(
    "said", ["", "   ", "？？？", "\x00\x01\x02", "啊" * 10_000, "\ufffd" * 50, "🙂", "\ud800"]
)
def test_says_so_where_there_is_nothing_to_read(assistant: FaqAssistant, said: str) -> None:
    """Nothing, marks, bytes and novels get a friendly word and no entry."""
    answer = assistant.answer(said)
    assert answer.kind is AnswerKind.REJECT
    assert answer.reply.startswith("抱歉")


def test_trace_tells_why(assistant: FaqAssistant) -> None:
    """The reply says which rule fired, what was considered and how long each stage took."""
    trace = assistant.answer("创业板怎么开通").trace
    assert trace is not None
    assert trace.rule == "sure of the first candidate"
    assert trace.candidates[0].entry_id == "board-permission-chinext-open"
    assert trace.candidates[0].share > trace.candidates[1].share
    assert dict(trace.candidates[0].features)["nearest_char"] > 0.5
    stages = [stage for stage, _ in trace.milliseconds]
    assert {"understand", "hear", "find", "order", "decide"} <= set(stages)


def test_question_of_two_entries_asks_which(lexicons: Lexicons, handoff: HandoffDetector) -> None:
    """Where two entries know the very same question both are offered, however sure the order."""
    entries = (
        FaqEntry("a", "怎么开户", ("手续",), "甲"),
        FaqEntry("b", "怎么销户", ("手续",), "乙"),
    )
    matcher = Matcher(KnowledgeBase(entries), lexicons, fitted=FACTORY_FITTED)
    answer = FaqAssistant(matcher, handoff).answer("手续？")
    assert answer.kind is AnswerKind.CLARIFY
    assert answer.option_ids == ("a", "b")


def test_contradicting_entry_never_wins(lexicons: Lexicons, handoff: HandoffDetector) -> None:
    """Where only the opposite is known, it is not given as the answer."""
    entries = (FaqEntry("close", "怎么关闭创业板权限", (), "关闭步骤"),)
    matcher = Matcher(KnowledgeBase(entries), lexicons, fitted=FACTORY_FITTED)
    answer = FaqAssistant(matcher, handoff).answer("怎么开通创业板权限")
    assert answer.kind is AnswerKind.REJECT


def test_held_out_messages(assistant: FaqAssistant) -> None:
    """Of messages by other hands, never looked at, 92% are answered rightly and 2% wrongly."""
    outcome: Counter[str] = Counter()
    for path in sorted(HELD_ASIDE.glob("faq_heldout_*.tsv")):
        rows = csv.DictReader(path.open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE)
        for row in rows:
            answer = assistant.answer(row["text"])
            found = [citation.id for citation in answer.citations]
            right = row["entry_id"] in (found or answer.option_ids)
            outcome[f"{answer.kind} {'right' if right else 'wrong'}"] += 1
    share = {key: count / outcome.total() for key, count in outcome.items()}
    assert outcome.total() >= 700
    assert share["answer right"] >= 0.92, outcome
    assert share["answer wrong"] <= 0.02, outcome


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("out_of_scope_heldout.txt", 0.02),
        ("out_of_scope_heldout_1.txt", 0.05),
        ("out_of_scope_heldout_2.txt", 0.05),
    ],
)
def test_held_out_lines_out_of_scope(assistant: FaqAssistant, name: str, most: float) -> None:
    """Few of the lines that no entry answers are answered, most of them close to the field."""
    text = (HELD_ASIDE / name).read_text("utf-8")
    kinds = Counter(assistant.answer(line).kind for line in text.splitlines() if line.strip())
    assert kinds[AnswerKind.ANSWER] <= most * kinds.total(), kinds


@pytest.mark.parametrize(
    "word", ["手续费", "打新", "开户", "佣金", "转账", "分红", "期权", "涨跌停"]
)
def test_a_bare_key_word_is_asked_back_and_not_refused(assistant: FaqAssistant, word: str) -> None:
    """A customer who types one word of the field is offered what it may mean."""
    assert assistant.answer(word).kind in (AnswerKind.CLARIFY, AnswerKind.ANSWER)


def test_utterances_to_another_assistant(assistant: FaqAssistant, shared: Path) -> None:
    """Of what people say to a general assistant almost nothing is answered."""
    path = shared / "eval" / "intents" / "smp2019.domains.tsv"
    rows = csv.DictReader(path.open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE)
    kinds = Counter(assistant.answer(r["text"]).kind for r in rows if r["intent"] != "stock")
    assert kinds[AnswerKind.ANSWER] <= 0.01 * kinds.total(), kinds


def test_decision_survives_as_json(
    base: KnowledgeBase, lexicons: Lexicons, matcher: Matcher
) -> None:
    """A fitted decision that is stored and read back decides the same."""
    kept = fitted_to_json(matcher.fitted)
    again = Matcher(base, lexicons, fitted=fitted_from_json(kept))
    for text in ("创业板怎么开通", "权限怎么开通", "今天天气怎么样"):
        assert again.match(text) == matcher.match(text)


def test_fit_is_the_same_every_time(base: KnowledgeBase, lexicons: Lexicons) -> None:
    """Fitting uses no chance: the same base gives the same decision."""
    few = KnowledgeBase(base.entries[:30], base.out_of_scope)
    assert Matcher(few, lexicons).fitted == Matcher(few, lexicons).fitted


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 99}', '{"format": 1}'])
def test_unreadable_decision_is_refused(text: str) -> None:
    """Text of another version or of something else says to fit again."""
    with pytest.raises(KnowledgeError, match="fit it again"):
        fitted_from_json(text)


def test_small_base_takes_the_factory_decision(lexicons: Lexicons) -> None:
    """A base with a handful of questions has nothing to fit to and works all the same."""
    matcher = Matcher(KnowledgeBase((FaqEntry("a", "怎么开户", ("开户流程",)),)), lexicons)
    assert matcher.fitted == FACTORY_FITTED
    assert matcher.match("怎么开户").twins == ("a",)


def test_assistant_follows_what_is_published(
    tmp_path: Path, lexicons: Lexicons, handoff: HandoffDetector
) -> None:
    """A publish and a withdrawal show once loaded, a later wording on its day."""
    now = datetime(2025, 6, 3, tzinfo=UTC)
    days = [date(2025, 6, 3)]
    store = KnowledgeStore.open(tmp_path / "w.db")
    fit = SharedFit(lambda: store, Means(lexicons), clock=lambda: now)
    live = LiveAssistant(
        lambda: store,
        lambda base: FaqAssistant(fit.matcher(base), handoff),
        today=lambda: days[-1],
    )
    assert live.refresh().answer("怎么开户").kind is AnswerKind.REJECT
    entry = FaqEntry("open", "怎么开户", (), "登录App。", "指南", date(2025, 6, 3))
    store.publish([entry], "张三", now)
    first = live.refresh()
    assert first.answer("怎么开户").reply == "登录App。"
    assert first.answer("怎么开户").citations[0].version == "1"
    assert live.refresh() is first
    later = FaqEntry("close", "怎么销户", (), "到营业部。", "指南", date(2025, 7, 1))
    store.publish([later], "张三", now)
    assert live.refresh().entries == 1
    days.append(date(2025, 7, 1))
    assert live.refresh().entries == 2
    store.withdraw("open", "张三", now)
    assert live.refresh().answer("怎么开户").kind is not AnswerKind.ANSWER
