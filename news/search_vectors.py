"""Articles as vectors, for workspaces that have a sentence encoder.

They lie in a file beside the index, as float16, and catch up with the store by its change numbers
like the index does. A search compares with every vector; above EXACT_UP_TO an inverted file (faiss
IVF: Sivic & Zisserman 2003; Johnson et al. 2019) looks into the nearest cells only.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from news.article import Article
from news.errors import StoreError
from news.store import NewsStore

_LOG = logging.getLogger(__name__)
EXACT_UP_TO = 50_000
_CELLS_SEEN, _A_CELL, _BATCH, _LEAD = 32, 200, 512, 200
Floats = npt.NDArray[np.float32]
_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    seq INTEGER PRIMARY KEY, vector BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS state (
    one INTEGER PRIMARY KEY CHECK (one = 1), encoder TEXT NOT NULL, change INTEGER NOT NULL
);
"""


class Encoder(Protocol):
    """Port of sentence encoders; those of `assist.encode` fit."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Vectors of the texts, [len(texts), d], each of length 1 (cosine is the dot product)."""


class ArticleVectors:
    """What articles mean, by headline and lead; for any thread."""

    def __init__(self, path: Path, encoder: Encoder, told: str) -> None:
        """`told` changes whenever the encoder does: its vectors do not fit another's."""
        self._encoder = encoder
        self._lock = threading.Lock()
        self._held: tuple[int, npt.NDArray[np.int64], Floats, _Cells | None] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"{path}: cannot be opened as a file of vectors ({error}); delete it and it is"
                " built again"
            ) from error
        row = self._connection.execute("SELECT encoder FROM state").fetchone()
        if row is None or row[0] != told:
            self._connection.execute("DELETE FROM vectors")
            self._connection.execute("INSERT OR REPLACE INTO state VALUES (1, ?, 0)", (told,))

    def catch_up(self, store: NewsStore) -> int:
        """Encode what the store holds and this does not; how many changes were taken in."""
        done = 0
        with self._lock:
            while changes := store.changes_after(self._change(), _BATCH):
                vectors = self._encoder.encode([_meant(c.article) for c in changes])
                rows = zip((c.seq for c in changes), vectors.astype(np.float16), strict=True)
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                    [(seq, vector.tobytes()) for seq, vector in rows],
                )
                sql = "UPDATE state SET change = ? WHERE change < ?"
                self._connection.execute(sql, (changes[-1].change, changes[-1].change))
                self._connection.execute("COMMIT")
                done += len(changes)
        return done

    def nearest(self, text: str, limit: int) -> tuple[int, ...]:
        """Numbers of the articles whose meaning is next to a text's, nearest first."""
        with self._lock:
            _, seqs, vectors, cells = self._loaded()
        if not len(seqs):
            return ()
        vector = np.asarray(self._encoder.encode([text]), np.float32)
        if cells is not None:
            return tuple(seqs[cells.near(vector, limit)].tolist())
        likeness = vectors @ vector[0]
        few = min(limit, len(seqs))
        best = np.argpartition(-likeness, few - 1)[:few]
        return tuple(seqs[best[np.lexsort((seqs[best], -likeness[best]))]].tolist())

    def _change(self) -> int:
        return int(self._connection.execute("SELECT change FROM state").fetchone()[0])

    def _loaded(self) -> tuple[int, npt.NDArray[np.int64], Floats, _Cells | None]:
        """All vectors in memory, as of the last change."""
        change = self._change()
        if self._held is None or self._held[0] != change:
            rows = self._connection.execute("SELECT seq, vector FROM vectors").fetchall()
            seqs = np.array([row[0] for row in rows], np.int64)
            raw = np.frombuffer(b"".join(row[1] for row in rows), np.float16)
            vectors: Floats = raw.reshape(len(rows), -1 if rows else 1).astype(np.float32)
            cells = _Cells(vectors) if len(rows) > EXACT_UP_TO else None
            self._held = change, seqs, vectors, cells
        return self._held


def _meant(article: Article) -> str:
    return f"{article.headline}。{article.text[:_LEAD]}"


class _Cells:
    """An inverted file over unit vectors."""

    def __init__(self, vectors: Floats) -> None:
        # Imported here: only large workspaces need it.
        import faiss

        count, dimensions = vectors.shape
        self._flat = faiss.IndexFlatIP(dimensions)  # the file only points to it
        self._file: Any = faiss.IndexIVFFlat(
            self._flat, dimensions, max(1, count // _A_CELL), faiss.METRIC_INNER_PRODUCT
        )
        clustering = self._file.cp
        clustering.niter, clustering.max_points_per_centroid = 8, 40
        clustering.min_points_per_centroid, clustering.spherical = 1, True
        self._file.train(vectors)
        self._file.add(vectors)
        self._file.nprobe = _CELLS_SEEN

    def near(self, vector: Floats, limit: int) -> npt.NDArray[np.int64]:
        """Rows of at most `limit` near vectors, nearest first."""
        found = self._file.search(vector, limit)[1][0]
        rows: npt.NDArray[np.int64] = found[found >= 0].astype(np.int64)
        return rows
