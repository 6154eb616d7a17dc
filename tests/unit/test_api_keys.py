"""API keys: how they look, what is stored, when they are valid."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ui.errors import ApiKeyError
from ui.keys import create_key, list_keys, revoke_key, verify_key
from ui.store import KeyStore, UiStore

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[UiStore]:
    """An empty workspace's database."""
    store = UiStore.open(tmp_path / "workspace.db")
    yield store
    store.close()


@pytest.fixture
def keys(store: UiStore) -> KeyStore:
    return store.keys


def test_a_new_key_is_valid_and_names_its_owner(keys: KeyStore) -> None:
    """A key opens the door under the name and time it was made with."""
    key = create_key(keys, " 行情组 ", now=lambda: NOW)
    assert re.fullmatch(r"fl_[a-z2-7]{8}_[a-z2-7]{52}", key)
    found = verify_key(keys, key)
    assert found is not None
    assert (found.name, found.created_at, found.revoked_at) == ("行情组", NOW, None)
    assert list_keys(keys) == (found,)


def test_the_secret_is_stored_only_as_a_hash(keys: KeyStore, store: UiStore) -> None:
    """The database holds SHA-256 of the secret and never the secret."""
    secret = create_key(keys, "a").split("_")[2]
    dump = "\n".join(store.connection.iterdump())
    assert secret not in dump
    assert hashlib.sha256(secret.encode()).hexdigest() in dump


def test_two_keys_are_independent(keys: KeyStore) -> None:
    """Revoking one key leaves the other valid."""
    first, second = create_key(keys, "a"), create_key(keys, "b")
    revoked = revoke_key(keys, first.split("_")[1], now=lambda: NOW)
    assert revoked.revoked_at == NOW
    assert verify_key(keys, first) is None
    assert verify_key(keys, second) is not None
    assert [key.revoked_at for key in list_keys(keys)].count(None) == 1


def test_revoking_again_keeps_the_first_time(keys: KeyStore) -> None:
    """When a key stopped to be valid does not move."""
    key_id = create_key(keys, "a").split("_")[1]
    revoke_key(keys, key_id, now=lambda: NOW)
    assert revoke_key(keys, key_id, now=lambda: NOW + timedelta(days=1)).revoked_at == NOW


@pytest.mark.parametrize(
    "change",
    [
        lambda key: "",
        lambda key: key[:-1],
        lambda key: key + "a",
        lambda key: key.upper(),
        lambda key: key + "\n",
        lambda key: key[:-1] + ("a" if key[-1] != "a" else "b"),
        lambda key: "fl_aaaaaaaa_" + key.split("_")[2],
        lambda key: "fl_" + "é" * 8 + "_" + key.split("_")[2],
    ],
)
def test_anything_but_the_key_is_refused(keys: KeyStore, change: object) -> None:
    """One character more, less or other is not the key."""
    key = create_key(keys, "a")
    assert callable(change)
    assert verify_key(keys, change(key)) is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\0b"])
def test_a_key_needs_a_printable_name(keys: KeyStore, name: str) -> None:
    """A nameless key could not be told from the others in the list."""
    with pytest.raises(ApiKeyError, match="1 to 100 printable"):
        create_key(keys, name)


def test_a_taken_id_is_drawn_again(keys: KeyStore) -> None:
    """Two keys never share an id, whatever the random source gives."""
    draws = iter([b"s" * 32, b"i" * 5, b"t" * 32, b"i" * 5, b"j" * 5])
    first = create_key(keys, "a", random=lambda n: next(draws))
    second = create_key(keys, "b", random=lambda n: next(draws))
    assert first.split("_")[1] != second.split("_")[1]
    assert verify_key(keys, first)
    assert verify_key(keys, second)


def test_a_broken_random_source_is_an_error(keys: KeyStore) -> None:
    """A source that repeats itself ends in an error, not in an endless loop."""
    create_key(keys, "a", random=bytes)
    with pytest.raises(ApiKeyError, match="randomness"):
        create_key(keys, "b", random=bytes)


def test_revoking_an_unknown_id_does_not_repeat_a_secret(keys: KeyStore) -> None:
    """Who pastes the whole key gets an error without the secret in it."""
    key = create_key(keys, "a")
    with pytest.raises(ApiKeyError, match="unknown") as error:
        revoke_key(keys, key)
    assert key.split("_")[2][:4] not in str(error.value)
