"""Answers from news and graph: what is asked in many wordings, and that every sentence is cited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assist.answer import Answer, AnswerKind, Citation, CitationKind
from assist.company_question import CompanyTopic, TopicWords
from assist.compliance import Guard
from assist.conversation import SpokenCompany
from assist.follow_up_words import FollowUpWords
from assist.labelled import read_table
from assist.news_desk import CompanyQuestion, NewsDesk
from assist.news_period import period
from assist.news_reply import Clause, Sentence, Told, statement
from news.analyse import Analyser
from news.article import EntityTone, Mention, RawArticle, Sentiment
from news.base_facts import load_base_facts
from news.event_extract import EventExtractor
from news.graph import NewsGraph
from news.graph_affected import AffectedBy
from news.graph_impact import ImpactRules
from news.index import TantivyIndex
from news.ingest import Ingester
from news.link import EntityLinker
from news.read import read_sources
from news.securities import SecuritiesMaster
from news.sentiment import SentimentLexicon
from news.store import NewsStore
from news.tag import TopicTagger

NOW = datetime(2025, 10, 22, 4, tzinfo=UTC)
CATL, BYD = "company:300750", "company:002594"
ROWS = read_table(
    Path(__file__).parents[1] / "data" / "news_questions.tsv",
    ("question", "topic", "subject", "kind"),
).rows


@dataclass(frozen=True, slots=True)
class ByHeadline:
    """Tones by one word of the headline, so that what is counted is known."""

    def score(self, content: str, mentions: Sequence[Mention]) -> tuple[EntityTone, ...]:
        """The same tone for every company."""
        headline = content.partition("\n")[0]
        bad = any(word in headline for word in ("下降", "停产", "大跌"))
        tone, score = (Sentiment.NEGATIVE, -0.5) if bad else (Sentiment.POSITIVE, 0.5)
        ids = dict.fromkeys(mention.entity_id for mention in mentions)
        return tuple(EntityTone(entity, tone, score, 0.9, 0.8) for entity in ids)


@dataclass(frozen=True, slots=True)
class World:
    """A desk over the sample news, with the store behind it."""

    desk: NewsDesk
    store: NewsStore
    ingester: Ingester

    def ask(self, text: str, spoken: SpokenCompany | None = None) -> Answer:
        """The answer to a question that is understood."""
        return self.desk.answer(self.question(text, spoken))

    def question(self, text: str, spoken: SpokenCompany | None = None) -> CompanyQuestion:
        """The question as understood; there must be one."""
        question = self.desk.understand(text, spoken=spoken)
        assert question is not None, text
        return question


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Iterator[World]:
    """A desk over base facts and all sample news, on a day in October 2025."""
    folder = tmp_path_factory.mktemp("answers")
    lexicons = data / "lexicons"
    master = SecuritiesMaster.load(data / "securities.tsv")
    linker = EntityLinker(master, lexicons / "ambiguous_names.yaml")
    store = NewsStore.open(folder / "workspace.db")
    load_base_facts(store, data, now=NOW)
    analyser = Analyser(
        TopicTagger.load(lexicons / "topics.yaml"),
        SentimentLexicon.load(lexicons / "sentiment.tsv", lexicons / "negations.txt"),
        linker,
        tones=ByHeadline(),
        events=EventExtractor.load(lexicons / "events.yaml"),
    )
    ingester = Ingester(store, TantivyIndex(folder / "index"), analyser, clock=lambda: NOW)
    ingester.ingest(read_sources([str(data / "news")]))
    desk = NewsDesk(
        store,
        NewsGraph(store, master),
        linker,
        master,
        TopicWords.load(lexicons / "company_questions.yaml"),
        clock=lambda: NOW,
        follow_ups=FollowUpWords.load(lexicons),
        affected=AffectedBy(store, ImpactRules.load(lexicons / "impact.yaml")),
    )
    yield World(desk, store, ingester)
    store.close()


@pytest.mark.parametrize(("text", "topic", "subject", "kind"), ROWS, ids=[r[0] for r in ROWS])
def test_questions_are_understood_and_every_statement_is_cited(
    world: World, text: str, topic: str, subject: str, kind: str
) -> None:
    """The topic and the subject are those meant, and no statement stands without a citation."""
    question = world.desk.understand(text)
    if topic == "-":
        assert question is None
        return
    assert question is not None
    assert topic in question.topics
    assert question.companies[0] == subject
    reply = world.desk.compose(question)
    assert any(sentence.told is Told(kind) for sentence in reply.sentences), reply.to_text()
    for sentence in reply.sentences:
        if sentence.told is Told.STATEMENT:
            assert all(clause.citations for clause in sentence.clauses)
        else:
            assert not sentence.citations


def test_every_citation_leads_to_an_article_or_a_fact(world: World) -> None:
    """What a sentence rests on can be opened."""
    questions = (world.desk.understand(text) for text, *_ in ROWS)
    for question in filter(None, questions):
        for cited in world.desk.compose(question).citations:
            if cited.kind is CitationKind.ARTICLE:
                assert world.store.article(cited.id) is not None
            else:
                assert world.store.facts.fact(cited.id) is not None


def test_the_guard_lets_every_answer_pass(world: World, data: Path) -> None:
    """No answer of the desk promises, forecasts or recommends."""
    guard = Guard.load(data / "lexicons" / "compliance.yaml")
    for text, topic, *_ in ROWS:
        if topic not in ("-", "advice"):
            checked = guard.check(world.ask(text).reply)
            assert not checked.changed, (text, checked.words)


def test_a_statement_without_a_citation_cannot_be_made() -> None:
    """The structure itself refuses it, in any clause."""
    cited = Citation(CitationKind.FACT, "1", "事实", "1")
    with pytest.raises(ValueError, match="without a citation"):
        statement("凭空")
    with pytest.raises(ValueError, match="凭空"):
        Sentence((Clause("有据", (cited,)), Clause("凭空")))


def test_one_story_is_told_once_by_the_announcement(world: World) -> None:
    """Four reports of a halt are one line, led by the company's own words."""
    reply = world.ask("宁德时代8月有什么新闻").reply
    assert reply.count("锂矿停产") == 1
    assert "【公告】宁德时代：宜春枧下窝锂矿停产" in reply
    assert "对其负面" in reply
    assert "同一事件共4篇" in reply


