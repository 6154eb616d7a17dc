"""The base in service: swapped behind the customers' backs, never waited for."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assist.answer import AnswerKind
from assist.assistant import FaqAssistant
from assist.errors import KnowledgeError
from assist.handoff import HandoffDetector
from assist.knowledge import FaqEntry, KnowledgeBase
from assist.live import LiveAssistant
from assist.matcher import Lexicons, Matcher
from assist.store import KnowledgeStore

NOW = datetime(2025, 6, 3, 9, 30, tzinfo=UTC)
DAY = date(2025, 6, 3)
OPEN = FaqEntry("open", "怎么开户", ("开户流程",), "第1版", "指南", date(2023, 1, 1), "开户")
CLOSE = FaqEntry("close", "怎么销户", ("注销账户",), "去营业部", "指南", date(2023, 1, 1), "销户")
PUBLISH = """
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from assist.store import KnowledgeStore

store = KnowledgeStore.open(Path(sys.argv[1]))
store.publish([replace(store.entry("open"), answer="别的进程")], "李四", datetime.now(UTC))
"""


@dataclass
class Workshop:
    """Makes matchers; can be told to wait at its gate, or to fail."""

    gate: threading.Event = field(default_factory=threading.Event)
    failing: bool = False
    made: int = 0

    def __call__(self, base: KnowledgeBase) -> Matcher:
        """A matcher over the base."""
        assert self.gate.wait(30)
        if self.failing:
            raise KnowledgeError("the workshop is on fire")
        self.made += 1
        return Matcher(base, Lexicons.empty())


class Stores:
    """One store for each thread over one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def __call__(self) -> KnowledgeStore:
        """The calling thread's store."""
        if not hasattr(self._local, "store"):
            self._local.store = KnowledgeStore.open(self.path)
        store: KnowledgeStore = self._local.store
        return store


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    """Two published entries."""
    stores = Stores(tmp_path / "workspace.db")
    stores().publish([OPEN, CLOSE], "张三", NOW)
    return stores


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    """A workshop with its gate open; it is open again at the end, so that no thread hangs."""
    workshop = Workshop()
    workshop.gate.set()
    yield workshop
    workshop.gate.set()


def live_over(stores: Stores, workshop: Workshop, **given: object) -> LiveAssistant:
    """An assistant over the stores; today is DAY unless it is given."""
    parts = {"today": lambda: DAY} | given

    def assistant(base: KnowledgeBase) -> FaqAssistant:
        return FaqAssistant(workshop(base), HandoffDetector(()))

    return LiveAssistant(stores, assistant, **parts)  # type: ignore[arg-type]


def asked(live: LiveAssistant, text: str = "怎么开户") -> str:
    """What a customer is told now."""
    return live.current().answer(text).reply


def publish(stores: Stores, answer: str) -> None:
    """Publish a further version of the first entry."""
    stores().publish([replace(OPEN, answer=answer)], "李四", NOW)


def test_customers_are_answered_while_a_new_base_loads(stores: Stores, workshop: Workshop) -> None:
    """However long the load takes, replies come from the old base; then from the new one."""
    live = live_over(stores, workshop)
    assert asked(live) == "第1版"
    workshop.gate.clear()
    publish(stores, "第2版")
    assert [asked(live) for _ in range(50)] == ["第1版"] * 50
    assert not live.is_current
    workshop.gate.set()
    live.refresh()
    assert asked(live) == "第2版"
    assert live.is_current


def test_readers_meet_no_error_while_versions_follow_each_other(
    stores: Stores, workshop: Workshop
) -> None:
    """Threads that never stop asking see each version in its order and nothing else."""
    live = live_over(stores, workshop)
    asked(live)
    ended = threading.Event()
    heard: list[list[str]] = [[], [], []]

    def ask(into: list[str]) -> None:
        while not ended.is_set():
            into.append(asked(live))

    readers = [threading.Thread(target=ask, args=(into,)) for into in heard]
    for reader in readers:
        reader.start()
    for number in range(2, 12):
        publish(stores, f"第{number}版")
        if number % 3 == 0:
            live.refresh()
    live.refresh()
    last = asked(live)
    ended.set()
    for reader in readers:
        reader.join()
    assert last == "第11版"
    for replies in heard:
        numbers = [int(reply[1:-1]) for reply in replies]
        assert numbers == sorted(numbers)


