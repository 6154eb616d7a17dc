"""Typed questions to the knowledge graph.

The truth is in the database; networkx sees only the subgraph that a question needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import networkx as nx

from news.fact import LITERAL, Entity, EntityKind, Fact, Predicate
from news.securities import SecuritiesMaster, Security
from news.store import NewsStore

# Articles about a company are many: the newest ones are read from the articles table instead.
_STRUCTURE = tuple(p for p in Predicate if p is not Predicate.MENTIONS)


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
    """Read access to the graph of one workspace."""

    def __init__(self, store: NewsStore, master: SecuritiesMaster) -> None:
        self._store = store
        self._facts = store.facts
        self._master = master

    def find(self, text: str) -> tuple[Entity, ...]:
        """Entities meant by an id, a code, or an exact name; companies first."""
        text = text.strip()
        known = self._facts.entity(text)
        if known:
            return (known,)
        security = self._master.by_code(text)
        found = (security,) if security else self._master.by_name(text)
        companies = dict.fromkeys(self._master.company_id(s) for s in found)
        entities = [e for c in companies if (e := self._facts.entity(c))]
        for entity in self._facts.entities_named(text):
            # A security bears its company's name; the company is what people mean.
            if entity.kind not in (EntityKind.SECURITY, EntityKind.ARTICLE):
                entities.append(entity)
        return tuple(dict.fromkeys(entities))

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
        return self._facts.facts_of(
            [entity_id], predicates=predicates, as_of=as_of, known_at=known_at, limit=limit
        )

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
        first, so that no kind crowds out the others; of articles the newest.
        """
        center = self._facts.entity(entity_id)
        if center is None:
            return None
        seen, ring, facts = {entity_id}, [entity_id], dict[str, Fact]()
        for _ in range(hops):
            found = self._facts.facts_of(
                ring, predicates=_STRUCTURE, as_of=as_of, known_at=known_at
            )
            kept = _surest(found, set(ring), each)
            facts |= {fact.id: fact for fact in kept}
            ends = {end for fact in kept for end in (fact.subject, fact.object)}
            ring = sorted(e for e in ends - seen if not e.startswith(LITERAL))
            seen |= set(ring)
        facts |= {f.id: f for f in self._newest_mentions(entity_id, articles, as_of, known_at)}
        return self._with_names(center, tuple(facts.values()))

    def profile(self, company_id: str, *, as_of: date | None = None) -> CompanyProfile | None:
        """What is known of a company; None where it is unknown."""
        company = self._facts.entity(company_id)
        if company is None:
            return None
        facts = self._facts.facts_of([company_id], side="subject", as_of=as_of)
        chain = self._industry_chain(facts, as_of)
        own = chain[0][0].id if chain else None
        return CompanyProfile(
            company=company,
            securities=self._master.listings(company_id),
            listings=self._listings(facts, as_of),
            industry_chain=chain,
            upstream=self._linked(own, "object", as_of),
            downstream=self._linked(own, "subject", as_of),
            concepts=self._named(
                [f for f in facts if f.predicate is Predicate.PART_OF], by_subject=False
            ),
            aliases=tuple(f for f in facts if f.predicate is Predicate.ALIAS),
        )

    def peers(self, company_id: str, *, limit: int = 20) -> tuple[Entity, ...]:
        """Companies of the same industry, lowest code first.

        Where a company is alone in its industry, those of the next wider one.
        """
        own = self._facts.facts_of([company_id], side="subject", predicates=[Predicate.IN_INDUSTRY])
        industries = {fact.object for fact in own}
        for _ in range(2):
            others = sorted(self._members(industries) - {company_id})[:limit]
            if others:
                names = self._facts.names(others)
                return tuple(Entity(i, names[i]) for i in others if i in names)
            industries = self._siblings(industries)
        return ()

    def _members(self, industries: set[str]) -> set[str]:
        facts = self._facts.facts_of(industries, side="object", predicates=[Predicate.IN_INDUSTRY])
        return {fact.subject for fact in facts}

    def _siblings(self, industries: set[str]) -> set[str]:
        part_of = [Predicate.PART_OF]
        up = self._facts.facts_of(industries, side="subject", predicates=part_of)
        down = self._facts.facts_of({f.object for f in up}, side="object", predicates=part_of)
        return {fact.subject for fact in down}

    def _newest_mentions(
        self, entity_id: str, count: int, as_of: date | None, known_at: datetime | None
    ) -> tuple[Fact, ...]:
        if entity_id.startswith(f"{EntityKind.ARTICLE}:"):
            return self._facts.facts_of([entity_id], side="subject", known_at=known_at)
        newest = self._store.articles_about(entity_id, limit=count) if count else ()
        facts = self._facts.facts_of(
            [f"article:{a.id}" for a in newest],
            side="subject",
            predicates=[Predicate.MENTIONS],
            as_of=as_of,
            known_at=known_at,
        )
        return tuple(f for f in facts if f.object == entity_id)

    def _with_names(self, center: Entity, facts: tuple[Fact, ...]) -> Neighbourhood:
        ends = dict.fromkeys(e for f in facts for e in (f.subject, f.object))
        names = self._facts.names(e for e in ends if not e.startswith(LITERAL))
        entities = tuple(
            Entity(i, names.get(i, i)) for i in (center.id, *ends) if not i.startswith(LITERAL)
        )
        return Neighbourhood(center, tuple(dict.fromkeys(entities)), facts)

    def _listings(self, facts: tuple[Fact, ...], as_of: date | None) -> tuple[Fact, ...]:
        issued = [f.object for f in facts if f.predicate is Predicate.ISSUES]
        return self._facts.facts_of(
            issued, side="subject", predicates=[Predicate.LISTED_ON], as_of=as_of
        )

    def _industry_chain(
        self, facts: tuple[Fact, ...], as_of: date | None
    ) -> tuple[tuple[Entity, Fact], ...]:
        chain: list[Fact] = [f for f in facts if f.predicate is Predicate.IN_INDUSTRY][:1]
        while chain:
            parents = self._facts.facts_of(
                [chain[-1].object], side="subject", predicates=[Predicate.PART_OF], as_of=as_of
            )
            if not parents or parents[0].object in {f.object for f in chain}:
                break
            chain.append(parents[0])
        return self._named(chain, by_subject=False)

    def _linked(
        self, industry: str | None, side: str, as_of: date | None
    ) -> tuple[tuple[Entity, Fact], ...]:
        """Upstream industries (the industry is the object) or downstream ones."""
        if industry is None:
            return ()
        facts = self._facts.facts_of(
            [industry], side=side, predicates=[Predicate.UPSTREAM_OF], as_of=as_of
        )
        return self._named(
            sorted(facts, key=lambda f: (-f.confidence, f.id)), by_subject=side == "object"
        )

    def _named(self, facts: Iterable[Fact], *, by_subject: bool) -> tuple[tuple[Entity, Fact], ...]:
        kept = list(facts)
        ends = [f.subject if by_subject else f.object for f in kept]
        names = self._facts.names(ends)
        return tuple(
            (Entity(end, names[end]), f) for end, f in zip(ends, kept, strict=True) if end in names
        )


def _surest(facts: Iterable[Fact], ring: set[str], each: int) -> list[Fact]:
    """The first `each` facts of every (entity of the ring, predicate, direction)."""
    counts: Counter[tuple[str, Predicate, str]] = Counter()
    kept = []
    for fact in sorted(facts, key=lambda f: (-f.confidence, f.id)):
        ends = (("out", fact.subject), ("in", fact.object))
        groups = [(end, fact.predicate, way) for way, end in ends if end in ring]
        if any(counts[group] < each for group in groups):
            kept.append(fact)
        counts.update(groups)
    return kept
