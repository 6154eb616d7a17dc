"""Facts and entities of the knowledge graph.

A fact is one statement with its two times: when it was true (`valid_from`, `valid_to`) and when we
knew it (`recorded_at`, `retracted_at`); a half-open interval each, None meaning open. It names the
evidence it came from, so that every edge answers "says who?".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

import xxhash


class EntityKind(StrEnum):
    """What an entity is; the value is the prefix of its id (`company:300750`)."""

    COMPANY = "company"
    SECURITY = "security"
    LISTING = "listing"
    PERSON = "person"
    PRODUCT = "product"
    INDUSTRY = "industry"
    CONCEPT = "concept"
    REGULATOR = "regulator"
    EXCHANGE = "exchange"
    INSTITUTION = "institution"
    FUND = "fund"
    INDEX = "index"
    FUTURES = "futures"
    PLACE = "place"
    ARTICLE = "article"
    STORY = "story"
    EVENT = "event"


class Predicate(StrEnum):
    """The kinds of edges."""

    ISSUES = "issues"
    LISTED_ON = "listedOn"
    IN_INDUSTRY = "inIndustry"
    UPSTREAM_OF = "upstreamOf"
    SUBSIDIARY_OF = "subsidiaryOf"
    OWNS = "owns"
    DIRECTOR_OF = "directorOf"
    SUPPLIES = "supplies"
    COMPETES_WITH = "competesWith"
    PRODUCES = "produces"
    ACQUIRES = "acquires"
    INVESTS_IN = "investsIn"
    MERGES_WITH = "mergesWith"
    COOPERATES_WITH = "cooperatesWith"
    SUES = "sues"
    GUARANTEES = "guarantees"
    MENTIONS = "mentions"
    REPORTS = "reports"
    PART_OF = "partOf"
    PARTICIPATES_IN = "participatesIn"
    CLARIFIES = "clarifies"
    CORRECTS = "corrects"
    SUPERSEDES = "supersedes"
    ALIAS = "alias"


PREDICATE_NAMES = {
    Predicate.ISSUES: "发行",
    Predicate.LISTED_ON: "上市于",
    Predicate.IN_INDUSTRY: "所属行业",
    Predicate.UPSTREAM_OF: "上游",
    Predicate.SUBSIDIARY_OF: "子公司",
    Predicate.OWNS: "持有",
    Predicate.DIRECTOR_OF: "任职",
    Predicate.SUPPLIES: "供应",
    Predicate.COMPETES_WITH: "竞争",
    Predicate.PRODUCES: "生产",
    Predicate.ACQUIRES: "收购",
    Predicate.INVESTS_IN: "投资",
    Predicate.MERGES_WITH: "合并",
    Predicate.COOPERATES_WITH: "合作",
    Predicate.SUES: "起诉",
    Predicate.GUARANTEES: "担保",
    Predicate.MENTIONS: "提及",
    Predicate.REPORTS: "报道",
    Predicate.PART_OF: "属于",
    Predicate.PARTICIPATES_IN: "参与",
    Predicate.CLARIFIES: "澄清",
    Predicate.CORRECTS: "更正",
    Predicate.SUPERSEDES: "取代",
    Predicate.ALIAS: "又名",
}
"""What the edges are called in Chinese."""


SYMMETRIC = frozenset({Predicate.COMPETES_WITH, Predicate.COOPERATES_WITH, Predicate.MERGES_WITH})
"""Predicates that say the same of both: the smaller id is the subject."""


class FactStatus(StrEnum):
    """How far a fact is to be believed."""

    ASSERTED = "asserted"
    RUMOUR = "rumour"
    DENIED = "denied"
    CONFIRMED = "confirmed"


LITERAL = "text:"
"""Prefix of an object that is a word rather than an entity (the object of `alias`)."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A node: `id` is `kind:key`, `name` what people call it now."""

    id: str
    name: str

    @property
    def kind(self) -> EntityKind:
        """Kind, read from the id."""
        return EntityKind(self.id.partition(":")[0])


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement. `object` is an entity id or `text:…`; `confidence` is 0 to 1.

    `evidence` says where it was read: `data/securities.tsv:519` or `article:ID#12-16` (offsets in
    the article's content). `qualifiers` are sorted (name, value) pairs. `row_id` is the id under
    which the fact is stored; empty in one that was not read from the store.
    """

    subject: str
    predicate: Predicate
    object: str
    evidence: str
    method: str
    recorded_at: datetime
    method_version: int = 1
    qualifiers: tuple[tuple[str, str], ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    retracted_at: datetime | None = None
    confidence: float = 1.0
    status: FactStatus = FactStatus.ASSERTED
    row_id: str = field(default="", compare=False, repr=False)

    @property
    def id(self) -> str:
        """Content address: the same statement from the same evidence has the same id.

        A statement that is denied or confirmed later is another one: both stay, each with the
        time in which it was held.
        """
        if self.row_id:
            return self.row_id
        parts = [self.subject, self.predicate, self.object, self.evidence, self.method]
        parts += [repr(self.qualifiers), str(self.valid_from), str(self.valid_to)]
        if self.status is not FactStatus.ASSERTED:
            parts.append(self.status)
        return xxhash.xxh3_128_hexdigest("\x1f".join(parts).encode())