def test_a_denied_rumour_is_told_as_denied_with_both_sources(world: World) -> None:
    """What was claimed, that it is denied, by whom, with an article for each."""
    answer = world.ask("宁德时代2022年2月有什么传闻")
    assert "合同与合作·已否认】网传宁德时代与大客户签约告吹" in answer.reply
    assert "2022-02-14否认" in answer.reply
    assert len(answer.citations) >= 2


def test_where_nothing_is_known_the_days_searched_are_named(world: World) -> None:
    """The reply says which days were looked at, and when there was news last."""
    reply = world.ask("宁德时代上个月发生了什么").reply
    assert "没有查到宁德时代（300750.SZ）在上个月（2025-09-01至2025-09-30）" in reply
    assert "最近一次被报道是" in reply


def test_the_tone_is_counted_towards_the_company(world: World) -> None:
    """The counts are those of the articles of the days asked for."""
    reply = world.ask("宁德时代今年8月的舆情").reply
    assert "的资讯共4篇：正面0篇、中性0篇、负面4篇" in reply


def test_two_companies_stand_side_by_side(world: World) -> None:
    """Listing, industry, latest event and tone of both, each with its own citation."""
    question = world.question("宁德时代和比亚迪对比")
    listing = world.desk.compose(question).sentences[1]
    assert [len(clause.citations) for clause in listing.clauses] == [1, 1]
    reply = world.desk.answer(question).reply
    assert all(f"· {label}：" in reply for label in ("上市", "行业", "最近的事件", "舆情"))


def test_a_comparison_can_follow_a_question_about_one_company(world: World) -> None:
    """和比亚迪对比一下 compares with the company talked about."""
    spoken = SpokenCompany(CATL, (CompanyTopic.NEWS,))
    assert world.question("和比亚迪对比一下", spoken).companies == (CATL, BYD)


