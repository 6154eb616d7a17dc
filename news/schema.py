"""The tables of articles in the workspace's database, and bringing older ones up to date."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, headline TEXT NOT NULL, text TEXT NOT NULL,
    url TEXT, source TEXT NOT NULL, origin TEXT NOT NULL, published_at INTEGER NOT NULL,
    dated INTEGER NOT NULL, ingested_at INTEGER NOT NULL, version INTEGER NOT NULL,
    content_hash TEXT NOT NULL, sentiment TEXT NOT NULL, sentiment_score REAL NOT NULL,
    duplicate_of TEXT, change INTEGER NOT NULL, fingerprint BLOB
);
CREATE UNIQUE INDEX IF NOT EXISTS articles_by_change ON articles (change);
CREATE INDEX IF NOT EXISTS articles_by_time ON articles (published_at);
CREATE INDEX IF NOT EXISTS articles_by_original ON articles (duplicate_of)
    WHERE duplicate_of IS NOT NULL;
CREATE TABLE IF NOT EXISTS article_versions (
    content_hash TEXT NOT NULL, article_id TEXT NOT NULL, version INTEGER NOT NULL,
    headline TEXT, text TEXT, replaced_at INTEGER,
    PRIMARY KEY (content_hash, article_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sightings (
    article_id TEXT NOT NULL, place TEXT NOT NULL, source TEXT NOT NULL, seen_at INTEGER NOT NULL,
    PRIMARY KEY (article_id, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mentions (
    article_seq INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    entity_id TEXT NOT NULL, surface TEXT NOT NULL, method TEXT NOT NULL, confidence REAL NOT NULL,
    PRIMARY KEY (article_seq, start, entity_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mentions_by_entity ON mentions (entity_id, article_seq);
CREATE TABLE IF NOT EXISTS tags (
    article_seq INTEGER NOT NULL, name TEXT NOT NULL, tag_group TEXT NOT NULL,
    confidence REAL NOT NULL, PRIMARY KEY (article_seq, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tones (
    article_seq INTEGER NOT NULL, entity_id TEXT NOT NULL, sentiment TEXT NOT NULL,
    score REAL NOT NULL, confidence REAL NOT NULL, relevance REAL NOT NULL,
    PRIMARY KEY (article_seq, entity_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS article_events (
    article_seq INTEGER NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT,
    start INTEGER NOT NULL, end INTEGER NOT NULL, confidence REAL NOT NULL,
    arguments TEXT NOT NULL, status TEXT NOT NULL,
    PRIMARY KEY (article_seq, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bands (
    band INTEGER NOT NULL, article_seq INTEGER NOT NULL, PRIMARY KEY (band, article_seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (
    article_id TEXT PRIMARY KEY, encoding TEXT, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pipelines (
    id TEXT PRIMARY KEY, versions TEXT NOT NULL, first_used_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

ADDED = (
    ("articles", "tier", "TEXT NOT NULL DEFAULT 'media'"),
    ("articles", "language", "TEXT NOT NULL DEFAULT 'zh'"),
    ("articles", "story_id", "TEXT"),
    ("articles", "novelty", "REAL NOT NULL DEFAULT 1.0"),
    ("articles", "withdrawn_at", "INTEGER"),
    ("articles", "pipeline", "TEXT NOT NULL DEFAULT ''"),
)
"""Columns that the first workspaces did not have."""
INDEXES = """
CREATE INDEX IF NOT EXISTS articles_by_pipeline ON articles (pipeline, seq);
CREATE INDEX IF NOT EXISTS articles_by_story ON articles (story_id) WHERE story_id IS NOT NULL;
"""
"""Indexes over added columns."""
