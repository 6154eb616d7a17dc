"""Searches that are kept, and told of each new article that they find."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from news.article import Sentiment, SourceTier
from news.event import EventKind
from news.search_query import SearchQuery

_ENUMS = {"sentiment": Sentiment, "tone": Sentiment, "tier": SourceTier, "event": EventKind}
_KEPT = (
    "text",
    "entities",
    "any_entity",
    "tag",
    "industry",
    "sentiment",
    "tone",
    "tier",
    "language",
    "event",
    "source",
    "duplicates",
)


class DeliveryState(StrEnum):
    """How a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up after the last attempt."""


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A search that a program keeps; `owner` is its API key's id, None where none is asked for.

    New articles are posted to `url` (None: they are polled only), signed with `secret`.
    `failures` counts attempts that failed since the last success; `disabled` says why nothing is
    posted any more, None while all is well. `from_seq`: articles that arrived later are watched.
    """

    id: str
    owner: str | None
    name: str
    query: SearchQuery
    url: str | None
    secret: str
    created_at: datetime
    from_seq: int
    failures: int = 0
    disabled: str | None = None


@dataclass(frozen=True, slots=True)
class WatchMatch:
    """An article that a watchlist found; `number` grows with every match of the workspace."""

    number: int
    watchlist_id: str
    article_id: str
    matched_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """The posting of one match, which is tried again until it succeeds or is given up.

    `answer` is what the last attempt came to (an HTTP status or what went wrong).
    """

    id: str
    watchlist_id: str
    match: int
    article_id: str
    state: DeliveryState
    attempts: int
    next_at: datetime
    created_at: datetime
    tried_at: datetime | None = None
    answer: str | None = None


def query_to_json(query: SearchQuery) -> str:
    """What of a search a watchlist keeps, as it is stored."""
    kept = {name: getattr(query, name) for name in _KEPT}
    default = SearchQuery()
    changed = {name: value for name, value in kept.items() if value != getattr(default, name)}
    return json.dumps(changed, ensure_ascii=False, sort_keys=True)


def query_from_json(text: str) -> SearchQuery:
    """The search of a stored watchlist."""
    stored: dict[str, Any] = json.loads(text)
    known = {field.name for field in fields(SearchQuery)} & set(_KEPT)
    values = {name: value for name, value in stored.items() if name in known}
    for name, kind in _ENUMS.items():
        if name in values:
            values[name] = kind(values[name])
    return SearchQuery(**{**values, "entities": tuple(values.get("entities", ()))})
