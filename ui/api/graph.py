"""`/v1/graph`: the facts around an entity."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from news.fact import Entity
from news.graph import Neighbourhood
from ui.api.access import Workspace
from ui.api.errors import ApiError, ErrorCode
from ui.api.guard import guarded
from ui.api.models import EntityRef, FactBody
from ui.api.parameters import Day, Name, Whole
from ui.scope import Scope

MOST_FACTS = 500
_EACH = 8
_ARTICLES = 8

router = guarded("/v1/graph", "graph", read=Scope.GRAPH_READ, also=(404,))


class NeighbourParameters(BaseModel):
    """What can be asked of the graph, as it stands in the address."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    entity: Name = Field(examples=["宁德时代"])
    """An entity: an id (company:300750, industry:630701), a code, or an exact name."""
    hops: Whole = Field(1, ge=1, le=2)
    """How far to go. With 2, of one entity's facts at most 8 of each relation and direction."""
    as_of: Day | SkipJsonSchema[None] = Field(None, examples=["2020-01-01"])
    """Only facts that were true on this day; default: all."""
    limit: Whole = Field(100, ge=1, le=MOST_FACTS)
    """Facts at most, nearest first."""


class NeighbourhoodBody(BaseModel):
    """An entity, the facts around it and the entities they name."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    center: EntityRef
    others: list[EntityRef]
    """Further entities of the same name; ask for one by its id."""
    entities: list[EntityRef]
    facts: list[FactBody]
    truncated: bool
    """Whether `limit` left facts out."""

    @classmethod
    def of(cls, around: Neighbourhood, limit: int, others: tuple[Entity, ...]) -> NeighbourhoodBody:
        """From the graph's neighbourhood, cut to `limit` facts."""
        kept = around.facts[:limit]
        ends = {around.center.id, *(e for fact in kept for e in (fact.subject, fact.object))}
        names = {entity.id: entity.name for entity in around.entities}
        return cls(
            center=EntityRef.of(around.center),
            others=[EntityRef.of(other) for other in others],
            entities=[EntityRef.of(entity) for entity in around.entities if entity.id in ends],
            facts=[FactBody.of(fact, names) for fact in kept],
            truncated=len(around.facts) > limit,
        )


@router.get("/neighbours", summary="Facts around an entity")
def neighbours(
    wiring: Workspace, parameters: Annotated[NeighbourParameters, Query()]
) -> NeighbourhoodBody:
    """Entities and facts within one or two hops, each fact with its evidence and both times."""
    found = wiring.graph.find(parameters.entity)
    # One hop may list everything; over two hops fairness between relations matters more.
    around = found and wiring.graph.neighbourhood(
        found[0].id,
        hops=parameters.hops,
        as_of=parameters.as_of,
        each=parameters.limit + 1 if parameters.hops == 1 else _EACH,
        articles=_ARTICLES,
    )
    if not around:
        raise ApiError(
            404,
            ErrorCode.NOT_FOUND,
            f"{parameters.entity[:40]!r} is not in the graph; give a listed company's name or code,"
            " an industry's or a concept's name, or an entity's id",
            parameter="entity",
        )
    return NeighbourhoodBody.of(around, parameters.limit, found[1:])
