"""`/v1/entities` and `/v1/graph`: companies, facts, evidence, both times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ui.api.app import create_app
from ui.settings import Settings
from ui.wiring import Wiring


@pytest.fixture(scope="module")
def client(api_workspace: Settings) -> TestClient:
    """A client of a workspace that asks for no key."""
    return TestClient(create_app(Wiring(replace(api_workspace, api_key_required=False))))


def _get(client: TestClient, address: str, **parameters: Any) -> dict[str, Any]:
    answer = client.get(address, params=parameters)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize(
    "code", ["300750", "300750.SZ", "SZ300750", "company:300750", "宁德时代", "ＳＺ３００７５０"]
)
def test_a_company_is_found_by_code_symbol_and_name(client: TestClient, code: str) -> None:
    """Every usual spelling leads to the same company."""
    body = _get(client, f"/v1/entities/{code}")
    assert body["company"] == {"id": "company:300750", "name": "宁德时代", "kind": "company"}


def test_a_company_comes_with_what_the_graph_ties_to_it(client: TestClient) -> None:
    """Securities, listing, industry up to the widest, upstream, downstream, names and news."""
    body = _get(client, "/v1/entities/300750")
    assert body["securities"][0]["symbol"] == "300750.SZ"
    assert body["securities"][0]["list_date"] == "2018-06-11"
    assert body["listings"][0]["valid_from"] == "2018-06-11"
    assert body["listings"][0]["object_name"] == "深圳证券交易所"
    assert body["industry_chain"][0]["entity"]["name"] == "锂电池"
    assert len(body["industry_chain"]) == 3
    assert body["upstream"]
    assert body["downstream"]
    assert body["aliases"][0]["object_name"] == "宁德时代新能源科技股份有限公司"
    assert body["aliases"][0]["object"] is None
    times = [article["published_at"] for article in body["latest_news"]]
    assert times == sorted(times, reverse=True)
    assert times


def test_every_fact_of_a_company_names_its_source(client: TestClient) -> None:
    """No fact without the row it was read from."""
    body = _get(client, "/v1/entities/300750")
    linked = [
        pair["fact"] for k in ("industry_chain", "upstream", "downstream") for pair in body[k]
    ]
    for fact in (*linked, *body["listings"], *body["aliases"]):
        assert fact["evidence"]["place"].startswith("data/")
        assert fact["recorded_at"]


def test_before_its_listing_a_company_was_not_listed(client: TestClient) -> None:
    """`as_of` shows the facts that were true on that day."""
    assert _get(client, "/v1/entities/300750", as_of="2018-06-10")["listings"] == []
    assert len(_get(client, "/v1/entities/300750", as_of="2018-06-11")["listings"]) == 1


@pytest.mark.parametrize("code", ["999999", "锂电池", "industry:630701", "没有", "%", "a b"])
def test_what_is_no_company_is_not_found(client: TestClient, code: str) -> None:
    """404 in the one shape, with the value and the next step."""
    answer = client.get(f"/v1/entities/{code}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("code", ["%00", "x" * 101, "%20"])
def test_a_code_that_can_be_none_is_refused(client: TestClient, code: str) -> None:
    """Control characters, blanks and overlong codes are a caller's fault, not unknown companies."""
    answer = client.get(f"/v1/entities/{code}")
    assert answer.status_code == 422
    assert answer.json()["error"]["parameter"] == "code"


def test_neighbours_carry_evidence_and_both_times(client: TestClient) -> None:
    """Facts from files name the row, facts from articles the article and the place in it."""
    body = _get(client, "/v1/graph/neighbours", entity="宁德时代")
    assert body["center"]["id"] == "company:300750"
    assert body["truncated"] is False
    known = {entity["id"] for entity in body["entities"]}
    mentions = [f for f in body["facts"] if f["predicate"] == "mentions"]
    assert mentions
    for fact in body["facts"]:
        assert {"valid_from", "valid_to", "recorded_at", "retracted_at"} <= set(fact)
        assert fact["subject"] in known
        assert fact["object"] is None or fact["object"] in known
    fact = mentions[0]
    article = _get(client, f"/v1/news/{fact['evidence']['article_id']}")
    content = f"{article['headline']}\n{article['text']}"
    words = content[fact["evidence"]["start"] : fact["evidence"]["end"]]
    assert words in ("宁德时代", "300750")


def test_two_hops_reach_further_than_one(client: TestClient) -> None:
    """The second hop adds the neighbours of the neighbours."""
    one = _get(client, "/v1/graph/neighbours", entity="300750", hops=1)
    two = _get(client, "/v1/graph/neighbours", entity="300750", hops=2, limit=500)
    assert {e["id"] for e in one["entities"]} < {e["id"] for e in two["entities"]}


