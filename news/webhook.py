"""Posting to an address that a program gave: signed, and never into this network unasked.

POST with a JSON body and the header fields X-Foreland-Delivery (the same for every attempt at one
delivery), X-Foreland-Timestamp (seconds since 1970) and X-Foreland-Signature: "v1=" and the
HMAC-SHA256 of timestamp "." body in hex. As for what is fetched (`news.fetch`), every address of
the host must be public and the connection goes to the one that was checked; nothing is followed.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import httpx

from news.errors import SourceError
from news.fetch import Resolve, pinned_address, resolve_host, shown

USER_AGENT = "Foreland/0.1 (webhook)"
LONGEST_URL = 1_000
_ALLOWED_BY = "the operator allows it with FORELAND_WEBHOOK_PRIVATE=true"


@dataclass(frozen=True, slots=True)
class Posted:
    """What an attempt came to; `answer` is an HTTP status or what went wrong."""

    taken: bool
    answer: str


class WebhookSender:
    """Posts with a client that the caller owns and closes (`news.fetch.http_client`)."""

    def __init__(
        self, client: httpx.Client, *, allow_private: bool = False, resolve: Resolve | None = None
    ) -> None:
        """`allow_private` lets postings reach addresses of this machine and its networks."""
        self._client = client
        self._allow_private = allow_private
        self._resolve = resolve or resolve_host

    def post(self, url: str, secret: str, delivery_id: str, at: int, body: bytes) -> Posted:
        """One attempt, `at` in seconds since 1970; any answer 200 to 299 takes it."""
        try:
            request = self._request(check_url(url), secret, delivery_id, at, body)
            response = self._client.send(request, stream=True, follow_redirects=False)
            response.close()
        except (SourceError, httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            return Posted(False, str(error)[:300] or type(error).__name__)
        return Posted(response.is_success, f"HTTP {response.status_code}")

    def _request(
        self, url: httpx.URL, secret: str, delivery_id: str, at: int, body: bytes
    ) -> httpx.Request:
        pinned = pinned_address(
            url, self._resolve, allow_private=self._allow_private, hint=_ALLOWED_BY
        )
        headers = {
            **pinned.headers,
            "User-Agent": USER_AGENT,
            "Content-Type": "application/json",
            "X-Foreland-Delivery": delivery_id,
            "X-Foreland-Timestamp": str(at),
            "X-Foreland-Signature": signature(secret, at, body),
        }
        return self._client.build_request(
            "POST", pinned.url, content=body, headers=headers, extensions=pinned.extensions
        )


def signature(secret: str, at: int, body: bytes) -> str:
    """What stands in X-Foreland-Signature."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"v1={digest.hexdigest()}"


def check_url(url: str) -> httpx.URL:
    """The address in parts; raises SourceError for what is no http(s) address with a host."""
    try:
        parsed = httpx.URL(url)
        host = parsed.raw_host
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError(f"{url[:200]!r} is no address ({error}); write https://…") from error
    if parsed.scheme not in ("http", "https") or not host or len(url) > LONGEST_URL:
        raise SourceError(
            f"{url[:200]!r}: give an http or https address with a host, of at most {LONGEST_URL}"
            " characters"
        )
    if parsed.userinfo:
        raise SourceError(f"{shown(parsed)}: leave user name and password out; postings are signed")
    return parsed
