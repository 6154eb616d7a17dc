"""How long the stages of a piece of work take: each its own time, without stages inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Stages:
    """Durations of the stages of one piece of work, in the order in which they first began."""

    def __init__(self, read: Callable[[], float]) -> None:
        """`read` gives seconds."""
        self._read = read
        self._spent: dict[str, float] = {}
        self._open: list[str] = []
        self._since = read()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Let `stage` count for these stages in here."""
        token = _ACTIVE.set(self)
        try:
            yield
        finally:
            _ACTIVE.reset(token)

    def milliseconds(self) -> tuple[tuple[str, float], ...]:
        """(stage, duration in ms) pairs."""
        return tuple((name, round(spent * 1000, 3)) for name, spent in self._spent.items())

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens in here for a stage."""
        self._settle()
        self._spent.setdefault(name, 0.0)
        self._open.append(name)
        try:
            yield
        finally:
            self._settle()
            self._open.pop()

    def _settle(self) -> None:
        now = self._read()
        if self._open:
            self._spent[self._open[-1]] += now - self._since
        self._since = now


_ACTIVE: ContextVar[Stages | None] = ContextVar("stages", default=None)


def active_stages() -> Stages | None:
    """The stages that are being counted in this context."""
    return _ACTIVE.get()


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Count what happens in here for a stage of the work in hand, if its stages are counted."""
    stages = _ACTIVE.get()
    if stages is None:
        yield
        return
    with stages.stage(name):
        yield
