"""The contract of a NewsIndex, run on tantivy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.article import (
    Article,
    EntityTone,
    Mention,
    Sentiment,
    SourceTier,
    Tag,
    TagGroup,
)
from news.dedupe import content_hash, fingerprint
from news.errors import SearchError
from news.event import ArticleEvent, EventKind
from news.index import FacetName, IndexQuery, SortOrder, TantivyIndex
from news.index_industry import IndustryTree
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


COMPANY, OTHER = "company:300750", "company:600519"


def _search(index: TantivyIndex, store: NewsStore, data: Path, **parts: object) -> NewsSearch:
    master = SecuritiesMaster.load(data / "securities.tsv")
    industries = IndustryTree.load(data / "industries.tsv", master)
    return NewsSearch(index, store, master, industries=industries, **parts)  # type: ignore[arg-type]


@pytest.fixture
def industrious(tmp_path: Path, data: Path) -> TantivyIndex:
    """An index that knows which company is in which industry."""
    master = SecuritiesMaster.load(data / "securities.tsv")
    return TantivyIndex(tmp_path / "index", IndustryTree.load(data / "industries.tsv", master))


def _mention(entity: str, place: int = 0) -> Mention:
    return Mention(entity, "名", place, place + 1, "short_name", 1.0)


def test_entities_of_every_kind_filter_all_or_any_and_by_tone(
    store: NewsStore, index: TantivyIndex, put: Put
) -> None:
    """Several entities must all be there, or one of them; the tone is that towards one."""
    bad = EntityTone(COMPANY, Sentiment.NEGATIVE, -0.8, 0.9, 1.0)
    put("a", "一", mentions=(_mention(COMPANY), _mention("person:曾毓群", 2)), tones=(bad,))
    put("b", "二", mentions=(_mention(OTHER),))
    put("c", "三", mentions=(_mention(COMPANY),))
    index.catch_up(store)
    assert set(_ids(store, index, entities=(COMPANY, "person:曾毓群"))) == {"a"}
    assert set(_ids(store, index, entities=(COMPANY, OTHER), any_entity=True)) == {"a", "b", "c"}
    assert _ids(store, index, entities=(COMPANY,), tone=Sentiment.NEGATIVE) == ["a"]
    assert _ids(store, index, entities=(OTHER,), tone=Sentiment.NEGATIVE) == []


def test_an_industry_holds_those_below_it(
    store: NewsStore, industrious: TantivyIndex, put: Put, data: Path
) -> None:
    """An article about a company is in its industry and in all above; names and codes fit."""
    put("a", "宁德时代扩产", mentions=(_mention(COMPANY),))
    put("b", "贵州茅台提价", mentions=(_mention(OTHER),))
    industrious.catch_up(store)
    search = _search(industrious, store, data)
    page = search.search(SearchQuery(industry="电力设备", facets=(FacetName.INDUSTRY,)))
    assert [hit.article.id for hit in page.hits] == ["a"]
    names = [value.name for value in page.facets[0].values]
    assert "电力设备" in names
    assert len(names) > 1
    with pytest.raises(SearchError, match="industry="):
        search.search(SearchQuery(industry="没有这行"))


def test_tier_source_language_and_event_filter(
    store: NewsStore, index: TantivyIndex, put: Put
) -> None:
    """Whose word it is, in which language, and what is reported."""
    event = ArticleEvent(EventKind.PENALTY, COMPANY, 0, 1, 0.9)
    put("a", "一", tier=SourceTier.OFFICIAL, events=(event,), source="交易所")
    put("b", "二", language="en")
    index.catch_up(store)
    assert _ids(store, index, tier=SourceTier.OFFICIAL) == ["a"]
    assert _ids(store, index, event=EventKind.PENALTY) == ["a"]
    assert _ids(store, index, source="交易所") == ["a"]
    assert _ids(store, index, language="en") == ["b"]


def test_facets_count_the_whole_result(
    store: NewsStore, index: TantivyIndex, put: Put, data: Path
) -> None:
    """Counts are of all articles found, not of the page."""
    for number in range(30):
        put(f"a{number}", "宁德时代公告", mentions=(_mention(COMPANY),))
    put("b", "贵州茅台公告", published_at=DAY + timedelta(days=1))
    index.catch_up(store)
    search = _search(index, store, data)
    page = search.search(SearchQuery(text="公告", limit=5, facets=tuple(FacetName)))
    counts = {f.name: {v.value: v.count for v in f.values} for f in page.facets}
    assert counts[FacetName.ENTITY] == {COMPANY: 30}
    assert counts[FacetName.DAY] == {"2024-03-01": 30, "2024-03-02": 1}
    assert counts[FacetName.TIER] == {"media": 31}
    assert page.facets[0].values[0].name == "宁德时代"


def test_as_of_shows_what_was_there_then_in_its_version_of_then(
    store: NewsStore, index: TantivyIndex, put: Put, data: Path
) -> None:
    """Later versions, later articles and later withdrawals do not show; earlier ones do."""
    hour = timedelta(hours=1)
    put("a", "旧标题甲", ingested_at=DAY)
    store.saw("a", "place", "源", DAY)
    put("a", "新标题甲", version=2, ingested_at=DAY + 2 * hour)
    put("b", "标题乙", ingested_at=DAY + 3 * hour)
    put("c", "标题丙", ingested_at=DAY)
    with transaction(store.connection):
        store.withdraw("c", DAY + 4 * hour)
    index.catch_up(store)
    search = _search(index, store, data)

    def then(hours: int) -> set[tuple[str, str]]:
        page = search.search(SearchQuery(text="标题", as_of=DAY + hours * hour))
        return {(hit.article.headline, hit.headline.html) for hit in page.hits}

    assert {headline for headline, _ in then(1)} == {"旧标题甲", "标题丙"}
    assert ("旧标题甲", "旧<mark>标题</mark>甲") in then(1)
    assert {headline for headline, _ in then(3)} == {"新标题甲", "标题乙", "标题丙"}
    assert {headline for headline, _ in then(5)} == {"新标题甲", "标题乙"}
    assert {h.article.id for h in search.search(SearchQuery(text="标题")).hits} == {"a", "b"}


def test_a_story_is_shown_once_with_its_weightiest_article(
    store: NewsStore, index: TantivyIndex, put: Put, data: Path
) -> None:
    """One hit a story, how many more match, and the one whose source weighs most."""
    put("a", "宁德时代扩产扩产", story_id="story:1", tier=SourceTier.PORTAL)
    put("b", "宁德时代扩产的消息和很多别的内容", story_id="story:1", tier=SourceTier.OFFICIAL)
    put("c", "宁德时代减产", story_id="story:2")
    index.catch_up(store)
    page = _search(index, store, data).search(SearchQuery(text="宁德时代", collapse=True))
    stories = {hit.story.story_id: hit.story for hit in page.hits if hit.story}
    assert (page.stories, page.total) == (2, 3)
    assert (stories["story:1"].more, stories["story:1"].best.id) == (1, "b")
    assert stories["story:2"].more == 0


def test_of_equal_words_the_new_and_the_official_come_first(
    store: NewsStore, index: TantivyIndex, put: Put, data: Path
) -> None:
    """The score is words x recency x tier, and tells it."""
    now = DAY + timedelta(days=365)
    put("old", "宁德时代扩产")
    put("new", "宁德时代扩产", published_at=now)
    put("official", "宁德时代扩产", published_at=now, tier=SourceTier.OFFICIAL)
    index.catch_up(store)
    search = _search(index, store, data, clock=lambda: now)
    hits = search.search(SearchQuery(text="宁德时代")).hits
    assert [hit.article.id for hit in hits] == ["official", "new", "old"]
    for hit in hits:
        told = hit.explained
        assert told.words * told.recency * told.tier == pytest.approx(hit.score, rel=1e-3)
    assert hits[0].explained.words == pytest.approx(hits[2].explained.words)


def test_marks_are_safe_and_say_where(
    store: NewsStore, index: TantivyIndex, put: Put, data: Path
) -> None:
    """What an article says cannot become markup; spans cut out the words found."""
    put("a", "<b>寧德時代</b>&扩产", "全文" * 100 + "宁德时代" + "尾" * 300)
    index.catch_up(store)
    (hit,) = _search(index, store, data).search(SearchQuery(text="宁德时代")).hits
    assert hit.headline.html == "&lt;b&gt;<mark>寧德時代</mark>&lt;/b&gt;&amp;扩产"
    for marked in (hit.headline, hit.excerpt):
        (span,) = marked.spans
        assert marked.text[span.start : span.end] in ("寧德時代", "宁德时代")


def test_meaning_and_words_are_fused_by_their_ranks(
    store: NewsStore, index: TantivyIndex, put: Put, data: Path
) -> None:
    """An article that only means the same is found; one that both orders have leads."""
    put("words", "动力电池")
    put("both", "动力电池和锂电")
    put("meaning", "锂电产业")
    put("filtered", "锂电别的", tier=SourceTier.SOCIAL)

    class Meanings:
        def nearest(self, text: str, limit: int) -> tuple[int, ...]:
            return (2, 4, 3)

    index.catch_up(store)
    search = _search(index, store, data, meanings=Meanings())
    hits = search.search(SearchQuery(text="动力电池", tier=SourceTier.MEDIA)).hits
    assert [hit.article.id for hit in hits] == ["both", "words", "meaning"]
    ranks = [(hit.explained.by_words, hit.explained.by_meaning) for hit in hits]
    assert ranks == [(2, 1), (1, 0), (0, 2)]


@pytest.mark.parametrize("sort", list(SortOrder))
@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 24), st.integers(-40, 40)), max_size=12))
def test_pages_show_what_the_first_one_found_whatever_changes_meanwhile(
    sort: SortOrder, steps: list[tuple[int, int]], master: SecuritiesMaster
) -> None:
    """Articles arrive, change their words, their time or their standing: none twice, none lost."""
    with TemporaryDirectory() as folder:
        store = NewsStore.open(Path(folder) / "workspace.db")
        index = TantivyIndex(Path(folder) / "index")
        for number in range(15):
            _put(store, f"a{number}", "宁德时代" + "扩产" * (number % 4), number)
        index.catch_up(store)
        search = NewsSearch(index, store, master)
        query = SearchQuery(text="宁德时代", sort=sort, limit=4)
        page, seen = search.search(query), []
        changes = iter(steps)
        while True:
            seen += [hit.article.id for hit in page.hits]
            if page.next_cursor is None:
                break
            for number, hours in islice(changes, 3):
                _put(store, f"a{number}", f"宁德时代变了{hours}", hours, 2 + abs(hours))
            index.catch_up(store)
            page = search.search(replace(query, cursor=page.next_cursor))
            assert page.total == 15
        store.close()
    assert sorted(seen) == sorted(f"a{number}" for number in range(15))


@pytest.fixture(scope="module")
def master(data: Path) -> SecuritiesMaster:
    return SecuritiesMaster.load(data / "securities.tsv")


def _put(store: NewsStore, key: str, headline: str, hours: int, version: int = 1) -> None:
    article = Article(
        key, headline, "", "源", "o", None, DAY + timedelta(hours=hours), True, DAY, version,
        content_hash(headline, ""), Sentiment.NEUTRAL, 0.0, (), (), None,
    )  # fmt: skip
    with transaction(store.connection):
        store.put(article, fingerprint(article.content))
