"""Articles in the workspace's database.

One SQLite file in WAL mode, so that a reader never waits for a writer and a killed process leaves
either the whole batch or none of it. `change` is a counter that grows with every stored change of
an article: the search index reads the changes after the last one it holds.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from news.article import Article, SourceTier
from news.article_details import drop_details, put_details, read_articles
from news.article_row import COLUMNS, from_ms, to_ms, to_row
from news.dead_letter_store import DeadLetterStore
from news.dedupe import Fingerprint
from news.errors import StoreError
from news.fact import EntityKind
from news.fact_store import SCHEMA as FACT_SCHEMA
from news.fact_store import FactStore
from news.happening_store import SCHEMA as EVENT_SCHEMA
from news.happening_store import HappeningStore
from news.pipeline import Pipeline
from news.schema import ADDED, INDEXES, SCHEMA
from news.story_store import SCHEMA as STORY_SCHEMA
from news.story_store import StoryStore
from news.transaction import add_columns


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """An article as stored by one change; `seq` numbers articles in the order of arrival."""

    change: int
    seq: int
    article: Article


def open_database(path: Path) -> Database:
    """Open (or make) the workspace's SQLite file, ready for several processes at once.

    Waits up to 30 s for another process's write. Raises StoreError where the path cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=30, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -65536")
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{path}: cannot be opened as a workspace database ({error}); check that the folder"
            " is writable and that the file is not something else"
        ) from error
    return Database(connection)


