"""`/v1/chat/messages`: what it takes, what it gives back, how a conversation is kept."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assist.answer import Answer, AnswerKind, Citation, CitationKind
from assist.conversation import Conversation
from ui.api.app import create_app
from ui.keys import create_key
from ui.settings import Settings
from ui.wiring import Wiring, now

CITATION = Citation(CitationKind.FAQ, "board-open", "创业板权限怎么开通？", "3", "办理指南")


class Parrot:
    """Answers with the number of messages it has heard in the conversation."""

    entries = 1

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """A clarify for 哪个, an answer with everything for all else."""
        before = conversation or Conversation()
        heard = f"{len(before.turns) + 1}:{text}"
        answer = Answer(AnswerKind.ANSWER, heard, 0.9, (CITATION,), risk_notice="市场有风险")
        if text == "哪个":
            answer = Answer(AnswerKind.CLARIFY, heard, 0.5, options=("甲", "乙"))
        return answer, before.after(text, answer)


class Workspace(Wiring):
    """The workspace with another assistant."""

    assistant: Any = Parrot()


@pytest.fixture
def wiring(api_workspace: Settings) -> Workspace:
    return Workspace(api_workspace)


@pytest.fixture
def client(wiring: Workspace) -> TestClient:
    """A client with a key of its own."""
    key = create_key(wiring.key_store, "chat")
    return TestClient(create_app(wiring), headers={"X-API-Key": key})


def _say(client: TestClient, text: str, conversation_id: str | None = None) -> dict[str, Any]:
    answer = client.post(
        "/v1/chat/messages", json={"text": text, "conversation_id": conversation_id}
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_reply_carries_all_that_must_be_shown(client: TestClient) -> None:
    """Kind, words, score, citations, options and the risk notice."""
    body = _say(client, "创业板怎么开通")
    assert len(body.pop("conversation_id")) == 32
    assert body == {
        "kind": "answer",
        "reply": "1:创业板怎么开通",
        "score": 0.9,
        "citations": [
            {
                "kind": "faq",
                "id": "board-open",
                "title": "创业板权限怎么开通？",
                "version": "3",
                "source": "办理指南",
            }
        ],
        "options": [],
        "risk_notice": "市场有风险",
    }


def test_without_a_risk_notice_the_field_is_left_out(client: TestClient) -> None:
    """A clarify has options and no notice."""
    body = _say(client, "哪个")
    assert body["options"] == ["甲", "乙"]
    assert "risk_notice" not in body


def test_a_conversation_goes_on_in_another_process(
    client: TestClient, wiring: Workspace, api_workspace: Settings
) -> None:
    """The state is in the database: a second application over it knows what was said."""
    first = _say(client, "你好")
    other = TestClient(create_app(Workspace(api_workspace)), headers=dict(client.headers))
    second = _say(other, "再问", first["conversation_id"])
    assert second["reply"] == "2:再问"
    assert second["conversation_id"] == first["conversation_id"]
    assert _say(client, "还有", first["conversation_id"])["reply"] == "3:还有"


def test_without_an_id_a_new_conversation_begins(client: TestClient) -> None:
    """Two first messages are two conversations."""
    first, second = _say(client, "你好"), _say(client, "你好")
    assert first["conversation_id"] != second["conversation_id"]
    assert second["reply"] == "1:你好"


def test_another_key_cannot_read_into_a_conversation(client: TestClient, wiring: Workspace) -> None:
    """To another key, a conversation does not exist."""
    begun = _say(client, "你好")["conversation_id"]
    stranger = {"X-API-Key": create_key(wiring.key_store, "stranger")}
    for conversation_id in (begun, "0" * 32):
        answer = client.post(
            "/v1/chat/messages",
            json={"text": "你好", "conversation_id": conversation_id},
            headers=stranger,
        )
        assert answer.status_code == 404
        assert answer.json()["error"]["parameter"] == "conversation_id"


@pytest.mark.parametrize(
    ("body", "parameter", "words"),
    [
        ({}, "text", "missing"),
        ({"text": ""}, "text", "at least 1"),
        ({"text": " \n\t"}, "text", "blank"),
        ({"text": "长" * 2_001}, "text", "2001 characters; give at most 2000"),
        ({"text": 12}, "text", "string"),
        ({"text": None}, "text", "string"),
        ({"text": ["a"]}, "text", "string"),
        ({"text": "a\0b"}, "text", "control"),
        ({"text": "a", "conversation_id": "1"}, "conversation_id", "pattern"),
        ({"text": "a", "conversation_id": "A" * 32}, "conversation_id", "pattern"),
        ({"text": "a", "conversation_id": 1}, "conversation_id", "string"),
        ({"text": "a", "user": "张三"}, "user", "no field"),
    ],
)
def test_a_wrong_field_is_refused_by_name(
    client: TestClient, body: dict[str, Any], parameter: str, words: str
) -> None:
    """The refusal says which field and what is allowed, and does not repeat what was said."""
    answer = client.post("/v1/chat/messages", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["parameter"] == parameter
    assert words in answer.json()["error"]["message"]
    assert "张三" not in answer.text


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 422),
        (b"{", "application/json", 422),
        (b'"text"', "application/json", 422),
        (b"[]", "application/json", 422),
        (b'{"text": "a"}', "text/plain", 422),
        (b'{"text": "a"}', "application/x-www-form-urlencoded", 422),
        (b'{"text": "\\ud800"}', "application/json", 422),
        (b'{"text": "\xff"}', "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b'{"text": ' + b"1" * 60_000 + b"}", "application/json", 400),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    client: TestClient, content: bytes, kind: str, status: int
) -> None:
    """Broken, foreign and hostile bodies get a refusal in the one shape."""
    answer = client.post("/v1/chat/messages", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}


def test_the_longest_text_is_taken(client: TestClient) -> None:
    """2,000 characters, with lines, tabs and characters beyond the basic plane."""
    text = "第一行\n第二行\t𠮷😀" + "字" * 1_990
    assert len(text) == 2_000
    assert _say(client, text)["reply"] == f"1:{text}"


def test_a_message_that_was_overtaken_is_answered_from_the_newer_state(
    client: TestClient, wiring: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two messages at once: the later one to write answers again, and neither is lost."""
    begun = _say(client, "你好")["conversation_id"]
    parrot, overtaken = Parrot(), []

    class Slow(Parrot):
        def reply(
            self, text: str, conversation: Conversation | None = None
        ) -> tuple[Answer, Conversation]:
            if not overtaken:
                overtaken.append(True)
                saved = wiring.conversation_store.find(begun)
                assert saved is not None
                after = parrot.reply("插话", Conversation.from_json(saved.state))[1]
                following = replace(saved, version=saved.version + 1, state=after.to_json())
                assert wiring.conversation_store.save(following, now())
            return super().reply(text, conversation)

    monkeypatch.setattr(Workspace, "assistant", Slow())
    assert _say(client, "再问", begun)["reply"] == "3:再问"


def test_endless_overtaking_ends_in_a_conflict(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is always overtaken is told to send one message at a time."""
    monkeypatch.setattr("ui.store.ConversationStore.save", lambda *_: False)
    answer = client.post("/v1/chat/messages", json={"text": "你好"})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "conflict"


def test_a_state_of_another_version_begins_anew(client: TestClient, wiring: Workspace) -> None:
    """After an upgrade that cannot read it, a conversation goes on without its past."""
    begun = _say(client, "你好")["conversation_id"]
    with sqlite3.connect(wiring.settings.database) as connection:
        connection.execute("UPDATE conversations SET state = '{}' WHERE id = ?", (begun,))
    assert _say(client, "再问", begun)["reply"] == "1:再问"


def test_without_an_assistant_chat_is_unavailable(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workspace without a knowledge base says so; the news stay readable."""
    monkeypatch.setattr(Workspace, "assistant", None)
    answer = client.post("/v1/chat/messages", json={"text": "你好"})
    assert answer.status_code == 503
    assert "knowledge base" in answer.json()["error"]["message"]
    assert client.get("/v1/news/search").status_code == 200
    assert client.get("/healthz").json()["entries"] == 0
