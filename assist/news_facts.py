"""What the knowledge graph says of a company or an industry, as cited sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assist.answer import Citation
from assist.company_question import CompanyTopic
from assist.news_reply import (
    Clause,
    Sentence,
    article_citation,
    fact_citation,
    nothing_found,
    plain,
    statement,
)
from news.fact import LITERAL, Entity, Fact, FactStatus, Predicate
from news.graph import CompanyProfile, NewsGraph
from news.securities import EXCHANGES, SecuritiesMaster
from news.store import NewsStore

MOST_NAMES = 8
_STATUS_NOTES = {FactStatus.RUMOUR: "（传闻）", FactStatus.DENIED: "（已否认）"}
_NAMES = {
    CompanyTopic.FORMER_NAMES: ("former_name", "曾用名"),
    CompanyTopic.FULL_NAME: ("full_name", "公司全称"),
}


class FactTeller:
    """Tells facts of the graph; keeps nothing."""

    def __init__(self, store: NewsStore, graph: NewsGraph, master: SecuritiesMaster) -> None:
        self._store = store
        self._graph = graph
        self._master = master

    def name(self, entity_id: str) -> str:
        """`宁德时代（300750.SZ）` for a company, the graph's name for anything else."""
        listings = self._master.listings(entity_id)
        if listings:
            return f"{listings[0].short_name}（{listings[0].symbol}）"
        entity = self._store.facts.entity(entity_id)
        return plain(entity.name) if entity else entity_id

    def company(self, profile: CompanyProfile, topic: CompanyTopic) -> tuple[Sentence, ...]:
        """What is known of a company under a topic of facts."""
        if topic is CompanyTopic.INDUSTRY:
            return (self.industry(profile),)
        if topic in (CompanyTopic.UPSTREAM, CompanyTopic.DOWNSTREAM, CompanyTopic.CHAIN):
            return self._chain(profile, topic)
        if topic in _NAMES:
            return (self._names(profile, *_NAMES[topic]),)
        if topic is CompanyTopic.CONCEPTS:
            return (self._concepts(profile),)
        if topic is CompanyTopic.PEERS:
            return (self._peers(profile),)
        return self.listing(profile)

    def listing(self, profile: CompanyProfile) -> tuple[Sentence, ...]:
        """Where and since when each security is listed."""
        if not profile.listings:
            return (nothing_found(f"暂时没有查到{profile.company.name}的上市信息。"),)
        return tuple(self._listed(profile, fact) for fact in profile.listings)

    def _listed(self, profile: CompanyProfile, fact: Fact) -> Sentence:
        symbol = fact.subject.partition(":")[2]
        security = next((s for s in profile.securities if s.symbol == symbol), None)
        name = security.short_name if security else profile.company.name
        exchange = EXCHANGES.get(fact.object.partition(":")[2], fact.object)
        since = fact.valid_from
        when = f"于{since.year}年{since.month}月{since.day}日" if since else ""
        note = "" if since else "（上市日期未知）"
        cited = fact_citation(f"{name}上市信息", fact)
        return statement(f"{name}（{symbol}）{when}在{exchange}上市{note}", cited, end="。")

    def industry(self, profile: CompanyProfile) -> Sentence:
        """The company's industry with those above it."""
        name = self.name(profile.company.id)
        if not profile.industry_chain:
            return nothing_found(f"暂时没有查到{name}的行业分类。")
        cited = [fact_citation(f"行业分类：{e.name}", fact) for e, fact in profile.industry_chain]
        own = plain(profile.industry_chain[0][0].name)
        path = " > ".join(plain(e.name) for e, _ in reversed(profile.industry_chain))
        return statement(f"{name}属于{own}行业（{path}）", *cited, end="。")

    def _chain(self, profile: CompanyProfile, topic: CompanyTopic) -> tuple[Sentence, ...]:
        told: list[Sentence] = []
        for side, other, linked in (
            ("上游", CompanyTopic.DOWNSTREAM, profile.upstream),
            ("下游", CompanyTopic.UPSTREAM, profile.downstream),
        ):
            if topic is other:
                continue
            told += self._partners(profile.company, side)
            told.append(self._neighbours(profile, side, linked))
        return tuple(told)

    def _partners(self, company: Entity, side: str) -> tuple[Sentence, ...]:
        """Suppliers or customers that articles name."""
        up = side == "上游"
        found = self._graph.facts_about(company.id, predicates=[Predicate.SUPPLIES])
        ends = [(f.subject if up else f.object, f) for f in found]
        ends = [(end, fact) for end, fact in ends if end != company.id]
        if not ends:
            return ()
        names = self._store.facts.names(end for end, _ in ends)
        linked = [(Entity(end, names.get(end, end)), fact) for end, fact in ends]
        what = "供应商" if up else "客户"
        clauses = self._listed_names(f"资讯提到的{company.name}{what}有：", linked, what)
        return (Sentence(clauses, end="。"),)

    def _neighbours(
        self, profile: CompanyProfile, side: str, linked: Sequence[tuple[Entity, Fact]]
    ) -> Sentence:
        if not profile.industry_chain or not linked:
            return nothing_found(f"暂时没有查到{profile.company.name}所属行业的{side}资料。")
        return self.industry_side(profile.industry_chain[0][0], side, linked)

    def industry_chain(self, industry: Entity, topic: CompanyTopic) -> tuple[Sentence, ...]:
        """Upstream, downstream or both of an industry."""
        told = []
        for side, other in (("上游", CompanyTopic.DOWNSTREAM), ("下游", CompanyTopic.UPSTREAM)):
            if topic is other:
                continue
            up = side == "上游"
            facts = self._store.facts.facts_of(
                [industry.id],
                side="object" if up else "subject",
                predicates=[Predicate.UPSTREAM_OF],
            )
            names = self._store.facts.names(f.subject if up else f.object for f in facts)
            ordered = sorted(facts, key=lambda f: (-f.confidence, f.id))
            ends = [(f.subject if up else f.object, f) for f in ordered]
            linked = [(Entity(end, names.get(end, end)), fact) for end, fact in ends]
            missing = nothing_found(f"暂时没有查到{plain(industry.name)}的{side}资料。")
            told.append(self.industry_side(industry, side, linked) if linked else missing)
        return tuple(told)

    def industry_side(
        self, industry: Entity, side: str, linked: Sequence[tuple[Entity, Fact]]
    ) -> Sentence:
        """Industries upstream or downstream of an industry."""
        own = plain(industry.name)
        clauses = self._listed_names(f"{own}行业的{side}有：", linked, f"{own}的{side}")
        more = f"等{len(linked)}个" if len(linked) > MOST_NAMES else ""
        return Sentence(clauses, end=f"{more}（按研究报告提及次数排列）。")

    def _names(self, profile: CompanyProfile, kind: str, label: str) -> Sentence:
        facts = [f for f in profile.aliases if ("kind", kind) in f.qualifiers]
        name = self.name(profile.company.id)
        if not facts:
            return nothing_found(f"暂时没有查到{name}的{label}。")
        linked = [(f.object.removeprefix(LITERAL), f) for f in facts]
        clauses = _joined(
            f"{name}的{label}：", ((w, (fact_citation(f"{name}的{label}", f),)) for w, f in linked)
        )
        return Sentence(clauses, end="。")

    def _concepts(self, profile: CompanyProfile) -> Sentence:
        name = self.name(profile.company.id)
        if not profile.concepts:
            return nothing_found(f"暂时没有查到{name}的概念板块资料。")
        start = f"{name}的概念板块（2018年的分类，之后可能有变化）："
        return Sentence(self._listed_names(start, profile.concepts, f"{name}的概念"), end="。")

    def _peers(self, profile: CompanyProfile) -> Sentence:
        peers = self._graph.peers(profile.company.id, limit=MOST_NAMES)
        if not peers or not profile.industry_chain:
            return nothing_found(f"暂时没有查到{profile.company.name}的同业公司。")
        own = profile.industry_chain[0][0]
        clauses = _joined(
            f"与{profile.company.name}行业相同或相近的有：",
            ((peer.name, self._memberships(peer)) for peer in peers),
        )
        cited = fact_citation(f"行业分类：{own.name}", profile.industry_chain[0][1])
        first = Clause(f"{profile.company.name}属于{plain(own.name)}行业", (cited,))
        rest = (Clause(f"，{clauses[0].text}", clauses[0].citations), *clauses[1:])
        return Sentence((first, *rest), end="。")

    def members(self, industry: Entity) -> tuple[Sentence, ...]:
        """Companies of an industry, lowest code first."""
        found = self._store.facts.facts_of(
            [industry.id], side="object", predicates=[Predicate.IN_INDUSTRY, Predicate.PART_OF]
        )
        facts = sorted(
            (f for f in found if f.subject.startswith("company:")), key=lambda f: f.subject
        )
        if not facts:
            return (nothing_found(f"暂时没有查到{plain(industry.name)}的上市公司。"),)
        linked = [(Entity(f.subject, self._master.company_name(f.subject)), f) for f in facts]
        start = f"{plain(industry.name)}的上市公司有："
        clauses = self._listed_names(start, linked, plain(industry.name))
        more = f"等{len(linked)}家" if len(linked) > MOST_NAMES else ""
        return (Sentence(clauses, end=f"{more}（按代码排列）。"),)

    def _memberships(self, company: Entity) -> tuple[Citation, ...]:
        facts = self._store.facts.facts_of(
            [company.id], side="subject", predicates=[Predicate.IN_INDUSTRY]
        )
        return tuple(fact_citation(f"{company.name}的行业分类", fact) for fact in facts[:1])

    def _listed_names(
        self, start: str, linked: Sequence[tuple[Entity, Fact]], title: str
    ) -> tuple[Clause, ...]:
        return _joined(
            start,
            (
                (
                    plain(entity.name) + _STATUS_NOTES.get(fact.status, ""),
                    (self.citation(f"{title}：{entity.name}", fact),),
                )
                for entity, fact in linked[:MOST_NAMES]
            ),
        )

    def citation(self, title: str, fact: Fact) -> Citation:
        """The article that a fact was read in; the fact itself where it came from a file."""
        kind, _, place = fact.evidence.partition(":")
        found = self._store.article(place.partition("#")[0]) if kind == "article" else None
        return article_citation(found) if found else fact_citation(title, fact)


def _joined(start: str, named: Iterable[tuple[str, tuple[Citation, ...]]]) -> tuple[Clause, ...]:
    """Names after a colon, each a clause of its own."""
    return tuple(
        Clause(f"{start if n == 0 else '、'}{name}", cited)
        for n, (name, cited) in enumerate(n for n in named if n[1])
    )
