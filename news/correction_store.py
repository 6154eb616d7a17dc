"""Editors' corrections in the workspace's database; the only place that knows their table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from news.article import content_of
from news.correction import Corrections, LinkCorrection
from news.errors import StoreError

SCHEMA = """
CREATE TABLE IF NOT EXISTS link_corrections (
    id INTEGER PRIMARY KEY AUTOINCREMENT, surface TEXT NOT NULL, entity_id TEXT,
    article_id TEXT NOT NULL, everywhere INTEGER NOT NULL, context TEXT,
    corrected_by TEXT NOT NULL, corrected_at TEXT NOT NULL, undone_at TEXT, undone_by TEXT
);
"""
_COLUMNS = "surface, entity_id, article_id, corrected_by, corrected_at, everywhere, context, id"


@dataclass(frozen=True, slots=True)
class GoldSpot:
    """A corrected place in a stored article: a test case of one's own."""

    text: str
    start: int
    end: int
    entity_id: str | None


class CorrectionStore:
    """Reads and writes corrections over one connection; the caller owns the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        # Not executescript: it would commit a transaction that the caller has begun.
        connection.execute(SCHEMA)

    def add(self, correction: LinkCorrection) -> LinkCorrection:
        """Keep a correction; the same decision again replaces the older one of its scope."""
        self._connection.execute(
            "UPDATE link_corrections SET undone_at = ?, undone_by = ? WHERE undone_at IS NULL"
            " AND surface = ? AND everywhere = ? AND context IS ?"
            " AND (everywhere OR article_id = ?)",
            (
                _written(correction.at),
                correction.by,
                correction.surface,
                correction.everywhere,
                correction.context,
                correction.article_id,
            ),
        )
        made = self._connection.execute(
            "INSERT INTO link_corrections (surface, entity_id, article_id, everywhere, context,"
            " corrected_by, corrected_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                correction.surface,
                correction.entity_id,
                correction.article_id,
                correction.everywhere,
                correction.context,
                correction.by,
                _written(correction.at),
            ),
        )
        return replace(correction, id=int(made.lastrowid or 0))

    def undo(self, correction_id: int, *, by: str, at: datetime) -> LinkCorrection:
        """Take a correction back; it stays in the table with who undid it. Raises StoreError."""
        found = next((c for c in self.all() if c.id == correction_id), None)
        if found is None:
            known = ", ".join(str(c.id) for c in self.all()[-5:]) or "none"
            raise StoreError(
                f"no correction {correction_id} counts now; the latest that do: {known}"
            )
        self._connection.execute(
            "UPDATE link_corrections SET undone_at = ?, undone_by = ? WHERE id = ?",
            (_written(at), by, correction_id),
        )
        return found

    def all(self) -> tuple[LinkCorrection, ...]:
        """The corrections that count, oldest first."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM link_corrections WHERE undone_at IS NULL ORDER BY id"
        )
        return tuple(
            LinkCorrection(
                surface, entity, article, by, datetime.fromisoformat(at), bool(all_), *more
            )
            for surface, entity, article, by, at, all_, *more in rows
        )

    def corrections(self) -> Corrections:
        """The corrections that count, ready to be applied."""
        return Corrections(self.all())

    def version(self) -> str:
        """Changes with every correction made or undone; for caches and for re-analysis."""
        sql = "SELECT count(*), coalesce(max(id), 0), count(undone_at) FROM link_corrections"
        return "-".join(str(n) for n in self._connection.execute(sql).fetchone())

    def articles_affected(self, correction: LinkCorrection) -> tuple[str, ...]:
        """Ids of the stored articles in which a correction may count, by arrival."""
        if not correction.everywhere:
            return (correction.article_id,)
        words = correction.context or correction.surface
        rows = self._connection.execute(
            "SELECT id FROM articles WHERE instr(headline || char(10) || text, ?) ORDER BY seq",
            (words,),
        )
        return tuple(row[0] for row in rows)

    def gold(self) -> Iterator[GoldSpot]:
        """Each corrected place in the articles where corrections were made."""
        ids = dict.fromkeys(correction.article_id for correction in self.all())
        corrections = self.corrections()
        for article_id in ids:
            row = self._connection.execute(
                "SELECT headline, text FROM articles WHERE id = ?", (article_id,)
            ).fetchone()
            if row is None:
                continue
            content = content_of(*row)
            for place in corrections.places(content, article_id):
                yield GoldSpot(content, place.start, place.end, place.correction.entity_id)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
