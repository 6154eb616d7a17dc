"""Questions about listed companies: understanding and answers, over the real graph and news."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assist.answer import Answer, AnswerKind, CitationKind
from assist.company_question import CompanyTopic, TopicWords
from assist.conversation import SpokenCompany
from assist.errors import AssistError
from assist.follow_up_words import FollowUpWords
from assist.news_desk import NewsDesk
from assist.news_period import period
from news.analyse import Analyser
from news.article import RawArticle
from news.base_facts import load_base_facts
from news.graph import NewsGraph
from news.index import TantivyIndex
from news.ingest import Ingester
from news.link import EntityLinker
from news.securities import SecuritiesMaster
from news.sentiment import SentimentLexicon
from news.store import NewsStore
from news.tag import TopicTagger

NOW = datetime(2024, 6, 5, 4, tzinfo=UTC)


def _raw(number: int, headline: str, day: datetime | None) -> RawArticle:
    filler = "甲乙丙丁戊己庚辛"[number] * 12
    text = f"{headline}。这是第{number}条用于测试的资讯，内容各不相同：{filler}。"
    url = f"https://news.example.com/desk/{number}"
    return RawArticle(headline, text, f"test:{number}", url, day, "测试社")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, data: Path) -> NewsDesk:
    """A desk over base facts and four articles about 宁德时代."""
    folder = tmp_path_factory.mktemp("desk")
    lexicons = data / "lexicons"
    master = SecuritiesMaster.load(data / "securities.tsv")
    linker = EntityLinker(master, lexicons / "ambiguous_names.yaml")
    store = NewsStore.open(folder / "workspace.db")
    load_base_facts(store, data, now=NOW)
    analyser = Analyser(
        TopicTagger.load(lexicons / "topics.yaml"),
        SentimentLexicon.load(lexicons / "sentiment.tsv", lexicons / "negations.txt"),
        linker,
    )
    Ingester(store, TantivyIndex(folder / "index"), analyser, clock=lambda: NOW).ingest(
        [
            _raw(0, "宁德时代扩建电池工厂", datetime(2023, 9, 1, tzinfo=UTC)),
            _raw(1, "宁德时代与车企签订协议", datetime(2024, 6, 4, 3, tzinfo=UTC)),
            _raw(2, "宁德时代发布新品电池", datetime(2024, 1, 9, tzinfo=UTC)),
            _raw(3, "关于宁德时代的旧闻", None),
        ]
    )
    words = TopicWords.load(lexicons / "company_questions.yaml")
    follow_ups = FollowUpWords.load(lexicons)
    return NewsDesk(
        store,
        NewsGraph(store, master),
        linker,
        master,
        words,
        clock=lambda: NOW,
        follow_ups=follow_ups,
    )


def _ask(desk: NewsDesk, text: str) -> Answer:
    question = desk.understand(text)
    assert question is not None, text
    return desk.answer(question)


def test_news_come_newest_first_with_a_citation_each(desk: NewsDesk) -> None:
    """Every line of news names its article; what has no date comes last."""
    answer = _ask(desk, "宁德时代最近有什么消息")
    heads = [c.title for c in answer.citations]
    assert heads == [
        "宁德时代与车企签订协议",
        "宁德时代发布新品电池",
        "宁德时代扩建电池工厂",
        "关于宁德时代的旧闻",
    ]
    assert {c.kind for c in answer.citations} == {CitationKind.ARTICLE}
    lines = answer.reply.splitlines()[1:]
    assert [line[-3:] for line in lines] == ["〔1〕", "〔2〕", "〔3〕", "〔4〕"]


def test_a_period_narrows_the_news(desk: NewsDesk) -> None:
    """去年 and 昨天 are days in China."""
    assert [c.title for c in _ask(desk, "宁德时代去年的新闻").citations] == ["宁德时代扩建电池工厂"]
    assert [c.title for c in _ask(desk, "宁德时代昨天有什么新闻").citations] == [
        "宁德时代与车企签订协议"
    ]


def test_a_company_without_news_says_so(desk: NewsDesk) -> None:
    """Nothing is made up: the reply says that nothing was found and cites nothing."""
    answer = _ask(desk, "五粮液最近有什么消息")
    assert "没有查到五粮液" in answer.reply
    assert answer.citations == ()


def test_industry_and_upstream_are_facts(desk: NewsDesk) -> None:
    """Both halves of the question are answered, each statement from a fact."""
    answer = _ask(desk, "宁德时代属于哪个行业，上游有哪些")
    assert "属于锂电池行业" in answer.reply
    assert "上游有：输变电设备" in answer.reply
    assert {c.kind for c in answer.citations} == {CitationKind.FACT}
    assert any("data/securities.tsv#300750" in c.title for c in answer.citations)


def test_a_listing_date_is_a_fact(desk: NewsDesk) -> None:
    """The date is that of the securities master, with its exchange."""
    answer = _ask(desk, "贵州茅台什么时候上市的")
    assert "2001年8月27日在上海证券交易所上市" in answer.reply
    assert len(answer.citations) == 1


@pytest.mark.parametrize("text", ["它的上游呢", "那行业呢", "上市日期呢"])
def test_a_follow_up_takes_the_company_talked_about(desk: NewsDesk, text: str) -> None:
    """A thin question without a name goes on about the last company, never without one."""
    assert desk.understand(text) is None
    question = desk.understand(text, spoken=SpokenCompany("company:300750"))
    assert question is not None
    assert question.companies == ("company:300750",)


BYD, CATL = "company:002594", "company:300750"


@pytest.mark.parametrize(
    ("text", "company", "topic", "days"),
    [
        ("那比亚迪呢", BYD, CompanyTopic.NEWS, "上周"),
        ("比亚迪昨天的呢", BYD, CompanyTopic.NEWS, "昨天"),
        ("昨天的呢", CATL, CompanyTopic.NEWS, "昨天"),
        ("这个月呢", CATL, CompanyTopic.NEWS, "这个月"),
        ("他们属于哪个行业", CATL, CompanyTopic.INDUSTRY, None),
        ("能买吗", CATL, CompanyTopic.ADVICE, None),
    ],
)
def test_what_is_missing_comes_from_the_last_question(
    desk: NewsDesk, text: str, company: str, topic: CompanyTopic, days: str | None
) -> None:
    """Company, topic or days, whichever the message does not name."""
    spoken = SpokenCompany(CATL, (CompanyTopic.NEWS,), "上周")
    question = desk.understand(text, spoken=spoken)
    assert question is not None
    assert question.is_follow_up
    assert (question.companies, question.topics) == ((company,), (topic,))
    assert (question.period.words if question.period else None) == days


@pytest.mark.parametrize("text", ["怎么开户", "那费用呢", "昨天买的股票怎么卖", "什么时候上市"])
def test_a_company_of_long_ago_is_not_taken_up_by_chance(desk: NewsDesk, text: str) -> None:
    """Once something else is talked about, a message must point back to the company."""
    spoken = SpokenCompany(CATL, (CompanyTopic.NEWS,), is_latest=False)
    assert desk.understand(text, spoken=spoken) is None


def test_the_broker_is_not_the_company_talked_about(desk: NewsDesk) -> None:
    """你们公司 is the broker itself."""
    spoken = SpokenCompany(CATL, (CompanyTopic.NEWS,))
    assert desk.understand("你们公司上市了吗，股票代码多少", spoken=spoken) is None


@pytest.mark.parametrize("text", ["宁德时代能买吗", "贵州茅台会涨吗", "300750值不值得买"])
def test_advice_is_refused(desk: NewsDesk, text: str) -> None:
    """Whether to buy is answered with the compliant refusal."""
    answer = _ask(desk, text)
    assert answer.kind is AnswerKind.REJECT
    assert "不能对个股给出买卖建议" in answer.reply


@pytest.mark.parametrize(
    "text", ["怎么开通创业板", "东方财富怎么开户", "今天天气怎么样", "", "智能机器人怎么用", "新闻"]
)
def test_other_questions_are_left_to_the_knowledge_base(desk: NewsDesk, text: str) -> None:
    """Without a company and a topic the desk says nothing."""
    assert desk.understand(text) is None


def test_a_name_alone_gives_an_overview(desk: NewsDesk) -> None:
    """Listing, industry and news in one reply."""
    answer = _ask(desk, "宁德时代")
    assert "上市" in answer.reply
    assert "行业" in answer.reply
    assert "资讯" in answer.reply


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("今天", date(2024, 6, 5), date(2024, 6, 6)),
        ("上周", date(2024, 5, 27), date(2024, 6, 3)),
        ("本月", date(2024, 6, 1), date(2024, 7, 1)),
        ("2021年9月", date(2021, 9, 1), date(2021, 10, 1)),
        ("2021年12月", date(2021, 12, 1), date(2022, 1, 1)),
        ("2021年", date(2021, 1, 1), date(2022, 1, 1)),
        ("前天", date(2024, 6, 3), date(2024, 6, 4)),
        ("最近一周", date(2024, 5, 30), date(2024, 6, 6)),
        ("上个月", date(2024, 5, 1), date(2024, 6, 1)),
    ],
)
def test_periods_are_days_in_china(text: str, first: date, last: date) -> None:
    """The first day is in, the last one out."""
    found = period(f"有什么{text}的新闻", date(2024, 6, 5))
    assert found is not None
    assert (found.first, found.last) == (first, last)


def test_topics_come_in_the_order_of_the_question(data: Path) -> None:
    """A longer word hides a shorter one inside it."""
    words = TopicWords.load(data / "lexicons" / "company_questions.yaml")
    assert words.topics("上游有哪些，属于哪个行业") == (
        CompanyTopic.UPSTREAM,
        CompanyTopic.INDUSTRY,
    )
    assert words.topics("什么时候上市的") == (CompanyTopic.LISTING,)


def test_a_broken_topic_file_is_named(tmp_path: Path) -> None:
    """An unknown topic is an error that lists the known ones."""
    path = tmp_path / "questions.yaml"
    path.write_text("- topic: weather\n  words: [天气]\n", encoding="utf-8")
    with pytest.raises(AssistError, match=r"questions.yaml.*news"):
        TopicWords.load(path)
