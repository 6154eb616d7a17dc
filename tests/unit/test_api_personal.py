"""Customers' personal data in answers of the API: who sees it, and what is on record of that."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

from assist.answer import Answer, AnswerKind, Trace
from assist.campaign import Callee, Campaign
from assist.campaign_rules import CallRules
from assist.conversation import Conversation
from assist.knowledge import FaqEntry
from ui.api.app import create_app
from ui.api.conversation_models import SaidBody
from ui.api.handover_models import GatheredBody
from ui.api.personal import masked
from ui.audit import Subject
from ui.keys import create_key
from ui.privacy import erase_customer
from ui.scope import USUAL, Scope
from ui.settings import Settings
from ui.wiring import Wiring, now

MONDAY = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
WORDS = "我叫张三，手机13800138000"
HIDDEN = "我叫张*，手机138****8000"


class Desk:
    """Hands over on 转人工 and repeats everything else, in its trace too."""

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """The reply by the words of the message."""
        kind = AnswerKind.HANDOFF if text == "转人工" else AnswerKind.ANSWER
        answer = Answer(kind, f"好的，{text}", 1.0, trace=Trace("test", text))
        return answer, (conversation or Conversation()).after(text, answer)

    def respond(self, text: str, state: str | None) -> tuple[Answer, str]:
        """The same for the plain chat."""
        return self.reply(text)[0], "."


class Workspace(Wiring):
    """The workspace with that desk."""

    assistant: Any = Desk()


@pytest.fixture
def wiring(tmp_path: Path, data: Path) -> Workspace:
    """One entry, and one campaign with one customer."""
    wiring = Workspace(Settings(home=tmp_path, data=data))
    wiring.knowledge_store.publish(
        [FaqEntry("a", "怎么开通？", answer="在App内办理。")], "t", now()
    )
    callee = Callee("r2", "13800138000", "K1", (("name", "张三"),))
    campaign = Campaign("ipo", "中签通知", "ipo-allotment", CallRules())
    wiring.campaign_store.create(campaign, [callee], MONDAY)
    return wiring


@pytest.fixture
def client(wiring: Workspace) -> TestClient:
    return TestClient(create_app(wiring, clock=lambda: MONDAY, stream_seconds=0))


@pytest.fixture
def usual(wiring: Workspace) -> dict[str, str]:
    """A key with every scope but that for personal data; it is the front end's."""
    return {"X-API-Key": create_key(wiring.key_store, "usual", scopes=USUAL)}


@pytest.fixture
def seeing(wiring: Workspace) -> dict[str, str]:
    """The key of an agents' desktop."""
    scopes = frozenset({Scope.HANDOVERS_WRITE, Scope.CAMPAIGNS_READ, Scope.CHAT_WRITE})
    key = create_key(wiring.key_store, "seeing", scopes=scopes | {Scope.PERSONAL_READ})
    return {"X-API-Key": key}


@pytest.fixture
def talk(client: TestClient, usual: dict[str, str]) -> Any:
    """A conversation in which a customer said who they are and waits for a person."""
    path = "/v1/conversations"
    path += "/" + client.post(path, json={}, headers=usual).json()["conversation_id"]
    client.post(f"{path}/turns", json={"text": WORDS}, headers=usual)
    waits = client.post(f"{path}/turns", json={"text": "转人工"}, headers=usual).json()
    return path, waits["handover"]["handover_id"]


def test_a_customer_sees_what_they_typed(
    client: TestClient, usual: dict[str, str], talk: Any, wiring: Workspace
) -> None:
    """The key that began a conversation shows it whole, in its turns and live; nobody looked in."""
    path, _ = talk
    assert WORDS in client.get(f"{path}/turns", headers=usual).text
    assert WORDS in client.get(f"{path}/events", headers=usual).text
    assert wiring.audit_store.since(MONDAY) == ()


def test_others_see_a_handover_masked(
    client: TestClient, usual: dict[str, str], talk: Any, wiring: Workspace
) -> None:
    """Without personal:read the agents' side has no number and no name; no look is on record."""
    _, handover = talk
    detail = client.get(f"/v1/handovers/{handover}", headers=usual)
    assert [turn["text"] for turn in detail.json()["turns"]][:2] == [HIDDEN, f"好的，{HIDDEN}"]
    assert detail.json()["handover"]["id"] == handover
    assert "13800138000" not in detail.text
    assert wiring.audit_store.since(MONDAY) == ()


def test_agents_see_a_handover_and_leave_a_record(
    client: TestClient, seeing: dict[str, str], talk: Any, wiring: Workspace
) -> None:
    """With personal:read nothing is masked, and key, handover, turns and time are kept."""
    _, handover = talk
    assert WORDS in client.get(f"/v1/handovers/{handover}", headers=seeing).text
    client.post(f"/v1/handovers/{handover}/claim", json={"agent": "小王"}, headers=seeing)
    said, read = wiring.audit_store.since(MONDAY)
    key_id = seeing["X-API-Key"][3:11]
    assert (read.who, read.subject, read.subject_id) == (key_id, Subject.HANDOVER, handover)
    assert (read.at, read.part) == (MONDAY, "turns 1-4")
    assert said.part == "turns 5-5"


