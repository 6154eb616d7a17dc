"""Documents are fetched from a real local server, under every limit."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import httpx
import pytest

from news.errors import SourceError, SourceUnavailableError
from news.fetch import Fetched, Fetcher, http_client, is_public, shown

BODY = "公告正文。".encode("gb18030")


class _Handler(BaseHTTPRequestHandler):
    release = threading.Event()

    def do_GET(self) -> None:
        """Answer by path; the paths are the test cases."""
        path = self.path
        if path.startswith("/hop"):
            self._answer(
                302, b"", Location=f"/hop{int(path[4:]) + 1}" if path != "/hop5" else "/ok"
            )
        elif path == "/loop":
            self._answer(301, b"", Location="/loop")
        elif path == "/elsewhere":
            self._answer(302, b"", Location="file:///etc/passwd")
        elif path in ("/404", "/403", "/503", "/429"):
            self._answer(int(path[1:]), b"no")
        elif path == "/gzip":
            self._answer(200, gzip.compress(BODY), Content_Encoding="gzip")
        elif path == "/deflate":
            self._answer(200, zlib.compress(BODY), Content_Encoding="deflate")
        elif path == "/bare":
            packer = zlib.compressobj(wbits=-15)
            self._answer(200, packer.compress(BODY) + packer.flush(), Content_Encoding="deflate")
        elif path == "/br":
            self._answer(200, b"x", Content_Encoding="br")
        elif path == "/bomb":
            self._answer(200, gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip")
        elif path == "/torn":
            self._answer(200, b"\x1f\x8bnot gzip at all", Content_Encoding="gzip")
        elif path == "/large":
            self._answer(200, b"x" * 200_000)
        elif path == "/endless":
            self._endless()
        elif path == "/silent":
            self.release.wait(20)
        elif path == "/host":
            self._answer(200, self.headers["Host"].encode())
        else:
            self._answer(200, BODY)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=gb2312")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self._send(body)

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        while self._send(b"x" * 65_536):
            pass

    def _send(self, body: bytes) -> bool:
        try:
            self.wfile.write(body)
        except OSError:
            return False
        return True

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of the tests quiet."""


@dataclass(frozen=True)
class _Server:
    address: str
    fetcher: Callable[..., Fetcher]


@pytest.fixture(scope="module")
def server() -> Iterator[_Server]:
    """A local server, and fetchers that may reach it."""
    running = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with http_client(connect_timeout=5, read_timeout=0.3) as client:

        def fetcher(**options: object) -> Fetcher:
            return Fetcher(client, **{"allow_private": True, **options})  # type: ignore[arg-type]

        yield _Server(f"http://127.0.0.1:{running.server_port}", fetcher)
    _Handler.release.set()
    running.shutdown()
    running.server_close()
    thread.join()


def test_a_document_comes_with_its_address_and_encoding(server: _Server) -> None:
    """Body, final address, content type and declared charset are reported as sent."""
    assert server.fetcher().get(f"{server.address}/ok") == Fetched(
        f"{server.address}/ok", BODY, "text/html", "gb2312"
    )


@pytest.mark.parametrize("path", ["/gzip", "/deflate", "/bare"])
def test_packed_bodies_are_unpacked(path: str, server: _Server) -> None:
    """gzip, and deflate with or without its wrapping, give the plain body."""
    assert server.fetcher().get(server.address + path).body == BODY


def test_redirects_are_followed_to_their_end(server: _Server) -> None:
    """Five redirects are allowed, and the address is that of the last."""
    got = server.fetcher().get(f"{server.address}/hop1")
    assert (got.url, got.body) == (f"{server.address}/ok", BODY)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/hop0", "more than 5 redirects"),
        ("/loop", "more than 5 redirects"),
        ("/elsewhere", "only http and https"),
        ("/404", "answered 404 Not Found; check the address"),
        ("/403", "answered 403 Forbidden; it wants a login"),
        ("/br", "content coding 'br'"),
        ("/torn", "broken gzip data"),
        ("/large", "200,000 bytes announced"),
        ("/endless", "at most 100,000 bytes"),
        ("/bomb", "at most 100,000 bytes"),
    ],
)
def test_what_a_later_try_cannot_mend_is_final(path: str, reason: str, server: _Server) -> None:
    """Wrong addresses, loops, bombs and sizes above the cap are not worth another try."""
    with pytest.raises(SourceError, match=reason) as caught:
        server.fetcher(max_bytes=100_000).get(server.address + path)
    assert not caught.value.retryable
    assert str(caught.value).startswith(server.address)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/503", "answered 503"),
        ("/429", "answered 429"),
        ("/silent", "no answer in time"),
    ],
)
def test_what_passes_is_worth_another_try(path: str, reason: str, server: _Server) -> None:
    """Overload and silence are temporary."""
    with pytest.raises(SourceUnavailableError, match=reason) as caught:
        server.fetcher().get(server.address + path)
    assert caught.value.retryable


