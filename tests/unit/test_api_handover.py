"""`/v1/conversations` and `/v1/handovers`: a customer, an agent, their live views."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assist.answer import Answer, AnswerKind, Candidate, Citation, CitationKind, Trace
from assist.conversation import Conversation
from assist.knowledge import FaqEntry
from ui.api.app import create_app
from ui.api.events import ServerEvent, Streams
from ui.api.watching import tick
from ui.keys import create_key
from ui.settings import Settings
from ui.wiring import Wiring, now

MONDAY = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
Post = Callable[..., Any]


class Desk:
    """Hands over on 转人工 and cites an entry for everything else."""

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """The reply by the words of the message."""
        before = conversation or Conversation()
        if text == "转人工":
            answer = Answer(AnswerKind.HANDOFF, "转接中", 1.0)
        else:
            candidate = Candidate("board-open", "怎么开通？", text, 1.0, 0.8, False, ())
            cited = Citation(CitationKind.FAQ, "board-open", "怎么开通？", "1", "办理指南")
            trace = Trace("test", text, candidates=(candidate,))
            answer = Answer(AnswerKind.ANSWER, f"答：{text}", 1.0, (cited,), trace=trace)
        return answer, before.after(text, answer)


class Workspace(Wiring):
    """The workspace with that desk."""

    assistant: Any = Desk()


@pytest.fixture
def wiring(tmp_path: Path, data: Path) -> Workspace:
    wiring = Workspace(Settings(home=tmp_path, data=data))
    entry = FaqEntry("board-open", "怎么开通？", answer="在App内办理。", source="办理指南")
    wiring.knowledge_store.publish([entry], "tests", now())
    return wiring


@pytest.fixture
def client(wiring: Workspace) -> TestClient:
    app = create_app(wiring, clock=lambda: MONDAY, stream_seconds=0)
    key = create_key(wiring.key_store, "tests")
    return TestClient(app, headers={"X-API-Key": key})


@pytest.fixture
def post(client: TestClient) -> Post:
    def send(path: str, body: object, status: int = 200, once: str | None = None) -> Any:
        headers = {"Idempotency-Key": once} if once else {}
        answer = client.post(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send


@pytest.fixture
def conversation(post: Post) -> str:
    begun = post("/v1/conversations", {"customer": "C-1"}, 201)
    return f"/v1/conversations/{begun['conversation_id']}"


@pytest.fixture
def handover(post: Post, conversation: str) -> str:
    post(f"{conversation}/turns", {"text": "创业板怎么开通"})
    waits = post(f"{conversation}/turns", {"text": "转人工"})
    assert waits["mode"] == "waiting"
    assert waits["handover"]["place"] == 1
    return f"/v1/handovers/{waits['handover']['handover_id']}"


def events(client: TestClient, path: str, last: int | None = None) -> list[tuple[str, Any]]:
    """(name, data) of a stream that ends at once, with ids as `data["#"]`."""
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in answer.text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in lines:
            data = json.loads(lines["data"])
            found.append((lines["event"], data | {"#": int(lines.get("id", 0))}))
    return found


def test_a_turn_is_answered_with_its_sources(post: Post, conversation: str) -> None:
    """The customer's words come first, then the bot's with what they rest on."""
    happening = post(f"{conversation}/turns", {"text": "创业板怎么开通"})
    assert happening["mode"] == "bot"
    assert [turn["speaker"] for turn in happening["turns"]] == ["customer", "bot"]
    assert happening["turns"][1]["citations"][0]["source"] == "办理指南"
    assert happening["turns"][0]["at"] == "2025-03-03T10:00:00+08:00"


def test_an_agent_takes_over_speaks_and_gives_back(
    client: TestClient, post: Post, conversation: str, handover: str
) -> None:
    """The whole way: queue, claim, words in both directions with a silent bot, return."""
    listed = client.get("/v1/handovers").json()
    assert [h["state"] for h in listed["handovers"]] == ["waiting"]
    assert listed["groups"][0] == {
        "id": "general", "title": "人工客服", "open": True, "waiting": 1
    }  # fmt: skip
    assert post(f"{handover}/claim", {"agent": "小王"})["mode"] == "human"
    detail = client.get(handover).json()
    assert [turn["speaker"] for turn in detail["turns"]][-1] == "system"
    assert detail["suggestions"][0]["text"] == "在App内办理。"
    post(f"{handover}/say", {"agent": "小王", "text": "您好"})
    quiet = post(f"{conversation}/turns", {"text": "费用呢"})
    assert [turn["speaker"] for turn in quiet["turns"]] == ["customer"]
    back = post(f"{handover}/return", {"agent": "小王", "note": "已说明"})
    assert back["mode"] == "bot"
    speaks = post(f"{conversation}/turns", {"text": "谢谢"})
    assert speaks["turns"][-1]["speaker"] == "bot"
    said = client.get(f"{conversation}/turns").json()
    assert [turn["number"] for turn in said["turns"]] == list(range(1, said["last"] + 1))
    level = client.get("/v1/handovers").json()["level"]
    assert (level["counted"], level["share"], level["met"]) == (1, 1.0, True)


def test_a_second_agent_is_refused(post: Post, handover: str) -> None:
    """409 says who has it."""
    post(f"{handover}/claim", {"agent": "小王"})
    refused = post(f"{handover}/claim", {"agent": "小李"}, 409)
    assert "小王" in refused["error"]["message"]


def test_forbidden_words_are_refused(post: Post, handover: str) -> None:
    """The compliance rules hold for people too."""
    post(f"{handover}/claim", {"agent": "小王"})
    body = {"agent": "小王", "text": "这款产品保证收益，稳赚不赔。"}
    assert post(f"{handover}/say", body, 422)["error"]["code"] == "invalid"


def test_after_the_end_nothing_is_taken(post: Post, conversation: str, handover: str) -> None:
    """A closed conversation answers 409 and says what to do."""
    post(f"{handover}/claim", {"agent": "小王"})
    post(f"{handover}/close", {"agent": "小王"})
    refused = post(f"{conversation}/turns", {"text": "还在吗"}, 409)
    assert "begin a new one" in refused["error"]["message"]


def test_the_same_request_twice_takes_effect_once(
    client: TestClient, post: Post, conversation: str
) -> None:
    """The same key and body get the first answer; the same key with another body is refused."""
    first = post(f"{conversation}/turns", {"text": "费用"}, once="a-1")
    assert post(f"{conversation}/turns", {"text": "费用"}, once="a-1") == first
    assert client.get(f"{conversation}/turns").json()["last"] == 2
    post(f"{conversation}/turns", {"text": "别的"}, 422, once="a-1")
    begun = post("/v1/conversations", {}, 201, once="a-2")
    assert post("/v1/conversations", {}, 201, once="a-2") == begun


def test_an_event_must_have_what_it_needs(post: Post, conversation: str) -> None:
    """The refusal names the field."""
    assert post(f"{conversation}/turns", {}, 422)["error"]["parameter"] == "text"
    keys = post(f"{conversation}/turns", {"event": "keys"}, 422)
    assert keys["error"]["parameter"] == "keys"


def test_the_simple_chat_keeps_out(post: Post, conversation: str) -> None:
    """A conversation in which a person may speak is not answered past them."""
    body = {"text": "你好", "conversation_id": conversation.rpartition("/")[2]}
    assert "/turns" in post("/v1/chat/messages", body, 409)["error"]["message"]


def test_another_key_sees_nothing(client: TestClient, wiring: Workspace, conversation: str) -> None:
    """A conversation and its events belong to the key that began it."""
    other = create_key(wiring.key_store, "other")
    for path in ("", "/turns", "/events"):
        answer = client.get(f"{conversation}{path}", headers={"X-API-Key": other})
        assert answer.status_code == 404


def test_unknown_ids_are_404(client: TestClient, post: Post) -> None:
    """For conversations and handovers alike."""
    assert client.get(f"/v1/conversations/{'0' * 32}").status_code == 404
    assert client.get(f"/v1/handovers/{'0' * 32}").status_code == 404
    post(f"/v1/handovers/{'0' * 32}/claim", {"agent": "小王"}, 404)
    assert client.get("/v1/handovers?group=nobody").status_code == 422


def test_a_customer_follows_a_conversation(
    client: TestClient, post: Post, conversation: str, handover: str
) -> None:
    """Everything said comes once and in order; a reconnecting client gets only what is new."""
    post(f"{handover}/claim", {"agent": "小王"})
    first = events(client, f"{conversation}/events")
    turns = [data for name, data in first if name == "turn"]
    assert [turn["#"] for turn in turns] == list(range(1, len(turns) + 1))
    assert [data["mode"] for name, data in first if name == "state"] == ["human"]
    post(f"{handover}/say", {"agent": "小王", "text": "第一行\n第二行"})
    later = events(client, f"{conversation}/events", last=len(turns))
    assert [data["text"] for name, data in later if name == "turn"] == ["第一行\n第二行"]


def test_an_agents_desktop_follows_the_queue(
    client: TestClient, post: Post, conversation: str, handover: str
) -> None:
    """States and messages after the last event; without one, only what comes from now on."""
    post(f"{handover}/claim", {"agent": "小王"})
    post(f"{conversation}/turns", {"text": "在吗"})
    assert events(client, "/v1/handovers/events") == []
    found = [data for _, data in events(client, "/v1/handovers/events", last=0)]
    assert [(d["kind"], d["state"]) for d in found] == [
        ("state", "waiting"),
        ("state", "assigned"),
        ("message", "assigned"),
    ]
    rest = events(client, "/v1/handovers/events", last=found[1]["#"])
    assert [data["kind"] for _, data in rest] == ["message"]
    assert events(client, "/v1/handovers/events?group=trading", last=0) == []


def test_a_transfer_names_one_goal(post: Post, handover: str) -> None:
    """A group or a colleague, not both and not neither; a refusal says why."""
    post(f"{handover}/claim", {"agent": "小王"})
    assert post(f"{handover}/transfer", {"agent": "小王"}, 422)["error"]["parameter"] == "group"
    both = {"agent": "小王", "group": "trading", "to": "小李"}
    post(f"{handover}/transfer", both, 422)
    assert (
        "小李"
        in post(f"{handover}/transfer", {"agent": "小王", "to": "小李"}, 409)["error"]["message"]
    )
    post(f"{handover}/transfer", {"agent": "小王", "group": "nobody"}, 422)
    post(f"{handover}/release", {"agent": "小李"}, 409)


def test_a_case_moves_on_with_its_notes(
    client: TestClient, post: Post, conversation: str, handover: str
) -> None:
    """Transfer, claim by the next, a supervisor, an outcome: agents see all, the customer none."""
    post(f"{handover}/claim", {"agent": "小王"})
    post(f"{handover}/notes", {"agent": "小王", "text": "客户问两融"})
    moved = post(f"{handover}/transfer", {"agent": "小王", "group": "trading", "note": "请接"})
    assert (moved["mode"], moved["handover"]["group"]) == ("waiting", "交易专席")
    post(f"{handover}/claim", {"agent": "小李"})
    assert client.post("/v1/handovers/sign", json={"agent": "小周"}).status_code == 204
    post(f"{handover}/transfer", {"agent": "小李", "to": "小周"})
    post(f"{handover}/takeover", {"agent": "陈主管", "note": "我来"})
    detail = client.get(handover).json()
    assert [(n["kind"], n.get("target"), n["text"]) for n in detail["notes"]] == [
        ("note", None, "客户问两融"),
        ("transfer", "trading", "请接"),
        ("transfer", "小周", ""),
        ("takeover", "小周", "我来"),
    ]
    assert detail["context"]["reason"] == "asked"
    assert detail["context"]["questions"] == ["创业板怎么开通"]
    seen = json.dumps(client.get(f"{conversation}/turns").json(), ensure_ascii=False)
    assert "两融" not in seen
    post(f"{handover}/close", {"agent": "陈主管", "outcome": "fine"}, 422)
    listed = client.get("/v1/handovers").json()
    assert "solved" in [one["id"] for one in listed["outcomes"]]
    assert listed["agents"] == ["小周", "小李", "小王", "陈主管"]
    post(f"{handover}/close", {"agent": "陈主管", "outcome": "solved"})
    ended = client.get("/v1/handovers", params={"state": "closed"}).json()["handovers"][0]
    assert ended["outcome"] == "solved"


def test_supervisors_hear_of_anger(
    client: TestClient, wiring: Workspace, post: Post, conversation: str, handover: str
) -> None:
    """While a person speaks too: an event `alert`, a list, and an end when taken note of."""
    post(f"{handover}/claim", {"agent": "小王"})
    post(f"{conversation}/turns", {"text": "你们太差劲了！气死我了！我要投诉你们这群骗子！"})
    found = [d for name, d in events(client, "/v1/handovers/events", last=0) if name == "alert"]
    assert [(d["kind"], d["id"] == d["#"]) for d in found] == [("anger", True)]
    listed = client.get("/v1/handovers/alerts").json()["alerts"]
    assert [alert["number"] for alert in listed] == [found[0]["number"]]
    path = f"/v1/handovers/alerts/{listed[0]['id']}/acknowledge"
    assert post(path, {"agent": "陈主管"})["seen_by"] == "陈主管"
    assert client.get("/v1/handovers/alerts").json()["alerts"] == []
    assert len(client.get("/v1/handovers/alerts?seen=true").json()["alerts"]) == 1
    post("/v1/handovers/alerts/99999/acknowledge", {"agent": "陈主管"}, 404)


def test_the_server_minds_the_waits(
    wiring: Workspace, post: Post, conversation: str, handover: str
) -> None:
    """A tick offers a call back to who waits too long; a failing one is survived."""
    later = create_app(wiring, clock=lambda: MONDAY + timedelta(minutes=5))
    assert (tick(later), tick(later)) == (1, 0)
    said = wiring.handover_store.said(conversation.rpartition("/")[2])
    assert "手机号" in said[-1].text

    def broken() -> datetime:
        raise RuntimeError("no clock")

    assert tick(create_app(wiring, clock=broken)) == 0


def test_the_watch_runs_while_the_server_does(wiring: Workspace) -> None:
    """Starting and stopping the server starts and stops it, without a word."""
    app = create_app(wiring, clock=lambda: MONDAY)
    with TestClient(app) as client:
        assert client.get("/healthz").status_code == 200


def test_streams_read_only_what_changed() -> None:
    """All open streams are woken by one change, and read nothing while there is none."""
    reads: list[int] = []
    state = {"version": 0, "looks": 0}

    class Changes:
        def look(self) -> int:
            return state["version"]

    async def pause(_: float) -> None:
        state["looks"] += 1
        if state["looks"] == 50:
            state["version"] = 1
        await asyncio.sleep(0)

    def timer() -> float:
        return 1.0 if state["looks"] < 100 else 99.0

    streams = Streams(timer, Changes(), pause=pause, seconds=60)

    async def follow(number: int) -> None:
        def read() -> list[ServerEvent]:
            reads.append(number)
            return []

        async for _ in streams.events(read):
            pass

    async def run() -> None:
        await asyncio.gather(*(follow(number) for number in range(5)))

    asyncio.run(run())
    # At the beginning, at the first look, at the change and when the time is over.
    assert all(3 <= reads.count(number) <= 4 for number in range(5))


def test_a_stream_tells_what_comes_while_it_is_open(wiring: Workspace) -> None:
    """What is said during a pause of the stream arrives before it ends."""
    desk = wiring.conversation_desk(lambda: MONDAY)
    key = create_key(wiring.key_store, "tests")
    begun = desk.begin(key.split("_")[1])
    seconds = iter((0.0, 0.0, 1.0, 2.0, 99.0))

    async def pause(_: float) -> None:
        said = wiring.handover_store.said(begun.conversation_id)
        if not said:
            from assist.utterance import Utterance

            wiring.conversation_desk(lambda: MONDAY).hear(
                begun.conversation_id, Utterance("你好"), key_id=key.split("_")[1]
            )

    app = create_app(
        wiring,
        clock=lambda: MONDAY + timedelta(seconds=1),
        timer=lambda: next(seconds, 99.0),
        pause=pause,
        stream_seconds=50,
    )
    client = TestClient(app, headers={"X-API-Key": key})
    found = events(client, f"/v1/conversations/{begun.conversation_id}/events")
    assert [data["text"] for name, data in found if name == "turn"] == ["你好", "答：你好"]