@pytest.mark.parametrize("step", ["claim", "close"])
def test_what_agents_write_is_masked_too(
    client: TestClient, usual: dict[str, str], talk: Any, step: str
) -> None:
    """Notes and words of agents can hold personal data as well."""
    path = f"/v1/handovers/{talk[1]}"
    agent = {"agent": "小王"}
    client.post(f"{path}/claim", json=agent, headers=usual)
    said = client.post(f"{path}/say", json={**agent, "text": "您是13800138000？"}, headers=usual)
    assert "您是138****8000？" in said.text
    client.post(f"{path}/{step}", json={**agent, "note": "回电13800138000"}, headers=usual)
    for address in (path, "/v1/handovers", "/v1/handovers?state=closed", f"{path}"):
        assert "13800138000" not in client.get(address, headers=usual).text


def test_the_queue_is_masked_for_everybody(
    client: TestClient, seeing: dict[str, str], talk: Any, wiring: Workspace
) -> None:
    """An overview needs no personal data, so looking at it leaves no record."""
    assert client.get("/v1/handovers", headers=seeing).status_code == 200
    assert wiring.audit_store.since(MONDAY) == ()


def test_a_trace_is_masked_and_the_reply_is_not(
    client: TestClient, usual: dict[str, str], seeing: dict[str, str], wiring: Workspace
) -> None:
    """The customer reads the reply; the trace is for others."""
    body = {"text": WORDS, "trace": True}
    answer = client.post("/v1/chat/messages", json=body, headers=usual).json()
    assert answer["reply"] == f"好的，{WORDS}"
    assert answer["trace"]["asked"] == HIDDEN
    assert wiring.audit_store.since(MONDAY) == ()
    answer = client.post("/v1/chat/messages", json=body, headers=seeing).json()
    assert answer["trace"]["asked"] == WORDS
    (look,) = wiring.audit_store.since(MONDAY)
    assert (look.subject, look.subject_id) == (Subject.CONVERSATION, answer["conversation_id"])


def test_results_of_a_campaign(
    client: TestClient, usual: dict[str, str], seeing: dict[str, str], wiring: Workspace
) -> None:
    """Telephone numbers are masked unless the key may see them, which is then on record."""
    path = "/v1/campaigns/ipo/results"
    assert client.get(path, headers=usual).json()["customers"][0]["phone"] == "138****8000"
    assert wiring.audit_store.since(MONDAY) == ()
    assert client.get(path, headers=seeing).json()["customers"][0]["phone"] == "13800138000"
    (look,) = wiring.audit_store.since(MONDAY)
    assert (look.subject, look.subject_id) == (Subject.CAMPAIGN, "ipo")


def test_without_a_record_nothing_is_revealed(
    client: TestClient, seeing: dict[str, str], talk: Any, wiring: Workspace
) -> None:
    """Where the look cannot be written down there is no answer."""
    wiring._ui_store.connection.execute(
        "CREATE TRIGGER full BEFORE INSERT ON privacy_audit"
        " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    )
    answer = client.get(f"/v1/handovers/{talk[1]}", headers=seeing)
    assert answer.status_code == 503
    assert "张三" not in answer.text


def test_the_record_outlives_the_customer(
    client: TestClient, seeing: dict[str, str], talk: Any, wiring: Workspace
) -> None:
    """Erasing keeps who looked; nothing of what was seen is in any file of the workspace."""
    path, handover = talk
    client.get(f"/v1/handovers/{handover}", headers=seeing)
    assert erase_customer(wiring.settings.database, path.rpartition("/")[2]).conversations == 1
    erase_customer(wiring.settings.database, "13800138000")
    (look,) = wiring.audit_store.since(MONDAY)
    assert look.subject_id == handover
    files = [file for file in wiring.settings.folder.glob("workspace.db*") if file.is_file()]
    assert files
    assert not any(b"13800138000" in file.read_bytes() for file in files)


@pytest.mark.parametrize("change", ["DELETE FROM privacy_audit", "UPDATE privacy_audit SET who=''"])
def test_the_record_is_only_added_to(
    client: TestClient, seeing: dict[str, str], talk: Any, wiring: Workspace, change: str
) -> None:
    """Neither a slip nor this program can take a look back."""
    client.get(f"/v1/handovers/{talk[1]}", headers=seeing)
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        wiring._ui_store.connection.execute(change)


def test_a_mask_leaves_codes_and_times_alone() -> None:
    """Ids, enums, numbers and times of a body stay as they are."""
    body = SaidBody(
        number=3,
        at=MONDAY,
        speaker="customer",
        kind="words",
        text=WORDS,
        options=[WORDS],
        reply_id="r2",
        citations=[],
    )
    hidden = masked(body)
    assert (hidden.text, hidden.options) == (HIDDEN, [HIDDEN])
    assert hidden.model_copy(update={"text": WORDS, "options": [WORDS]}) == body


def test_what_a_flow_knows_to_be_private_is_hidden_wherever_it_was_said() -> None:
    """A name that stands alone looks like any word; the flow that asked for it knows better."""

    class Detail(BaseModel):
        gathered: list[GatheredBody]
        questions: list[str]

    told = GatheredBody(label="姓名", value="王小明", private=True)
    amount = GatheredBody(label="金额", value="5000", private=False)
    hidden = masked(Detail(gathered=[told, amount], questions=["王小明", "转5000元"]))
    assert hidden.gathered == [told.model_copy(update={"value": "***"}), amount]
    assert hidden.questions == ["***", "转5000元"]
