"""What the programs' side keeps in the workspace's database: API keys, conversations, the audit.

The same SQLite file as the news, through the same `open_database`, so that one workspace stays one
file. Several processes may read and write at once; one store serves one thread.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from assist.handover_rows import BY_CONVERSATION
from assist.handover_store import HandoverStore
from news.store import open_database
from news.transaction import add_columns, transaction
from ui.audit import AuditStore
from ui.rate_limit import RateLimit
from ui.scope import USUAL, Scope

SCHEMA = """
CREATE TABLE IF NOT EXISTS api_keys (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL,
    revoked_at INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, key_id TEXT, version INTEGER NOT NULL, state TEXT NOT NULL,
    started_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS conversations_by_time ON conversations (updated_at);
"""
_ADDED = (("api_keys", "scopes", "TEXT"), ("api_keys", "rate_limit", "TEXT"))
_WITH_THE_CONVERSATION = "".join(
    f"CREATE TRIGGER IF NOT EXISTS conversations_forget_{table} AFTER DELETE ON conversations"
    f" BEGIN DELETE FROM {table} WHERE conversation_id = old.id; END;\n"
    for table in BY_CONVERSATION
)
"""Whoever deletes a conversation, what was said in it and its handovers go with it."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is listed: `id` is the readable part; the secret itself is not kept anywhere.

    `limit`: its own limit of requests; None: that of the settings.
    """

    id: str
    name: str
    created_at: datetime
    revoked_at: datetime | None = None
    scopes: frozenset[Scope] = USUAL
    limit: RateLimit | None = None


@dataclass(frozen=True, slots=True)
class SavedConversation:
    """A conversation between two messages.

    `state` is text that only the assistant reads. `version` grows with every message, so that two
    messages at once cannot overwrite each other. `key_id` is the API key that started it.
    """

    id: str
    key_id: str | None
    version: int
    state: str


class UiStore:
    """API keys, conversations, handovers and the audit of one workspace, over one connection."""

    def __init__(self, database: Database) -> None:
        connection: sqlite3.Connection = database.conn
        connection.executescript(SCHEMA)
        add_columns(connection, _ADDED)
        self.connection = connection
        self.keys = KeyStore(connection)
        self.conversations = ConversationStore(connection)
        self.handovers = HandoverStore(connection)
        self.audit = AuditStore(connection)
        connection.executescript(_WITH_THE_CONVERSATION)

    @classmethod
    def open(cls, path: Path) -> UiStore:
        """Open the workspace's database file; raises news.errors.StoreError."""
        return cls(open_database(path))

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


class KeyStore:
    """Rows of API keys; `ui/keys.py` knows what a key looks like."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, key: ApiKey, digest: str) -> bool:
        """Store a new key with the hash of its secret; False where the id is taken."""
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO api_keys (id, hash, name, created_at, scopes, rate_limit)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (key.id, digest, key.name, _ms(key.created_at), *_rights(key.scopes, key.limit)),
        )
        return cursor.rowcount == 1

    def find(self, key_id: str) -> tuple[ApiKey, str] | None:
        """A key and the hash of its secret; None where unknown."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS}, hash FROM api_keys WHERE id = ?", (key_id,)
        ).fetchone()
        return (_key(row), row[-1]) if row else None

    def change(self, key_id: str, scopes: frozenset[Scope], limit: RateLimit | None) -> None:
        """Give a key other scopes and another limit, from its next request on."""
        self._connection.execute(
            "UPDATE api_keys SET scopes = ?, rate_limit = ? WHERE id = ?",
            (*_rights(scopes, limit), key_id),
        )

    def revoke(self, key_id: str, at: datetime) -> None:
        """Mark a key as revoked; the first revocation's time stays."""
        self._connection.execute(
            "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
            (_ms(at), key_id),
        )

    def all(self) -> tuple[ApiKey, ...]:
        """Every key, revoked ones too, oldest first."""
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM api_keys ORDER BY created_at, id")
        return tuple(_key(row) for row in rows)


class ConversationStore:
    """Where conversations wait for their next message."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, conversation_id: str) -> SavedConversation | None:
        """Conversation by id; None where unknown."""
        row = self._connection.execute(
            "SELECT id, key_id, version, state FROM conversations WHERE id = ?", (conversation_id,)
        ).fetchone()
        return SavedConversation(*row) if row else None

    def save(self, conversation: SavedConversation, at: datetime) -> bool:
        """Write a conversation's next version (1: the first); False where another one was faster.

        Nothing is written then: read the conversation again and answer from what it is now.
        """
        with transaction(self._connection):
            return self.put(conversation, at)

    def put(self, conversation: SavedConversation, at: datetime) -> bool:
        """The same inside the caller's transaction."""
        if conversation.version == 1:
            cursor = self._connection.execute(
                "INSERT OR IGNORE INTO conversations VALUES (?, ?, 1, ?, ?, ?)",
                (conversation.id, conversation.key_id, conversation.state, _ms(at), _ms(at)),
            )
        else:
            cursor = self._connection.execute(
                "UPDATE conversations SET state = ?, version = ?, updated_at = ?"
                " WHERE id = ? AND version = ?",
                (
                    conversation.state,
                    conversation.version,
                    _ms(at),
                    conversation.id,
                    conversation.version - 1,
                ),
            )
        return cursor.rowcount == 1

    def forget(self, conversation_id: str) -> bool:
        """Delete a conversation with all that was said in it; False where there was none."""
        cursor = self._connection.execute(
            "DELETE FROM conversations WHERE id = ?", (conversation_id,)
        )
        return cursor.rowcount == 1

    def count_before(self, moment: datetime) -> int:
        """How many conversations `forget_before` would delete."""
        row = self._connection.execute(
            "SELECT count(*) FROM conversations WHERE updated_at < ?", (_ms(moment),)
        ).fetchone()
        return int(row[0])

    def forget_before(self, moment: datetime) -> int:
        """Delete the conversations without a message since `moment`; return how many."""
        cursor = self._connection.execute(
            "DELETE FROM conversations WHERE updated_at < ?", (_ms(moment),)
        )
        return cursor.rowcount


_COLUMNS = "id, name, created_at, revoked_at, scopes, rate_limit"


def _key(row: tuple[Any, ...]) -> ApiKey:
    key_id, name, created_at, revoked_at, scopes, limit = row[:6]
    return ApiKey(
        key_id,
        name,
        _moment(created_at),
        None if revoked_at is None else _moment(revoked_at),
        USUAL if scopes is None else _known(scopes),
        None if limit is None else RateLimit.parse(limit),
    )


def _known(scopes: str) -> frozenset[Scope]:
    # One that a newer version wrote gives no right here.
    return frozenset(scope for scope in Scope if scope in scopes.split())


def _rights(scopes: frozenset[Scope], limit: RateLimit | None) -> tuple[str, str | None]:
    return " ".join(sorted(scopes)), None if limit is None else str(limit)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
