"""Deleting a customer's data and old conversations, and masking from the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assist.campaign import Callee, Campaign
from assist.campaign_rules import CallRules
from assist.campaign_store import CampaignStore
from assist.said import Draft, Speaker
from assist.talk import Talk
from ui.cli.main import app
from ui.privacy import PrivacyError, erase_customer, forget_older
from ui.store import SavedConversation, UiStore

NOW = datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
OLD, NEW = "0" * 32, "1" * 32


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A workspace with an old and a new conversation, and a customer on a list."""
    path = tmp_path / "demo" / "foreland.db"
    store = UiStore.open(path)
    for name, at in ((OLD, NOW - timedelta(days=40)), (NEW, NOW)):
        store.conversations.save(SavedConversation(name, None, 1, "我的身份证丢了"), at)
    store.close()
    return path


def kept(database: Path) -> set[str]:
    """Ids of the conversations that are still there."""
    store = UiStore.open(database)
    found = {name for name in (OLD, NEW) if store.conversations.find(name)}
    store.close()
    return found


def test_forgets_what_is_too_old(database: Path) -> None:
    """Only conversations without a message since the moment go; a dry run only counts."""
    moment = NOW - timedelta(days=30)
    assert forget_older(database, moment, dry_run=True) == 1
    assert kept(database) == {OLD, NEW}
    assert forget_older(database, moment) == 1
    assert kept(database) == {NEW}


def test_erases_one_conversation_and_its_bytes(database: Path) -> None:
    """A conversation goes by its id; its words are not in any file any more."""
    erase_customer(database, OLD)
    assert kept(database) == {NEW}
    erase_customer(database, NEW)
    words = "身份证丢了".encode()
    assert not any(words in file.read_bytes() for file in database.parent.iterdir())


def test_erases_what_a_customer_said(database: Path) -> None:
    """A customer's conversations go with every word and handover, other customers' stay."""
    store = UiStore.open(database)
    for conversation, customer in ((OLD, "C1001"), (NEW, "C1002")):
        with store.handovers.writing():
            draft = Draft(Speaker.CUSTOMER, "words", f"我是{customer}，我要投诉")
            store.handovers.say(Talk(conversation, customer=customer), [draft], NOW)
    assert erase_customer(database, "C1001").conversations == 1
    assert store.handovers.said(OLD) == ()
    assert store.handovers.conversations_of("C1001") == ()
    assert len(store.handovers.said(NEW)) == 1
    store.close()
    assert kept(database) == {NEW}


def test_erases_twice_without_harm(database: Path) -> None:
    """The second time nothing is left to delete."""
    assert erase_customer(database, OLD).conversations == 1
    assert erase_customer(database, OLD).conversations == 0


def test_refuses_nobody(database: Path) -> None:
    """A blank customer is refused, because blank is what erased customers are called."""
    with pytest.raises(PrivacyError, match="no customer"):
        erase_customer(database, "  ")


@pytest.mark.parametrize("named", ["C1001", "13800138000", "+86 138 0013 8000"])
def test_erases_a_customer_of_a_campaign(database: Path, named: str) -> None:
    """A customer goes by number or by telephone; others on the list stay."""
    store = CampaignStore.open(database)
    store.create(
        Campaign("ipo", "中签通知", "ipo-allotment", CallRules()),
        [
            Callee("a", "13800138000", "C1001", (("name", "张三"),)),
            Callee("b", "13900139000", "C1002", (("name", "李四"),)),
        ],
        NOW,
    )
    assert erase_customer(database, named).campaigns == 1
    left = {callee.id: callee for callee in store.callees("ipo")}
    store.close()
    assert (left["a"].phone, left["a"].customer_id, left["a"].fields) == ("", "", ())
    assert left["b"].customer_id == "C1002"
    assert not any("张三".encode() in file.read_bytes() for file in database.parent.iterdir())


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erasing asks first, retention counts, and mask cleans what it is fed."""
    monkeypatch.setenv("FORELAND_HOME", str(tmp_path))
    run = CliRunner().invoke
    refused = run(app, ["privacy", "erase", "13800138000"], input="n\n")
    assert refused.exit_code == 1
    assert run(app, ["privacy", "erase", "13800138000", "--yes"]).exit_code == 0
    assert run(app, ["privacy", "retention", "--days", "30", "--dry-run"]).exit_code == 0
    assert run(app, ["privacy", "retention", "--days", "0"]).exit_code == 2
    shown = run(app, ["privacy", "mask"], input="我叫张三\n13800138000\n")
    assert shown.stdout == "我叫张*\n138****8000\n"
