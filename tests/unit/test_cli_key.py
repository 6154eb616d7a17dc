"""`foreland key …`, `foreland privacy audit`, and keys of workspaces from before scopes."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ui.audit import Sighting, Subject
from ui.cli.main import app
from ui.errors import ApiKeyError, RateLimitError, SettingsError
from ui.keys import change_key, create_key, verify_key
from ui.rate_limit import RateLimit
from ui.scope import USUAL, Scope, parse_scopes
from ui.settings import read_settings
from ui.store import UiStore
from ui.wiring import now

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for the command line."""
    monkeypatch.setenv("FORELAND_HOME", str(tmp_path))
    return tmp_path


def run(*words: str) -> Result:
    """One command."""
    return CliRunner().invoke(app, list(words))


def opened(home: Path) -> UiStore:
    """The workspace of the command line."""
    return UiStore.open(home / "demo" / "workspace.db")


def test_a_key_is_made_with_the_scopes_it_was_asked_for(home: Path) -> None:
    """Several options and commas alike; the list shows them with the limit."""
    words = ("--scope", "news:read,graph:read", "--scope", "chat:write", "--limit", "30/second")
    key = run("key", "create", "行情组", *words).stdout.strip()
    found = verify_key(opened(home).keys, key)
    assert found is not None
    assert found.scopes == {Scope.NEWS_READ, Scope.GRAPH_READ, Scope.CHAT_WRITE}
    assert str(found.limit) == "30/second"
    assert "30/second  chat:write graph:read news:read" in run("key", "list").stdout


def test_a_key_without_scopes_is_not_made(home: Path) -> None:
    """Nobody gets every right by leaving something out; the message lists what there is."""
    refused = run("key", "create", "行情组")
    assert isinstance(refused.exception, ApiKeyError)
    assert "personal:read" in str(refused.exception)
    assert run("key", "list").stdout == ""


@pytest.mark.parametrize("texts", [[], [""], ["news"], ["NEWS:READ"], ["news:read", "x:read"]])
def test_only_known_scopes_are_read(texts: list[str]) -> None:
    """A misspelt scope is an error that names it, not a key without a right."""
    with pytest.raises(ApiKeyError, match="news:read, graph:read"):
        parse_scopes(texts)


def test_a_key_is_changed_in_place(home: Path) -> None:
    """Scopes are added or replaced, the limit is replaced; the key itself stays."""
    key = run("key", "create", "a", "--scope", "news:read").stdout.strip()
    run("key", "change", key[3:11], "--add", "personal:read", "--limit", "5/hour")
    found = verify_key(opened(home).keys, key)
    assert found is not None
    assert found.scopes == {Scope.NEWS_READ, Scope.PERSONAL_READ}
    assert found.limit == RateLimit.parse("5/hour")
    run("key", "change", key[3:11], "--scope", "chat:write")
    found = verify_key(opened(home).keys, key)
    assert found is not None
    assert found.scopes == {Scope.CHAT_WRITE}
    assert found.limit == RateLimit.parse("5/hour")


def test_a_limit_that_cannot_be_read_makes_no_key(home: Path) -> None:
    """The command fails before a key is shown."""
    refused = run("key", "create", "a", "--scope", "news:read", "--limit", "many")
    assert isinstance(refused.exception, RateLimitError)
    assert refused.stdout == ""


def test_an_unknown_key_is_not_changed(home: Path) -> None:
    """The message says where ids are listed."""
    with pytest.raises(ApiKeyError, match="foreland key list"):
        change_key(opened(home).keys, "aaaaaaaa", scopes=USUAL)


def test_keys_from_before_scopes_work_on_without_personal_data(tmp_path: Path) -> None:
    """An old database is brought up to date; its keys may do what they did, masked."""
    path = tmp_path / "workspace.db"
    store = UiStore.open(path)
    key = create_key(store.keys, "old")
    store.close()
    old = sqlite3.connect(path)
    old.executescript(
        "ALTER TABLE api_keys DROP COLUMN scopes; ALTER TABLE api_keys DROP COLUMN rate_limit;"
    )
    old.close()
    found = verify_key(UiStore.open(path).keys, key)
    assert found is not None
    assert (found.scopes, found.limit) == (USUAL, None)
    assert Scope.PERSONAL_READ not in USUAL


def test_a_scope_of_a_newer_version_gives_no_right(tmp_path: Path) -> None:
    """Going back to an older version locks nobody out and lets nobody further in."""
    store = UiStore.open(tmp_path / "workspace.db")
    key = create_key(store.keys, "new", scopes=frozenset({Scope.NEWS_READ}))
    store.connection.execute("UPDATE api_keys SET scopes = 'news:read moon:write'")
    found = verify_key(store.keys, key)
    assert found is not None
    assert found.scopes == {Scope.NEWS_READ}


def test_the_audit_is_printed_with_the_name_of_the_key(home: Path) -> None:
    """Time in China, key, its name, what was seen; the latest first, within the days."""
    store = opened(home)
    key = create_key(store.keys, "坐席系统", scopes=frozenset(Scope))
    store.audit.add(Sighting(NOW, key[3:11], Subject.HANDOVER, "0" * 32, "turns 1-4"))
    store.audit.add(Sighting(now(), key[3:11], Subject.CAMPAIGN, "ipo", "customers 0-99"))
    recent = run("privacy", "audit").stdout.splitlines()
    assert [line.split("\t")[1:] for line in recent] == [
        [key[3:11], "坐席系统", "campaign", "ipo", "customers 0-99"]
    ]
    whole = run("privacy", "audit", "--days", "36500").stdout.splitlines()
    assert whole[1].split("\t")[0] == "2025-03-03T17:30:00+08:00"
    assert len(run("privacy", "audit", "--limit", "1").stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("API_LIMIT", "600"), ("API_STREAMS", "0"), ("API_STREAMS", "x"), ("API_STREAMS", "10001")],
)
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, name: str, value: str) -> None:
    """The message names the setting."""
    variables = {"FORELAND_HOME": str(tmp_path), f"FORELAND_{name}": value}
    with pytest.raises(SettingsError, match=name.lower()):
        read_settings(variables)


def test_settings_reach_a_child_process(tmp_path: Path) -> None:
    """What one process hands on, the next reads alike."""
    variables = {"FORELAND_HOME": str(tmp_path), "FORELAND_API_LIMIT": "5/second"}
    settings = read_settings(variables)
    assert read_settings(settings.environment()) == settings
