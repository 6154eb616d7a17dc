"""A publish that fails or is killed leaves the base as it was."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assist.draft import DraftState
from assist.draft_desk import DraftDesk
from assist.errors import StoreError
from assist.knowledge import FaqEntry
from assist.store import KnowledgeStore

NOW = datetime(2025, 6, 3, tzinfo=UTC)
FIRST = FaqEntry("a", "怎么开户", (), "答案", "指南", date(2023, 1, 1), "开户")

KILLED = """
import os, sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from assist.knowledge import FaqEntry
from assist.store import KnowledgeStore

entry = FaqEntry("a", "怎么开户", (), "新答案", "指南", date(2023, 1, 1), "开户")

def entries():
    yield entry
    for number in range(500):
        yield replace(entry, id=f"b-{number}")
    os.kill(os.getpid(), 9)

KnowledgeStore.open(Path(sys.argv[1])).publish(entries(), "x", datetime.now(UTC))
"""

KILLED_AT_COMMIT = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from assist.draft_desk import DraftDesk
from assist.store import KnowledgeStore

store = KnowledgeStore.open(Path(sys.argv[1]))
with store.reading() as connection:
    connection.set_trace_callback(
        lambda statement: statement == "COMMIT" and os.kill(os.getpid(), 9)
    )
DraftDesk(store).publish([1, 2], "x", datetime.now(UTC))
"""


def broken_entries() -> Iterator[FaqEntry]:
    """A changed entry, then a failure."""
    yield replace(FIRST, answer="新答案")
    raise RuntimeError("the source broke off")


def test_failed_publish_changes_nothing(tmp_path: Path) -> None:
    """An error among the entries undoes those already written, and the next publish works."""
    store = KnowledgeStore.open(tmp_path / "w.db")
    store.publish([FIRST], "张三", NOW)
    with pytest.raises(RuntimeError):
        store.publish(broken_entries(), "李四", NOW)
    assert store.entries() == (replace(FIRST, version=1),)
    assert len(store.history("a")) == store.generation() == 1
    assert store.publish([replace(FIRST, answer="新答案")], "李四", NOW) == 1


def test_killed_publish_changes_nothing(tmp_path: Path) -> None:
    """kill -9 in the middle of a publish leaves the old base whole."""
    path = tmp_path / "w.db"
    store = KnowledgeStore.open(path)
    store.publish([FIRST], "张三", NOW)
    store.close()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert killed.returncode == -9
    again = KnowledgeStore.open(path)
    assert again.entries() == (replace(FIRST, version=1),)
    assert again.generation() == 1


def test_killed_publish_of_drafts_changes_nothing(tmp_path: Path) -> None:
    """kill -9 before the last write leaves base and drafts as they were; the next try works."""
    path = tmp_path / "w.db"
    store = KnowledgeStore.open(path)
    store.publish([FIRST], "张三", NOW)
    desk = DraftDesk(store)
    for entry in (replace(FIRST, answer="新答案", version=1), replace(FIRST, id="b")):
        number = desk.write(entry, "张三", NOW).number
        desk.submit(number, "张三", NOW)
        desk.approve(number, "李四", NOW)
    killed = subprocess.run([sys.executable, "-c", KILLED_AT_COMMIT, str(path)], check=False)
    assert killed.returncode == -9
    assert store.entries() == (replace(FIRST, version=1),)
    assert (store.generation(), len(store.history("a"))) == (1, 1)
    assert [draft.state for draft in desk.drafts()] == [DraftState.APPROVED] * 2
    desk.publish([1, 2], "李四", NOW)
    assert [(e.id, e.version) for e in store.entries()] == [("a", 2), ("b", 1)]


def test_publishers_at_once_lose_nothing(tmp_path: Path) -> None:
    """Several connections that publish at the same time all get their entries in."""
    path = tmp_path / "w.db"
    KnowledgeStore.open(path).close()

    def publish(number: int) -> None:
        store = KnowledgeStore.open(path)
        for step in range(5):
            store.publish([replace(FIRST, id=f"e-{number}-{step}")], "x", NOW)
        store.close()

    threads = [threading.Thread(target=publish, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = KnowledgeStore.open(path)
    assert len(store.entries()) == store.generation() == 20


def test_broken_database_is_a_store_error(tmp_path: Path) -> None:
    """A refusal of the database is told in the package's own words and can be tried again."""
    store = KnowledgeStore.open(tmp_path / "w.db")
    store.close()
    with pytest.raises(StoreError) as caught:
        store.generation()
    assert caught.value.retryable
