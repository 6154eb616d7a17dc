"""`/v1/campaigns`: creating, watching and steering campaigns; results are masked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assist.call_result import CallCode, CallResult, Evidence
from assist.campaign import CampaignStatus
from ui.api.app import create_app
from ui.keys import create_key
from ui.settings import Settings
from ui.wiring import Wiring

NOW = datetime(2025, 9, 30, 2, 0, tzinfo=UTC)
CUSTOMER = {
    "phone": "13911112222", "customer_id": "K1", "name": "张小敏", "salutation": "张女士",
    "birth_date": "1980-01-02", "stock_name": "示例股份", "stock_code": "730001",
    "shares": "1000", "amount": "12500", "pay_by": "3月5日下午四点",
}  # fmt: skip
CAMPAIGN = {
    "id": "ipo-1",
    "title": "中签通知",
    "flow": "ipo-allotment",
    "customers": [CUSTOMER, CUSTOMER | {"phone": "13911112223", "customer_id": "K2"}],
}


@pytest.fixture
def wiring(tmp_path: Path, data: Path) -> Wiring:
    """An empty workspace."""
    return Wiring(Settings(home=tmp_path, data=data))


@pytest.fixture
def client(wiring: Wiring) -> Iterator[TestClient]:
    """A client with a key."""
    key = create_key(wiring.key_store, "tests")
    with TestClient(create_app(wiring, clock=lambda: NOW)) as client:
        client.headers["X-API-Key"] = key
        yield client


def create(client: TestClient, **changes: Any) -> Any:
    """The answer to a new campaign."""
    return client.post("/v1/campaigns", json=CAMPAIGN | changes)


def test_a_campaign_is_created_listed_and_read(client: TestClient) -> None:
    """What was sent is there, as a draft with nobody called."""
    assert create(client).status_code == 201
    (listed,) = client.get("/v1/campaigns").json()["campaigns"]
    assert listed == client.get("/v1/campaigns/ipo-1").json()
    assert (listed["status"], listed["customers"], listed["finished"]) == ("draft", 2, 0)


def test_a_taken_id_is_a_conflict(client: TestClient) -> None:
    """Sent twice, a campaign is there once."""
    create(client)
    again = create(client, title="x")
    assert again.status_code == 409
    assert client.get("/v1/campaigns/ipo-1").json()["title"] == "中签通知"


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"flow": "nothing"}, "flow"),
        ({"customers": [CUSTOMER | {"phone": "123"}]}, "customers"),
        ({"customers": [{"phone": "13911112222"}]}, "customers"),
        ({"customers": []}, "customers"),
        ({"rules": {"hours": ["03:00-04:00"]}}, "rules"),
        ({"id": "A B"}, "id"),
        ({"title": " "}, "title"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_called_is_refused(
    client: TestClient, changes: dict[str, Any], parameter: str
) -> None:
    """The field at fault is named, nothing is stored, no telephone number is said back."""
    answer = create(client, **changes)
    assert answer.status_code == 422
    assert answer.json()["error"]["parameter"] == parameter
    assert "13911112222" not in answer.text
    assert client.get("/v1/campaigns").json()["campaigns"] == []


def test_status_goes_from_draft_to_closed(client: TestClient, wiring: Wiring) -> None:
    """Start, pause, go on, close; the customers of a closed one are cancelled for good."""
    create(client)
    for status in ("running", "running", "paused", "running"):
        answer = client.patch("/v1/campaigns/ipo-1", json={"status": status})
        assert answer.json()["status"] == status
    assert client.patch("/v1/campaigns/ipo-1", json={"status": "draft"}).status_code == 409
    closed = client.patch("/v1/campaigns/ipo-1", json={"status": "closed"}).json()
    assert closed["codes"] == {"cancelled": 2}
    assert client.patch("/v1/campaigns/ipo-1", json={"status": "running"}).status_code == 409


def test_results_have_evidence_and_are_masked(client: TestClient, wiring: Wiring) -> None:
    """Words that prove answers are given; telephone, name and private answers are not."""
    create(client)
    store = wiring.campaign_store
    store.set_status("ipo-1", CampaignStatus.RUNNING)
    campaign = store.find("ipo-1")
    assert campaign is not None
    callee = next(store.callees("ipo-1"))
    store.begin(campaign, callee.id, "x", NOW)
    evidence = (
        Evidence("birthday", "出生日期", "1980-01-02", "一九八零年一月二号", 0, 9, 2),
        Evidence("will_pay", "缴款打算", "pay", "会缴款，打13911112222", 0, 3, 4),
    )
    store.finish(campaign, "x", CallResult(CallCode.COMPLETED, evidence=evidence), NOW)
    page = client.get("/v1/campaigns/ipo-1/results").json()
    assert (page["total"], page["next_after"]) == (2, None)
    first = page["customers"][0]
    assert (first["phone"], first["code"]) == ("139****2222", "completed")
    (call,) = first["calls"]
    hidden, told = call["evidence"]
    assert (hidden["value"], hidden["text"]) == ("***", "***")
    assert told["value"] == "pay"
    assert told["text"][told["start"] : told["end"]] == "会缴款"
    assert not {"13911112222", "张小敏", "1980"} & set(str(page).split("'"))
    assert "13911112222" not in str(page)


def test_results_come_in_pages(client: TestClient) -> None:
    """Each customer stands on exactly one page."""
    create(client)
    first = client.get("/v1/campaigns/ipo-1/results", params={"limit": 1}).json()
    after = {"limit": 1, "after": first["next_after"]}
    second = client.get("/v1/campaigns/ipo-1/results", params=after).json()
    ids = [c["customer_id"] for page in (first, second) for c in page["customers"]]
    assert ids == ["K1", "K2"]
    assert second["next_after"] is None


def test_unknown_campaigns_are_not_found_and_keys_are_needed(client: TestClient) -> None:
    """404 for an unknown id, 401 without a key."""
    assert client.get("/v1/campaigns/other").status_code == 404
    assert client.get("/v1/campaigns/other/results").status_code == 404
    del client.headers["X-API-Key"]
    assert client.get("/v1/campaigns").status_code == 401
