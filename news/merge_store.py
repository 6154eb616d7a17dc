"""Merges of entities in the workspace's database; the only place that knows their table."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

from news.errors import StoreError
from news.fact import Entity
from news.merge import EntityMerge, Identity, mergeable

SCHEMA = """
CREATE TABLE IF NOT EXISTS entity_merges (
    id INTEGER PRIMARY KEY AUTOINCREMENT, entity TEXT NOT NULL, into_entity TEXT NOT NULL,
    why TEXT NOT NULL, merged_by TEXT NOT NULL, merged_at TEXT NOT NULL,
    undone_at TEXT, undone_by TEXT, undone_why TEXT
);
"""
_COLUMNS = "id, entity, into_entity, why, merged_by, merged_at, undone_at, undone_by, undone_why"


class MergeStore:
    """Reads and writes merges over one connection; the caller owns the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def merge(
        self, entity: Entity, into: Entity, *, why: str, by: str, at: datetime
    ) -> EntityMerge:
        """Let `entity` count as `into`, each as what it counts as already.

        No fact is changed. Raises StoreError where the two are the same already, where their kinds
        cannot be the same thing, or where nobody says why.
        """
        identity = self.identity()
        gone, kept = identity.canonical(entity.id), identity.canonical(into.id)
        if gone == kept:
            raise StoreError(
                f"{entity.id} and {into.id} count as {kept} already; `graph merges` lists merges"
            )
        if not mergeable(entity.kind, into.kind):
            raise StoreError(
                f"{entity.id} and {into.id} cannot be the same: a {entity.kind} is no {into.kind};"
                " merge two of one kind, or two organisations"
            )
        if not why.strip():
            raise StoreError(
                "a merge needs its reason; say in a few words why the two are the same"
            )
        made = self._connection.execute(
            "INSERT INTO entity_merges (entity, into_entity, why, merged_by, merged_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (gone, kept, why.strip(), by, _stamp(at)),
        )
        return EntityMerge(int(made.lastrowid or 0), gone, kept, why.strip(), by, at)

    def split(self, entity_id: str, *, why: str, by: str, at: datetime) -> EntityMerge:
        """Undo the merge by which an entity counts as another; both stand as before.

        The merge stays on record. Raises StoreError where the entity is not merged into another.
        """
        found = next((m for m in self.history() if m.entity == entity_id and not m.undone_at), None)
        if found is None:
            inside = ", ".join(self.identity().merged(entity_id)[:5])
            hint = f"; into it are merged {inside}: name one of these" if inside else ""
            raise StoreError(f"{entity_id} is not merged into another entity{hint}")
        self._connection.execute(
            "UPDATE entity_merges SET undone_at = ?, undone_by = ?, undone_why = ? WHERE id = ?",
            (_stamp(at), by, why.strip(), found.id),
        )
        return replace(found, undone_at=at, undone_by=by, undone_why=why.strip())

    def history(self) -> tuple[EntityMerge, ...]:
        """Every merge that was ever made, oldest first."""
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM entity_merges ORDER BY id")
        return tuple(
            EntityMerge(
                number, entity, into, why, by, datetime.fromisoformat(at),
                datetime.fromisoformat(undone) if undone else None, *rest,
            )
            for number, entity, into, why, by, at, undone, *rest in rows
        )  # fmt: skip

    def identity(self, known_at: datetime | None = None) -> Identity:
        """Which entities count as which now, or did at a moment."""
        if known_at is None:
            return Identity(self._pairs("undone_at IS NULL"))
        return Identity(self._pairs("merged_at <= ?1 AND coalesce(undone_at, '9') > ?1", known_at))

    def _pairs(self, where: str, at: datetime | None = None) -> list[tuple[str, str]]:
        values = (_stamp(at),) if at else ()
        sql = f"SELECT entity, into_entity FROM entity_merges WHERE {where} ORDER BY entity"
        return list(self._connection.execute(sql, values))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