def test_a_body_that_trickles_for_ever_ends_at_the_time_limit(server: _Server) -> None:
    """The whole download has a limit of its own; the clock here runs ten seconds a look."""
    ticks = count(0, 10)
    fetcher = server.fetcher(time_limit=30, clock=lambda: float(next(ticks)))
    with pytest.raises(SourceUnavailableError, match="not complete after 30 seconds"):
        fetcher.get(f"{server.address}/endless")


def test_a_closed_port_is_unavailable() -> None:
    """A refused connection is temporary and names the address."""
    with (
        http_client() as client,
        pytest.raises(SourceUnavailableError, match=r"http://127\.0\.0\.1:9/: cannot be reached"),
    ):
        Fetcher(client, allow_private=True).get("http://127.0.0.1:9/")


def test_this_machine_is_refused_unless_allowed(server: _Server) -> None:
    """Without permission no request reaches an address of this machine."""
    with pytest.raises(SourceError, match=r"127\.0\.0\.1, an address inside this network"):
        server.fetcher(allow_private=False).get(f"{server.address}/ok")


class _Web:
    """A web of two hosts behind httpx's own fake transport, recording what is connected to."""

    names = {  # noqa: RUF012  a fixed table
        "news.example": ("93.184.216.34",),
        "inner.example": ("93.184.216.34", "10.0.0.8"),
        "metadata.example": ("169.254.169.254",),
    }

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.lookups: list[str] = []

    def fetcher(self) -> Fetcher:
        client = httpx.Client(transport=httpx.MockTransport(self._answer))
        return Fetcher(client, resolve=self._resolve)

    def _resolve(self, host: str, port: int) -> tuple[str, ...]:
        self.lookups.append(host)
        return self.names.get(host, (host,))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        target = request.url.params.get("to")
        return httpx.Response(302, headers={"Location": target}) if target else httpx.Response(200)


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """The name is looked up once and pinned, so that a second answer (rebinding) has no effect."""
    web = _Web()
    got = web.fetcher().get("https://user:secret@news.example:8443/a?b=1")
    (request,) = web.requests
    assert str(request.url.copy_with(userinfo=b"")) == "https://93.184.216.34:8443/a?b=1"
    assert request.headers["Host"] == "news.example:8443"
    assert request.extensions["sni_hostname"] == "news.example"
    assert web.lookups == ["news.example"]
    assert got.url == "https://news.example:8443/a?b=1"


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/admin",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://metadata.example/latest",
        "http://inner.example/",
        "//169.254.169.254/latest",
    ],
)
def test_a_redirect_into_the_network_is_refused(target: str) -> None:
    """Each hop is checked; one private address among public ones is enough to refuse."""
    web = _Web()
    with pytest.raises(SourceError, match="inside this network"):
        web.fetcher().get(str(httpx.URL("http://news.example/", params={"to": target})))
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/a", "http:///a", "file:///etc/passwd", "http://[x]/", "https://", "\0", ""],
)
def test_only_addresses_of_the_web_are_fetched(url: str) -> None:
    """Other schemes and malformed addresses are refused before anything is looked up."""
    web = _Web()
    with pytest.raises(SourceError, match=r"only http and https|is no address"):
        web.fetcher().get(url)
    assert not web.lookups


def test_an_unknown_host_is_named() -> None:
    """A name that the resolver does not know is reported with the name, for another try."""

    def resolve(host: str, port: int) -> tuple[str, ...]:
        raise OSError("Name or service not known")

    with (
        http_client() as client,
        pytest.raises(SourceUnavailableError, match=r"host 'nosuch\.test'"),
    ):
        Fetcher(client, resolve=resolve).get("http://nosuch.test/")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("ff0e::1", False),
        ("localhost", False),
    ],
)
def test_public_addresses_are_told_from_private_ones(address: str, public: bool) -> None:
    """Private, loopback, link-local and multicast addresses are seen through IPv6 wrappings."""
    assert is_public(address) is public


def test_a_password_in_an_address_is_not_shown() -> None:
    """Messages and records leave out user name and password."""
    assert shown("http://user:secret@example.com/a") == "http://example.com/a"
