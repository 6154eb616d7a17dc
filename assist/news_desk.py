"""Answers about listed companies, from the news and the knowledge graph.

Every statement carries the number of its citation; nothing is said that has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

from assist.answer import FOLLOW_UP, Answer, AnswerKind, Citation, CitationKind, Trace
from assist.company_question import (
    TOPIC_NAMES,
    CompanyTopic,
    Period,
    TopicWords,
    only_names,
    period,
    without_names,
)
from assist.conversation import SpokenCompany
from assist.follow_up_company import CompanyFollowUps, Continued
from assist.follow_up_words import FollowUpWords
from news.article import Article
from news.fact import LITERAL, Entity, Fact
from news.graph import CompanyProfile, NewsGraph
from news.link import EntityLinker
from news.securities import EXCHANGES, SecuritiesMaster
from news.store import NewsStore

MOST_COMPANIES = 2
MOST_ARTICLES = 5
MOST_NAMES = 8
CHINA = timezone(timedelta(hours=8))
NOTICE = "以上内容来自公开资讯与公开资料，仅供参考，不构成投资建议。"
ADVICE_REPLY = (
    "很抱歉，我不能对个股给出买卖建议，也不预测股价走势。您可以问我{name}的最新资讯、所属行业或上市信息，"
    "也可以说“转人工”联系持牌投资顾问。市场有风险，投资需谨慎。"
)


@dataclass(slots=True)
class _Draft:
    """Sentences and the citations that they number."""

    lines: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)

    def cite(self, citation: Citation) -> str:
        """Mark of a citation, the same one for the same source."""
        if citation not in self.citations:
            self.citations.append(citation)
        return f"〔{self.citations.index(citation) + 1}〕"


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
    """Understands and answers questions about listed companies."""

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
    ) -> None:
        """Without `follow_ups` every message must name its company and what is asked."""
        self._store = store
        self._graph = graph
        self._linker = linker
        self._master = master
        self._words = words
        self._clock = clock
        self._follow_ups = CompanyFollowUps(follow_ups, words, linker) if follow_ups else None

    def understand(
        self, text: str, *, spoken: SpokenCompany | None = None
    ) -> CompanyQuestion | None:
        """The question, or None where it is not about a company's news or facts.

        `spoken` is what was talked about before, for a message such as 它的上游呢 or 那比亚迪呢.
        """
        mentions = self._linker.find(text)
        companies = tuple(dict.fromkeys(m.entity_id for m in mentions))[:MOST_COMPANIES]
        topics = self._words.topics(without_names(text, mentions))
        if not (companies and topics) and spoken and self._follow_ups:
            continued = self._follow_ups.read(text, spoken, self._today())
            if continued is not None:
                return self._continued(continued, spoken)
        if companies and not topics and only_names(text, mentions):
            topics = (CompanyTopic.OVERVIEW,)
        if not companies or not topics:
            return None
        days = period(without_names(text, mentions), self._today())
        sure = max((m.confidence for m in mentions), default=1.0)
        return CompanyQuestion(text, companies, topics, days, sure)

    def _continued(self, continued: Continued, spoken: SpokenCompany) -> CompanyQuestion:
        company = continued.company or spoken.company
        days = continued.days.words if continued.days else ""
        listings = self._master.listings(company)
        name = listings[0].short_name if listings else company
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
        draft = _Draft()
        for company in question.companies:
            profile = self._graph.profile(company)
            for topic in question.topics:
                self._write(draft, company, profile, topic, question.period)
        return Answer(
            kind=AnswerKind.ANSWER,
            reply="\n".join(draft.lines),
            score=1.0,
            citations=tuple(draft.citations),
            risk_notice=NOTICE,
            trace=trace,
        )

    def _write(
        self,
        draft: _Draft,
        company: str,
        profile: CompanyProfile | None,
        topic: CompanyTopic,
        days: Period | None,
    ) -> None:
        if topic is CompanyTopic.NEWS or (topic is CompanyTopic.OVERVIEW and profile is None):
            self._news(draft, company, days)
        elif profile is None:
            draft.lines.append(f"暂时没有查到{self._name(company)}的资料。")
        elif topic is CompanyTopic.OVERVIEW:
            self._listing(draft, profile)
            self._industry(draft, profile)
            self._news(draft, company, days)
        elif topic is CompanyTopic.CHAIN:
            self._neighbours(draft, profile, "上游", profile.upstream)
            self._neighbours(draft, profile, "下游", profile.downstream)
        elif topic is CompanyTopic.PEERS:
            self._peers(draft, profile)
        else:
            self._fact(draft, profile, topic)

    def _fact(self, draft: _Draft, profile: CompanyProfile, topic: CompanyTopic) -> None:
        if topic is CompanyTopic.INDUSTRY:
            self._industry(draft, profile)
        elif topic is CompanyTopic.UPSTREAM:
            self._neighbours(draft, profile, "上游", profile.upstream)
        elif topic is CompanyTopic.DOWNSTREAM:
            self._neighbours(draft, profile, "下游", profile.downstream)
        elif topic in (CompanyTopic.LISTING, CompanyTopic.EXCHANGE, CompanyTopic.CODE):
            self._listing(draft, profile)
        elif topic is CompanyTopic.FORMER_NAMES:
            self._names(draft, profile, "former_name", "曾用名")
        elif topic is CompanyTopic.FULL_NAME:
            self._names(draft, profile, "full_name", "公司全称")
        elif topic is CompanyTopic.CONCEPTS:
            self._concepts(draft, profile)

    def _news(self, draft: _Draft, company: str, days: Period | None) -> None:
        name = self._name(company)
        articles = self._store.articles_about(
            company,
            since=_midnight(days.first) if days else None,
            until=_midnight(days.last) if days else None,
            limit=MOST_ARTICLES,
        )
        when = days.words if days else ""
        if not articles:
            draft.lines.append(f"暂时没有查到{name}{when}的资讯。")
            return
        draft.lines.append(f"{name}{when or '最新'}的资讯（由新到旧）：")
        for article in articles:
            draft.lines.append(_headline(article) + draft.cite(_article_citation(article)))

    def _listing(self, draft: _Draft, profile: CompanyProfile) -> None:
        if not profile.listings:
            draft.lines.append(f"暂时没有查到{profile.company.name}的上市信息。")
        for fact in profile.listings:
            symbol = fact.subject.partition(":")[2]
            security = next((s for s in profile.securities if s.symbol == symbol), None)
            name = security.short_name if security else profile.company.name
            exchange = EXCHANGES.get(fact.object.partition(":")[2], fact.object)
            since = fact.valid_from
            when = f"于{since.year}年{since.month}月{since.day}日" if since else ""
            note = "" if since else "（上市日期未知）"
            mark = draft.cite(_fact_citation(f"{name}上市信息", fact))
            draft.lines.append(f"{name}（{symbol}）{when}在{exchange}上市{note}{mark}。")

    def _industry(self, draft: _Draft, profile: CompanyProfile) -> None:
        name = self._name(profile.company.id)
        if not profile.industry_chain:
            draft.lines.append(f"暂时没有查到{name}的行业分类。")
            return
        marks = "".join(
            draft.cite(_fact_citation(f"行业分类：{entity.name}", fact))
            for entity, fact in profile.industry_chain
        )
        own = profile.industry_chain[0][0].name
        path = " > ".join(_plain(e.name) for e, _ in reversed(profile.industry_chain))
        draft.lines.append(f"{name}属于{_plain(own)}行业（{path}）{marks}。")

    def _neighbours(
        self,
        draft: _Draft,
        profile: CompanyProfile,
        side: str,
        linked: Sequence[tuple[Entity, Fact]],
    ) -> None:
        if not profile.industry_chain or not linked:
            draft.lines.append(f"暂时没有查到{profile.company.name}所属行业的{side}资料。")
            return
        industry = _plain(profile.industry_chain[0][0].name)
        names = "、".join(
            _plain(entity.name)
            + draft.cite(_fact_citation(f"{industry}的{side}：{entity.name}", f))
            for entity, f in linked[:MOST_NAMES]
        )
        more = f"等{len(linked)}个" if len(linked) > MOST_NAMES else ""
        draft.lines.append(f"{industry}行业的{side}有：{names}{more}（按研究报告提及次数排列）。")

    def _names(self, draft: _Draft, profile: CompanyProfile, kind: str, label: str) -> None:
        facts = [f for f in profile.aliases if ("kind", kind) in f.qualifiers]
        name = self._name(profile.company.id)
        if not facts:
            draft.lines.append(f"暂时没有查到{name}的{label}。")
            return
        words = "、".join(
            f.object.removeprefix(LITERAL) + draft.cite(_fact_citation(f"{name}的{label}", f))
            for f in facts
        )
        draft.lines.append(f"{name}的{label}：{words}。")

    def _concepts(self, draft: _Draft, profile: CompanyProfile) -> None:
        name = self._name(profile.company.id)
        if not profile.concepts:
            draft.lines.append(f"暂时没有查到{name}的概念板块资料。")
            return
        words = "、".join(
            entity.name + draft.cite(_fact_citation(f"{name}的概念：{entity.name}", fact))
            for entity, fact in profile.concepts[:MOST_NAMES]
        )
        draft.lines.append(f"{name}的概念板块（2018年的分类，之后可能有变化）：{words}。")

    def _peers(self, draft: _Draft, profile: CompanyProfile) -> None:
        peers = self._graph.peers(profile.company.id, limit=MOST_NAMES)
        if not peers or not profile.industry_chain:
            draft.lines.append(f"暂时没有查到{profile.company.name}的同业公司。")
            return
        industry, fact = profile.industry_chain[0]
        mark = draft.cite(_fact_citation(f"行业分类：{industry.name}", fact))
        names = "、".join(peer.name for peer in peers)
        draft.lines.append(
            f"与{profile.company.name}同属{_plain(industry.name)}行业的有：{names}{mark}。"
        )

    def _name(self, company: str) -> str:
        listings = self._master.listings(company)
        return f"{listings[0].short_name}（{listings[0].symbol}）" if listings else company


def _rule(question: CompanyQuestion) -> str:
    rule = f"company question: {', '.join(question.topics)}"
    return FOLLOW_UP + rule if question.is_follow_up else rule


def _headline(article: Article) -> str:
    day = article.published_at.astimezone(CHINA).date() if article.dated else None
    source = f" — {article.source}" if article.source else ""
    return f"· {day or '日期不详'}　{article.headline or article.text[:40]}{source}"


def _article_citation(article: Article) -> Citation:
    return Citation(
        kind=CitationKind.ARTICLE,
        id=article.id,
        title=article.headline or article.text[:40],
        version=str(article.version),
    )


def _fact_citation(title: str, fact: Fact) -> Citation:
    return Citation(
        kind=CitationKind.FACT,
        id=fact.id,
        title=f"{_plain(title)}（{fact.evidence}）",
        version=fact.recorded_at.astimezone(UTC).date().isoformat(),
    )


def _plain(name: str) -> str:
    """Industry names without the level mark of the classification (白酒Ⅲ is 白酒)."""
    return name.replace("Ⅲ", "").replace("Ⅱ", "")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
