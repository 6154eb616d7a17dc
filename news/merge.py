"""Entities that turned out to be the same: who said so, when and why; what they count as now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from news.fact import EntityKind, Fact

_BODIES = frozenset(
    {EntityKind.COMPANY, EntityKind.INSTITUTION, EntityKind.REGULATOR, EntityKind.EXCHANGE}
)
_NEVER = frozenset({EntityKind.ARTICLE, EntityKind.STORY, EntityKind.EVENT})


@dataclass(frozen=True, slots=True)
class EntityMerge:
    """A decision that `entity` counts as `into` from `at` on, until it was undone (a split)."""

    id: int
    entity: str
    into: str
    why: str
    by: str
    at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None
    undone_why: str | None = None


class Identity:
    """Which entities count as which at one moment; immutable."""

    def __init__(self, merges: Iterable[tuple[str, str]] = ()) -> None:
        self._into = dict(merges)
        self._members: dict[str, tuple[str, ...]] = {}
        for entity in sorted(self._into):
            root = self.canonical(entity)
            self._members[root] = (*self._members.get(root, ()), entity)

    def __bool__(self) -> bool:
        return bool(self._into)

    def canonical(self, entity_id: str) -> str:
        """The entity that this one counts as; itself where it was not merged."""
        while entity_id in self._into:
            entity_id = self._into[entity_id]
        return entity_id

    def merged(self, entity_id: str) -> tuple[str, ...]:
        """Ids of those that count as this one, sorted; without itself."""
        return self._members.get(entity_id, ())

    def expanded(self, entity_ids: Iterable[str]) -> tuple[str, ...]:
        """The ids with those of all that count as the same."""
        roots = dict.fromkeys(map(self.canonical, entity_ids))
        return tuple(i for root in roots for i in (root, *self.merged(root)))

    def seen(self, fact: Fact) -> Fact | None:
        """A fact with the ends that count; None where it ties two that became one.

        It keeps the id of its row. A changed end is told in the qualifiers `said_of_subject` and
        `said_of_object`, so that what the evidence says stays readable.
        """
        subject, object_ = self.canonical(fact.subject), self.canonical(fact.object)
        if (subject, object_) == (fact.subject, fact.object):
            return fact
        if subject == object_ and fact.subject != fact.object:
            return None
        said = dict(fact.qualifiers)
        if subject != fact.subject:
            said["said_of_subject"] = fact.subject
        if object_ != fact.object:
            said["said_of_object"] = fact.object
        return replace(
            fact,
            subject=subject,
            object=object_,
            qualifiers=tuple(sorted(said.items())),
            row_id=fact.id,
        )


def mergeable(one: EntityKind, other: EntityKind) -> bool:
    """Whether entities of these kinds can be the same thing."""
    return one not in _NEVER and (one is other or {one, other} <= _BODIES)
