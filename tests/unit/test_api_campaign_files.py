"""`/v1/campaigns`: lists sent as files, tables, the live view, requests sent twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from assist.call_result import CallCode, CallResult, Evidence
from assist.campaign import CampaignStatus
from assist.table_file import xlsx_table
from ui.api import campaign_files
from ui.api.app import create_app
from ui.keys import create_key
from ui.scope import Scope
from ui.settings import Settings
from ui.wiring import Wiring

NOW = datetime(2025, 9, 30, 2, 0, tzinfo=UTC)
HEADER = (
    "手机号", "客户号", "姓名", "birth_date", "stock_name", "stock_code", "shares", "amount",
    "pay_by",
)  # fmt: skip
NEW = {"id": "big", "title": "中签通知", "flow": "ipo-allotment"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def wiring(tmp_path: Path, data: Path) -> Wiring:
    """An empty workspace."""
    return Wiring(Settings(home=tmp_path, data=data))


@pytest.fixture
def client(wiring: Wiring) -> Iterator[TestClient]:
    """A client with a key that may not see personal data; streams end at once."""
    key = create_key(wiring.key_store, "tests")
    with TestClient(create_app(wiring, clock=lambda: NOW, stream_seconds=0)) as client:
        client.headers["X-API-Key"] = key
        yield client


def rows(number: int) -> list[tuple[str, ...]]:
    """The header and so many customers."""
    told = ("张小敏", "1980-01-02", "示例股份", "730001", "1000", "12500", "3月5日下午四点")
    return [HEADER, *((f"139{n:08d}", f"K{n}", *told) for n in range(number))]


def table(number: int) -> bytes:
    """The same as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows(number))
    return out.getvalue().encode()


def send(client: TestClient, body: bytes, kind: str = "text/csv", **query: Any) -> Any:
    """The answer to a list."""
    headers = {"Content-Type": kind}
    return client.put("/v1/campaigns/big/customers", content=body, headers=headers, params=query)


def events(client: TestClient, last: str | None = None) -> list[tuple[str, str]]:
    """(name, data) of what a stream tells before it ends."""
    headers = {"Last-Event-ID": last} if last else {}
    lines = client.get("/v1/campaigns/big/events", headers=headers).text.splitlines()
    names = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return list(zip(names, data, strict=True))


def end_calls(wiring: Wiring, *codes: CallCode) -> None:
    """Start the campaign and end a call to each of the first customers."""
    store = wiring.campaign_store
    store.set_status("big", CampaignStatus.RUNNING)
    campaign = store.find("big")
    assert campaign is not None
    words = Evidence("will_pay", "缴款打算", "pay", "会缴款，打13911112222", 0, 3, 4)
    for n, (code, callee) in enumerate(zip(codes, store.callees("big"), strict=False)):
        store.begin(campaign, callee.id, f"call{n}", NOW)
        store.finish(campaign, f"call{n}", CallResult(code, evidence=(words,)), NOW)


def test_a_long_list_comes_as_a_file(client: TestClient) -> None:
    """More customers than one JSON request takes, larger than other bodies may be."""
    assert client.post("/v1/campaigns", json=NEW).json()["customers"] == 0
    assert client.patch("/v1/campaigns/big", json={"status": "running"}).status_code == 409
    answer = send(client, table(3_000))
    assert answer.json() == {"customers": 3_000, "problems": 0, "told": []}
    assert client.get("/v1/campaigns/big").json()["customers"] == 3_000
    assert client.patch("/v1/campaigns/big", json={"status": "running"}).status_code == 200


def test_a_list_may_be_a_workbook_and_is_replaced_while_a_draft(client: TestClient) -> None:
    """The second list takes the place of the first; once running the list stays."""
    client.post("/v1/campaigns", json=NEW)
    send(client, table(9))
    assert send(client, xlsx_table(rows(4), "名单"), XLSX).json()["customers"] == 4
    client.patch("/v1/campaigns/big", json={"status": "running"})
    assert send(client, table(9)).status_code == 409
    assert client.get("/v1/campaigns/big").json()["customers"] == 4


def test_bad_rows_refuse_the_list_or_are_skipped(client: TestClient) -> None:
    """They are told with their row; no telephone number is said back."""
    client.post("/v1/campaigns", json=NEW)
    body = table(5).replace(b"13900000002", b"13900000001").replace(b"13900000004", b"4321")
    body = body.replace(b"K2", b"K1")
    refused = send(client, body)
    assert refused.status_code == 422
    assert "row 4" in refused.json()["error"]["message"]
    assert "13900000001" not in refused.text
    taken = send(client, body, skip_bad="true").json()
    assert (taken["customers"], taken["problems"]) == (3, 2)
    assert any("row 6" in line for line in taken["told"])


