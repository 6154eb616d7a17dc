"""What an API key may do: scopes, spelt `resource:action` as OAuth 2.0 does (RFC 6749, 3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Set
from enum import StrEnum

from ui.errors import ApiKeyError


class Scope(StrEnum):
    """One right. `write` holds `read` of the same resource."""

    NEWS_READ = "news:read"
    GRAPH_READ = "graph:read"
    CHAT_WRITE = "chat:write"
    CONVERSATIONS_WRITE = "conversations:write"
    HANDOVERS_READ = "handovers:read"
    HANDOVERS_WRITE = "handovers:write"
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"
    NEWS_WRITE = "news:write"
    WATCHLISTS_READ = "watchlists:read"
    WATCHLISTS_WRITE = "watchlists:write"
    PERSONAL_READ = "personal:read"

    @property
    def meaning(self) -> str:
        """What it allows, in a few words."""
        return _MEANING[self]


_MEANING = {
    Scope.NEWS_READ: "search and read articles",
    Scope.NEWS_WRITE: "send articles and take them back",
    Scope.WATCHLISTS_READ: "this key's saved searches and what they found",
    Scope.WATCHLISTS_WRITE: "save searches and have what they find posted to an address",
    Scope.GRAPH_READ: "companies and the knowledge graph",
    Scope.CHAT_WRITE: "ask the assistant under /v1/chat",
    Scope.CONVERSATIONS_WRITE: "hold conversations and read those that this key began",
    Scope.HANDOVERS_READ: "the agents' queue and the conversations in it",
    Scope.HANDOVERS_WRITE: "act for agents",
    Scope.CAMPAIGNS_READ: "outbound campaigns and their results",
    Scope.CAMPAIGNS_WRITE: "create, start, pause and close campaigns",
    Scope.PERSONAL_READ: "see customers' personal data unmasked; each time is on record",
}

USUAL = frozenset(Scope) - {Scope.PERSONAL_READ, Scope.NEWS_WRITE}
"""What keys from before there were scopes have: no personal data, and no say in the news."""


def allows(held: Set[Scope], needed: Scope) -> bool:
    """Whether one of the scopes that are held covers the one that is needed."""
    resource, _, action = needed.partition(":")
    return needed in held or (action == "read" and f"{resource}:write" in held)


def parse_scopes(texts: Iterable[str]) -> frozenset[Scope]:
    """Scopes as typed, several in one text parted by commas or blanks; raises ApiKeyError."""
    names = [name for text in texts for name in text.replace(",", " ").split()]
    known = {str(scope) for scope in Scope}
    wrong = next((name for name in names if name not in known), None)
    if names and wrong is None:
        return frozenset(Scope(name) for name in names)
    problem = f"scope {wrong[:40]!r} is unknown" if wrong else "no scope was given"
    raise ApiKeyError(f"{problem}; give one or more of {', '.join(Scope)}")
