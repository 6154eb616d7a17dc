"""Facts and entities in the workspace's database; the only place that knows their tables."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import xxhash

from news.fact import Entity, Fact, FactStatus, Predicate
from news.merge_store import SCHEMA as MERGE_SCHEMA
from news.merge_store import MergeStore

SCHEMA = (
    MERGE_SCHEMA
    + """
CREATE TABLE IF NOT EXISTS entities (
    id TEXT PRIMARY KEY, name TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entities_by_name ON entities (name);
CREATE TABLE IF NOT EXISTS facts (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL,
    qualifiers TEXT NOT NULL, valid_from TEXT, valid_to TEXT, recorded_at TEXT NOT NULL,
    retracted_at TEXT, confidence REAL NOT NULL, method TEXT NOT NULL,
    method_version INTEGER NOT NULL, status TEXT NOT NULL, evidence TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS facts_held_by_subject
    ON facts (subject, predicate, confidence DESC, id, retracted_at);
CREATE INDEX IF NOT EXISTS facts_held_by_object
    ON facts (object, predicate, confidence DESC, id, retracted_at);
CREATE INDEX IF NOT EXISTS facts_read ON facts (evidence) WHERE method = 'relations';
DROP INDEX IF EXISTS facts_by_subject;
DROP INDEX IF EXISTS facts_by_object;
DROP INDEX IF EXISTS facts_surest_by_subject;
DROP INDEX IF EXISTS facts_surest_by_object;
"""
)

_COLUMNS = (
    "subject, predicate, object, qualifiers, valid_from, valid_to, recorded_at, retracted_at,"
    " confidence, method, method_version, status, evidence"
)
_PREDICATES = {str(p): p for p in Predicate}
_STATUSES = {str(s): s for s in FactStatus}

# Jumps from predicate to predicate of each entity, and reads only the first facts of each: the
# index holds them in this order.
_GROUPED = """
WITH RECURSIVE groups (entity, kind) AS (
    SELECT value, (SELECT min(predicate) FROM facts WHERE {column} = value) FROM json_each(?)
    UNION ALL
    SELECT entity, (
        SELECT min(predicate) FROM facts WHERE {column} = groups.entity AND predicate > groups.kind
    ) FROM groups WHERE kind IS NOT NULL
)
SELECT id, {columns} FROM groups CROSS JOIN facts AS found
WHERE kind NOT IN (SELECT value FROM json_each(?)) AND found.rowid IN (
    SELECT rowid FROM facts
    WHERE {column} = groups.entity AND predicate = groups.kind AND {where}
    ORDER BY confidence DESC, id LIMIT ?
)
"""


class FactStore:
    """Reads and writes facts over one connection; the caller owns the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.merges = MergeStore(connection)

    def put_entities(self, entities: Iterable[Entity]) -> None:
        """Store entities; a known id takes the new name."""
        self._connection.executemany(
            "INSERT INTO entities (id, name) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name",
            [(e.id, e.name) for e in entities],
        )

    def put_facts(self, facts: Iterable[Fact]) -> int:
        """Store facts and return how many were new; a fact already known stays as it was.

        A fact that had been retracted and is stated again is a new row: nobody held it in between.
        """
        rows = [_row(fact) for fact in facts]
        self._connection.executemany(
            "UPDATE facts SET id = id || '@' || recorded_at"
            " WHERE id = ? AND retracted_at IS NOT NULL",
            [(row[0],) for row in rows],
        )
        before = self._connection.total_changes
        self._connection.executemany(
            f"INSERT OR IGNORE INTO facts (id, {_COLUMNS}) VALUES ({', '.join('?' * 14)})", rows
        )
        return self._connection.total_changes - before

    def retract(self, fact_ids: Iterable[str], at: datetime) -> None:
        """Mark facts as no longer held from `at` on; they stay readable for earlier times."""
        self._connection.executemany(
            "UPDATE facts SET retracted_at = ? WHERE id = ? AND retracted_at IS NULL",
            [(_stamp(at), fact_id) for fact_id in fact_ids],
        )

    def entity(self, entity_id: str) -> Entity | None:
        """Entity by id; None where unknown."""
        row = self._connection.execute(
            "SELECT id, name FROM entities WHERE id = ?", (entity_id,)
        ).fetchone()
        return Entity(*row) if row else None

    def names(self, entity_ids: Iterable[str]) -> dict[str, str]:
        """Names of the known ones among these ids."""
        wanted = json.dumps(list(dict.fromkeys(entity_ids)))
        return dict(
            self._connection.execute(
                "SELECT id, name FROM entities WHERE id IN (SELECT value FROM json_each(?))",
                (wanted,),
            ).fetchall()
        )

    def entities_named(self, name: str, *, prefix: str = "") -> tuple[Entity, ...]:
        """Entities with exactly this name, of one kind where `prefix` (`industry:`) is given."""
        rows = self._connection.execute(
            "SELECT id, name FROM entities WHERE name = ? AND id GLOB ? ORDER BY id",
            (name, prefix + "*"),
        )
        return tuple(Entity(*row) for row in rows)

    def facts_of(
        self,
        entity_ids: Iterable[str],
        *,
        side: str = "both",
        predicates: Iterable[Predicate] | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
        limit: int = 10_000,
    ) -> tuple[Fact, ...]:
        """Facts with one of the entities as `subject`, as `object` or as either (`both`).

        `as_of` keeps those true on that day, `known_at` those known at that moment (default: not
        retracted). Oldest record first; at most `limit` of each side.
        """
        ids = json.dumps(list(dict.fromkeys(entity_ids)))
        found: dict[str, Fact] = {}
        for column in ("subject", "object") if side == "both" else (side,):
            sql, values = _query(column, ids, predicates, as_of, known_at)
            for row in self._connection.execute(sql, (*values, limit)):
                found.setdefault(row[0], _fact(row))
        return tuple(found.values())

    def surest_of(
        self,
        entity_ids: Iterable[str],
        *,
        each: int,
        without: Iterable[Predicate] = (),
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> tuple[Fact, ...]:
        """The surest `each` facts of every (entity, predicate, direction), surest first.

        A hub with thousands of facts costs no more than any other entity.
        """
        ids = json.dumps(list(dict.fromkeys(entity_ids)))
        left_out = json.dumps([str(p) for p in without])
        where, values = _times(as_of, known_at)
        found: dict[str, Fact] = {}
        for column in ("subject", "object"):
            sql = _GROUPED.format(column=column, columns=_COLUMNS, where=where)
            for row in self._connection.execute(sql, (ids, left_out, *values, each)):
                found.setdefault(row[0], _fact(row))
        return tuple(sorted(found.values(), key=lambda f: (-f.confidence, f.id)))

    def facts_between(
        self,
        subjects: Iterable[str],
        objects: Iterable[str],
        *,
        without: Iterable[Predicate] = (),
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> tuple[Fact, ...]:
        """Facts with a subject among the first and an object among the second, surest first."""
        where, values = _times(as_of, known_at)
        rows = self._connection.execute(
            f"SELECT id, {_COLUMNS} FROM facts WHERE subject IN (SELECT value FROM json_each(?))"
            " AND +object IN (SELECT value FROM json_each(?))"
            f" AND predicate NOT IN (SELECT value FROM json_each(?)) AND {where}"
            " ORDER BY confidence DESC, id",
            (
                json.dumps(list(dict.fromkeys(subjects))),
                json.dumps(list(dict.fromkeys(objects))),
                json.dumps([str(p) for p in without]),
                *values,
            ),
        )
        return tuple(map(_fact, rows))

    def count_of(
        self, entity_ids: Iterable[str], predicates: Iterable[Predicate], *, side: str
    ) -> Mapping[tuple[str, Predicate], int]:
        """Number of facts, retracted ones too, with an entity on a side: how much of a hub."""
        rows = self._connection.execute(
            f"SELECT {side}, predicate, count(*) FROM facts"
            f" WHERE {side} IN (SELECT value FROM json_each(?))"
            " AND predicate IN (SELECT value FROM json_each(?)) GROUP BY 1, 2",
            (
                json.dumps(list(dict.fromkeys(entity_ids))),
                json.dumps([str(p) for p in predicates]),
            ),
        )
        return {(entity, _PREDICATES[predicate]): count for entity, predicate, count in rows}

    def fact(self, fact_id: str) -> Fact | None:
        """Fact by id; None where unknown."""
        row = self._connection.execute(
            f"SELECT id, {_COLUMNS} FROM facts WHERE id = ?", (fact_id,)
        ).fetchone()
        return _fact(row) if row else None

    def ids_by_method(self, method: str, *, predicate: Predicate | None = None) -> set[str]:
        """Ids of the facts (of one predicate, or all) that a method gave and nobody retracted."""
        sql = "SELECT id FROM facts WHERE method = ? AND retracted_at IS NULL"
        values = [method]
        if predicate is not None:
            sql, values = f"{sql} AND predicate = ?", [method, str(predicate)]
        return {row[0] for row in self._connection.execute(sql, values)}

    def relations_read_in(self, document: str) -> set[str]:
        """Ids of the relations that were read at places of a document (`article:ID#12-20`)."""
        sql = (
            "SELECT id FROM facts WHERE method = 'relations' AND evidence >= ? AND evidence < ?"
            " AND retracted_at IS NULL"
        )
        # '$' follows '#': the range holds exactly what begins with the document and a place.
        rows = self._connection.execute(sql, (f"{document}#", f"{document}$"))
        return {row[0] for row in rows}

    def digest(self) -> str:
        """128 bits (hex) of what the graph holds now, blind to when it was recorded.

        Two graphs with the same entities, statements and merges have the same digest.
        """
        whole = xxhash.xxh3_128()
        for query in (
            "SELECT id, name FROM entities ORDER BY id",
            "SELECT id, confidence, status, method_version FROM facts WHERE retracted_at IS NULL"
            " ORDER BY id",
            "SELECT entity, into_entity FROM entity_merges WHERE undone_at IS NULL ORDER BY entity",
        ):
            for row in self._connection.execute(query):
                whole.update(repr(row).encode())
        return whole.hexdigest()

    def count(self) -> int:
        """Number of facts that are not retracted."""
        sql = "SELECT count(*) FROM facts WHERE retracted_at IS NULL"
        return int(self._connection.execute(sql).fetchone()[0])


def _query(
    column: str,
    ids: str,
    predicates: Iterable[Predicate] | None,
    as_of: date | None,
    known_at: datetime | None,
) -> tuple[str, list[str]]:
    where = [f"{column} IN (SELECT value FROM json_each(?))"]
    values = [ids]
    if predicates is not None:
        where.append("predicate IN (SELECT value FROM json_each(?))")
        values.append(json.dumps([str(p) for p in predicates]))
    when, moments = _times(as_of, known_at)
    conditions = " AND ".join([*where, when])
    return (
        f"SELECT id, {_COLUMNS} FROM facts WHERE {conditions} ORDER BY recorded_at, id LIMIT ?",
        [*values, *moments],
    )


def _times(as_of: date | None, known_at: datetime | None) -> tuple[str, list[str]]:
    """Condition and values that keep the facts true on a day and known at a moment."""
    where, values = [], []
    if as_of is not None:
        where.append("coalesce(valid_from, '') <= ? AND coalesce(valid_to, '9999') > ?")
        values += [as_of.isoformat()] * 2
    if known_at is None:
        where.append("retracted_at IS NULL")
    else:
        where.append("recorded_at <= ? AND coalesce(retracted_at, '9999') > ?")
        values += [_stamp(known_at)] * 2
    return " AND ".join(where), values


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _row(fact: Fact) -> tuple[str | float | int | None, ...]:
    return (
        fact.id,
        fact.subject,
        str(fact.predicate),
        fact.object,
        json.dumps(fact.qualifiers, ensure_ascii=False),
        fact.valid_from.isoformat() if fact.valid_from else None,
        fact.valid_to.isoformat() if fact.valid_to else None,
        _stamp(fact.recorded_at),
        _stamp(fact.retracted_at) if fact.retracted_at else None,
        float(fact.confidence),
        fact.method,
        fact.method_version,
        str(fact.status),
        fact.evidence,
    )


def _fact(row: tuple[Any, ...]) -> Fact:
    row_id, subject, predicate, object_, qualifiers, since, until, recorded, retracted = row[:9]
    confidence, method, method_version, status, evidence = row[9:]
    return Fact(
        subject=subject,
        predicate=_PREDICATES[predicate],
        object=object_,
        evidence=evidence,
        method=method,
        recorded_at=datetime.fromisoformat(recorded),
        method_version=method_version,
        qualifiers=() if qualifiers == "[]" else tuple((k, v) for k, v in json.loads(qualifiers)),
        valid_from=date.fromisoformat(since) if since else None,
        valid_to=date.fromisoformat(until) if until else None,
        retracted_at=datetime.fromisoformat(retracted) if retracted else None,
        confidence=confidence,
        status=_STATUSES[status],
        row_id=row_id,
    )