def test_who_may_be_affected_is_told_with_its_path(world: World) -> None:
    """A sign as what may be, the event cited above, each edge with its fact."""
    reply = world.ask("锂电池涨价影响谁")
    assert "· 宁德时代（可能受益）：宁德时代 所属行业 锂电池，属于该行业〔" in reply.reply
    assert "未必发生" in reply.reply
    assert "停产" in world.ask("宁德时代停产会影响谁").reply


@pytest.mark.parametrize(
    ("text", "company", "topic", "days"),
    [
        ("那比亚迪呢", BYD, CompanyTopic.EVENTS, "去年"),
        ("它的下游呢", CATL, CompanyTopic.DOWNSTREAM, None),
        ("今年呢", CATL, CompanyTopic.NEWS, "今年"),
        ("上半年的呢", CATL, CompanyTopic.NEWS, "上半年"),
        ("有什么传闻吗", CATL, CompanyTopic.RUMOURS, None),
        ("影响谁", CATL, CompanyTopic.AFFECTED, None),
    ],
)
def test_follow_ups_go_on_about_the_company(
    world: World, text: str, company: str, topic: CompanyTopic, days: str | None
) -> None:
    """Company, topic or days come from the question before."""
    spoken = SpokenCompany(CATL, (CompanyTopic.EVENTS,), "去年")
    question = world.question(text, spoken)
    assert question.companies == (company,)
    assert question.topics == (topic,)
    assert (question.period.words if question.period else None) == days


def test_what_a_source_took_back_is_not_told(world: World) -> None:
    """A withdrawn article is no answer any more."""
    url = "https://news.example.com/answers/withdrawn"
    raw = RawArticle("五粮液发布会后撤稿的消息", "五粮液（000858）的一则消息。", "test:1", url, NOW)
    world.ingester.ingest([raw])
    assert "撤稿" in world.ask("五粮液有什么新闻").reply
    world.ingester.ingest([RawArticle("", "", "test:2", url, NOW, withdrawn=True)])
    assert "撤稿" not in world.ask("五粮液有什么新闻").reply


def test_a_question_for_advice_gets_none(world: World) -> None:
    """Not even as a comparison."""
    assert world.ask("宁德时代和比亚迪哪个更值得买").kind is AnswerKind.REJECT


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("今年三月", date(2024, 3, 1), date(2024, 4, 1)),
        ("去年下半年", date(2023, 7, 1), date(2024, 1, 1)),
        ("2022年二季度", date(2022, 4, 1), date(2022, 7, 1)),
        ("二〇二二年", date(2022, 1, 1), date(2023, 1, 1)),
        ("最近三天", date(2024, 6, 3), date(2024, 6, 6)),
        ("过去半年", date(2023, 12, 7), date(2024, 6, 6)),
        ("9月11日", date(2023, 9, 11), date(2023, 9, 12)),
        ("三月份", date(2024, 3, 1), date(2024, 4, 1)),
        ("前年", date(2022, 1, 1), date(2023, 1, 1)),
        ("今年以来", date(2024, 1, 1), date(2024, 6, 6)),
        ("去年年底", date(2023, 11, 1), date(2024, 1, 1)),
        ("上半年", date(2024, 1, 1), date(2024, 7, 1)),
        ("上上周", date(2024, 5, 20), date(2024, 5, 27)),
    ],
)
def test_days_are_read_from_many_words(text: str, first: date, last: date) -> None:
    """The first day is in, the last one out; without a year the latest that has begun is meant."""
    found = period(f"宁德时代{text}的新闻", date(2024, 6, 5))
    assert found is not None
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("text", ["最近", "300750", "20210901", "13月", "2021年2月30日的", "零月"])
def test_what_is_no_day_is_none_or_wider(text: str) -> None:
    """Nothing is read into numbers; a day that does not exist leaves its year."""
    found = period(text, date(2024, 6, 5))
    assert found is None or found.words == "2021年"
