"""A server that is killed while customers, the bot and agents talk, and the one after it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx

from ui.settings import Settings
from ui.store import UiStore

CUSTOMERS, MESSAGES = 3, 8


def send(client: httpx.Client, path: str, body: object, once: str | None = None) -> Any:
    answer = client.post(path, json=body, headers={"Idempotency-Key": once} if once else {})
    assert answer.is_success, answer.text
    return answer.json()


def test_a_takeover_outlives_the_process(
    serve: Any, settings: Settings, client: httpx.Client
) -> None:
    """Queue, agent, words and the mode stand after `kill -9` as they did before it."""
    with serve(settings) as first:
        begun = send(client, "/v1/conversations", {})
        path = f"/v1/conversations/{begun['conversation_id']}"
        waits = send(client, f"{path}/turns", {"text": "转人工"})
        handover = f"/v1/handovers/{waits['handover']['handover_id']}"
        send(client, f"{handover}/claim", {"agent": "小王"})
        before = send(client, f"{handover}/say", {"agent": "小王", "text": "您好"}, "say-1")
        said = client.get(f"{path}/turns").json()
        first.kill()
        first.wait()
    with serve(settings):
        assert client.get(f"{path}/turns").json() == said
        again = send(client, f"{handover}/say", {"agent": "小王", "text": "您好"}, "say-1")
        assert again == before
        quiet = send(client, f"{path}/turns", {"text": "创业板怎么开通"})
        assert [turn["speaker"] for turn in quiet["turns"]] == ["customer"]
        send(client, f"{handover}/return", {"agent": "小王"})
        speaks = send(client, f"{path}/turns", {"text": "创业板怎么开通"})
        assert "创业板" in speaks["turns"][-1]["text"]


def test_nothing_said_is_lost_or_doubled(
    serve: Any, settings: Settings, client: httpx.Client
) -> None:
    """Every request is repeated with its key until answered, through a kill: each counts once."""
    answered = threading.Semaphore(0)
    restarted = threading.Event()

    def talk(customer: int) -> tuple[str, list[str]]:
        path = ""
        texts = [f"第{n}句，客户{customer}的创业板怎么开通" for n in range(MESSAGES)]
        begun = until_answered(lambda: send(client, "/v1/conversations", {}, f"b-{customer}"))
        path = f"/v1/conversations/{begun['conversation_id']}"
        for number, text in enumerate(texts):
            once = f"{customer}-{number}"
            until_answered(lambda t=text, o=once: send(client, f"{path}/turns", {"text": t}, o))
            answered.release()
        return path, texts

    def until_answered(request: Any) -> Any:
        try:
            return request()
        except httpx.TransportError:
            restarted.wait(120)
            return request()

    with ThreadPoolExecutor(CUSTOMERS) as pool:
        with serve(settings) as first:
            talks = [pool.submit(talk, number) for number in range(CUSTOMERS)]
            for _ in range(CUSTOMERS * MESSAGES // 3):
                assert answered.acquire(timeout=120)
            first.kill()
            first.wait()
        with serve(settings):
            restarted.set()
            for path, texts in (talk.result() for talk in talks):
                said = client.get(f"{path}/turns").json()["turns"]
                mine = [turn["text"] for turn in said if turn["speaker"] == "customer"]
                assert mine == texts
                assert [turn["number"] for turn in said] == list(range(1, len(said) + 1))


def test_a_killed_transfer_leaves_one_owner(
    serve: Any, settings: Settings, client: httpx.Client
) -> None:
    """Killed while it is handed to and fro, a conversation has one agent, or waits in one queue.

    What the customer was told last, the mode and the notes fit to it, and the next agent goes on.
    """
    moving = threading.Semaphore(0)
    agents = ("小王", "小李")

    def move(handover: str) -> None:
        with suppress(httpx.TransportError):
            for turn in range(1_000):
                here, there = agents[turn % 2], agents[1 - turn % 2]
                client.post(f"{handover}/transfer", json={"agent": here, "to": there})
                moving.release()

    with serve(settings) as first:
        begun = send(client, "/v1/conversations", {})
        path = f"/v1/conversations/{begun['conversation_id']}"
        waits = send(client, f"{path}/turns", {"text": "转人工"})
        handover = f"/v1/handovers/{waits['handover']['handover_id']}"
        for agent in agents:
            assert client.post("/v1/handovers/sign", json={"agent": agent}).status_code == 204
        send(client, f"{handover}/claim", {"agent": agents[0]})
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(move, handover)
            for _ in range(15):
                assert moving.acquire(timeout=60)
            first.kill()
            first.wait()
            done.result()
    store = UiStore.open(settings.database)
    kept = store.handovers.open_handover(begun["conversation_id"])
    assert kept is not None
    said = store.handovers.said(begun["conversation_id"])
    notes = store.handovers.notes.of(begun["conversation_id"])
    assert kept.agent == notes[-1].target
    assert kept.agent in said[-1].text
    assert len(said) == 3 + len(notes)  # the wish, the queue, the claim, then one a transfer
    assert [h.id for a in agents for h in store.handovers.with_agent(a)] == [kept.id]
    with serve(settings):
        send(client, f"{handover}/say", {"agent": kept.agent, "text": "您好"})
        other = next(agent for agent in agents if agent != kept.agent)
        refused = client.post(f"{handover}/say", json={"agent": other, "text": "您好"})
        assert refused.status_code == 409
