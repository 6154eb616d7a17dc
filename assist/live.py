"""The assistant over the base as it is published, taken over without a gap in service.

After a publish, or when a day begins, customers are answered from the base in service while a
thread loads the new one; then the two are swapped in one assignment. Only the very first load makes
its callers wait. A load that fails leaves the old base in service and is tried again later.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from assist.assistant import FaqAssistant
from assist.errors import AssistError
from assist.knowledge import KnowledgeBase
from assist.store import KnowledgeStore

FIRST_RETRY, LAST_RETRY = 1.0, 60.0
"""Seconds before a failed load is tried again: doubled with each failure, up to the last."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _State:
    """What was published when a base was read, and the day for which."""

    generation: int
    day: date


@dataclass(frozen=True, slots=True)
class _Serving:
    state: _State
    assistant: FaqAssistant


@dataclass(frozen=True, slots=True)
class _Failure:
    state: _State
    count: int
    retry_at: float


class LiveAssistant:
    """Hands out the assistant for the base as it is published; safe to use from threads."""

    def __init__(
        self,
        store: Callable[[], KnowledgeStore],
        assistant: Callable[[KnowledgeBase], FaqAssistant],
        *,
        today: Callable[[], date],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """`store` gives the calling thread's store; `assistant` makes one over a base, which may
        take long; `today` tells which wordings hold; `timer` gives seconds.
        """
        self._store = store
        self._assistant = assistant
        self._today = today
        self._timer = timer
        self._serving: _Serving | None = None
        self._failure: _Failure | None = None
        self._loading = threading.Lock()  # one load at a time
        self._starting = threading.Lock()  # guards the worker
        self._worker: threading.Thread | None = None

    def current(self) -> FaqAssistant:
        """The assistant in service; a newer base is loaded behind it, never waited for.

        Raises AssistError only while there has been no base at all.
        """
        serving = self._serving
        if serving is None:
            return self.refresh()
        try:
            wanted = self._wanted()
        except AssistError as error:
            _LOG.warning("whether a newer base is published cannot be read: %s", error)
            return serving.assistant
        if serving.state != wanted:
            self._load_behind(wanted)
        return serving.assistant

    def refresh(self) -> FaqAssistant:
        """The assistant for what is published now, waiting until it is loaded; raises AssistError.

        For a publisher, who may wait, so that no customer meets the old base afterwards.
        """
        with self._loading:
            return self._load()

    @property
    def is_current(self) -> bool:
        """Whether what is published is what is answered from."""
        serving = self._serving
        return serving is not None and serving.state == self._wanted()

    @property
    def failures(self) -> int:
        """Loads that failed since the last one that succeeded."""
        return self._failure.count if self._failure else 0

    def _wanted(self) -> _State:
        return _State(self._store().generation(), self._today())

    def _load(self) -> FaqAssistant:
        """Bring the base in service up to date; the caller holds the lock of loading."""
        state = self._wanted()
        serving = self._serving
        if serving is not None and serving.state == state:
            return serving.assistant
        # Read after the generation: what is published in between is loaded again, never missed.
        base = self._store().base(state.day)
        serving = _Serving(state, self._assistant(base))
        self._serving, self._failure = serving, None
        return serving.assistant

    def _load_behind(self, wanted: _State) -> None:
        with self._starting:
            if self._worker is not None or self._must_wait(wanted):
                return
            # No daemon: a native library that is cut off at exit takes the process down with it.
            self._worker = threading.Thread(target=self._work, args=(wanted,), name="load-base")
            self._worker.start()

    def _must_wait(self, wanted: _State) -> bool:
        failure = self._failure
        return failure is not None and failure.state == wanted and self._timer() < failure.retry_at

    def _work(self, wanted: _State) -> None:
        try:
            with self._loading:
                self._load()
        except Exception:  # noqa: BLE001  the boundary of the thread: nobody else would catch it
            count = self.failures + 1
            wait = min(LAST_RETRY, FIRST_RETRY * 2.0 ** (count - 1))
            self._failure = _Failure(wanted, count, self._timer() + wait)
            _LOG.exception(
                "the published base could not be loaded (failure %d); the old one stays in service,"
                " next try in %.0f s",
                count,
                wait,
            )
        finally:
            with self._starting:
                self._worker = None
