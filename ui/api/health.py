"""`/healthz`: whether this process can serve, for load balancers and monitors."""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from ui.api.access import Workspace, refuse_unknown_parameters
from ui.api.errors import documented
from ui.api.knowledge import Entries

router = APIRouter(tags=["health"], dependencies=[Depends(refuse_unknown_parameters)])


class HealthBody(BaseModel):
    """What this process serves."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    status: Literal["ok"]
    workspace: str = Field(examples=["demo"])
    articles: int = Field(examples=[242])
    """Articles in the database, near-duplicates included."""
    entries: int = Field(examples=[409])
    """Published entries of the knowledge base; without any the assistant is unavailable."""
    index_behind: int | None = Field(examples=[0])
    """Changes of articles that the search does not see yet; null where its engine cannot tell."""


@runtime_checkable
class _CountsChanges(Protocol):
    def last_change(self) -> int: ...


@router.get("/healthz", summary="Health", responses=documented(405, 422, 500, 503))
def health(wiring: Workspace, entries: Entries) -> HealthBody:
    """Needs no key; 503 where the database cannot be read."""
    store, index = wiring.news_store, wiring.news_index
    known = index.last_change() if isinstance(index, _CountsChanges) else None
    return HealthBody(
        status="ok",
        workspace=wiring.settings.workspace,
        articles=store.count(),
        entries=entries,
        index_behind=None if known is None else max(0, store.last_change() - known),
    )