def test_the_limit_cuts_and_says_so(client: TestClient) -> None:
    """With fewer facts come only the entities that they name."""
    body = _get(client, "/v1/graph/neighbours", entity="锂电池", limit=3)
    assert len(body["facts"]) == 3
    assert body["truncated"] is True
    assert len(body["entities"]) <= 4
    more = _get(client, "/v1/graph/neighbours", entity="锂电池", limit=60)
    assert len(more["facts"]) > 20


def test_as_of_leaves_out_what_came_later(client: TestClient) -> None:
    """No fact that began after the day is shown."""
    body = _get(client, "/v1/graph/neighbours", entity="300750", as_of="2018-06-10", hops=2)
    assert body["facts"]
    assert all((f["valid_from"] or "") <= "2018-06-10" for f in body["facts"])


@pytest.mark.parametrize(
    ("parameters", "status", "parameter"),
    [
        ({}, 422, "entity"),
        ({"entity": "没有"}, 404, "entity"),
        ({"entity": "300750", "hops": "3"}, 422, "hops"),
        ({"entity": "300750", "hops": "0"}, 422, "hops"),
        ({"entity": "300750", "limit": "501"}, 422, "limit"),
        ({"entity": "300750", "as_of": "2018-06-10T00:00:00Z"}, 422, "as_of"),
        ({"entity": "300750", "depth": "1"}, 422, "depth"),
    ],
)
def test_wrong_questions_are_refused_by_name(
    client: TestClient, parameters: dict[str, str], status: int, parameter: str
) -> None:
    """A refusal names the parameter at fault."""
    answer = client.get("/v1/graph/neighbours", params=parameters)
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (status, parameter)


def test_what_was_known_before_the_workspace_is_nothing(client: TestClient) -> None:
    """`known_at` shows the graph as it was known: empty before it was loaded."""
    body = _get(client, "/v1/graph/neighbours", entity="300750", known_at="2020-01-01")
    assert body["facts"] == []
    assert body["aliases"] == []
    assert _get(client, "/v1/entities/300750", known_at="2020-01-01")["listings"] == []
    later = _get(client, "/v1/graph/neighbours", entity="300750", known_at="2199-01-01")
    assert later["facts"]


def test_a_path_is_explained_edge_by_edge(client: TestClient) -> None:
    """Each step is a sentence with its source, and the fact with its evidence."""
    body = _get(client, "/v1/graph/paths", source="宁德时代", target="亿纬锂能")
    path = body["paths"][0]
    assert path["steps"][0]["text"] == "宁德时代 所属行业 锂电池（data/securities.tsv）"
    assert path["steps"][0]["fact"]["evidence"]["place"] == "data/securities.tsv#300750"
    assert [entity["name"] for entity in path["entities"]] == ["宁德时代", "锂电池", "亿纬锂能"]
    assert _get(client, "/v1/graph/paths", source="300750", target="300750")["paths"] == []


def test_the_affected_carry_sign_reason_and_note(client: TestClient) -> None:
    """Dearer batteries help their makers; nobody is advised."""
    body = _get(client, "/v1/graph/affected", entity="industry:630701", shock="price_rise", limit=5)
    assert (body["shock"], body["shock_name"]) == ("price_rise", "涨价")
    assert "不构成投资建议" in body["note"]
    assert len(body["affected"]) == 5
    for one in body["affected"]:
        assert (one["sign"], one["sign_name"]) == ("helps", "可能受益")
        assert one["steps"][0]["text"] in one["reason"]
    assert body["left_out"] > 0


@pytest.mark.parametrize(
    ("address", "parameters", "status", "parameter"),
    [
        ("paths", {"source": "300750"}, 422, "target"),
        ("paths", {"source": "300750", "target": "没有"}, 404, "target"),
        ("paths", {"source": "300750", "target": "300014", "most": "5"}, 422, "most"),
        ("affected", {"entity": "没有"}, 404, "entity"),
        ("affected", {"entity": "300750", "shock": "earthquake"}, 422, "shock"),
        ("affected", {"entity": "300750", "known_at": "now"}, 422, "known_at"),
    ],
)
def test_wrong_questions_about_effects_are_refused_by_name(
    client: TestClient, address: str, parameters: dict[str, str], status: int, parameter: str
) -> None:
    """A refusal names the parameter at fault."""
    answer = client.get(f"/v1/graph/{address}", params=parameters)
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (status, parameter)
