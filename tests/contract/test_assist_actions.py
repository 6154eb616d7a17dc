"""Both adapters of actions keep the same promises; the http one against a real server."""

from __future__ import annotations

import hmac
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from assist.action import ActionBook, ActionOrder, Actions, Adapter, action_key
from assist.action_file import HttpEndpoint, read_actions
from assist.action_http import HttpActions, signature
from assist.action_sample import SampleActions, read_customers
from assist.action_store import ActionOutbox
from assist.errors import ActionError

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
SECRET = "a secret of the tests"
IDENTITY = {"id_number": "110101198503071200", "phone": "13800138000"}
COMPLAINT = {"category": "fees", "text": "佣金收错了", "phone": "13800138000"}


class FirmSystem:
    """The firm's own system: checks signatures and answers from the sample customers."""

    def __init__(self, sample: SampleActions) -> None:
        self.sample = sample
        self.keys: list[str] = []
        self.failures: list[Response] = []
        self.app = FastAPI()
        self.app.post("/{action}")(self.answer)

    async def answer(self, action: str, request: Request) -> Any:
        """What the action returns; 401 for a signature that does not fit."""
        body = await request.body()
        key = request.headers["idempotency-key"]
        at = int(request.headers["x-foreland-timestamp"])
        wanted = f"v1={signature(SECRET.encode(), action, key, at, body)}"
        if not hmac.compare_digest(wanted, request.headers["x-foreland-signature"]):
            return Response(status_code=401)
        self.keys.append(key)
        asked = await request.json()
        moment = datetime.fromisoformat(asked["at"])
        order = ActionOrder(action, asked["arguments"], moment, asked["customer"], key)
        try:
            results = self.sample.run(order)
        except ActionError:
            return Response(status_code=422)
        if self.failures:  # the work was done, the answer gets lost
            return self.failures.pop(0)
        return {"results": {**results, "undeclared": "not to be taken"}}


@pytest.fixture(scope="module")
def firm(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FirmSystem, str]]:
    """The firm's system on a port of this machine."""
    system = FirmSystem(sample(data, tmp_path_factory.mktemp("firm") / "firm.db"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(system.app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    waiting = httpx.Client(transport=httpx.HTTPTransport(retries=8))
    waiting.get(url)
    waiting.close()
    yield system, url
    server.should_exit = True
    thread.join(5)


def sample(data: Path, database: Path) -> SampleActions:
    """The sample system with an outbox of its own."""
    return SampleActions(read_customers(data / "customers.sample.tsv"), ActionOutbox.open(database))


def book(data: Path, adapter: Adapter, actions: Actions) -> ActionBook:
    """The published actions, all done by one adapter."""
    specs = read_actions(data / "actions.yaml").specs
    return ActionBook([replace(s, adapter=adapter) for s in specs], {adapter: actions})


def over_http(data: Path, url: str, **options: Any) -> ActionBook:
    """The published actions done by the firm's system."""
    endpoint = HttpEndpoint(url, timeout=5, pause=0, **options)
    return book(data, Adapter.HTTP, HttpActions(endpoint, SECRET))


@pytest.fixture(params=[Adapter.SAMPLE, Adapter.HTTP])
def actions(
    request: pytest.FixtureRequest,
    data: Path,
    tmp_path: Path,
    firm: tuple[FirmSystem, str],
) -> ActionBook:
    """The published actions, by each adapter in turn."""
    if request.param is Adapter.HTTP:
        return over_http(data, firm[1])
    return book(data, Adapter.SAMPLE, sample(data, tmp_path / "own.db"))


def order(action: str, step: str = "s", customer: str = "", **arguments: str) -> ActionOrder:
    """An order in the first turn of a conversation."""
    key = action_key(f"test of {action}", 1, "f", step)
    return ActionOrder(action, arguments, NOW, customer, key)


def test_the_right_person_is_verified_and_named(actions: ActionBook) -> None:
    """Both numbers must belong to one customer."""
    found = actions.run(order("verify_customer", **IDENTITY))
    assert found == {"verified": "yes", "customer": "C1001"}
    wrong = actions.run(order("verify_customer", **(IDENTITY | {"phone": "13900139000"})))
    assert wrong == {"verified": "no"}


def test_account_facts_are_those_of_the_customer(actions: ActionBook) -> None:
    """Money, positions, orders and conditions come out as declared, nothing else."""
    assets = actions.run(order("account_assets", customer="C1001"))
    assert assets["total"] == "209100.50"
    assert set(assets) == {"account_tail", "available", "frozen", "market_value", "total"}
    assert actions.run(order("account_positions", customer="C1003"))["count"] == "0"
    assert actions.run(order("recent_orders", customer="C1001"))["count"] == "2"
    assert actions.run(order("chinext_check", customer="C1003"))["assets_ok"] == "yes"
    assert actions.run(order("chinext_check", customer="C1002"))["experience_ok"] == "no"


def test_private_facts_need_a_customer(actions: ActionBook) -> None:
    """Nothing private is even asked for while nobody is verified."""
    for name in ("account_assets", "contact_record", "send_reset_link"):
        with pytest.raises(ActionError, match="needs a verified customer"):
            actions.run(order(name))


def test_what_is_run_again_is_done_once(actions: ActionBook) -> None:
    """The same step of the same turn gives the same ticket; another step another."""
    first = actions.run(order("file_complaint", **COMPLAINT))
    assert actions.run(order("file_complaint", **COMPLAINT)) == first
    assert actions.run(order("file_complaint", step="t", **COMPLAINT)) != first


def test_a_callback_is_booked_in_working_hours(actions: ActionBook) -> None:
    """An hour of the night is refused as a value, not as a failure."""
    day = actions.run(order("book_callback", at="2026-03-04T10:00", phone="13800138000"))
    assert day["booked"] == "yes"
    night = actions.run(order("book_callback", "n", at="2026-03-04T22:00", phone="13800138000"))
    assert night["booked"] == "no"


def test_a_system_that_is_down_is_an_error(actions: ActionBook) -> None:
    """The flow takes its `otherwise` then."""
    with pytest.raises(ActionError):
        actions.run(order("account_assets", customer="C1006"))


@pytest.mark.parametrize("name", ["account_assets", "book_callback", "unheard_of"])
def test_undeclared_orders_are_refused(actions: ActionBook, name: str) -> None:
    """Unknown actions, unknown and missing arguments never leave."""
    with pytest.raises(ActionError):
        actions.run(order(name, customer="C1001", colour="red"))


def test_an_answer_that_was_lost_is_asked_for_again(
    data: Path, firm: tuple[FirmSystem, str]
) -> None:
    """Broken answers are tried again under the same key, so that nothing is done twice."""
    system, url = firm
    system.keys.clear()
    system.failures += [Response(status_code=503), Response(status_code=429)]
    lost = order("file_complaint", step="lost", **COMPLAINT)
    ticket = over_http(data, url).run(lost)
    assert len(system.keys) == 3
    assert len(set(system.keys)) == 1
    assert over_http(data, url).run(lost) == ticket


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (Response(status_code=403), 1),
        (Response("no json", 200), 1),
        (Response('{"results": {"ticket": 5}}', 200, media_type="application/json"), 1),
        (Response('{"results": {}}', 200, media_type="application/json"), 1),
        (Response("x" * 70_000, 200), 1),
        (Response(status_code=302, headers={"location": "http://127.0.0.1:9/"}), 1),
    ],
)
def test_unusable_answers_are_final(
    data: Path, firm: tuple[FirmSystem, str], answer: Response, tries: int
) -> None:
    """Refusals, redirects, other forms and answers without end are errors at once."""
    system, url = firm
    system.keys.clear()
    system.failures[:] = [answer]
    with pytest.raises(ActionError):
        over_http(data, url).run(order("file_complaint", step=str(id(answer)), **COMPLAINT))
    assert len(system.keys) == tries


def test_a_system_that_never_answers_is_given_up() -> None:
    """As many attempts as allowed, each with a longer pause before it, then an error."""
    pauses: list[float] = []

    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("", request=request)

    client = httpx.Client(transport=httpx.MockTransport(broken))
    endpoint = HttpEndpoint("https://firm.example", retries=3, pause=0.5)
    adapter = HttpActions(endpoint, SECRET, client=client, sleep=pauses.append)
    with pytest.raises(ActionError, match="ConnectTimeout"):
        adapter.run(order("file_complaint", **COMPLAINT))
    assert pauses == [0.5, 1.0, 2.0]


def test_an_answer_that_drips_is_cut_off() -> None:
    """The time limit is that of the whole answer, not of each byte."""
    ticks = iter(range(0, 1000, 2))

    def drip() -> Iterator[bytes]:
        while True:
            yield b" "

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=drip())

    client = httpx.Client(transport=httpx.MockTransport(answer))
    endpoint = HttpEndpoint("https://firm.example", timeout=5, retries=0)
    adapter = HttpActions(endpoint, SECRET, client=client, ticks=lambda: float(next(ticks)))
    with pytest.raises(ActionError, match="not answered in 5 seconds"):
        adapter.run(order("file_complaint", **COMPLAINT))


