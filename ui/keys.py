"""API keys: made once, shown once, kept only as a hash.

A key is `fl_<id>_<secret>`: an id of 8 characters that may be shown and logged, and a secret of 256
random bits. A secret with that much entropy cannot be guessed from its SHA-256, so no slow password
hash is needed and a check costs microseconds.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from ui.errors import ApiKeyError
from ui.rate_limit import RateLimit
from ui.scope import USUAL, Scope
from ui.store import ApiKey, KeyStore

LONGEST_NAME = 100
_KEY = re.compile(r"fl_([a-z2-7]{8})_([a-z2-7]{52})", re.ASCII)
_ID_BYTES, _SECRET_BYTES = 5, 32
_ATTEMPTS = 10
_NO_HASH = "0" * 64


def _now() -> datetime:
    return datetime.now(UTC)


def create_key(
    store: KeyStore,
    name: str,
    now: Callable[[], datetime] = _now,
    random: Callable[[int], bytes] = secrets.token_bytes,
    *,
    scopes: frozenset[Scope] = USUAL,
    limit: RateLimit | None = None,
) -> str:
    """Make a key and return it; this is the only moment at which its secret exists in clear.

    `name` says who uses it (1 to 100 printable characters). `random(n)` gives n random bytes, fit
    for secrets. `limit`: None takes that of the settings. Raises ApiKeyError.
    """
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise ApiKeyError(
            f"name {name[:40]!r}: give 1 to {LONGEST_NAME} printable characters that say who uses"
            " the key"
        )
    secret = _letters(random(_SECRET_BYTES))
    for _ in range(_ATTEMPTS):
        key = ApiKey(_letters(random(_ID_BYTES)), name, now(), None, scopes, limit)
        if store.add(key, _digest(secret)):
            return f"fl_{key.id}_{secret}"
    raise ApiKeyError(f"no free key id in {_ATTEMPTS} attempts; the source of randomness is broken")


def verify_key(store: KeyStore, presented: str) -> ApiKey | None:
    """The key that was presented; None where it is malformed, unknown or revoked."""
    match = _KEY.fullmatch(presented)
    if match is None:
        return None
    found = store.find(match[1])
    # An unknown id is compared too, so that the answer's time does not tell which ids exist.
    same = hmac.compare_digest(_digest(match[2]), found[1] if found else _NO_HASH)
    if found is None or not same or found[0].revoked_at is not None:
        return None
    return found[0]


def revoke_key(store: KeyStore, key_id: str, now: Callable[[], datetime] = _now) -> ApiKey:
    """Refuse a key from now on, in every process; takes the id, not the key. Raises ApiKeyError."""
    _found(store, key_id)
    store.revoke(key_id, now())
    return _found(store, key_id)


def change_key(
    store: KeyStore,
    key_id: str,
    *,
    scopes: frozenset[Scope] | None = None,
    limit: RateLimit | None = None,
) -> ApiKey:
    """Give a key other scopes or another limit; None keeps what it has. Raises ApiKeyError."""
    key = _found(store, key_id)
    store.change(key_id, scopes or key.scopes, limit or key.limit)
    return _found(store, key_id)


def list_keys(store: KeyStore) -> tuple[ApiKey, ...]:
    """Every key of the workspace, revoked ones too, oldest first."""
    return store.all()


def _found(store: KeyStore, key_id: str) -> ApiKey:
    found = store.find(key_id)
    if found is None:
        raise ApiKeyError(
            f"key id {key_id[:11]!r} is unknown; give the 8 characters after fl_, as listed by"
            " `foreland key list`"
        )
    return found[0]


def _letters(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
