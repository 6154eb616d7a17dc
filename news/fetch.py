"""Documents from the web, under limits: schemes, addresses, time, size, redirects.

An address given by a feed or a person may point at this machine or its network ("server-side
request forgery", CWE-918). So a host is resolved first, every one of its addresses must be public,
and the connection goes to the address that was checked: a second look-up cannot change it. Each
redirect is checked the same way.
"""

from __future__ import annotations

import ipaddress
import socket
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx

from news.errors import SourceError, SourceUnavailableError

USER_AGENT = "Foreland/0.1 (news reader; on-premises)"
MAX_BYTES = 20 * 1024 * 1024
MAX_REDIRECTS = 5
TIME_LIMIT = 60.0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429})
_STEP = 64 * 1024
_ALLOWED_BY = "allow private addresses (--allow-private) if that is meant"
_LONGEST_MARK = 1_000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to IP addresses; raises OSError where the name is unknown."""


@dataclass(frozen=True, slots=True)
class Held:
    """What marks the version of a document that one holds already (RFC 9110, 8.8), as sent."""

    etag: str | None = None
    last_modified: str | None = None


NOTHING_HELD = Held()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document: its final address after redirects, its body without transfer coding.

    `content_type` is in lower case without parameters, empty where the server sends none;
    `encoding` is the charset of that header, as sent. `unchanged`: it is the version that was
    held, and the body is empty.
    """

    url: str
    body: bytes
    content_type: str
    encoding: str | None
    held: Held = NOTHING_HELD
    unchanged: bool = False


class Getter(Protocol):
    """Gets documents by address; `Fetcher` and `news.poll_fetch.PoliteFetcher` do."""

    def get(self, url: str, *, held: Held = NOTHING_HELD) -> Fetched:
        """The document at an address; raises SourceError where there is none."""
        ...


class Fetcher:
    """Gets documents over http and https with a client that the caller owns and closes."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        max_bytes: int = MAX_BYTES,
        max_redirects: int = MAX_REDIRECTS,
        time_limit: float = TIME_LIMIT,
        allow_private: bool = False,
        resolve: Resolve | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`time_limit` caps a whole download in seconds; the client's own timeouts cap each step.

        `allow_private` lets requests reach addresses of this machine and its networks.
        """
        self._client = client
        self._max_bytes = max_bytes
        self._max_redirects = max_redirects
        self._time_limit = time_limit
        self._allow_private = allow_private
        self._resolve = resolve or resolve_host
        self._clock = clock

    def get(self, url: str, *, held: Held = NOTHING_HELD) -> Fetched:
        """The document at an address, or that it is `unchanged` where the server says so.

        Raises SourceUnavailableError where a later try may work (no answer in time, 429, 5xx), and
        SourceError where it will not (refused address, 4xx, too large, too many redirects).
        """
        deadline = self._clock() + self._time_limit
        here = _parsed(url)
        for _ in range(self._max_redirects + 1):
            try:
                answer = self._step(here, deadline, held)
            except httpx.TimeoutException as error:
                raise SourceUnavailableError(
                    f"{shown(here)}: no answer in time ({type(error).__name__}); try again later"
                ) from error
            except (httpx.HTTPError, httpx.StreamError) as error:
                raise SourceUnavailableError(
                    f"{shown(here)}: cannot be reached ({error}); check address and network"
                ) from error
            if isinstance(answer, Fetched):
                return answer
            here = answer
        raise SourceError(
            f"{url}: more than {self._max_redirects} redirects; give the final address"
        )

    def _step(self, url: httpx.URL, deadline: float, held: Held) -> Fetched | httpx.URL:
        """One request: the document, or the address that the answer points on to."""
        request = self._request(url, held)
        response = self._client.send(request, stream=True, follow_redirects=False)
        try:
            if response.status_code == 304 and held != NOTHING_HELD:
                return Fetched(shown(url), b"", "", None, held, unchanged=True)
            if response.status_code in _REDIRECTS and "location" in response.headers:
                return _redirected(url, response.headers["location"])
            _check_status(url, response)
            body = self._body(url, response, deadline)
        finally:
            response.close()
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Fetched(shown(url), body, kind, response.charset_encoding, _held(response))

    def _request(self, url: httpx.URL, held: Held) -> httpx.Request:
        pinned = pinned_address(
            url, self._resolve, allow_private=self._allow_private, hint=_ALLOWED_BY
        )
        headers = {
            **pinned.headers,
            "Accept": "application/rss+xml, application/atom+xml, text/html, */*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        }
        headers |= {"If-None-Match": held.etag} if held.etag else {}
        headers |= {"If-Modified-Since": held.last_modified} if held.last_modified else {}
        return self._client.build_request(
            "GET", pinned.url, headers=headers, extensions=pinned.extensions
        )

    def _body(self, url: httpx.URL, response: httpx.Response, deadline: float) -> bytes:
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self._max_bytes:
            raise self._too_large(url, f"{int(announced):,} bytes")
        body = bytearray()
        for piece in _unpacked(url, response):
            body += piece
            if len(body) > self._max_bytes:
                raise self._too_large(url, "more")
            if self._clock() > deadline:
                raise SourceUnavailableError(
                    f"{shown(url)}: not complete after {self._time_limit:g} seconds; try later"
                )
        return bytes(body)

    def _too_large(self, url: httpx.URL, size: str) -> SourceError:
        return SourceError(
            f"{shown(url)}: {size} announced or sent; at most {self._max_bytes:,} bytes are read:"
            " give the addresses of single articles"
        )


@dataclass(frozen=True, slots=True)
class PinnedAddress:
    """Where a connection goes: `url` with the IP address that was checked instead of its host.

    `headers` and `extensions` (for httpx) name the host to the server and to TLS.
    """

    url: httpx.URL
    headers: dict[str, str]
    extensions: dict[str, str]


def pinned_address(
    url: httpx.URL, resolve: Resolve, *, allow_private: bool, hint: str
) -> PinnedAddress:
    """Resolve a host once, so that a second look-up cannot change what was checked.

    Raises SourceUnavailableError for an unknown host, and SourceError for one with any address
    inside this network; `hint` says there how the operator allows it.
    """
    host = url.raw_host.decode("ascii")
    try:
        addresses = resolve(host, url.port or (443 if url.scheme == "https" else 80))
    except (OSError, UnicodeError) as error:
        raise SourceUnavailableError(
            f"{shown(url)}: host {host!r} is not known ({error}); check its spelling and the"
            " name server"
        ) from error
    for address in addresses:
        if not allow_private and not is_public(address):
            raise SourceError(
                f"{shown(url)}: {host} is {address}, an address inside this network; {hint}"
            )
    if not addresses:
        raise SourceUnavailableError(f"{shown(url)}: host {host!r} has no address; try later")
    headers = {
        "Host": url.netloc.decode("ascii"),
        "User-Agent": USER_AGENT,
        # A kept connection would be found again by IP address, for any host that shares it.
        "Connection": "close",
    }
    extensions = {} if addresses[0] == host else {"sni_hostname": host}
    return PinnedAddress(url.copy_with(host=addresses[0]), headers, extensions)


def http_client(*, connect_timeout: float = 5.0, read_timeout: float = 15.0) -> httpx.Client:
    """A client for `Fetcher`: no proxy or credentials from the environment, no redirects."""
    timeout = httpx.Timeout(read_timeout, connect=connect_timeout)
    return httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False)


