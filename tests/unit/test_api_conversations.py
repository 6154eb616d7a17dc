"""Conversations in the database: next versions, two writers, forgetting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ui.store import SavedConversation, UiStore

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
FIRST = SavedConversation("c" * 32, "keyid", 1, "状态一")


def test_a_conversation_is_read_by_another_process(tmp_path: Path) -> None:
    """What one connection saved, another reads."""
    path = tmp_path / "workspace.db"
    assert UiStore.open(path).conversations.save(FIRST, NOW)
    assert UiStore.open(path).conversations.find(FIRST.id) == FIRST


def test_an_unknown_conversation_is_none(tmp_path: Path) -> None:
    """Not knowing an id is a value."""
    assert UiStore.open(tmp_path / "workspace.db").conversations.find("0" * 32) is None


def test_of_two_writers_of_one_version_the_second_is_told(tmp_path: Path) -> None:
    """Two messages at once cannot overwrite each other."""
    store = UiStore.open(tmp_path / "workspace.db").conversations
    assert store.save(FIRST, NOW)
    assert not store.save(replace(FIRST, state="other"), NOW)
    second = replace(FIRST, version=2, state="状态二")
    assert store.save(second, NOW)
    assert not store.save(replace(second, state="other"), NOW)
    assert store.find(FIRST.id) == second


def test_old_conversations_can_be_forgotten(tmp_path: Path) -> None:
    """Only those without a message since the given time are deleted."""
    store = UiStore.open(tmp_path / "workspace.db").conversations
    store.save(FIRST, NOW)
    store.save(replace(FIRST, id="d" * 32), NOW + timedelta(days=2))
    assert store.forget_before(NOW + timedelta(days=1)) == 1
    assert store.find("c" * 32) is None
    assert store.find("d" * 32) is not None