def test_columns_get_the_names_of_the_flow(client: TestClient) -> None:
    """As `columns` of a rules file does."""
    client.post("/v1/campaigns", json=NEW)
    body = table(2).replace(b"shares", "中签股数".encode())
    assert send(client, body).status_code == 422
    assert send(client, body, columns="中签股数:shares").json()["customers"] == 2
    assert send(client, body, columns="中签股数").json()["error"]["parameter"] == "columns"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x", "application/json", 422),
        (b"", "text/csv", 422),
        (b"PK\x03\x04 no workbook", XLSX, 422),
        (b"\xff\xfe\x00", "text/csv", 422),
        (b"x" * 2_000, "text/csv", 413),
    ],
)
def test_what_is_no_list_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, body: bytes, kind: str, status: int
) -> None:
    """Another kind, nothing, a damaged file, one that is too large."""
    monkeypatch.setattr(campaign_files, "LARGEST_LIST", 1_000)
    client.post("/v1/campaigns", json=NEW)
    assert send(client, body, kind).status_code == status
    assert client.get("/v1/campaigns/big").json()["customers"] == 0


def test_without_a_key_no_body_is_read(client: TestClient) -> None:
    """Who has no key or may only read learns nothing of lists."""
    del client.headers["X-API-Key"]
    assert send(client, b"x", "application/json").status_code == 401


def test_the_live_view_tells_each_call_and_goes_on_after_any(
    client: TestClient, wiring: Wiring
) -> None:
    """From the beginning, or after the last event that arrived; progress comes last."""
    client.post("/v1/campaigns", json=NEW)
    send(client, table(3))
    end_calls(wiring, CallCode.COMPLETED, CallCode.LINE_BUSY)
    told = events(client, "0")
    assert [name for name, _ in told] == ["call", "call", "progress"]
    assert '"code":"completed","final":true' in told[0][1]
    assert '"code":"line_busy","final":false' in told[1][1]
    assert '"finished":1' in told[2][1]
    first = wiring.campaign_store.feed.after("big", 0, 1)[0].seq
    assert [name for name, _ in events(client, str(first))] == ["call", "progress"]
    assert [name for name, _ in events(client)] == ["progress"]
    assert not any("139000" in data for _, data in told)
    assert client.get("/v1/campaigns/other/events").status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_results_are_given_out_as_a_masked_table(
    client: TestClient, wiring: Wiring, form: str
) -> None:
    """Every customer has a row, over page ends too; no number or name is in it."""
    client.post("/v1/campaigns", json=NEW)
    send(client, table(1_100))
    end_calls(wiring, CallCode.COMPLETED)
    answer = client.get("/v1/campaigns/big/export", params={"format": form})
    assert f'filename="big.{form}"' in answer.headers["content-disposition"]
    if form == "csv":
        found = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    else:
        sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
        found = [[str(cell or "") for cell in row] for row in sheet.values]
    assert len(found) == 1_101
    text = "".join(map("".join, found))
    assert "139****0000" in found[1]
    assert "completed" in found[1]
    assert not any(secret in text for secret in ("13900000000", "张小敏", "13911112222"))


def test_whoever_may_see_personal_data_gets_the_whole_table(
    client: TestClient, wiring: Wiring
) -> None:
    """With the scope, numbers are given out, and the look is on record."""
    client.post("/v1/campaigns", json=NEW)
    send(client, table(2))
    scopes = frozenset({Scope.CAMPAIGNS_READ, Scope.PERSONAL_READ})
    client.headers["X-API-Key"] = create_key(wiring.key_store, "auditor", scopes=scopes)
    assert "13900000000" in client.get("/v1/campaigns/big/export").text
    assert send(client, table(1)).status_code == 403


def test_a_request_sent_again_makes_no_second_campaign(client: TestClient) -> None:
    """The same key and body get the first answer; another body is refused."""
    headers = {"Idempotency-Key": "k-1"}
    first = client.post("/v1/campaigns", json=NEW, headers=headers)
    send(client, table(2))
    again = client.post("/v1/campaigns", json=NEW, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert client.get("/v1/campaigns/big").json()["customers"] == 2
    other = client.post("/v1/campaigns", json=NEW | {"id": "two"}, headers=headers)
    assert other.status_code == 422
    assert client.post("/v1/campaigns", json=NEW).status_code == 409