def resolve_host(host: str, port: int) -> tuple[str, ...]:
    """IP addresses of a host by the system's resolver, its preferred one first."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, seen through IPv6 wrappings of IPv4."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            ip = inner
    return ip.is_global and not ip.is_multicast


def shown(url: httpx.URL | str) -> str:
    """An address for messages and records: without user name and password."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return str(url)
    return str(parsed.copy_with(username=None, password=None) if parsed.userinfo else parsed)


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        host = parsed.raw_host
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError(f"{url[:200]!r} is no address ({error}); write https://…") from error
    if parsed.scheme not in ("http", "https") or not host:
        raise SourceError(
            f"{url[:200]!r}: only http and https addresses with a host are fetched; write https://…"
        )
    return parsed


def _redirected(url: httpx.URL, location: str) -> httpx.URL:
    try:
        return _parsed(str(url.join(location)))
    except httpx.InvalidURL as error:
        raise SourceError(
            f"{shown(url)}: redirects to {location[:200]!r}, which is no address ({error})"
        ) from error
    except SourceError as error:
        raise SourceError(f"{shown(url)}: redirects elsewhere: {error}") from error


def _check_status(url: httpx.URL, response: httpx.Response) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    answer = f"{shown(url)}: answered {status} {response.reason_phrase}".rstrip()
    if status >= 500 or status in _PASSING:
        raise SourceUnavailableError(
            f"{answer}; try again later", retry_after=_retry_after(response)
        )
    advice = "it wants a login" if status in (401, 403) else "check the address"
    raise SourceError(f"{answer}; {advice}")


def _held(response: httpx.Response) -> Held:
    """Validators of an answer; absurdly long ones are not worth keeping."""
    values = (response.headers.get(name) for name in ("etag", "last-modified"))
    return Held(*(value if value and len(value) <= _LONGEST_MARK else None for value in values))


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds to wait that the server asks for: a number, or a time by its own clock."""
    asked = response.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        then = parsedate_to_datetime(asked)
        now = parsedate_to_datetime(response.headers.get("date", ""))
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError):
        return None


class _Inflate(Protocol):
    @property
    def unconsumed_tail(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def _unpacked(url: httpx.URL, response: httpx.Response) -> Iterator[bytes]:
    """The body in small pieces, so that a compressed bomb meets the size cap early."""
    if response.is_stream_consumed:  # httpx's fake transport hands its body over whole
        yield response.content
        return
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        yield from response.iter_raw(_STEP)
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise SourceError(f"{shown(url)}: content coding {coding!r} instead of gzip, as asked for")
    inflate: _Inflate | None = None
    for chunk in response.iter_raw(_STEP):
        inflate = inflate or _inflater(coding, chunk)
        try:
            while chunk:
                yield inflate.decompress(chunk, _STEP)
                chunk = inflate.unconsumed_tail
        except zlib.error as error:
            raise SourceError(f"{shown(url)}: broken {coding} data ({error}); try again") from error


def _inflater(coding: str, first: bytes) -> _Inflate:
    if coding != "deflate":
        return zlib.decompressobj(wbits=31)
    # Some servers send bare deflate, others the zlib wrapping that the standard asks for.
    has_header = len(first) > 1 and first[0] & 15 == 8 and int.from_bytes(first[:2]) % 31 == 0
    return zlib.decompressobj(wbits=15 if has_header else -15)
