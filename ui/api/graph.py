"""`/v1/graph`: facts around an entity, paths between two, who is affected by what."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from news.event import EventKind
from news.fact import Entity
from news.graph import Neighbourhood
from news.graph_affected import NO_ADVICE, Affected, AffectedReport, Step
from news.graph_impact import SIGN_NAMES, Change, Sign
from news.graph_paths import GraphPath, PathFinder
from news.graph_view import When
from ui.api.access import Workspace
from ui.api.errors import ApiError, ErrorCode
from ui.api.guard import guarded
from ui.api.models import EntityRef, FactBody
from ui.api.parameters import Day, Name, Until, Whole
from ui.scope import Scope
from ui.wiring import Wiring

MOST_FACTS = 500
_EACH = 8
_ARTICLES = 8

router = guarded("/v1/graph", "graph", read=Scope.GRAPH_READ, also=(404,))


class TimeParameters(BaseModel):
    """Both times of the graph."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    as_of: Day | SkipJsonSchema[None] = Field(None, examples=["2020-01-01"])
    """Only facts that were true on this day; default: all."""
    known_at: Until | SkipJsonSchema[None] = Field(None, examples=["2027-01-01"])
    """Only what was known at this time, or at the end of this day; default: what is known now."""

    @property
    def when(self) -> When:
        """As the graph takes it."""
        return When(self.as_of, self.known_at)


class NeighbourParameters(TimeParameters):
    """What can be asked of the graph, as it stands in the address."""

    entity: Name = Field(examples=["宁德时代"])
    """An entity: an id (company:300750, industry:630701), a code, or an exact name."""
    hops: Whole = Field(1, ge=1, le=2)
    """How far to go. With 2, of one entity's facts at most 8 of each relation and direction."""
    limit: Whole = Field(100, ge=1, le=MOST_FACTS)
    """Facts at most, nearest first."""


class PathParameters(TimeParameters):
    """Which paths are asked for."""

    source: Name = Field(examples=["宁德时代"])
    """Where the paths begin: an id, a code or an exact name."""
    target: Name = Field(examples=["亿纬锂能"])
    """Where they end."""
    best: Whole = Field(3, ge=1, le=10)
    """How many paths, strongest first."""
    most: Whole = Field(4, ge=1, le=4)
    """Edges of a path at most."""


class AffectedParameters(TimeParameters):
    """By what someone is affected."""

    entity: Name = Field(examples=["锂电池"])
    """The source: an id (company:300750, event:…, article:…, industry:630701), a code or a name."""
    shock: Change | EventKind | SkipJsonSchema[None] = Field(None, examples=["price_rise"])
    """What happens to it; without one no direction is told. Events know their kind themselves."""
    limit: Whole = Field(30, ge=1, le=100)
    """Entities at most, strongest first."""


class NeighbourhoodBody(BaseModel):
    """An entity, the facts around it and the entities they name."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    center: EntityRef
    aliases: list[EntityRef]
    """Entities that editors merged into it; their facts are among `facts`."""
    others: list[EntityRef]
    """Further entities of the same name; ask for one by its id."""
    entities: list[EntityRef]
    facts: list[FactBody]
    truncated: bool
    """Whether `limit` left facts out."""

    @classmethod
    def of(
        cls,
        around: Neighbourhood,
        limit: int,
        others: tuple[Entity, ...],
        aliases: tuple[Entity, ...],
    ) -> NeighbourhoodBody:
        """From the graph's neighbourhood, cut to `limit` facts."""
        kept = around.facts[:limit]
        ends = {around.center.id, *(e for fact in kept for e in (fact.subject, fact.object))}
        names = {entity.id: entity.name for entity in around.entities}
        return cls(
            center=EntityRef.of(around.center),
            aliases=[EntityRef.of(alias) for alias in aliases],
            others=[EntityRef.of(other) for other in others],
            entities=[EntityRef.of(entity) for entity in around.entities if entity.id in ends],
            facts=[FactBody.of(fact, names) for fact in kept],
            truncated=len(around.facts) > limit,
        )


class PathStepBody(BaseModel):
    """One edge of a path, in words with its source."""

    text: str = Field(examples=["宁德时代 所属行业 锂电池（data/securities.tsv）"])
    strength: float = Field(description="0 to 1.", examples=[0.3215])
    fact: FactBody


class PathBody(BaseModel):
    """A path between two entities; `strength` is the product over its edges."""

    entities: list[EntityRef]
    strength: float = Field(examples=[0.1035])
    explanation: str = Field(
        examples=[
            "宁德时代 所属行业 锂电池（data/securities.tsv）；亿纬锂能 所属行业 锂电池（…）。"
        ]
    )
    steps: list[PathStepBody]

    @classmethod
    def of(cls, path: GraphPath) -> PathBody:
        """From the graph's path."""
        names = {entity.id: entity.name for entity in path.entities}
        return cls(
            entities=[EntityRef.of(entity) for entity in path.entities],
            strength=path.strength,
            explanation=path.explanation,
            steps=[
                PathStepBody(
                    text=step.text, strength=step.strength, fact=FactBody.of(step.fact, names)
                )
                for step in path.steps
            ],
        )


class PathsBody(BaseModel):
    """The strongest paths; none where nothing ties the two together."""

    source: EntityRef
    target: EntityRef
    paths: list[PathBody]


