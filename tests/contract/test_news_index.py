"""The contract of a NewsIndex, run on tantivy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from news.article import Article, Mention, Sentiment, Tag, TagGroup
from news.dedupe import content_hash, fingerprint
from news.errors import SearchError
from news.index import IndexQuery, SortOrder, TantivyIndex
from news.search import NewsSearch, SearchQuery
from news.search_articles import articles_by_number
from news.securities import SecuritiesMaster
from news.store import NewsStore
from news.transaction import transaction

DAY = datetime(2024, 3, 1, 10, tzinfo=UTC)
Put = Callable[..., Article]


@pytest.fixture
def store(tmp_path: Path) -> NewsStore:
    return NewsStore.open(tmp_path / "workspace.db")


@pytest.fixture
def index(tmp_path: Path) -> TantivyIndex:
    return TantivyIndex(tmp_path / "index")


@pytest.fixture
def put(store: NewsStore) -> Put:
    """Store an article made from a headline and a text."""

    def _put(key: str, headline: str, text: str = "", **changes: object) -> Article:
        values: dict[str, object] = {
            "id": key,
            "headline": headline,
            "text": text,
            "source": "测试",
            "origin": f"test:{key}",
            "url": None,
            "published_at": DAY,
            "dated": True,
            "ingested_at": DAY,
            "version": 1,
            "content_hash": content_hash(headline, text),
            "sentiment": Sentiment.NEUTRAL,
            "sentiment_score": 0.0,
            "tags": (),
            "mentions": (),
            "duplicate_of": None,
        }
        article = Article(**{**values, **changes})  # type: ignore[arg-type]
        with transaction(store.connection):
            store.put(article, fingerprint(article.content))
        return article

    return _put


def _ids(store: NewsStore, index: TantivyIndex, **query: object) -> list[str]:
    hits = index.search(IndexQuery(**query)).hits  # type: ignore[arg-type]
    articles = articles_by_number(store, (hit.seq for hit in hits))
    return [articles[hit.seq].id for hit in hits]


def test_a_two_character_name_finds_every_article_that_has_it(
    store: NewsStore, index: TantivyIndex, put: Put
) -> None:
    """Pairs are cut at every place, so that no word boundary can hide a name."""
    texts = ["平安银行发布年报", "中国平安", "关于平安的报道", "公平安排"]
    for number, text in enumerate(texts):
        put(str(number), text)
    put("other", "长城汽车销量")
    index.catch_up(store)
    assert set(_ids(store, index, text="平安")) == {"0", "1", "2", "3"}


def test_words_must_all_occur_and_a_single_character_works(
    store: NewsStore, index: TantivyIndex, put: Put
) -> None:
    """Blank-separated words are all required; one character matches inside pairs."""
    put("a", "宁德时代减持", "股东计划减持股份")
    put("b", "宁德时代扩产")
    index.catch_up(store)
    assert _ids(store, index, text="宁德时代 减持") == ["a"]
    assert set(_ids(store, index, text="宁")) == {"a", "b"}


def test_traditional_characters_and_codes_find_the_same(
    store: NewsStore, index: TantivyIndex, put: Put
) -> None:
    """A question in traditional characters or by code finds what is written otherwise."""
    mention = Mention("company:300750", "宁德时代", 0, 4, "short_name", 1.0)
    put("a", "宁德时代扩产", mentions=(mention,))
    index.catch_up(store)
    assert _ids(store, index, text="寧德時代") == ["a"]
    assert _ids(store, index, text="300750") == ["a"]
    assert _ids(store, index, entities=("company:300750",)) == ["a"]


def test_filters_narrow_by_tag_tone_time_and_duplicates(
    store: NewsStore, index: TantivyIndex, put: Put
) -> None:
    """Every filter holds at once; near-duplicates stay out unless asked for."""
    tag = Tag("业绩", TagGroup.TOPIC, 0.9)
    put("a", "甲公司业绩大增", tags=(tag,), sentiment=Sentiment.POSITIVE)
    put("b", "乙公司业绩下滑", tags=(tag,), sentiment=Sentiment.NEGATIVE)
    put("c", "丙公司公告", published_at=DAY + timedelta(days=2))
    put("d", "甲公司业绩大增（转载）", tags=(tag,), duplicate_of="a")
    index.catch_up(store)
    assert set(_ids(store, index, tag="业绩")) == {"a", "b"}
    assert set(_ids(store, index, tag="业绩", duplicates=True)) == {"a", "b", "d"}
    assert _ids(store, index, tag="业绩", sentiment=Sentiment.NEGATIVE) == ["b"]
    assert _ids(store, index, since=DAY + timedelta(days=1)) == ["c"]
    assert set(_ids(store, index, until=DAY + timedelta(days=1))) == {"a", "b"}


def test_a_changed_article_replaces_its_old_words(
    store: NewsStore, index: TantivyIndex, put: Put
) -> None:
    """The next version is found by its new words only."""
    put("a", "旧标题甲")
    index.catch_up(store)
    put("a", "新标题乙", version=2)
    assert index.catch_up(store) == 1
    assert _ids(store, index, text="旧标题") == []
    assert _ids(store, index, text="新标题") == ["a"]


def test_a_lost_index_is_rebuilt_from_the_database(
    store: NewsStore, put: Put, tmp_path: Path
) -> None:
    """The index is a cache: deleting its folder loses nothing."""
    put("a", "宁德时代")
    put("b", "贵州茅台")
    TantivyIndex(tmp_path / "index").catch_up(store)
    shutil.rmtree(tmp_path / "index")
    again = TantivyIndex(tmp_path / "index")
    assert again.catch_up(store) == 2
    assert _ids(store, again, text="贵州茅台") == ["b"]


@pytest.mark.parametrize("sort", list(SortOrder))
def test_pages_cover_everything_once_even_while_articles_arrive(
    store: NewsStore, index: TantivyIndex, put: Put, data: Path, sort: SortOrder
) -> None:
    """Walking the cursor gives each article of the first moment exactly once."""
    for number in range(25):
        put(
            f"a{number:02}",
            f"宁德时代新闻{number}",
            published_at=DAY + timedelta(hours=number // 3),
        )
    index.catch_up(store)
    search = NewsSearch(index, store, SecuritiesMaster.load(data / "securities.tsv"))
    seen: list[str] = []
    query = SearchQuery(text="宁德时代", sort=sort, limit=7)
    cursor: str | None = None
    while True:
        page = search.search(SearchQuery(text="宁德时代", sort=sort, limit=7, cursor=cursor))
        assert page.total == 25
        seen += [hit.article.id for hit in page.hits]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
        put(f"new{len(seen)}", "宁德时代又有新闻", published_at=DAY + timedelta(days=30))
        index.catch_up(store)
    assert query.cursor is None
    assert sorted(seen) == [f"a{number:02}" for number in range(25)]


def test_a_search_without_a_hit_is_relaxed_and_says_so(
    store: NewsStore, index: TantivyIndex, put: Put, data: Path
) -> None:
    """Where no article has every word, articles with some are shown and marked."""
    put("a", "宁德时代扩产")
    index.catch_up(store)
    search = NewsSearch(index, store, SecuritiesMaster.load(data / "securities.tsv"))
    page = search.search(SearchQuery(text="宁德时代 火星基地"))
    assert [h.article.id for h in page.hits] == ["a"]
    assert page.relaxed


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (SearchQuery(limit=0), "limit=0"),
        (SearchQuery(limit=101), "limit=101"),
        (SearchQuery(text="。？！"), "no letter or digit"),
        (SearchQuery(text="字" * 501), "501 characters"),
        (SearchQuery(entities=("没有这家",)), "no listed company"),
        (SearchQuery(cursor="%%%"), "cursor="),
        (SearchQuery(cursor="W10"), "cursor="),
        (SearchQuery(since=DAY, until=DAY), "not before"),
        (SearchQuery(since=datetime(2024, 1, 1)), "time zone"),
    ],
)
def test_a_request_that_makes_no_sense_names_its_parameter(
    store: NewsStore, index: TantivyIndex, data: Path, query: SearchQuery, message: str
) -> None:
    """Each error says which parameter is wrong."""
    search = NewsSearch(index, store, SecuritiesMaster.load(data / "securities.tsv"))
    with pytest.raises(SearchError, match=message):
        search.search(query)


def test_a_cursor_of_another_search_is_refused(
    store: NewsStore, index: TantivyIndex, put: Put, data: Path
) -> None:
    """A cursor carries the search it belongs to."""
    for number in range(3):
        put(str(number), f"宁德时代{number}")
    index.catch_up(store)
    search = NewsSearch(index, store, SecuritiesMaster.load(data / "securities.tsv"))
    cursor = search.search(SearchQuery(text="宁德时代", limit=1)).next_cursor
    with pytest.raises(SearchError, match="another search"):
        search.search(SearchQuery(text="贵州茅台", limit=1, cursor=cursor))
