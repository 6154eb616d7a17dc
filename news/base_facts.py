"""The facts that come as files: companies, listings, names, industries, upstream links, concepts.

Each fact's evidence is its file and row key (`data/securities.tsv#300750`), so that a file with
other rows retracts what it no longer says and keeps the ids of the rest.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xxhash

from news.errors import DataFileError
from news.fact import LITERAL, Entity, EntityKind, Fact, Predicate
from news.other_names import named_entities
from news.securities import EXCHANGES, SecuritiesMaster, Security
from news.store import NewsStore
from news.transaction import transaction

FILES = (
    "securities.tsv",
    "industries.tsv",
    "industry_upstream.tsv",
    "security_concepts_2018.tsv",
    "indices.tsv",
    "institutions.tsv",
    "futures_products.tsv",
)
METHOD = "file"
_CONCEPTS_FROM = date(2018, 1, 1)
_CONCEPT_CONFIDENCE = 0.7


@dataclass(frozen=True, slots=True)
class BaseFacts:
    """Entities and facts read from the data folder."""

    entities: tuple[Entity, ...]
    facts: tuple[Fact, ...]


def load_base_facts(store: NewsStore, data: Path, *, now: datetime) -> int:
    """Bring the graph in line with the files; return how many facts changed.

    Files that are the same as at the last call cost one checksum. Raises DataFileError.
    """
    digest = _digest(data)
    if store.meta("base_facts") == digest:
        return 0
    master = SecuritiesMaster.load(data / "securities.tsv")
    base = read_base_facts(data, master, now)
    with transaction(store.connection):
        known = store.facts.ids_by_method(METHOD)
        gone = known - {fact.id for fact in base.facts}
        store.facts.retract(gone, now)
        store.facts.put_entities((*base.entities, *named_entities(data)))
        new = store.facts.put_facts(base.facts)
        store.put_meta("base_facts", digest)
    return new + len(gone)


def read_base_facts(data: Path, master: SecuritiesMaster, now: datetime) -> BaseFacts:
    """Read every fact file of the data folder."""
    reader = _Reader(data, master, now)
    facts = tuple(
        fact
        for part in (reader.securities(), reader.industries(), reader.upstream(), reader.concepts())
        for fact in part
    )
    return BaseFacts(tuple(Entity(i, n) for i, n in reader.names.items()), facts)


class _Reader:
    """Turns rows into facts and collects the entities they name."""

    def __init__(self, data: Path, master: SecuritiesMaster, now: datetime) -> None:
        self._data = data
        self._master = master
        self._now = now
        self._industry_rows = list(_rows(data / "industries.tsv", "code", "name", "parent_code"))
        self._code_of = {name: code for _, (code, name, _) in self._industry_rows}
        self.names: dict[str, str] = {f"exchange:{k}": v for k, v in EXCHANGES.items()}

    def securities(self) -> Iterator[Fact]:
        """Who issues what, where it is listed, which industry, which other names."""
        for security in self._master.securities:
            company = self._master.company_id(security)
            self.names.setdefault(company, security.short_name)
            self.names[security.id] = security.short_name
            yield from self._of_security(security, company)

    def _of_security(self, security: Security, company: str) -> Iterator[Fact]:
        place = f"data/securities.tsv#{security.code}"
        exchange = f"exchange:{security.exchange}"
        since = security.list_date
        yield self._fact(company, Predicate.ISSUES, security.id, place, valid_from=since)
        yield self._fact(security.id, Predicate.LISTED_ON, exchange, place, valid_from=since)
        if security.industry_name:
            industry = self._industry(security.industry_name, security.industry_code)
            yield self._fact(company, Predicate.IN_INDUSTRY, industry, place)
        if security.full_name:
            yield self._alias(company, security.full_name, "full_name", place)
        for name in security.former_names:
            yield self._alias(company, name, "former_name", place)

    def industries(self) -> Iterator[Fact]:
        """Which industry is part of which."""
        for _, (code, name, _parent) in self._industry_rows:
            self.names[f"industry:{code}"] = name
        for _, (code, _name, parent) in self._industry_rows:
            if parent:
                yield self._fact(
                    f"industry:{code}",
                    Predicate.PART_OF,
                    f"industry:{parent}",
                    f"data/industries.tsv#{code}",
                )

    def upstream(self) -> Iterator[Fact]:
        """Which industry supplies which, by how many research reports say so."""
        path = self._data / "industry_upstream.tsv"
        columns = ("industry_name", "upstream_industry_name", "report_count")
        for place, (name, upstream, count) in _rows(path, *columns):
            if not count.isdigit():
                raise DataFileError(f"{place}: report_count {count!r} is no whole number")
            reports = int(count)
            yield self._fact(
                self._industry(upstream),
                Predicate.UPSTREAM_OF,
                self._industry(name),
                f"data/industry_upstream.tsv#{name}/{upstream}",
                qualifiers=(("reports", count),),
                confidence=round(reports / (reports + 1), 3),
            )

    def concepts(self) -> Iterator[Fact]:
        """Concept boards of 2018; what has changed since is not known, hence the confidence."""
        path = self._data / "security_concepts_2018.tsv"
        for _place, (code, concept) in _rows(path, "code", "concept"):
            security = self._master.by_code(code)
            if security is None:
                continue
            entity = f"{EntityKind.CONCEPT}:{concept}"
            self.names[entity] = concept
            yield self._fact(
                self._master.company_id(security),
                Predicate.PART_OF,
                entity,
                f"data/security_concepts_2018.tsv#{code}/{concept}",
                valid_from=_CONCEPTS_FROM,
                confidence=_CONCEPT_CONFIDENCE,
            )

    def _industry(self, name: str, code: str | None = None) -> str:
        # The master keeps a few codes of an older classification: the name decides first.
        entity = f"industry:{self._code_of.get(name) or code or name}"
        self.names.setdefault(entity, name)
        return entity

    def _alias(self, company: str, name: str, kind: str, place: str) -> Fact:
        kinds = (("kind", kind),)
        return self._fact(company, Predicate.ALIAS, LITERAL + name, place, qualifiers=kinds)

    def _fact(
        self,
        subject: str,
        predicate: Predicate,
        object_: str,
        place: str,
        *,
        qualifiers: tuple[tuple[str, str], ...] = (),
        valid_from: date | None = None,
        confidence: float = 1.0,
    ) -> Fact:
        return Fact(
            subject=subject,
            predicate=predicate,
            object=object_,
            evidence=place,
            method=METHOD,
            recorded_at=self._now,
            qualifiers=qualifiers,
            valid_from=valid_from,
            confidence=confidence,
        )


def _rows(path: Path, *columns: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(`file:line`, values) of a TSV file."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = set(columns) - set(table.fieldnames or ())
            if missing:
                raise DataFileError(f"{path}:1: no column {', '.join(sorted(missing))}")
            for number, row in enumerate(table, start=2):
                yield f"{path}:{number}", tuple(row[column] or "" for column in columns)
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read as UTF-8 text ({error})") from error


def _digest(data: Path) -> str:
    digest = xxhash.xxh3_128()
    for name in FILES:
        try:
            digest.update((data / name).read_bytes())
        except OSError as error:
            raise DataFileError(f"{data / name}: cannot be read ({error})") from error
    return digest.hexdigest()
