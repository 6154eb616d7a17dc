"""`/v1/chat/messages`: what it takes, what it gives back, how a conversation is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assist.answer import Answer, AnswerKind, Candidate, Citation, CitationKind, Trace
from assist.emotion import MoodReading
from assist.emotion_words import Mood
from assist.hearing import Change, ChangeKind
from assist.knowledge import FaqEntry
from ui.api.app import create_app
from ui.keys import create_key
from ui.settings import Settings
from ui.wiring import Wiring, now

CITATION = Citation(CitationKind.FAQ, "board-open", "创业板权限怎么开通？", "3", "办理指南")
NOTICE = "市场有风险"


TRACE = Trace(
    "follow-up: sure of the first candidate",
    "创业板怎么开通",
    0.9,
    0.8,
    (Candidate("board-open", "标准问", "相似问", 2.0, 0.75, False, (("length", 0.5),)),),
    (("find", 0.5),),
    (Change(ChangeKind.SOUND, "创业版", "创业板"),),
)


class Parrot:
    """Answers with the number of messages it has heard in the conversation."""

    def respond(self, text: str, state: str | None) -> tuple[Answer, str]:
        """A clarify for 哪个, an answer with everything for all else."""
        number = int(state or "0") + 1
        answer = Answer(AnswerKind.ANSWER, f"{number}:{text}", 0.9, (CITATION,), risk_notice=NOTICE)
        if text == "哪个":
            answer = Answer(AnswerKind.CLARIFY, f"{number}:{text}", 0.5, options=("甲", "乙"))
        if text == "那创业板呢":
            answer = replace(answer, trace=TRACE)
        if text == "骗子":
            mood = MoodReading(Mood.ANGRY, 0.9, 0.92, True, True, "words: 骗子")
            trace = replace(TRACE, mood=mood, guarded=("trade_advice",))
            answer = replace(answer, trace=trace, offer="转人工吗")
        return answer, str(number)


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
        "risk_notice": NOTICE,
    }


def test_why_is_told_on_request(client: TestClient) -> None:
    """Rule, question as understood, chances, candidates with features, changes and stages."""
    plain = _say(client, "那创业板呢")
    assert plain["understood"] == "创业板怎么开通"
    assert "trace" not in plain
    answer = client.post("/v1/chat/messages", json={"text": "那创业板呢", "trace": True})
    assert answer.json()["trace"] == {
        "rule": "follow-up: sure of the first candidate",
        "asked": "创业板怎么开通",
        "right": 0.9,
        "scope": 0.8,
        "candidates": [
            {
                "entry_id": "board-open",
                "title": "标准问",
                "nearest": "相似问",
                "score": 2.0,
                "share": 0.75,
                "contradicts": False,
                "features": [{"name": "length", "value": 0.5}],
            }
        ],
        "changes": [{"kind": "sound", "before": "创业版", "after": "创业板"}],
        "stages": [{"name": "find", "milliseconds": 0.5}],
        "guarded": [],
    }


def test_anger_brings_an_offer_and_its_reason(client: TestClient) -> None:
    """The offer is always told, mood and guard with the trace."""
    answer = client.post("/v1/chat/messages", json={"text": "骗子", "trace": True}).json()
    assert answer["offer"] == "转人工吗"
    assert answer["trace"]["guarded"] == ["trade_advice"]
    assert answer["trace"]["mood"] == {
        "mood": "angry",
        "chance": 0.9,
        "anger": 0.92,
        "rising": True,
        "alert": True,
        "reason": "words: 骗子",
    }
    assert "offer" not in _say(client, "你好")


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
    overtaken: list[bool] = []

    class Slow(Parrot):
        def respond(self, text: str, state: str | None) -> tuple[Answer, str]:
            if not overtaken:
                overtaken.append(True)
                saved = wiring.conversation_store.find(begun)
                assert saved is not None
                following = replace(saved, version=saved.version + 1, state="2")
                assert wiring.conversation_store.save(following, now())
            return super().respond(text, state)

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


def test_without_a_knowledge_base_chat_is_unavailable(
    tmp_path: Path, api_workspace: Settings
) -> None:
    """It says so and health shows it; after the first publish it works without a restart."""
    wiring = Workspace(replace(api_workspace, home=tmp_path, api_key_required=False))
    client = TestClient(create_app(wiring))
    answer = client.post("/v1/chat/messages", json={"text": "你好"})
    assert answer.status_code == 503
    assert "knowledge base" in answer.json()["error"]["message"]
    assert client.get("/healthz").json()["entries"] == 0
    wiring.knowledge_store.publish([FaqEntry("a", "怎么开户？", answer="……")], "测试", now())
    assert client.get("/healthz").json()["entries"] == 1
    assert _say(client, "你好")["reply"] == "1:你好"