class AffectedStepBody(BaseModel):
    """One edge along which the effect goes."""

    source: str = Field(description="Entity id.", examples=["industry:630701"])
    target: str = Field(description="Entity id.", examples=["company:300750"])
    way: str = Field(examples=["member"])
    way_name: str = Field(examples=["行业内公司"])
    text: str = Field(examples=["宁德时代 所属行业 锂电池（data/securities.tsv）"])
    why: str = Field(examples=["属于该行业"])
    sign: Sign
    score: float = Field(examples=[0.8])
    fact_id: str

    @classmethod
    def of(cls, step: Step) -> AffectedStepBody:
        """From a step of the graph's answer."""
        return cls(
            source=step.source,
            target=step.target,
            way=step.way,
            way_name=step.way_name,
            text=step.text,
            why=step.why,
            sign=step.sign,
            score=step.score,
            fact_id=step.fact.id,
        )


class AffectedEntityBody(BaseModel):
    """An entity that the effect reaches, with the strongest path from the source to it.

    `sign` is derived from the kinds of edges; it is no forecast and no advice. `disputed`: another
    strong path says the opposite, so that the sign is unclear.
    """

    entity: EntityRef
    score: float = Field(description="0 to 1, 1 being the source itself.", examples=[0.8])
    sign: Sign
    sign_name: str = Field(examples=["可能受益"])
    disputed: bool = Field(examples=[False])
    reason: str = Field(examples=["宁德时代 所属行业 锂电池（data/securities.tsv），属于该行业"])
    steps: list[AffectedStepBody]

    @classmethod
    def of(cls, affected: Affected) -> AffectedEntityBody:
        """From the graph's answer."""
        return cls(
            entity=EntityRef.of(affected.entity),
            score=affected.score,
            sign=affected.sign,
            sign_name=SIGN_NAMES[affected.sign],
            disputed=affected.disputed,
            reason=affected.reason,
            steps=[AffectedStepBody.of(step) for step in affected.path],
        )


class AffectedBody(BaseModel):
    """Who is affected, strongest first."""

    source: EntityRef
    shock: str | None = Field(examples=["price_rise"])
    shock_name: str = Field(examples=["涨价"])
    note: str = Field(examples=[NO_ADVICE])
    affected: list[AffectedEntityBody]
    left_out: int = Field(description="Weaker ones that are not listed.", examples=[359])

    @classmethod
    def of(cls, report: AffectedReport) -> AffectedBody:
        """From the graph's report."""
        return cls(
            source=EntityRef.of(report.source),
            shock=report.shock,
            shock_name=report.shock_name,
            note=NO_ADVICE,
            affected=[AffectedEntityBody.of(affected) for affected in report.affected],
            left_out=report.left_out,
        )


@router.get("/neighbours", summary="Facts around an entity")
def neighbours(
    wiring: Workspace, parameters: Annotated[NeighbourParameters, Query()]
) -> NeighbourhoodBody:
    """Entities and facts within one or two hops, each fact with its evidence and both times."""
    found = _found(wiring, parameters.entity, "entity")
    # One hop may list everything; over two hops fairness between relations matters more.
    around = wiring.graph.neighbourhood(
        found[0].id,
        hops=parameters.hops,
        as_of=parameters.as_of,
        known_at=parameters.known_at,
        each=parameters.limit + 1 if parameters.hops == 1 else _EACH,
        articles=_ARTICLES,
    )
    if around is None:
        raise _unknown(parameters.entity, "entity")
    aliases = wiring.graph.view(parameters.when).merged(around.center.id)
    return NeighbourhoodBody.of(around, parameters.limit, found[1:], aliases)


@router.get("/paths", summary="How two entities hang together")
def paths(wiring: Workspace, parameters: Annotated[PathParameters, Query()]) -> PathsBody:
    """The strongest paths between two entities, every edge in words with its source."""
    source = _found(wiring, parameters.source, "source")[0]
    target = _found(wiring, parameters.target, "target")[0]
    found = PathFinder(wiring.news_store.facts, wiring.impact_rules).paths(
        source.id,
        target.id,
        best=parameters.best,
        most=parameters.most,
        when=parameters.when,
    )
    return PathsBody(
        source=EntityRef.of(source),
        target=EntityRef.of(target),
        paths=[PathBody.of(path) for path in found or ()],
    )


@router.get("/affected", summary="Who is affected")
def affected(wiring: Workspace, parameters: Annotated[AffectedParameters, Query()]) -> AffectedBody:
    """Who is affected by an event, an article, a company, an industry, a concept or a product.

    The effect spreads along supply, ownership, industry and competition and weakens with every
    edge; each answer carries its path with evidence. No forecast, no advice.
    """
    source = _found(wiring, parameters.entity, "entity")[0]
    report = wiring.affected_by.affected(
        source.id, shock=parameters.shock, when=parameters.when, limit=parameters.limit
    )
    if report is None:
        raise _unknown(parameters.entity, "entity")
    return AffectedBody.of(report)


def _found(wiring: Wiring, text: str, parameter: str) -> tuple[Entity, ...]:
    found = wiring.graph.find(text)
    if not found:
        raise _unknown(text, parameter)
    return found


def _unknown(text: str, parameter: str) -> ApiError:
    return ApiError(
        404,
        ErrorCode.NOT_FOUND,
        f"{text[:40]!r} is not in the graph; give a listed company's name or code,"
        " an industry's or a concept's name, or an entity's id",
        parameter=parameter,
    )
