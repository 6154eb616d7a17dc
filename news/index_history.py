"""Earlier versions of articles, so that a search can be asked as of a moment in the past."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

# Few articles have one, and a search by content cannot tell which.
_INDEX = """
CREATE INDEX IF NOT EXISTS article_versions_replaced ON article_versions (article_id)
    WHERE replaced_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A text that an article had from `known_from` to `known_to` (milliseconds since 1970)."""

    version: int
    headline: str
    text: str
    known_from: int
    known_to: int


def past_versions(
    connection: sqlite3.Connection, article_ids: Iterable[str]
) -> dict[str, tuple[PastVersion, ...]]:
    """Earlier versions of the articles that have one, oldest first."""
    ids = list(article_ids)
    if not ids:
        return {}
    known = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = 'article_versions_replaced'"
    ).fetchone()
    if known is None:
        connection.execute(_INDEX)
    rows = connection.execute(
        "SELECT v.article_id, v.version, v.headline, v.text, v.replaced_at,"
        " (SELECT min(seen_at) FROM sightings s WHERE s.article_id = v.article_id)"
        " FROM article_versions v WHERE v.replaced_at IS NOT NULL AND v.article_id IN"
        " (SELECT value FROM json_each(?)) ORDER BY v.article_id, v.replaced_at",
        (json.dumps(ids),),
    )
    found: dict[str, list[PastVersion]] = {}
    for article_id, version, headline, text, replaced_at, seen_at in rows:
        earlier = found.setdefault(article_id, [])
        began = earlier[-1].known_to if earlier else min(seen_at or replaced_at, replaced_at)
        earlier.append(PastVersion(version, headline or "", text or "", began, replaced_at))
    return {article_id: tuple(versions) for article_id, versions in found.items()}