def test_a_signature_depends_on_everything_that_is_said() -> None:
    """Action, key, time and body are all signed."""
    said: tuple[Any, ...] = ("a", "k", 1, b"{}")
    first = signature(b"s", *said)
    others = [("b", "k", 1, b"{}"), ("a", "l", 1, b"{}"), ("a", "k", 2, b"{}"), ("a", "k", 1, b"")]
    assert all(signature(b"s", *other) != first for other in others)


def test_without_a_key_or_a_secret_nothing_leaves() -> None:
    """A conversation without a key could repeat itself; a short secret protects nothing."""
    with pytest.raises(ActionError, match="has no key"):
        HttpActions(HttpEndpoint("https://firm.example"), SECRET).run(
            replace(order("file_complaint", **COMPLAINT), key="")
        )
    with pytest.raises(ActionError, match="FORELAND_ACTIONS_SECRET"):
        HttpActions(HttpEndpoint("https://firm.example"), "short")


def test_no_value_is_logged_or_told_in_errors(
    data: Path, firm: tuple[FirmSystem, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither what goes in nor what comes out stands in a log line or a message."""
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    attempts: list[Callable[[], Any]] = [
        lambda: over_http(data, firm[1]).run(order("verify_customer", **IDENTITY)),
        lambda: over_http(data, firm[1]).run(order("account_assets", customer="C1006")),
        lambda: over_http(data, firm[1]).run(order("file_complaint", extra="佣金收错了")),
    ]
    for attempt in attempts:
        try:
            attempt()
        except ActionError as error:
            told.append(str(error))
    assert len(told) == 2
    everything = caplog.text + "".join(told)
    assert not any(v in everything for v in (*IDENTITY.values(), "佣金收错了", "C1006", SECRET))


def test_the_outbox_keeps_no_wording(data: Path, tmp_path: Path) -> None:
    """It tells what was done and for which last digits, in order."""
    outbox = ActionOutbox.open(tmp_path / "o.db")
    done = SampleActions(read_customers(data / "customers.sample.tsv"), outbox)
    done.run(order("file_complaint", **COMPLAINT))
    done.run(order("send_reset_link", customer="C1001"))
    lines = outbox.lines()
    assert [line.action for line in lines] == ["file_complaint", "send_reset_link"]
    assert not any("佣金收错了" in line.line or "13800138000" in line.line for line in lines)
