"""The published knowledge base in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assist.knowledge import FaqEntry
from assist.store import Action, KnowledgeStore

NOW = datetime(2025, 6, 3, 9, 30, tzinfo=UTC)
OPEN = FaqEntry("open", "怎么开户", ("开户流程",), "请登录App。", "指南", date(2023, 1, 1), "开户")
CLOSE = FaqEntry("close", "怎么销户", (), "请到营业部。", "指南", date(2023, 1, 1), "销户", "风险")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[KnowledgeStore]:
    """An empty store."""
    store = KnowledgeStore.open(tmp_path / "workspace.db")
    yield store
    store.close()


def test_publishes_first_versions(store: KnowledgeStore) -> None:
    """New entries get version 1 and come back in the order of publication, field by field."""
    assert store.publish([OPEN, CLOSE], "张三", NOW) == 2
    assert store.entries() == (replace(OPEN, version=1), replace(CLOSE, version=1))
    assert store.entry("close") == replace(CLOSE, version=1)
    assert store.entry("nowhere") is None


def test_same_content_changes_nothing(store: KnowledgeStore) -> None:
    """Publishing again what is there makes no version and wakes no reader."""
    store.publish([OPEN, CLOSE], "张三", NOW)
    before = store.generation()
    assert store.publish([OPEN, replace(CLOSE, version=7)], "李四", NOW) == 0
    assert store.generation() == before
    assert len(store.history("open")) == 1


def test_new_content_is_the_next_version(store: KnowledgeStore) -> None:
    """Only the changed entry moves on; its place and its history stay."""
    store.publish([OPEN, CLOSE], "张三", NOW)
    later = NOW + timedelta(days=1)
    assert store.publish([replace(OPEN, answer="新流程。"), CLOSE], "李四", later) == 1
    assert [(e.id, e.version, e.answer) for e in store.entries()] == [
        ("open", 2, "新流程。"),
        ("close", 1, "请到营业部。"),
    ]
    first, second = store.history("open")
    assert (first.entry.answer, first.author, first.at) == ("请登录App。", "张三", NOW)
    assert (second.entry.version, second.author, second.at) == (2, "李四", later)


def test_withdrawn_entry_is_out_of_use_and_keeps_its_history(store: KnowledgeStore) -> None:
    """It is not answered from, can be put back under its version, and every step is kept."""
    store.publish([OPEN, CLOSE], "张三", NOW)
    assert store.withdraw("open", "李四", NOW)
    assert not store.withdraw("open", "李四", NOW)
    assert not store.withdraw("nowhere", "李四", NOW)
    assert [e.id for e in store.entries()] == ["close"]
    assert store.entry("open") is None
    assert store.publish([OPEN], "张三", NOW) == 1
    assert store.entry("open") == replace(OPEN, version=1)
    assert [change.action for change in store.history("open")] == [
        Action.PUBLISHED,
        Action.WITHDRAWN,
        Action.PUBLISHED,
    ]


def test_other_process_sees_a_change(store: KnowledgeStore, tmp_path: Path) -> None:
    """A second connection finds the generation grown and the new content."""
    other = KnowledgeStore.open(tmp_path / "workspace.db")
    assert other.generation() == 0
    store.publish([OPEN], "张三", NOW)
    assert other.generation() == 1
    assert [e.id for e in other.entries()] == ["open"]
    store.put_out_of_scope(["今天天气"])
    assert other.generation() == 2
    store.put_out_of_scope(["今天天气"])
    assert (other.generation(), other.out_of_scope()) == (2, ("今天天气",))
    other.close()


def test_base_holds_what_is_valid_on_the_day(store: KnowledgeStore) -> None:
    """A wording that holds from next month on is not answered from today."""
    store.publish([OPEN, replace(CLOSE, valid_from=date(2025, 7, 1))], "张三", NOW)
    assert [e.id for e in store.base(date(2025, 6, 30)).entries] == ["open"]
    assert [e.id for e in store.base(date(2025, 7, 1)).entries] == ["close", "open"]


def test_keeps_a_fit_under_its_key(store: KnowledgeStore) -> None:
    """A fitted decision is found under the key it was kept with and no other."""
    assert store.fit("1") is None
    store.put_fit("1", "{}")
    assert store.fit("1") == "{}"
    assert store.fit("2") is None
