"""A server that is killed in the middle of a conversation, and the one after it."""

from __future__ import annotations

from typing import Any

import httpx

from ui.settings import Settings


def _say(client: httpx.Client, text: str, conversation: str | None = None) -> Any:
    body = {"text": text, "conversation_id": conversation}
    answer = client.post("/v1/chat/messages", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_conversation_outlives_the_process_that_was_killed(
    serve: Any, settings: Settings, client: httpx.Client
) -> None:
    """Which company was talked about before `kill -9` is known after it."""
    with serve(settings) as first:
        upstream = _say(client, "宁德时代的上游有哪些")
        first.kill()
        first.wait()
    assert "上游" in upstream["reply"]
    with serve(settings):
        downstream = _say(client, "那它的下游呢", upstream["conversation_id"])
    assert downstream["kind"] == "answer"
    assert "锂电池行业的下游" in downstream["reply"]
