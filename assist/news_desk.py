"""Answers about listed companies and other subjects of the news, from news and knowledge graph.

Every statement carries the numbers of its citations; nothing is said that has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from assist.answer import FOLLOW_UP, Answer, AnswerKind, Trace
from assist.company_question import (
    TOPIC_NAMES,
    CompanyTopic,
    TopicWords,
    only_names,
    without_names,
)
from assist.conversation import SpokenCompany
from assist.follow_up_company import CompanyFollowUps, Continued
from assist.follow_up_words import FollowUpWords
from assist.news_affected import AffectedTeller, without_shock
from assist.news_compare import Comparer
from assist.news_facts import FactTeller
from assist.news_period import Period, period
from assist.news_reply import CHINA as CHINA
from assist.news_reply import NewsReply, Sentence, nothing_found
from assist.news_subject import SURE, find_subject
from assist.news_subject import TOPICS as SUBJECT_TOPICS
from assist.news_told import NewsTeller
from news.fact import Entity, EntityKind
from news.graph import NewsGraph
from news.graph_affected import AffectedBy
from news.link import EntityLinker
from news.securities import SecuritiesMaster
from news.store import NewsStore

MOST_COMPANIES = 2
NOTICE = "以上内容来自公开资讯与公开资料，仅供参考，不构成投资建议。"
ADVICE_REPLY = (
    "很抱歉，我不能对个股给出买卖建议，也不预测股价走势。您可以问我{name}的最新资讯、所属行业或上市信息，"
    "也可以说“转人工”联系持牌投资顾问。市场有风险，投资需谨慎。"
)
_WHY = re.compile(r"(?:为什么|为啥|为何|因为什么|怎么).*(?:新闻|热搜|报道|关注|热议|刷屏)")
_WHICH = re.compile(r"哪个|哪家|谁更|比.{0,6}(?:怎么样|如何|呢)|\bvs\b|\bPK\b", re.I)


@dataclass(frozen=True, slots=True)
class CompanyQuestion:
    """A question about companies as it was understood.

    `confidence` (0 to 1) is that of the surest name in it; `is_follow_up` where it was completed
    from the conversation.
    """

    asked: str
    companies: tuple[str, ...]
    topics: tuple[CompanyTopic, ...]
    period: Period | None
    confidence: float
    is_follow_up: bool = False


class NewsDesk:
    """Understands and answers questions about listed companies and other subjects of the news."""

    def __init__(
        self,
        store: NewsStore,
        graph: NewsGraph,
        linker: EntityLinker,
        master: SecuritiesMaster,
        words: TopicWords,
        *,
        clock: Callable[[], datetime],
        follow_ups: FollowUpWords | None = None,
        affected: AffectedBy | None = None,
    ) -> None:
        """Without `follow_ups` every message must name its company and what is asked.

        Without `affected` nobody knows who is affected by what happens.
        """
        self._store = store
        self._graph = graph
        self._linker = linker
        self._master = master
        self._words = words
        self._clock = clock
        self._affected = affected
        self._facts = FactTeller(store, graph, master)
        self._follow_ups = CompanyFollowUps(follow_ups, words, linker) if follow_ups else None

    def understand(
        self, text: str, *, spoken: SpokenCompany | None = None
    ) -> CompanyQuestion | None:
        """The question, or None where it is not about a company's news or facts.

        `spoken` is what was talked about before, for a message such as 它的上游呢 or 那比亚迪呢.
        """
        mentions = self._linker.find(text)
        companies = tuple(dict.fromkeys(m.entity_id for m in mentions))[:MOST_COMPANIES]
        bare = without_names(text, mentions)
        days = period(bare, self._today())
        topics = self._words.topics(bare)
        if CompanyTopic.NEWS in topics and _WHY.search(bare):
            topics = (CompanyTopic.WHY,)
        if CompanyTopic.COMPARE in topics or (len(companies) > 1 and _WHICH.search(bare)):
            companies, topics = _compared(companies, topics, spoken)
        if not (companies and topics) and spoken and self._follow_ups:
            continued = self._follow_ups.read(text, spoken, self._today())
            if continued is not None:
                return self._continued(continued, spoken)
        if companies and not topics and only_names(text, mentions):
            topics = (CompanyTopic.OVERVIEW,)
        if not companies:
            return self._about_subject(text, days)
        if not topics:
            return None
        sure = max((m.confidence for m in mentions), default=1.0)
        return CompanyQuestion(text, companies, topics, days, sure)

    def _about_subject(self, text: str, days: Period | None) -> CompanyQuestion | None:
        """A question about an industry, a person or an index that the graph knows."""
        rest = text.replace(days.words, "") if days else text
        topics, rest = self._words.split(rest)
        topics = tuple(topic for topic in topics if topic in SUBJECT_TOPICS)
        if CompanyTopic.AFFECTED in topics:
            rest = without_shock(rest)
        subject = find_subject(rest, self._store) if topics else None
        if subject is None:
            return None
        return CompanyQuestion(text, (subject.id,), topics, days, SURE)

    def _continued(self, continued: Continued, spoken: SpokenCompany) -> CompanyQuestion:
        company = continued.company or spoken.company
        days = continued.days.words if continued.days else ""
        listings = self._master.listings(company)
        name = listings[0].short_name if listings else self._facts.name(company)
        what = "、".join(TOPIC_NAMES[topic] for topic in continued.topics)
        return CompanyQuestion(
            f"{name}{days}的{what}",
            (company,),
            continued.topics,
            continued.days,
            continued.confidence,
            is_follow_up=True,
        )

    def _today(self) -> date:
        return self._clock().astimezone(CHINA).date()

    def answer(self, question: CompanyQuestion) -> Answer:
        """Answer every topic for every company of the question."""
        trace = Trace(_rule(question), question.asked)
        if CompanyTopic.ADVICE in question.topics:
            names = "、".join(self._master.company_name(c) for c in question.companies)
            return Answer(AnswerKind.REJECT, ADVICE_REPLY.format(name=names), 1.0, trace=trace)
        reply = self.compose(question)
        return Answer(
            kind=AnswerKind.ANSWER,
            reply=reply.to_text(),
            score=1.0,
            citations=reply.citations,
            risk_notice=NOTICE,
            trace=trace,
        )

    def compose(self, question: CompanyQuestion) -> NewsReply:
        """The sentences of an answer, each with its citations; not for questions for advice."""
        news = NewsTeller(self._store, self._facts.name, self._today())
        if CompanyTopic.COMPARE in question.topics and len(question.companies) > 1:
            comparer = Comparer(self._graph, self._facts, news, self._today())
            first, second = question.companies[:2]
            return NewsReply.of(comparer.compare((first, second), question.period))
        return NewsReply.of(
            sentence
            for company in question.companies
            for topic in question.topics
            for sentence in self._told(news, company, topic, question)
        )

    def _told(
        self, news: NewsTeller, entity: str, topic: CompanyTopic, question: CompanyQuestion
    ) -> tuple[Sentence, ...]:
        days = question.period
        tellers = {
            CompanyTopic.NEWS: news.latest,
            CompanyTopic.EVENTS: news.events,
            CompanyTopic.WHY: news.why,
            CompanyTopic.RUMOURS: news.rumours,
            CompanyTopic.TONE: news.tone,
        }
        if topic in tellers:
            return tellers[topic](entity, days)
        if topic is CompanyTopic.AFFECTED:
            return self._affects(news, entity, question)
        known = self._store.facts.entity(entity)
        if known is not None and known.kind is not EntityKind.COMPANY:
            return self._of_subject(known, topic)
        profile = self._graph.profile(entity)
        if profile is None:
            return news.latest(entity, days)
        if topic is CompanyTopic.OVERVIEW:
            industry = self._facts.industry(profile)
            return (*self._facts.listing(profile), industry, *news.latest(entity, days))
        return self._facts.company(profile, topic)

    def _affects(
        self, news: NewsTeller, entity: str, question: CompanyQuestion
    ) -> tuple[Sentence, ...]:
        if self._affected is None:
            return (nothing_found(f"暂时不能推演{self._facts.name(entity)}影响到谁。"),)
        teller = AffectedTeller(self._affected, news, self._facts.name, self._facts.citation)
        return teller.tell(entity, question.asked, question.period)

    def _of_subject(self, subject: Entity, topic: CompanyTopic) -> tuple[Sentence, ...]:
        """Facts about what is no company; only industries have a chain and members."""
        if topic is CompanyTopic.MEMBERS:
            return self._facts.members(subject)
        return self._facts.industry_chain(subject, topic)


def _compared(
    companies: tuple[str, ...], topics: tuple[CompanyTopic, ...], spoken: SpokenCompany | None
) -> tuple[tuple[str, ...], tuple[CompanyTopic, ...]]:
    """Two companies to compare, the second maybe the one talked about; else without comparing."""
    if len(companies) == 1 and spoken and spoken.company not in companies:
        companies = (spoken.company, *companies)
    if CompanyTopic.ADVICE in topics:
        return companies, topics
    if len(companies) > 1:
        return companies, (CompanyTopic.COMPARE,)
    return companies, tuple(topic for topic in topics if topic is not CompanyTopic.COMPARE)


def _rule(question: CompanyQuestion) -> str:
    rule = f"company question: {', '.join(question.topics)}"
    return FOLLOW_UP + rule if question.is_follow_up else rule
