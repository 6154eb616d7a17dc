"""How effects spread along the edges of the graph: `data/lexicons/impact.yaml`, checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from news.errors import DataFileError
from news.event import EventKind
from news.fact import EntityKind, Fact, FactStatus, Predicate
from news.yaml_form import read_form


class Sign(StrEnum):
    """What an effect is to someone; never advice."""

    HELPS = "helps"
    HURTS = "hurts"
    UNCLEAR = "unclear"


SIGN_NAMES = {Sign.HELPS: "可能受益", Sign.HURTS: "可能承压", Sign.UNCLEAR: "方向不明"}
"""What the signs are called in Chinese."""


class Change(StrEnum):
    """What can happen to an industry, a product or a raw material, beside events of companies."""

    PRICE_RISE = "price_rise"
    PRICE_FALL = "price_fall"
    SHORTAGE = "shortage"
    OVERSUPPLY = "oversupply"
    DEMAND_RISE = "demand_rise"
    DEMAND_FALL = "demand_fall"
    POLICY_SUPPORT = "policy_support"
    POLICY_TIGHTENING = "policy_tightening"


ShockKind = Change | EventKind


class Passing(StrEnum):
    """What becomes of a sign along an edge."""

    SAME = "same"
    OPPOSITE = "opposite"
    UNCLEAR = "unclear"
    HELPS = "helps"
    HURTS = "hurts"

    def of(self, sign: Sign) -> Sign:
        """The sign behind the edge."""
        if self is Passing.SAME:
            return sign
        if self is Passing.OPPOSITE:
            return _OPPOSITE[sign]
        return Sign(self.value)


_OPPOSITE = {Sign.HELPS: Sign.HURTS, Sign.HURTS: Sign.HELPS, Sign.UNCLEAR: Sign.UNCLEAR}


@dataclass(frozen=True, slots=True)
class Way:
    """One kind of edge in one direction; the fields are told in the head of the file."""

    key: str
    name: str
    edge: Predicate
    sides: tuple[str, ...]
    kinds: tuple[EntityKind, EntityKind] | None
    decay: float
    sign: Passing
    why: str
    after: frozenset[str]
    not_after: frozenset[str]
    fan: bool
    end: bool
    lead: bool
    through: bool

    def leads_from(self, entity_id: str, fact: Fact) -> str | None:
        """The other end where the effect can go from this entity along the fact; else None."""
        if fact.predicate is not self.edge or not self._fits(fact):
            return None
        if fact.subject == entity_id and "subject" in self.sides:
            return fact.object
        if fact.object == entity_id and "object" in self.sides:
            return fact.subject
        return None

    def follows(self, way: Way | None) -> bool:
        """Whether it may come behind another one; behind the source where that is None."""
        if way is None or way.lead:
            return not self.after
        return (
            not way.end
            and way.key not in self.not_after
            and (not self.after or way.key in self.after)
        )

    def _fits(self, fact: Fact) -> bool:
        if self.kinds is None:
            return True
        subject, object_ = self.kinds
        return fact.subject.startswith(f"{subject}:") and fact.object.startswith(f"{object_}:")


@dataclass(frozen=True, slots=True)
class Shock:
    """Something that happens: its sign for whom it happens to, and how it goes on from there."""

    kind: ShockKind
    name: str
    sign: Sign
    why: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class ImpactRules:
    """The whole file."""

    steps: int
    least: float
    told: float
    alone: float
    ways: tuple[Way, ...]
    shocks: MappingProxyType[ShockKind, Shock]
    paths: MappingProxyType[Predicate, float]
    dull: tuple[str, ...]
    _status: MappingProxyType[FactStatus, float]
    _stage: MappingProxyType[str, float]

    @classmethod
    def load(cls, path: Path) -> ImpactRules:
        """Read the YAML file; raises DataFileError that names the file and the entry."""
        form = read_form(path, _File)
        return _rules(path, form)

    def is_dull(self, entity_id: str) -> bool:
        """Whether an entity groups others by something that carries no effect."""
        return any(word in entity_id for word in self.dull)

    def belief(self, fact: Fact) -> float:
        """How much a fact carries, 0 to 1: by confidence, status, stage and reports.

        What was denied and what has ended carry nothing.
        """
        told = dict(fact.qualifiers)
        stage = told.get("stage", "")
        if fact.status is FactStatus.DENIED or stage == "ended":
            return 0.0
        alone = self.alone if told.get("reports") == "1" else 1.0
        return fact.confidence * self._status[fact.status] * self._stage.get(stage, 1.0) * alone


def carrying(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Facts without those that are denied.

    A denial cancels rumours of the same edge, and statements that are not newer than it; a
    confirmation stands.
    """
    denied: dict[tuple[str, str, str], str] = {}
    for fact in facts:
        if fact.status is FactStatus.DENIED:
            key = (fact.subject, fact.predicate, fact.object)
            denied[key] = max(denied.get(key, ""), str(fact.valid_from or ""))
    return tuple(fact for fact in facts if not _is_denied(fact, denied))


