"""Typed questions to the knowledge graph.

The truth is in the database; networkx sees only the subgraph that a question needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import networkx as nx

from news.fact import LITERAL, Entity, EntityKind, Fact, Predicate
from news.graph_view import NOW, GraphView, When
from news.securities import SecuritiesMaster, Security
from news.store import NewsStore

# Articles about a company are many: the newest ones are read from the articles table instead.
_MANY = (Predicate.MENTIONS,)
# Where the first hop reaches more entities than this, the second one tells less of each: the surest
# two of a kind, and nothing of other names and of what happened to them.
_CROWD, _FAR_LEAST = 12, 2
_OF_OTHERS = (
    *_MANY,
    Predicate.ALIAS,
    Predicate.PARTICIPATES_IN,
    Predicate.REPORTS,
    Predicate.CLARIFIES,
)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """An entity with the facts within some hops and the entities they name, nearest first."""

    center: Entity
    entities: tuple[Entity, ...]
    facts: tuple[Fact, ...]

    def name(self, entity_id: str) -> str:
        """Name of an entity of the neighbourhood; the words themselves for a literal."""
        if entity_id.startswith(LITERAL):
            return entity_id.removeprefix(LITERAL)
        return next((e.name for e in self.entities if e.id == entity_id), entity_id)

    def to_networkx(self) -> nx.MultiDiGraph:
        """The neighbourhood as a graph: nodes carry `name` and `kind`, edges `fact`."""
        graph = nx.MultiDiGraph()
        for entity in self.entities:
            graph.add_node(entity.id, name=entity.name, kind=str(entity.kind))
        for fact in self.facts:
            if fact.object.startswith(LITERAL):
                words = fact.object.removeprefix(LITERAL)
                graph.add_node(fact.object, name=words, kind="literal")
            graph.add_edge(fact.subject, fact.object, key=fact.id, fact=fact)
        return graph


@dataclass(frozen=True, slots=True)
class CompanyProfile:
    """What the graph knows of one company; every part is a fact with its evidence.

    `industry_chain` leads from the company's own industry up to the widest one; `upstream` and
    `downstream` are sorted by how many reports name them, most first.
    """

    company: Entity
    securities: tuple[Security, ...]
    listings: tuple[Fact, ...]
    industry_chain: tuple[tuple[Entity, Fact], ...]
    upstream: tuple[tuple[Entity, Fact], ...]
    downstream: tuple[tuple[Entity, Fact], ...]
    concepts: tuple[tuple[Entity, Fact], ...]
    aliases: tuple[Fact, ...]


class NewsGraph:
    """Read access to the graph of one workspace; merged entities are one."""

    def __init__(self, store: NewsStore, master: SecuritiesMaster) -> None:
        self._store = store
        self._facts = store.facts
        self._master = master

    def view(self, when: When = NOW) -> GraphView:
        """The facts as of a day and as known at a moment."""
        return GraphView(self._facts, when)

    def find(self, text: str) -> tuple[Entity, ...]:
        """Entities meant by an id, a code, or an exact name; companies first."""
        text, view = text.strip(), self.view()
        known = view.entity(text)
        if known:
            return (known,)
        security = self._master.by_code(text)
        found = (security,) if security else self._master.by_name(text)
        companies = dict.fromkeys(self._master.company_id(s) for s in found)
        entities = [e for c in companies if (e := view.entity(c))]
        # Industries are kept up, concept boards are a list of 2018.
        named = self._facts.entities_named(text)
        for entity in sorted(named, key=lambda e: (e.kind is EntityKind.CONCEPT, e.id)):
            # A security bears its company's name; the company is what people mean.
            if entity.kind not in (EntityKind.SECURITY, EntityKind.ARTICLE):
                entities.append(view.entity(entity.id) or entity)
        return tuple(dict.fromkeys(entities))

    def aliases(self, entity_id: str) -> tuple[Entity, ...]:
        """The other entities that editors found to be this one."""
        return self.view().merged(entity_id)

    def facts_about(
        self,
        entity_id: str,
        *,
        predicates: Iterable[Predicate] | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
        limit: int = 1_000,
    ) -> tuple[Fact, ...]:
        """Facts with the entity as subject or object."""
        view = self.view(When(as_of, known_at))
        return view.facts_of([entity_id], predicates=predicates, limit=limit)

    def neighbourhood(
        self,
        entity_id: str,
        *,
        hops: int = 1,
        as_of: date | None = None,
        known_at: datetime | None = None,
        articles: int = 8,
        each: int = 8,
    ) -> Neighbourhood | None:
        """Facts within `hops` of an entity; None where the entity is unknown.

        Of an entity's facts at most `each` of one predicate and direction are kept, the surest
        first, so that no kind crowds out the others; of articles the newest. Around more than a
        dozen entities the second hop keeps two of a kind.
        """
        view = self.view(When(as_of, known_at))
        center = view.entity(entity_id)
        if center is None:
            return None
        seen, ring, facts = {center.id}, [center.id], dict[str, Fact]()
        for _ in range(hops):
            share, without = (each, _MANY) if len(ring) <= _CROWD else (_FAR_LEAST, _OF_OTHERS)
            kept = view.surest_of(ring, each=share, without=without)
            facts |= {fact.id: fact for fact in kept}
            ends = {end for fact in kept for end in (fact.subject, fact.object)}
            ring = sorted(e for e in ends - seen if not e.startswith(LITERAL))
            seen |= set(ring)
        facts |= {f.id: f for f in self._newest_mentions(view, center.id, articles)}
        ends_in_order = dict.fromkeys(e for f in facts.values() for e in (f.subject, f.object))
        entities = view.entities((center.id, *ends_in_order))
        return Neighbourhood(center, entities, tuple(facts.values()))

    def profile(
        self, company_id: str, *, as_of: date | None = None, known_at: datetime | None = None
    ) -> CompanyProfile | None:
        """What is known of a company; None where it is unknown."""
        view = self.view(When(as_of, known_at))
        company = view.entity(company_id)
        if company is None:
            return None
        facts = view.facts_of([company.id], side="subject")
        chain = _industry_chain(view, facts)
        own = chain[0][0].id if chain else None
        issued = [f.object for f in facts if f.predicate is Predicate.ISSUES]
        concepts = [f for f in facts if f.predicate is Predicate.PART_OF]
        return CompanyProfile(
            company=company,
            securities=tuple(
                security
                for member in view.identity.expanded([company.id])
                for security in self._master.listings(member)
            ),
            listings=view.facts_of(issued, side="subject", predicates=[Predicate.LISTED_ON]),
            industry_chain=chain,
            upstream=_linked(view, own, "object"),
            downstream=_linked(view, own, "subject"),
            concepts=_named(view, concepts, by_subject=False),
            aliases=tuple(f for f in facts if f.predicate is Predicate.ALIAS),
        )

    def peers(self, company_id: str, *, limit: int = 20) -> tuple[Entity, ...]:
        """Companies of the same industry, lowest code first.

        Where a company is alone in its industry, those of the next wider one.
        """
        view = self.view()
        own = view.facts_of([company_id], side="subject", predicates=[Predicate.IN_INDUSTRY])
        industries = {fact.object for fact in own}
        for _ in range(2):
            members = view.facts_of(industries, side="object", predicates=[Predicate.IN_INDUSTRY])
            itself = view.identity.canonical(company_id)
            others = sorted({fact.subject for fact in members} - {itself})[:limit]
            if others:
                return view.entities(others)
            industries = _siblings(view, industries)
        return ()

    def _newest_mentions(self, view: GraphView, entity_id: str, count: int) -> tuple[Fact, ...]:
        if entity_id.startswith(f"{EntityKind.ARTICLE}:"):
            return view.facts_of([entity_id], side="subject")
        newest = [
            article
            for member in view.identity.expanded([entity_id])
            for article in (self._store.articles_about(member, limit=count) if count else ())
        ]
        newest.sort(key=lambda article: (article.published_at, article.id), reverse=True)
        facts = view.facts_of(
            [f"article:{a.id}" for a in newest[:count]],
            side="subject",
            predicates=[Predicate.MENTIONS],
        )
        return tuple(f for f in facts if f.object == entity_id)


def _siblings(view: GraphView, industries: set[str]) -> set[str]:
    part_of = [Predicate.PART_OF]
    up = view.facts_of(industries, side="subject", predicates=part_of)
    down = view.facts_of({f.object for f in up}, side="object", predicates=part_of)
    return {fact.subject for fact in down}


def _industry_chain(view: GraphView, facts: tuple[Fact, ...]) -> tuple[tuple[Entity, Fact], ...]:
    chain: list[Fact] = [f for f in facts if f.predicate is Predicate.IN_INDUSTRY][:1]
    while chain:
        parents = view.facts_of([chain[-1].object], side="subject", predicates=[Predicate.PART_OF])
        if not parents or parents[0].object in {f.object for f in chain}:
            break
        chain.append(parents[0])
    return _named(view, chain, by_subject=False)


def _linked(view: GraphView, industry: str | None, side: str) -> tuple[tuple[Entity, Fact], ...]:
    """Upstream industries (the industry is the object) or downstream ones."""
    if industry is None:
        return ()
    facts = view.facts_of([industry], side=side, predicates=[Predicate.UPSTREAM_OF])
    surest = sorted(facts, key=lambda f: (-f.confidence, f.id))
    return _named(view, surest, by_subject=side == "object")


def _named(
    view: GraphView, facts: Iterable[Fact], *, by_subject: bool
) -> tuple[tuple[Entity, Fact], ...]:
    kept = list(facts)
    ends = [f.subject if by_subject else f.object for f in kept]
    entities = {entity.id: entity for entity in view.entities(ends)}
    return tuple((entities[end], f) for end, f in zip(ends, kept, strict=True))
