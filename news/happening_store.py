"""Events in the workspace's database, and recording what each new article reports."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import xxhash

from news.article import Article, SourceTier
from news.article_row import from_ms, to_ms
from news.event import ArticleEvent, EventKind
from news.fact import FactStatus
from news.happening import DENIED_WITHIN, LONGEST, Happening, begun, grown, same
from news.text import bigrams, simplify

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, story_id TEXT,
    headline TEXT NOT NULL, lead_id TEXT NOT NULL, tier TEXT NOT NULL, first_id TEXT NOT NULL,
    first_source TEXT NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
    count INTEGER NOT NULL, arguments TEXT NOT NULL, status TEXT NOT NULL, status_by TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS events_by_subject ON events (subject, kind, last_at);
CREATE INDEX IF NOT EXISTS events_by_time ON events (subject, first_at);
CREATE TABLE IF NOT EXISTS event_reports (
    event_id TEXT NOT NULL, article_id TEXT NOT NULL, PRIMARY KEY (event_id, article_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS event_reports_by_article ON event_reports (article_id);
"""
_COLUMNS = (
    "id, kind, subject, story_id, headline, lead_id, tier, first_id, first_source, first_at,"
    " last_at, count, arguments, status, status_by"
)
_MOST = 30
_ABOUT_IT = 0.3


