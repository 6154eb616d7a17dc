"""`/v1/entities`: what is known of one listed company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import SkipJsonSchema

from news.fact import LITERAL, Entity, EntityKind, Fact
from news.graph import CompanyProfile
from ui.api.access import Workspace
from ui.api.errors import ApiError, ErrorCode
from ui.api.guard import guarded
from ui.api.models import ArticleRef, EntityRef, FactBody, LinkedEntity, SecurityBody
from ui.api.parameters import Day, Name, Until
from ui.scope import Scope
from ui.wiring import Wiring

LATEST_NEWS = 10

router = guarded("/v1/entities", "graph", read=Scope.GRAPH_READ, also=(404,))


class CompanyBody(BaseModel):
    """A company with everything the graph ties to it; each fact names its source."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    company: EntityRef
    others: list[EntityRef]
    """Further companies that bear or bore the same name."""
    securities: list[SecurityBody]
    listings: list[FactBody]
    """Where each security is listed; `valid_from` is the day of listing."""
    industry_chain: list[LinkedEntity]
    """The company's industry, then what it is part of, up to the widest."""
    upstream: list[LinkedEntity]
    """Industries that supply the company's industry, most often reported first."""
    downstream: list[LinkedEntity]
    """Industries that the company's industry supplies, most often reported first."""
    concepts: list[LinkedEntity]
    aliases: list[FactBody]
    """Full, former and other names."""
    latest_news: list[ArticleRef]
    """The newest articles that name the company, near-duplicates left out."""


@router.get("/{code}", summary="Look up a company")
def company(
    wiring: Workspace,
    code: Annotated[
        Name,
        Path(
            description="300750, 300750.SZ, SZ300750, company:300750, or a full or short name.",
            examples=["300750"],
        ),
    ],
    as_of: Annotated[
        Day | SkipJsonSchema[None],
        Query(description="Facts that were true on this day; default: all."),
    ] = None,
    known_at: Annotated[
        Until | SkipJsonSchema[None],
        Query(description="Facts known at this time, or at the end of this day; default: now."),
    ] = None,
) -> CompanyBody:
    """Securities, listing dates, industry chain, upstream and downstream, concepts, names, news."""
    companies = [e for e in wiring.graph.find(code) if e.kind is EntityKind.COMPANY]
    profile = (
        wiring.graph.profile(companies[0].id, as_of=as_of, known_at=known_at) if companies else None
    )
    if profile is None:
        raise ApiError(
            404,
            ErrorCode.NOT_FOUND,
            f"{code[:40]!r} is no listed company that is known here; give a code (300750), a symbol"
            " (300750.SZ) or a full or short name; for an industry or a concept see"
            " /v1/graph/neighbours",
            parameter="code",
        )
    return _body(wiring, profile, companies[1:])


def _body(wiring: Wiring, profile: CompanyProfile, others: Iterable[Entity]) -> CompanyBody:
    names = _names(wiring, profile)
    news = wiring.news_store.articles_about(profile.company.id, limit=LATEST_NEWS)
    return CompanyBody(
        company=EntityRef.of(profile.company),
        others=[EntityRef.of(other) for other in others],
        securities=[SecurityBody.of(security) for security in profile.securities],
        listings=[FactBody.of(fact, names) for fact in profile.listings],
        industry_chain=_linked(profile.industry_chain, names),
        upstream=_linked(profile.upstream, names),
        downstream=_linked(profile.downstream, names),
        concepts=_linked(profile.concepts, names),
        aliases=[FactBody.of(fact, names) for fact in profile.aliases],
        latest_news=[ArticleRef.of(article) for article in news],
    )


def _linked(pairs: Iterable[tuple[Entity, Fact]], names: Mapping[str, str]) -> list[LinkedEntity]:
    return [
        LinkedEntity(entity=EntityRef.of(entity), fact=FactBody.of(fact, names))
        for entity, fact in pairs
    ]


def _names(wiring: Wiring, profile: CompanyProfile) -> dict[str, str]:
    """Names of both ends of every fact of the profile, read at once."""
    pairs = (
        *profile.industry_chain,
        *profile.upstream,
        *profile.downstream,
        *profile.concepts,
    )
    facts = (*profile.listings, *profile.aliases, *(fact for _, fact in pairs))
    ends = {end for fact in facts for end in (fact.subject, fact.object)}
    return wiring.news_store.facts.names(e for e in ends if not e.startswith(LITERAL))
