"""How much the assistant can answer from."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from assist.store import KnowledgeStore
from ui.api.access import Workspace


class EntryCount:
    """Counts published entries, again only after a publish: a base may hold 100,000."""

    def __init__(self) -> None:
        self._known: tuple[int, int] | None = None

    def of(self, store: KnowledgeStore) -> int:
        """Entries in use now."""
        generation, known = store.generation(), self._known
        if known is None or known[0] != generation:
            known = self._known = (generation, len(store.entries()))
        return known[1]


def _entries(request: Request, wiring: Workspace) -> int:
    count: EntryCount = request.app.state.entry_count
    return count.of(wiring.knowledge_store)


Entries = Annotated[int, Depends(_entries)]
"""Published entries of the knowledge base."""
