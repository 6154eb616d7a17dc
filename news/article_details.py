"""What was found in an article, as rows beside the article's own: mentions, tags, tones, events."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from news.article import Article, EntityTone, Mention, Sentiment, Tag, TagGroup
from news.article_row import from_row
from news.event import ArticleEvent, EventKind
from news.fact import FactStatus

_TABLES = ("mentions", "tags", "tones", "article_events")
_Found = TypeVar("_Found")


def drop_details(connection: sqlite3.Connection, seq: int) -> None:
    """Forget what was found in an article."""
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table} WHERE article_seq = ?", (seq,))


def put_details(connection: sqlite3.Connection, seq: int, article: Article) -> None:
    """Keep what was found in an article; nothing of it may be there yet."""
    connection.executemany(
        "INSERT OR IGNORE INTO mentions VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (seq, m.start, m.end, m.entity_id, m.surface, m.method, m.confidence)
            for m in article.mentions
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO tags VALUES (?, ?, ?, ?)",
        [(seq, t.name, str(t.group), t.confidence) for t in article.tags],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO tones VALUES (?, ?, ?, ?, ?, ?)",
        [
            (seq, t.entity_id, str(t.sentiment), t.score, t.confidence, t.relevance)
            for t in article.tones
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO article_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(seq, place, *_event_row(event)) for place, event in enumerate(article.events)],
    )


def read_articles(
    connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]
) -> tuple[Article, ...]:
    """The articles of rows (seq, then `article_row.COLUMNS`) with what was found in them."""
    seqs = [row[0] for row in rows]
    mentions = _grouped(
        connection,
        seqs,
        "entity_id, surface, start, end, method, confidence FROM mentions",
        "start",
        lambda row: Mention(*row),
    )
    tags = _grouped(
        connection,
        seqs,
        "name, tag_group, confidence FROM tags",
        "confidence DESC, name",
        lambda row: Tag(row[0], TagGroup(row[1]), row[2]),
    )
    tones = _grouped(
        connection,
        seqs,
        "entity_id, sentiment, score, confidence, relevance FROM tones",
        "relevance DESC, entity_id",
        lambda row: EntityTone(row[0], Sentiment(row[1]), *row[2:]),
    )
    events = _grouped(
        connection,
        seqs,
        "kind, subject, start, end, confidence, arguments, status FROM article_events",
        "place",
        _event,
    )
    return tuple(
        from_row(
            row[1:],
            tuple(tags.get(seq, ())),
            tuple(mentions.get(seq, ())),
            tuple(tones.get(seq, ())),
            tuple(events.get(seq, ())),
        )
        for seq, row in zip(seqs, rows, strict=True)
    )


def _grouped(
    connection: sqlite3.Connection,
    seqs: Sequence[int],
    source: str,
    order: str,
    make: Callable[[tuple[Any, ...]], _Found],
) -> dict[int, list[_Found]]:
    marks = ",".join("?" * len(seqs))
    found: dict[int, list[_Found]] = {}
    for seq, *values in connection.execute(
        f"SELECT article_seq, {source} WHERE article_seq IN ({marks}) ORDER BY {order}",
        tuple(seqs),
    ):
        found.setdefault(seq, []).append(make(tuple(values)))
    return found


def _event_row(event: ArticleEvent) -> tuple[str | int | float | None, ...]:
    arguments = json.dumps(event.arguments, ensure_ascii=False) if event.arguments else ""
    return (
        str(event.kind),
        event.subject,
        event.start,
        event.end,
        event.confidence,
        arguments,
        str(event.status),
    )


def _event(row: tuple[Any, ...]) -> ArticleEvent:
    kind, subject, start, end, confidence, arguments, status = row
    pairs = tuple((str(k), str(v)) for k, v in json.loads(arguments)) if arguments else ()
    return ArticleEvent(EventKind(kind), subject, start, end, confidence, pairs, FactStatus(status))