class HappeningStore:
    """Reads and writes events over one connection; the caller owns the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def record(self, article: Article) -> tuple[Happening, ...]:
        """Take in what a stored article reports; the events that are new or changed by it.

        A clarification denies (or, where it says so, confirms) the events of its subject that its
        text is about.
        """
        changed: dict[str, Happening] = {}
        for event in article.events:
            if event.subject is None:
                continue
            happening = self._recorded(article, event)
            if happening:
                changed[happening.id] = happening
            if event.kind is EventKind.CLARIFICATION:
                changed |= {h.id: h for h in self._clarified(article, event)}
        return tuple(changed.values())

    def forget(self, article_id: str) -> tuple[str, ...]:
        """Take back what an article reported; ids of the events that nobody else reported.

        An event that others report too stays, with one report fewer.
        """
        reported = self.reported_by(article_id)
        self._connection.execute("DELETE FROM event_reports WHERE article_id = ?", (article_id,))
        alone = [happening.id for happening in reported if happening.count == 1]
        self._connection.executemany("DELETE FROM events WHERE id = ?", [(i,) for i in alone])
        self._connection.executemany(
            "UPDATE events SET count = count - 1 WHERE id = ?",
            [(happening.id,) for happening in reported if happening.count > 1],
        )
        return tuple(alone)

    def clear(self) -> None:
        """Forget all events; the articles stay."""
        self._connection.execute("DELETE FROM events")
        self._connection.execute("DELETE FROM event_reports")

    def event(self, event_id: str) -> Happening | None:
        """Event by id; None where unknown."""
        rows = self._select("id = ?", (event_id,), "id", 1)
        return rows[0] if rows else None

    def all(self) -> Iterator[Happening]:
        """Every event, by its id."""
        for row in self._connection.execute(f"SELECT {_COLUMNS} FROM events ORDER BY id"):
            yield _happening(row)

    def timeline(
        self,
        subject: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        kinds: Sequence[EventKind] = (),
        limit: int = 100,
    ) -> tuple[Happening, ...]:
        """What happened to an entity, latest first; one row an event, however many reported it."""
        where = "subject = ? AND first_at >= ? AND first_at < ?"
        low, high = to_ms(since) if since else -(2**62), to_ms(until) if until else 2**62
        values: list[str | int | None] = [subject, low, high]
        if kinds:
            where += f" AND kind IN ({','.join('?' * len(kinds))})"
            values += [str(kind) for kind in kinds]
        return self._select(where, values, "first_at DESC, id", limit)

    def reported_by(self, article_id: str) -> tuple[Happening, ...]:
        """Events that an article reports."""
        return self._select(
            "id IN (SELECT event_id FROM event_reports WHERE article_id = ?)",
            (article_id,),
            "first_at, id",
            _MOST,
        )

    def reports(self, event_id: str) -> tuple[str, ...]:
        """Ids of the articles that report an event."""
        rows = self._connection.execute(
            "SELECT article_id FROM event_reports WHERE event_id = ? ORDER BY article_id",
            (event_id,),
        )
        return tuple(row[0] for row in rows)

    def count(self) -> int:
        """Number of events."""
        return int(self._connection.execute("SELECT count(*) FROM events").fetchone()[0])

    def _recorded(self, article: Article, event: ArticleEvent) -> Happening | None:
        at = article.published_at
        known = self._select(
            "subject = ? AND kind = ? AND last_at >= ? AND first_at <= ?",
            (event.subject, str(event.kind), to_ms(at - LONGEST), to_ms(at + LONGEST)),
            "last_at DESC, id",
            _MOST,
        )
        found = same(article, event, known)
        if found is None:
            new = begun(article, event, _event_id(article, event))
            self._put(new, article.id)
            return new
        if article.id in self.reports(found.id):
            return None
        more = grown(found, article, event)
        self._put(more, article.id)
        return more

    def _clarified(self, article: Article, event: ArticleEvent) -> list[Happening]:
        at = article.published_at
        before = self._select(
            "subject = ? AND kind NOT IN (?, ?) AND last_at >= ? AND first_at <= ?",
            (
                event.subject,
                # What everybody saw on the board is no rumour to be denied.
                str(EventKind.PRICE_MOVE),
                str(EventKind.CLARIFICATION),
                to_ms(at - DENIED_WITHIN),
                to_ms(at),
            ),
            "last_at DESC, id",
            _MOST,
        )
        names = {m.surface for m in article.mentions if m.entity_id == event.subject}
        words = _matters(f"{article.headline}\n{article.text[:400]}", names)
        status = FactStatus.CONFIRMED if event.status is FactStatus.CONFIRMED else FactStatus.DENIED
        found = []
        for happening in before:
            its = _matters(happening.headline, names)
            if happening.first_id == article.id or len(its & words) < _ABOUT_IT * len(its):
                continue
            if happening.status is not status and article.tier.rank <= happening.tier.rank:
                found.append(replace(happening, status=status, status_by=article.id))
                self._put(found[-1], article.id, reports=False)
        return found

    def _select(
        self,
        where: str,
        values: Iterable[str | int | None],
        order: str,
        limit: int,
    ) -> tuple[Happening, ...]:
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM events WHERE {where} ORDER BY {order} LIMIT ?",
            (*values, limit),
        )
        return tuple(_happening(row) for row in rows)

    def _put(self, happening: Happening, article_id: str, *, reports: bool = True) -> None:
        self._connection.execute(
            f"INSERT OR REPLACE INTO events ({_COLUMNS}) VALUES ({', '.join('?' * 15)})",
            (
                happening.id,
                str(happening.kind),
                happening.subject,
                happening.story_id,
                happening.headline,
                happening.lead_id,
                str(happening.tier),
                happening.first_id,
                happening.first_source,
                to_ms(happening.first_at),
                to_ms(happening.last_at),
                happening.count,
                json.dumps(happening.arguments, ensure_ascii=False),
                str(happening.status),
                happening.status_by,
            ),
        )
        if reports:
            self._connection.execute(
                "INSERT OR IGNORE INTO event_reports VALUES (?, ?)", (happening.id, article_id)
            )


def _matters(text: str, names: set[str]) -> set[str]:
    """Character pairs of a text without the names that all texts about a company share."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return set(bigrams(simplify(text)))


def _event_id(article: Article, event: ArticleEvent) -> str:
    """The same event of the same first article has the same id, whenever it is recorded."""
    digest = xxhash.xxh3_64_hexdigest(f"{event.kind}|{event.subject}|{article.id}".encode())
    return f"event:{digest}"


def _happening(row: tuple[Any, ...]) -> Happening:
    id_, kind, subject, story_id, headline, lead_id, tier, first_id, first_source = row[:9]
    first_at, last_at, count, arguments, status, status_by = row[9:]
    return Happening(
        id=id_,
        kind=EventKind(kind),
        subject=subject,
        story_id=story_id,
        headline=headline,
        lead_id=lead_id,
        tier=SourceTier(tier),
        first_id=first_id,
        first_source=first_source,
        first_at=from_ms(first_at),
        last_at=from_ms(last_at),
        count=count,
        arguments=tuple((str(k), str(v)) for k, v in json.loads(arguments)),
        status=FactStatus(status),
        status_by=status_by,
    )