def test_only_the_first_load_is_waited_for_and_it_happens_once(
    stores: Stores, workshop: Workshop
) -> None:
    """Callers that arrive before there is any base share one load."""
    live = live_over(stores, workshop)
    workshop.gate.clear()
    replies: list[str] = []
    callers = [threading.Thread(target=lambda: replies.append(asked(live))) for _ in range(4)]
    for caller in callers:
        caller.start()
    workshop.gate.set()
    for caller in callers:
        caller.join()
    assert replies == ["第1版"] * 4
    assert workshop.made == 1


def test_a_failed_load_keeps_the_old_base_and_is_tried_again(
    stores: Stores, workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged with its traceback, not repeated at once, and repeated later."""
    clock = [100.0]
    live = live_over(stores, workshop, timer=lambda: clock[0])
    asked(live)
    workshop.failing = True
    publish(stores, "第2版")
    for _ in range(3):
        assert asked(live) == "第1版"
        idle(live)
    assert live.failures == 1
    assert "the workshop is on fire" in caplog.text
    clock[0] += 1.0
    asked(live)
    idle(live)
    assert live.failures == 2
    workshop.failing = False
    clock[0] += 1.0
    asked(live)
    idle(live)
    assert live.failures == 2, "the second wait is twice the first"
    clock[0] += 1.0
    asked(live)
    idle(live)
    assert asked(live) == "第2版"
    assert live.failures == 0


def test_a_later_publish_is_tried_at_once_after_a_failure(
    stores: Stores, workshop: Workshop
) -> None:
    """A correction does not wait for the retry of what it corrects."""
    live = live_over(stores, workshop, timer=lambda: 0.0)
    asked(live)
    workshop.failing = True
    publish(stores, "坏")
    asked(live)
    idle(live)
    workshop.failing = False
    publish(stores, "好")
    asked(live)
    idle(live)
    assert asked(live) == "好"


def test_a_failing_first_load_is_told_to_the_caller(stores: Stores, workshop: Workshop) -> None:
    """Without any base there is nothing to fall back on; the next call tries again."""
    live = live_over(stores, workshop)
    workshop.failing = True
    with pytest.raises(KnowledgeError):
        live.current()
    workshop.failing = False
    assert asked(live) == "第1版"


def test_a_database_that_cannot_be_read_does_not_stop_the_service(
    stores: Stores, workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    """What is loaded goes on answering, and the log says why nothing new comes."""
    live = live_over(stores, workshop)
    asked(live)
    stores().close()
    with caplog.at_level(logging.WARNING):
        assert asked(live) == "第1版"
    assert "cannot be read" in caplog.text


def test_an_entry_ends_with_its_last_day(stores: Stores, workshop: Workshop) -> None:
    """It is answered from on that day, and on the next one no more."""
    stores().publish([replace(CLOSE, valid_until=DAY)], "张三", NOW)
    days = [DAY]
    live = live_over(stores, workshop, today=lambda: days[0])
    assert asked(live, "怎么销户") == "去营业部"
    days[0] = date(2025, 6, 4)
    asked(live)
    idle(live)
    assert live.current().answer("怎么销户").kind is not AnswerKind.ANSWER


def test_another_process_publishes(stores: Stores, workshop: Workshop) -> None:
    """What a second process publishes is answered here."""
    live = live_over(stores, workshop)
    asked(live)
    subprocess.run([sys.executable, "-c", PUBLISH, str(stores.path)], check=True)
    assert asked(live) == "第1版"
    idle(live)
    assert asked(live) == "别的进程"


def idle(live: LiveAssistant) -> None:
    """Wait until no load is running."""
    worker = live._worker
    if worker is not None:
        worker.join(30)
