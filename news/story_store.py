"""Stories in the workspace's database, and placing each new article in one.

What decides is read from the database, so that a process that was killed, or another one, goes on
exactly where the last transaction ended.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from news.article import Article, SourceTier
from news.article_row import from_ms, to_ms
from news.story import WINDOW, Pairs, Sketch, Story, best_story, joined, novelty, sketch_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS stories (
    id TEXT PRIMARY KEY, headline TEXT NOT NULL, lead_id TEXT NOT NULL, tier TEXT NOT NULL,
    first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, count INTEGER NOT NULL,
    entities TEXT NOT NULL, events TEXT NOT NULL, places TEXT NOT NULL,
    core BLOB NOT NULL, known BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stories_by_time ON stories (last_at);
CREATE TABLE IF NOT EXISTS story_keys (
    key TEXT NOT NULL, at INTEGER NOT NULL, story_id TEXT NOT NULL,
    PRIMARY KEY (key, at, story_id)
) WITHOUT ROWID;
"""
_COLUMNS = (
    "id, headline, lead_id, tier, first_at, last_at, count, entities, events, places, core, known"
)
# What decides on a candidate; all that it ever said is read of the one that is chosen.
_DECIDING = _COLUMNS.replace("known", "x'' AS known")
_MOST_CANDIDATES = 24
_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article belongs: its story, and how much of it that story did not know, 0 to 1."""

    story_id: str
    novelty: float


class StoryStore:
    """Reads and writes stories over one connection; the caller owns the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def place(self, article: Article, original: str | None = None) -> Placed:
        """Put an article into the story it belongs to, or begin one with it.

        `original` is the story of the article that this one repeats.
        """
        sketch = sketch_of(article)
        story = self.story(original) if original else None
        if story is None:
            best = best_story(sketch, self._candidates(sketch))
            story = self.story(best.id) if best else None
        placed = Placed(story.id if story else f"story:{article.id}", novelty(sketch, story))
        self._put(_grown(story, article, sketch) if story else _begun(article, sketch))
        self._connection.executemany(
            "INSERT OR IGNORE INTO story_keys VALUES (?, ?, ?)",
            [(key, to_ms(sketch.at), placed.story_id) for key in sketch.keys],
        )
        return placed

    def clear(self) -> None:
        """Forget all stories; the articles stay."""
        self._connection.execute("DELETE FROM stories")
        self._connection.execute("DELETE FROM story_keys")

    def story(self, story_id: str) -> Story | None:
        """Story by id; None where unknown."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM stories WHERE id = ?", (story_id,)
        ).fetchone()
        return _story(row) if row else None

    def latest(
        self, limit: int = 20, *, since: datetime | None = None, fewest: int = 1
    ) -> tuple[Story, ...]:
        """Stories that grew last, latest first; those of at least `fewest` articles."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM stories WHERE last_at >= ? AND count >= ?"
            " ORDER BY last_at DESC, id LIMIT ?",
            (to_ms(since) if since else -(2**62), fewest, limit),
        )
        return tuple(_story(row) for row in rows)

    def _candidates(self, sketch: Sketch) -> tuple[Story, ...]:
        """Stories under the same keys around the article's time, those with most keys first."""
        marks = ",".join("?" * len(sketch.keys))
        low, high = to_ms(sketch.at - WINDOW), to_ms(sketch.at + WINDOW)
        rows = self._connection.execute(
            f"SELECT {_DECIDING} FROM stories WHERE id IN (SELECT story_id FROM story_keys"
            f" WHERE key IN ({marks}) AND at BETWEEN ? AND ? GROUP BY story_id"
            " ORDER BY count(DISTINCT key) DESC, max(at) DESC, story_id LIMIT ?)",
            (*sketch.keys, low, high, _MOST_CANDIDATES),
        )
        return tuple(_story(row) for row in rows)

    def _put(self, story: Story) -> None:
        self._connection.execute(
            f"INSERT OR REPLACE INTO stories ({_COLUMNS}) VALUES ({', '.join('?' * 12)})",
            (
                story.id,
                story.headline,
                story.lead_id,
                str(story.tier),
                to_ms(story.first_at),
                to_ms(story.last_at),
                story.count,
                "\n".join(story.entities),
                "\n".join(story.events),
                "\n".join(story.places),
                story.core.tobytes(),
                story.known.tobytes(),
            ),
        )


def _begun(article: Article, sketch: Sketch) -> Story:
    return Story(
        id=f"story:{article.id}",
        headline=article.headline,
        lead_id=article.id,
        tier=article.tier,
        first_at=sketch.at,
        last_at=sketch.at,
        count=1,
        entities=sketch.entities,
        events=sketch.events,
        places=sketch.places,
        core=sketch.lead,
        known=joined(sketch.whole, sketch.lead),
    )


def _grown(story: Story, article: Article, sketch: Sketch) -> Story:
    """The story with one more article; a weightier source gives it its headline."""
    leads = article.tier.rank < story.tier.rank
    return Story(
        id=story.id,
        headline=article.headline if leads else story.headline,
        lead_id=article.id if leads else story.lead_id,
        tier=article.tier if leads else story.tier,
        first_at=min(story.first_at, sketch.at),
        last_at=max(story.last_at, sketch.at),
        count=story.count + 1,
        entities=_more(story.entities, sketch.entities),
        events=_more(story.events, sketch.events),
        places=story.places,
        core=story.core,
        known=joined(story.known, sketch.whole),
    )


def _more(known: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *new)))[:_MOST_LISTED]


def _story(row: tuple[Any, ...]) -> Story:
    id_, headline, lead_id, tier, first_at, last_at, count = row[:7]
    entities, events, places, core, known = row[7:]
    return Story(
        id_,
        headline,
        lead_id,
        SourceTier(tier),
        from_ms(first_at),
        from_ms(last_at),
        count,
        tuple(entities.splitlines()),
        tuple(events.splitlines()),
        tuple(places.splitlines()),
        _pairs(core),
        _pairs(known),
    )


def _pairs(blob: bytes) -> Pairs:
    return np.frombuffer(blob, np.uint64)
