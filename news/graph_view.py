"""The graph as it was true on a day and known at a moment, with merged entities as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from news.fact import LITERAL, Entity, Fact, Predicate
from news.fact_store import FactStore


@dataclass(frozen=True, slots=True)
class When:
    """`as_of`: only what was true on this day; `known_at`: only what was known at this moment."""

    as_of: date | None = None
    known_at: datetime | None = None


NOW = When()
"""Whatever is known now, of any day."""


class GraphView:
    """Reads facts through one `When`; what counts as the same entity is one entity."""

    def __init__(self, facts: FactStore, when: When = NOW) -> None:
        self._facts = facts
        self.when = when
        self.identity = facts.merges.identity(when.known_at)

    def entity(self, entity_id: str) -> Entity | None:
        """The entity that this id counts as; None where it is unknown."""
        return self._facts.entity(self.identity.canonical(entity_id))

    def merged(self, entity_id: str) -> tuple[Entity, ...]:
        """The other entities that count as this one."""
        return self.entities(self.identity.merged(entity_id))

    def entities(self, entity_ids: Iterable[str]) -> tuple[Entity, ...]:
        """Entities by id, in this order; one without a name is called by its id."""
        ids = [i for i in dict.fromkeys(entity_ids) if not i.startswith(LITERAL)]
        names = self._facts.names(ids)
        return tuple(Entity(i, names.get(i, i)) for i in ids)

    def facts_of(
        self,
        entity_ids: Iterable[str],
        *,
        side: str = "both",
        predicates: Iterable[Predicate] | None = None,
        limit: int = 10_000,
    ) -> tuple[Fact, ...]:
        """Facts with one of the entities as subject, as object or as either (`both`)."""
        return self._seen(
            self._facts.facts_of(
                self.identity.expanded(entity_ids),
                side=side,
                predicates=predicates,
                as_of=self.when.as_of,
                known_at=self.when.known_at,
                limit=limit,
            )
        )

    def surest_of(
        self, entity_ids: Iterable[str], *, each: int, without: Iterable[Predicate] = ()
    ) -> tuple[Fact, ...]:
        """The surest `each` facts of every (entity, predicate, direction), surest first."""
        found = self._facts.surest_of(
            self.identity.expanded(entity_ids),
            each=each,
            without=without,
            as_of=self.when.as_of,
            known_at=self.when.known_at,
        )
        if not self.identity:
            return found
        return _surest(self._seen(found), set(map(self.identity.canonical, entity_ids)), each)

    def facts_between(
        self, one: Iterable[str], other: Iterable[str], *, without: Iterable[Predicate] = ()
    ) -> tuple[Fact, ...]:
        """Facts between entities of the first and of the second, whichever is the subject."""
        these, those = self.identity.expanded(one), self.identity.expanded(other)
        facts = {
            fact.id: fact
            for subjects, objects in ((these, those), (those, these))
            for fact in self._facts.facts_between(
                subjects,
                objects,
                without=without,
                as_of=self.when.as_of,
                known_at=self.when.known_at,
            )
        }
        return self._seen(facts.values())

    def count_of(
        self, entity_ids: Iterable[str], *predicates: Predicate, side: str
    ) -> Mapping[tuple[str, Predicate], int]:
        """Number of facts of each (entity, predicate) with the entity as `subject` or `object`."""
        counts: Counter[tuple[str, Predicate]] = Counter()
        expanded = self.identity.expanded(entity_ids)
        for (entity, predicate), count in self._facts.count_of(
            expanded, predicates, side=side
        ).items():
            counts[self.identity.canonical(entity), predicate] += count
        return counts

    def _seen(self, facts: Iterable[Fact]) -> tuple[Fact, ...]:
        if not self.identity:
            return tuple(facts)
        return tuple(seen for fact in facts if (seen := self.identity.seen(fact)))


def _surest(facts: Iterable[Fact], ring: set[str], each: int) -> tuple[Fact, ...]:
    """The first `each` facts of every (entity of the ring, predicate, direction)."""
    counts: Counter[tuple[str, Predicate, str]] = Counter()
    kept = []
    for fact in facts:
        ends = (("out", fact.subject), ("in", fact.object))
        groups = [(end, fact.predicate, way) for way, end in ends if end in ring]
        if any(counts[group] < each for group in groups):
            kept.append(fact)
        counts.update(groups)
    return tuple(kept)