def _is_denied(fact: Fact, denied: dict[tuple[str, str, str], str]) -> bool:
    if fact.status is FactStatus.DENIED:
        return True
    when = denied.get((fact.subject, fact.predicate, fact.object))
    if when is None or fact.status is FactStatus.CONFIRMED:
        return False
    return fact.status is FactStatus.RUMOUR or str(fact.valid_from or "") <= when


class _WayForm(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str
    edge: Predicate
    side: Literal["subject", "object", "both"] = Field(alias="from")
    kinds: tuple[EntityKind, EntityKind] | None = None
    decay: float = Field(gt=0, lt=1)
    sign: Passing
    why: str
    after: list[str] = []
    not_after: list[str] = []
    fan: bool = False
    end: bool = False
    lead: bool = False
    through: bool = False


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sign: Passing
    why: str
    decay: float | None = Field(None, gt=0, lt=1)


class _ShockForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    self: Sign
    why: str
    ways: dict[str, _Change] = {}


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    steps: int = Field(ge=1, le=4)
    least: float = Field(gt=0, lt=1)
    told: float = Field(ge=0, lt=1)
    alone: float = Field(gt=0, le=1)
    status: dict[FactStatus, float]
    stage: dict[str, float]
    dull: list[str] = []
    paths: dict[Predicate, float]
    ways: dict[str, _WayForm] = Field(min_length=1)
    shocks: dict[Change | EventKind, _ShockForm]


def _rules(path: Path, form: _File) -> ImpactRules:
    for key, entry in form.ways.items():
        _known(path, f"ways.{key}", (*entry.after, *entry.not_after), form)
    ways = tuple(_way(key, entry) for key, entry in form.ways.items())
    missing = {FactStatus.ASSERTED, FactStatus.CONFIRMED, FactStatus.RUMOUR} - set(form.status)
    factors = (*form.status.values(), *form.stage.values(), *form.paths.values())
    if missing or not all(0 <= factor <= 1 for factor in factors):
        raise DataFileError(
            f"{path}: status needs asserted, confirmed and rumour, and every factor of status,"
            " stage and paths is from 0 to 1"
        )
    shocks: dict[ShockKind, Shock] = {}
    for kind, shock in form.shocks.items():
        _known(path, f"shocks.{kind}.ways", tuple(shock.ways), form)
        changed = tuple(_changed(way, shock.ways.get(way.key)) for way in ways)
        shocks[kind] = Shock(kind, shock.name, shock.self, shock.why, changed)
    return ImpactRules(
        form.steps,
        form.least,
        form.told,
        form.alone,
        ways,
        MappingProxyType(shocks),
        MappingProxyType(form.paths),
        tuple(form.dull),
        MappingProxyType(form.status),
        MappingProxyType(form.stage),
    )


def _known(path: Path, place: str, names: tuple[str, ...], form: _File) -> None:
    wrong = next((name for name in names if name not in form.ways), None)
    if wrong is not None:
        raise DataFileError(f"{path}: {place}: {wrong!r} is none of {', '.join(form.ways)}")


def _way(key: str, form: _WayForm) -> Way:
    return Way(
        key,
        form.name,
        form.edge,
        ("subject", "object") if form.side == "both" else (form.side,),
        form.kinds,
        form.decay,
        form.sign,
        form.why,
        frozenset(form.after),
        frozenset(form.not_after),
        form.fan,
        form.end,
        form.lead,
        form.through,
    )


def _changed(way: Way, change: _Change | None) -> Way:
    if change is None:
        return way
    return replace(way, sign=change.sign, why=change.why, decay=change.decay or way.decay)
