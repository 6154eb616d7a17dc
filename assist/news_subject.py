"""Other subjects than companies that the graph knows: industries, concepts, people, indices."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assist.company_question import CompanyTopic, without_politeness
from news.fact import LITERAL, Entity, EntityKind, Predicate
from news.store import NewsStore

TOPICS = frozenset(
    {
        CompanyTopic.NEWS,
        CompanyTopic.EVENTS,
        CompanyTopic.WHY,
        CompanyTopic.RUMOURS,
        CompanyTopic.TONE,
        CompanyTopic.AFFECTED,
        CompanyTopic.UPSTREAM,
        CompanyTopic.DOWNSTREAM,
        CompanyTopic.CHAIN,
        CompanyTopic.MEMBERS,
    }
)
"""What can be asked about a subject that is no company."""

SURE = 0.7
"""How sure it is that a word which is exactly such a name means that subject."""

GROUPS = (EntityKind.INDUSTRY, EntityKind.CONCEPT)
"""Subjects whose news are those of their companies."""

_KINDS = (
    *GROUPS,
    EntityKind.PERSON,
    EntityKind.PRODUCT,
    EntityKind.INDEX,
    EntityKind.FUTURES,
    EntityKind.FUND,
    EntityKind.REGULATOR,
    EntityKind.INSTITUTION,
)
_SUFFIX = re.compile(
    r"(?:行业|板块|概念股|概念|产业|指数|龙头|里面|里|中|个股|都|又|会|对|有何|有啥|有哪些|哪些|有|近来|近期)+$"
)
_MOST_MEMBERS = 60
_SHORTEST = 2


def find_subject(rest: str, store: NewsStore) -> Entity | None:
    """The subject that is left of a question without topics and days; None where it is none.

    The whole rest must be a name, so that a question about something else is never taken for one.
    """
    said = without_politeness(rest)
    for name in dict.fromkeys((said, _SUFFIX.sub("", said))):
        if len(name) < _SHORTEST:
            continue
        found = min(_named(name, store), key=lambda e: _KINDS.index(e.kind), default=None)
        if found is not None:
            return found
    return None


def members(entity_id: str, store: NewsStore) -> tuple[str, ...]:
    """Companies of an industry (or of those right below it) or a concept; else the entity alone."""
    if entity_id.partition(":")[0] not in GROUPS:
        return (entity_id,)
    below = store.facts.facts_of([entity_id], side="object", predicates=[Predicate.PART_OF])
    groups = [entity_id, *(f.subject for f in below if not f.subject.startswith("company:"))]
    inside = store.facts.facts_of(groups, side="object", predicates=[Predicate.IN_INDUSTRY])
    ends = {f.subject for f in (*below, *inside) if f.subject.startswith("company:")}
    return (entity_id, *sorted(ends)[:_MOST_MEMBERS])


def _named(name: str, store: NewsStore) -> Iterator[Entity]:
    for written in dict.fromkeys((name, name.upper(), f"{name}Ⅲ", f"{name}Ⅱ")):
        for entity in store.facts.entities_named(written):
            if entity.kind in _KINDS:
                yield entity
    aliases = store.facts.facts_of(
        [f"{LITERAL}{name}"], side="object", predicates=[Predicate.ALIAS]
    )
    for fact in aliases:
        known = store.facts.entity(fact.subject)
        if known is not None and known.kind in _KINDS:
            yield known
