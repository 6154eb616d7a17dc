"""`/v1/news`: search with its filters and pages, an article with its ETag."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from news.article import RawArticle
from ui.api.app import create_app
from ui.settings import Settings
from ui.wiring import Wiring


@pytest.fixture(scope="module")
def client(api_workspace: Settings) -> TestClient:
    """A client of a workspace that asks for no key."""
    return TestClient(create_app(Wiring(replace(api_workspace, api_key_required=False))))


def _search(client: TestClient, **parameters: Any) -> dict[str, Any]:
    answer = client.get("/v1/news/search", params=parameters)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def _refusal(client: TestClient, address: str, **parameters: Any) -> dict[str, str]:
    answer = client.get(address, params=parameters)
    assert answer.status_code == 422, answer.text
    assert set(answer.json()) == {"error"}
    error: dict[str, str] = answer.json()["error"]
    assert error["code"] == "invalid"
    return error


def test_words_find_the_article_that_holds_them(client: TestClient) -> None:
    """The best match stands first and shows the words around the match."""
    hit = _search(client, q="麒麟电池")["hits"][0]
    assert hit["headline"] == "宁德时代发布麒麟电池"
    assert "麒麟电池" in hit["snippet"]
    assert hit["published_at"] == "2022-06-23T17:00:00+08:00"
    assert hit["score"] > 0


@pytest.mark.parametrize(
    "entity", ["300750", "300750.SZ", "SZ300750", "company:300750", "宁德时代"]
)
def test_every_way_to_name_a_company_gives_the_same_articles(
    client: TestClient, entity: str
) -> None:
    """Code, symbol, prefix form, id and name mean the same company."""
    expected = _search(client, entity="300750")
    assert expected["total"] > 0
    assert _search(client, entity=entity) == expected


def test_pages_together_hold_every_article_once(client: TestClient) -> None:
    """Following the cursors lists what one large page lists, in the same order."""
    whole = [hit["id"] for hit in _search(client, limit=100)["hits"]]
    paged: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = _search(client, limit=7, **cursor)
        paged += [hit["id"] for hit in page["hits"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert paged == whole
    assert len(whole) == len(set(whole)) > 14


def test_a_plain_day_is_a_day_in_china_to_its_end(client: TestClient) -> None:
    """`from` and `to` on the same day find the articles of that day."""
    body = _search(client, **{"from": "2022-06-23", "to": "2022-06-23"})
    assert [hit["headline"] for hit in body["hits"]] == ["宁德时代发布麒麟电池"]


def test_a_time_with_its_zone_is_taken_to_the_minute(client: TestClient) -> None:
    """`from` is inclusive, `to` exclusive, in any zone."""
    at, later = "2022-06-23T09:00:00Z", "2022-06-23T17:01:00+08:00"
    assert _search(client, **{"from": at, "to": later})["total"] == 1
    assert _search(client, **{"from": "2022-06-23", "to": at})["total"] == 0


def test_tone_and_label_filter(client: TestClient) -> None:
    """Every article found has the tone and the label asked for."""
    hit = _search(client, q="麒麟电池")["hits"][0]
    body = _search(client, sentiment=hit["sentiment"], tag=hit["tags"][0])
    assert hit["id"] in [other["id"] for other in body["hits"]]
    for other in body["hits"]:
        assert other["sentiment"] == hit["sentiment"]
        assert hit["tags"][0] in other["tags"]


@pytest.mark.parametrize(
    ("parameters", "parameter", "words"),
    [
        ({"limit": "0"}, "limit", "limit=0"),
        ({"limit": "101"}, "limit", "100"),
        ({"limit": "1.0"}, "limit", "whole number"),
        ({"limit": "9" * 5000}, "limit", "whole number"),
        ({"sentiment": "good"}, "sentiment", "'positive'"),
        ({"sort": "newest"}, "sort", "'time'"),
        ({"duplicates": "yes"}, "duplicates", "true or false"),
        ({"from": "yesterday"}, "from", "2024-06-30"),
        ({"from": "20240630"}, "from", "2024-06-30"),
        ({"from": "2024-06-31"}, "from", "2024-06-30"),
        ({"from": "0001-01-01"}, "from", "1900"),
        ({"to": "2024-06-30T10:00:00"}, "to", "zone"),
        ({"to": "9999-12-31"}, "to", "2200"),
        ({"from": "2024-06-30T10:00:00 08:00"}, "from", "%2B"),
        ({"from": "2024-07-01", "to": "2024-06-01"}, "from", "swap"),
        ({"q": "a\0b"}, "q", "control"),
        ({"q": "电" * 501}, "q", "500"),
        ({"q": "。？"}, "q", "letter"),
        ({"entity": "没有这家公司"}, "entity", "300750"),
        ({"entity": ""}, "entity", "at least 1"),
        ({"entity": " "}, "entity", "blank"),
        ({"tag": "x" * 101}, "tag", "100"),
        ({"cursor": "abc"}, "cursor", "next_cursor"),
        ({"cursor": "x" * 501}, "cursor", "500"),
        ({"query": "宁德时代"}, "query", "known are q, entity, tag"),
        ({"q": ["a", "b"]}, "q", "twice"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    client: TestClient, parameters: dict[str, Any], parameter: str, words: str
) -> None:
    """A refusal names the parameter and says what is allowed."""
    error = _refusal(client, "/v1/news/search", **parameters)
    assert error["parameter"] == parameter
    assert words in error["message"]
    assert len(error["message"]) < 400


@pytest.mark.parametrize("other", [{"q": "电池"}, {"tag": "汽车"}, {"duplicates": "true"}])
def test_a_cursor_belongs_to_its_search(client: TestClient, other: dict[str, str]) -> None:
    """A cursor with other words is refused instead of giving a wrong page."""
    cursor = _search(client, limit=5)["next_cursor"]
    assert _refusal(client, "/v1/news/search", cursor=cursor, **other)["parameter"] == "cursor"


def test_an_article_comes_whole(client: TestClient) -> None:
    """Text, labels, companies with their places in the text, and where it was seen."""
    found = _search(client, q="麒麟电池")["hits"][0]
    body = client.get(f"/v1/news/{found['id']}").json()
    assert body["version"] == 1
    content = f"{body['headline']}\n{body['text']}"
    assert body["mentions"]
    for mention in body["mentions"]:
        assert content[mention["start"] : mention["end"]] == mention["surface"]
    assert {m["name"] for m in body["mentions"]} == {"宁德时代"}
    assert body["sightings"][0]["place"] == body["url"]
    assert [tag["name"] for tag in body["tags"]] == found["tags"]


def test_an_unchanged_article_is_not_sent_again(client: TestClient) -> None:
    """The ETag of an answer gives 304 without a body, another one the article."""
    address = f"/v1/news/{_search(client, q='麒麟电池')['hits'][0]['id']}"
    etag = client.get(address).headers["etag"]
    for held in (etag, f'"other", W/{etag}', "*"):
        answer = client.get(address, headers={"If-None-Match": held})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_unknown_article_is_not_found(client: TestClient) -> None:
    """404 in the one shape, with the next step."""
    answer = client.get("/v1/news/" + "0" * 32)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert "/v1/news/search" in answer.json()["error"]["message"]


def test_an_id_of_another_form_is_refused(client: TestClient) -> None:
    """An id is 32 hexadecimal digits."""
    assert _refusal(client, "/v1/news/12")["parameter"] == "article_id"
    assert _refusal(client, "/v1/news/%00")["parameter"] == "article_id"
    assert "none" in _refusal(client, "/v1/news/" + "0" * 32, lang="zh")["message"]


def test_near_duplicates_name_each_other_and_hide_the_servers_folders(
    api_workspace: Settings, tmp_path: Path
) -> None:
    """An original lists its repetition, the repetition its original; files show without folders."""
    wiring = Wiring(replace(api_workspace, home=tmp_path, api_key_required=False))
    text = (
        "宁德时代公告，拟投资不超过一百四十亿元在四川宜宾建设动力电池生产基地，项目分期建设。" * 3
    )
    wiring.ingester.ingest(
        [
            RawArticle("宁德时代加码宜宾", text, "/srv/private/a.jsonl:1", source="甲"),
            RawArticle(
                "宁德时代加码宜宾", text + "（记者报道）", "/srv/private/b.jsonl:9", source="乙"
            ),
        ]
    )
    client = TestClient(create_app(wiring))
    assert _search(client)["total"] == 1
    both = {hit["id"]: hit for hit in _search(client, duplicates="true")["hits"]}
    assert len(both) == 2
    bodies = {i: client.get(f"/v1/news/{i}").json() for i in both}
    copy = next(b for b in bodies.values() if b["duplicate_of"])
    original = bodies[copy["duplicate_of"]]
    assert [a["id"] for a in original["near_duplicates"]] == [copy["id"]]
    assert [a["id"] for a in copy["near_duplicates"]] == [original["id"]]
    assert copy["near_duplicate_count"] == 1
    assert {b["sightings"][0]["place"] for b in bodies.values()} == {"a.jsonl:1", "b.jsonl:9"}
    assert "/srv" not in str(bodies)
