"""Actions in the firm's own system: a signed POST for each, answered with results.

Request: POST {url}/{action}, body {"arguments": {…}, "customer": "…", "at": ISO 8601}, with
X-Foreland-Timestamp (seconds since 1970), Idempotency-Key (draft-ietf-httpapi-idempotency-key)
and X-Foreland-Signature: v1=HMAC-SHA256(secret, timestamp "." action "." key "." body) in hex.
Answer: 200 with {"results": {name: text}}. 408, 425, 429, 5xx and broken connections are tried
again with the same key; anything else is final.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from assist.action import ActionOrder
from assist.action_file import HttpEndpoint
from assist.errors import ActionError

_AGAIN = frozenset({408, 425, 429})
SHORTEST_SECRET = 16


class HttpActions:
    """Orders actions over HTTP; keeps its connections, no data."""

    def __init__(
        self,
        endpoint: HttpEndpoint,
        secret: str,
        *,
        client: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ActionError(
                f"the secret of {endpoint.url} has {len(secret)} characters; give one of"
                f" {SHORTEST_SECRET} or more (FORELAND_ACTIONS_SECRET)"
            )
        self._endpoint = endpoint
        self._secret = secret.encode()
        self._client = client or httpx.Client(follow_redirects=False, trust_env=False)
        self._sleep = sleep
        self._ticks = ticks

    def run(self, order: ActionOrder) -> Mapping[str, str]:
        """What the firm's system returns; raises ActionError without any value in it."""
        if not order.key:
            raise ActionError(f"action {order.action}: the conversation has no key, so a repeat"
                              " could do it twice; begin the conversation with one")  # fmt: skip
        body = _body(order)
        headers = signed(self._secret, order.action, order.key, int(order.now.timestamp()), body)
        for attempt in range(self._endpoint.retries + 1):
            try:
                return _results(order.action, self._post(order.action, body, headers))
            except ActionError as error:
                if not error.retryable or attempt == self._endpoint.retries:
                    raise
            self._sleep(self._endpoint.pause * 2**attempt)
        raise AssertionError("the loop above returns or raises")

    def _post(self, action: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        end = self._ticks() + self._endpoint.timeout
        try:
            with self._client.stream(
                "POST",
                f"{self._endpoint.url}/{action}",
                content=body,
                headers=dict(headers),
                timeout=self._endpoint.timeout,
            ) as response:
                if response.status_code != 200:
                    again = response.status_code in _AGAIN or response.status_code >= 500
                    raise ActionError(f"action {action}: HTTP {response.status_code}", again=again)
                return self._read(action, response, end)
        except httpx.TransportError as error:
            # Its text may name the address asked for, never the data; the kind is enough.
            raise ActionError(f"action {action}: {type(error).__name__}", again=True) from error
        except httpx.HTTPError as error:
            raise ActionError(f"action {action}: {type(error).__name__}") from error

    def _read(self, action: str, response: httpx.Response, end: float) -> bytes:
        taken = bytearray()
        for chunk in response.iter_bytes():
            taken += chunk
            if len(taken) > self._endpoint.largest:
                raise ActionError(f"action {action}: more than {self._endpoint.largest} bytes")
            if self._ticks() > end:
                message = f"action {action}: not answered in {self._endpoint.timeout} seconds"
                raise ActionError(message, again=True)
        return bytes(taken)


def signed(secret: bytes, action: str, key: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a request; the firm's system computes the signature again."""
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "X-Foreland-Timestamp": str(timestamp),
        "X-Foreland-Signature": f"v1={signature(secret, action, key, timestamp, body)}",
    }


def signature(secret: bytes, action: str, key: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 in hex over what a request says and when."""
    head = f"{timestamp}.{action}.{key}.".encode()
    return hmac.new(secret, head + body, hashlib.sha256).hexdigest()


def _body(order: ActionOrder) -> bytes:
    content = {
        "arguments": dict(sorted(order.arguments.items())),
        "customer": order.customer,
        "at": order.now.isoformat(),
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def _results(action: str, answer: bytes) -> dict[str, str]:
    try:
        content: Any = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise ActionError(f"action {action}: the answer is no JSON") from error
    results = content.get("results") if isinstance(content, dict) else None
    if not isinstance(results, dict) or not all(isinstance(v, str) for v in results.values()):
        raise ActionError(f'action {action}: the answer is not {{"results": {{name: text}}}}')
    return results
