"""Reading slots from what a customer typed, said or keyed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from assist.slot import Reading, Said, SlotSpec
from news.link import EntityLinker
from news.securities import SecuritiesMaster


class SlotReader:
    """Reads the value of a slot from an utterance.

    `today` gives the moment by which 明天 and 半小时后 count, where `read` is told none.
    `master` is needed for SECURITY slots; a `linker` adds spoken names (茅台, 招行).
    """

    def __init__(
        self,
        today: Callable[[], date | datetime],
        master: SecuritiesMaster | None = None,
        linker: EntityLinker | None = None,
    ) -> None:
        self._today = today
        self._master = master
        self._linker = linker

    def read(self, spec: SlotSpec, utterance: Said, *, now: datetime | None = None) -> Reading:
        """The slot's value; a problem with it; None where the answer says nothing of the kind."""
        return None