class NewsStore:
    """Articles, their versions, mentions, tags, fingerprints and dead letters.

    One store serves one thread; open another for another thread.
    """

    def __init__(self, database: Database) -> None:
        self.connection: sqlite3.Connection = database.conn
        self.connection.executescript(SCHEMA + FACT_SCHEMA + STORY_SCHEMA + EVENT_SCHEMA)
        add_columns(self.connection, ADDED)
        self.connection.executescript(INDEXES)
        self.dead_letters = DeadLetterStore(self.connection)
        self.facts = FactStore(self.connection)
        self.stories = StoryStore(self.connection)
        self.happenings = HappeningStore(self.connection)

    @classmethod
    def open(cls, path: Path) -> NewsStore:
        """Open the workspace's database file."""
        return cls(open_database(path))

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    # --- what is known already -------------------------------------------------------------

    def article_with_hash(self, content_hash: str) -> str | None:
        """Id of the article that has, or had in an earlier version, exactly this content."""
        sql = "SELECT article_id FROM article_versions WHERE content_hash = ? LIMIT 1"
        row = self.connection.execute(sql, (content_hash,)).fetchone()
        return row[0] if row else None

    def has_version(self, article_id: str, content_hash: str) -> bool:
        """Whether this article has, or had, exactly this content."""
        sql = "SELECT 1 FROM article_versions WHERE content_hash = ? AND article_id = ?"
        return self.connection.execute(sql, (content_hash, article_id)).fetchone() is not None

    def fingerprints_sharing(
        self, bands: Sequence[int], limit: int = 64, *, before: int | None = None
    ) -> list[tuple[str, bytes]]:
        """Article ids and fingerprints that share a band, most shared bands first.

        `before` leaves out articles that arrived with that number or later.
        """
        marks = ",".join("?" * len(bands))
        sql = (
            f"SELECT a.id, a.fingerprint FROM (SELECT article_seq, count(*) AS shared FROM bands"
            f" WHERE band IN ({marks}) AND article_seq < ? GROUP BY article_seq"
            " ORDER BY shared DESC, article_seq LIMIT ?) AS b JOIN articles AS a"
            " ON a.seq = b.article_seq ORDER BY b.shared DESC, a.seq"
        )
        last = 2**62 if before is None else before
        return list(self.connection.execute(sql, (*bands, last, limit)))

    # --- writing (inside the caller's transaction) -------------------------------------------

    def put(self, article: Article, fingerprint: Fingerprint) -> None:
        """Store a new article, the next version of a known one, or a version analysed anew."""
        self._archive(article)
        names = [name.strip() for name in COLUMNS.split(",")]
        updates = ", ".join(f"{n} = excluded.{n}" for n in (*names, "change", "fingerprint"))
        seq = self.connection.execute(
            f"INSERT INTO articles ({COLUMNS}, change, fingerprint)"
            f" VALUES ({', '.join('?' * (len(names) + 2))})"
            f" ON CONFLICT (id) DO UPDATE SET {updates} RETURNING seq",
            (*to_row(article), self.last_change() + 1, fingerprint.to_bytes()),
        ).fetchone()[0]
        self._put_details(seq, article, fingerprint)
        self.saw(article.id, article.url or article.origin, article.source, article.ingested_at)

    def _archive(self, article: Article) -> None:
        """Keep the stored version's text and drop what was found in it."""
        known = self.connection.execute(
            "SELECT seq, version, headline, text, content_hash, fingerprint FROM articles"
            " WHERE id = ?",
            (article.id,),
        ).fetchone()
        if known is None:
            return
        seq, version, headline, text, content_hash, old = known
        if version != article.version:
            self.connection.execute(
                "UPDATE article_versions SET headline = ?, text = ?, version = ?, replaced_at = ?"
                " WHERE content_hash = ? AND article_id = ?",
                (headline, text, version, to_ms(article.ingested_at), content_hash, article.id),
            )
        drop_details(self.connection, seq)
        self.connection.executemany(
            "DELETE FROM bands WHERE band = ? AND article_seq = ?",
            [(band, seq) for band in Fingerprint.from_bytes(old).bands()],
        )

    def _put_details(self, seq: int, article: Article, fingerprint: Fingerprint) -> None:
        self.connection.execute(
            "INSERT OR IGNORE INTO article_versions (content_hash, article_id, version)"
            " VALUES (?, ?, ?)",
            (article.content_hash, article.id, article.version),
        )
        put_details(self.connection, seq, article)
        self.connection.executemany(
            "INSERT OR IGNORE INTO bands VALUES (?, ?)",
            [(band, seq) for band in fingerprint.bands()],
        )

    def saw(self, article_id: str, place: str, source: str, at: datetime) -> None:
        """Remember one more place where an article's content was found."""
        self.connection.execute(
            "INSERT OR IGNORE INTO sightings VALUES (?, ?, ?, ?)",
            (article_id, place, source, to_ms(at)),
        )

    def withdraw(self, article_id: str, at: datetime) -> bool:
        """Mark an article as taken back by its source; False where it is unknown or was marked."""
        done = self.connection.execute(
            "UPDATE articles SET withdrawn_at = ?, change = ?"
            " WHERE id = ? AND withdrawn_at IS NULL",
            (to_ms(at), self.last_change() + 1, article_id),
        )
        return done.rowcount == 1

    def keep_page(self, article_id: str, encoding: str | None, body: bytes) -> None:
        """Keep the page that an article was read from, so that it can be read anew."""
        self.connection.execute(
            "INSERT OR REPLACE INTO pages VALUES (?, ?, ?)",
            (article_id, encoding, zlib.compress(body, 6)),
        )

    def keep_pipeline(self, pipeline: Pipeline, at: datetime) -> None:
        """Keep what the id of a pipeline stands for."""
        self.connection.execute(
            "INSERT OR IGNORE INTO pipelines VALUES (?, ?, ?)",
            (pipeline.id, pipeline.to_json(), to_ms(at)),
        )

    def put_meta(self, name: str, value: str) -> None:
        """Keep a small value of the workspace, such as a checksum."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    # --- reading ---------------------------------------------------------------------------

    def article(self, article_id: str) -> Article | None:
        """Article by id, its latest version; None where unknown."""
        return next(iter(self.articles((article_id,))), None)

    def articles(self, article_ids: Sequence[str]) -> tuple[Article, ...]:
        """Articles by id in the order asked for; unknown ids are left out."""
        marks = ",".join("?" * len(article_ids))
        sql = f"SELECT seq, {COLUMNS} FROM articles WHERE id IN ({marks})"
        rows = self.connection.execute(sql, tuple(article_ids)).fetchall()
        found = {article.id: article for article in self._read(rows)}
        return tuple(found[i] for i in article_ids if i in found)

    def articles_about(
        self,
        entity_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 20,
        duplicates: bool = False,
    ) -> tuple[Article, ...]:
        """Articles that mention an entity, newest first and undated ones last.

        Near-duplicates are left out by default.
        """
        sql = (
            f"SELECT seq, {COLUMNS} FROM articles WHERE seq IN"
            " (SELECT article_seq FROM mentions WHERE entity_id = ?)"
            " AND published_at >= ? AND published_at < ?"
            + ("" if duplicates else " AND duplicate_of IS NULL")
            + " ORDER BY dated DESC, published_at DESC, seq DESC LIMIT ?"
        )
        low = to_ms(since) if since else -(2**62)
        high = to_ms(until) if until else 2**62
        return self._read(self.connection.execute(sql, (entity_id, low, high, limit)).fetchall())

    def changes_after(self, change: int, limit: int) -> tuple[ArticleChange, ...]:
        """What was stored after a change, oldest change first."""
        rows = self.connection.execute(
            f"SELECT change, seq, {COLUMNS} FROM articles WHERE change > ? ORDER BY change LIMIT ?",
            (change, limit),
        ).fetchall()
        articles = self._read([row[1:] for row in rows])
        return tuple(
            ArticleChange(row[0], row[1], article)
            for row, article in zip(rows, articles, strict=True)
        )

    def last_change(self) -> int:
        """Highest change number; 0 in an empty store."""
        sql = "SELECT coalesce(max(change), 0) FROM articles"
        return int(self.connection.execute(sql).fetchone()[0])

    def last_seq(self) -> int:
        """Number of the article that arrived last; 0 in an empty store."""
        sql = "SELECT coalesce(max(seq), 0) FROM articles"
        return int(self.connection.execute(sql).fetchone()[0])

    def page(self, article_id: str) -> tuple[bytes, str | None] | None:
        """The page that an article was read from and its declared encoding; None without one."""
        row = self.connection.execute(
            "SELECT body, encoding FROM pages WHERE article_id = ?", (article_id,)
        ).fetchone()
        return (zlib.decompress(row[0]), row[1]) if row else None

    def analysed_otherwise(
        self, pipeline_id: str, after: int, limit: int
    ) -> tuple[ArticleChange, ...]:
        """Articles that another pipeline analysed, by arrival, those after number `after`."""
        rows = self.connection.execute(
            f"SELECT change, seq, {COLUMNS} FROM articles WHERE pipeline != ? AND seq > ?"
            " ORDER BY seq LIMIT ?",
            (pipeline_id, after, limit),
        ).fetchall()
        articles = self._read([row[1:] for row in rows])
        return tuple(
            ArticleChange(row[0], row[1], article)
            for row, article in zip(rows, articles, strict=True)
        )

    def count_by_pipeline(self) -> dict[str, int]:
        """Number of articles that each pipeline analysed, by the pipeline's id."""
        sql = "SELECT pipeline, count(*) FROM articles GROUP BY pipeline"
        return dict(self.connection.execute(sql).fetchall())

    def mark_analysed(
        self, article_id: str, pipeline_id: str, story_id: str | None, novelty: float
    ) -> None:
        """Note which pipeline an article went through, and its place in a story."""
        self.connection.execute(
            "UPDATE articles SET pipeline = ?, story_id = ?, novelty = ?, change = ? WHERE id = ?",
            (pipeline_id, story_id, novelty, self.last_change() + 1, article_id),
        )

    def pipelines(self) -> dict[str, Pipeline]:
        """Every pipeline that ever analysed an article of this workspace, by its id."""
        rows = self.connection.execute("SELECT id, versions FROM pipelines")
        return {row[0]: Pipeline.from_json(row[1]) for row in rows}

    def sightings(self, article_id: str) -> tuple[tuple[str, str, datetime], ...]:
        """(place, source, time) of each place where the article was found, first one first."""
        sql = "SELECT place, source, seen_at FROM sightings WHERE article_id = ? ORDER BY seen_at"
        rows = self.connection.execute(sql, (article_id,))
        return tuple((place, source, from_ms(at)) for place, source, at in rows)

    def duplicates_of(self, article_id: str) -> tuple[str, ...]:
        """Ids of the near-duplicates of an article."""
        sql = "SELECT id FROM articles WHERE duplicate_of = ? ORDER BY seq"
        return tuple(row[0] for row in self.connection.execute(sql, (article_id,)))

    def meta(self, name: str) -> str | None:
        """A value kept with `put_meta`; None where there is none."""
        row = self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def count(self) -> int:
        """Number of articles, near-duplicates included."""
        return int(self.connection.execute("SELECT count(*) FROM articles").fetchone()[0])

    def tag_counts(self) -> tuple[tuple[str, int], ...]:
        """(tag, number of articles), most frequent first."""
        sql = "SELECT name, count(*) AS n FROM tags GROUP BY name ORDER BY n DESC, name"
        return tuple(self.connection.execute(sql).fetchall())

    def most_mentioned(
        self, limit: int = 50, kind: EntityKind = EntityKind.COMPANY
    ) -> tuple[tuple[str, int], ...]:
        """(entity id, number of articles) of the entities of a kind, most mentioned first."""
        sql = (
            "SELECT entity_id, count(DISTINCT article_seq) AS n FROM mentions"
            " WHERE entity_id GLOB ? GROUP BY entity_id ORDER BY n DESC, entity_id LIMIT ?"
        )
        return tuple(self.connection.execute(sql, (f"{kind}:*", limit)).fetchall())

    def tier(self, article_id: str) -> SourceTier | None:
        """How much the source of an article counts; None where the article is unknown."""
        sql = "SELECT tier FROM articles WHERE id = ?"
        row = self.connection.execute(sql, (article_id,)).fetchone()
        return SourceTier(row[0]) if row else None

    def version(self, article_id: str) -> int:
        """Latest version of an article; 0 where unknown."""
        sql = "SELECT version FROM articles WHERE id = ?"
        row = self.connection.execute(sql, (article_id,)).fetchone()
        return int(row[0]) if row else 0

    def _read(self, rows: Sequence[tuple[Any, ...]]) -> tuple[Article, ...]:
        return read_articles(self.connection, rows)
