"""Where a search goes on: the snapshot of its first page and the place in it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import astuple, dataclass, replace

import xxhash

from news.errors import SearchError
from news.search_query import WINDOW, SearchQuery

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a snapshot."""

    snapshot_id: str
    place: int


def signature(query: SearchQuery) -> str:
    """Tells searches apart whose cursors do not fit each other."""
    same = replace(query, cursor=None, limit=1, facets=())
    return xxhash.xxh3_64_hexdigest(repr(same).encode("utf-8", "replace"))


def encode(query: SearchQuery, position: Position) -> str:
    """The cursor of a place."""
    payload = json.dumps([signature(query), *astuple(position)]).encode()
    return base64.urlsafe_b64encode(payload).decode().rstrip("=")


def decode(query: SearchQuery) -> Position:
    """The place that the query's cursor means; raises SearchError."""
    cursor = str(query.cursor)
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        search, snapshot_id, place = json.loads(base64.urlsafe_b64decode(padded))
        position = Position(str(snapshot_id), int(place))
        if not _ID.fullmatch(position.snapshot_id) or not 0 < position.place <= WINDOW:
            raise ValueError("position out of range")
    except (binascii.Error, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise SearchError(
            f"cursor={cursor[:40]!r} is not one that a search gave; take `next_cursor` as it is"
        ) from error
    if search != signature(query):
        raise SearchError("cursor belongs to another search; leave it out to start this one anew")
    return position
