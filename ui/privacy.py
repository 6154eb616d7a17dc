"""Deleting personal data from a workspace: one customer's, or what is older than is allowed.

What must stay stays: the do-not-call list, so that nobody calls again who refused; the record of
who saw personal data, which holds ids only; the results of campaigns, as numbers without a person;
and the results of finished calls, which the rules of the business keep for longer than
conversations (适当性管理办法: 20 years). Deleted pages are overwritten, and the write-ahead log is
emptied.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assist.campaign_list import phone_number
from assist.campaign_store import CampaignStore
from news.store import open_database
from news.transaction import transaction
from ui.errors import UiError
from ui.store import UiStore

_CONVERSATION = re.compile(r"[0-9a-f]{32}")


class PrivacyError(UiError):
    """A deletion that was not meant so; names the value and what is allowed."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was deleted: conversations, and the customer's places on campaign lists."""

    conversations: int
    campaigns: int


def erase_customer(database: Path, customer: str) -> Erased:
    """Delete what is kept of a customer: a customer number, a telephone number or a conversation.

    Doing it again is harmless; a process that was killed in the middle is completed so.
    Raises PrivacyError for a blank customer.
    """
    customer = customer.strip()
    if not customer:
        raise PrivacyError("no customer given; name a customer number, phone or conversation id")
    with _workspace(database) as (ui, campaigns):
        ids = _ids(customer, campaigns)
        conversations = sum(_erase_conversations(ui, one) for one in ids)
        return Erased(conversations, sum(campaigns.erase(one) for one in ids))


def forget_older(database: Path, moment: datetime, *, dry_run: bool = False) -> int:
    """Delete the conversations without a message since `moment`; return how many.

    `dry_run` only counts them.
    """
    with _workspace(database) as (ui, _):
        if dry_run:
            return ui.conversations.count_before(moment)
        with transaction(ui.connection):
            ui.handovers.forget_replies_before(moment)
            return ui.conversations.forget_before(moment)


def _ids(customer: str, campaigns: CampaignStore) -> tuple[str, ...]:
    """The customer as named, and the customers that have this telephone number."""
    phone = phone_number(customer)
    known = campaigns.customers_of(phone) if phone else ()
    return tuple(dict.fromkeys((customer, *((phone,) if phone else ()), *known)))


def _erase_conversations(ui: UiStore, customer: str) -> int:
    found = set(ui.handovers.conversations_of(customer))
    if _CONVERSATION.fullmatch(customer):
        found.add(customer)
    with transaction(ui.connection):
        gone = 0
        for conversation in found:
            known = ui.handovers.talk(conversation) is not None
            gone += ui.conversations.forget(conversation) or known
            ui.handovers.forget(conversation)
    return gone


@contextmanager
def _workspace(database: Path) -> Iterator[tuple[UiStore, CampaignStore]]:
    """Both stores over one connection that overwrites what it deletes."""
    opened = open_database(database)
    connection: sqlite3.Connection = opened.conn
    try:
        connection.execute("PRAGMA secure_delete = ON")
        yield UiStore(opened), CampaignStore(opened)
        # Fails quietly where another process reads: its own checkpoint empties the log later.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
