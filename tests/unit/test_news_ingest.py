"""Ingestion: what becomes of each item, with the real analysers over the real data files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from news.analyse import Analyser, article_id, canonical_url
from news.article import DeadLetter, RawArticle, SourceTier
from news.fact import Predicate
from news.index import IndexQuery, TantivyIndex
from news.ingest import Ingester
from news.link import EntityLinker
from news.securities import SecuritiesMaster
from news.sentiment import SentimentLexicon
from news.store import NewsStore
from news.tag import TopicTagger

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
RAW = RawArticle(
    headline="宁德时代（300750）公布年度业绩，净利润大幅增长",
    text="宁德时代发布公告称，公司全年营业收入与净利润均实现增长，董事会拟向全体股东派发现金红利，"
    "同时提示原材料价格波动的风险。公司表示将继续扩大电池产能，并与多家整车企业签订供货合同。",
    origin="test:1",
    url="https://news.example.com/sample/1",
    published_at=datetime(2024, 3, 15, 10, tzinfo=UTC),
    source="测试",
)


@pytest.fixture(scope="module")
def analyser(data: Path) -> Analyser:
    lexicons = data / "lexicons"
    master = SecuritiesMaster.load(data / "securities.tsv")
    return Analyser(
        TopicTagger.load(lexicons / "topics.yaml"),
        SentimentLexicon.load(lexicons / "sentiment.tsv", lexicons / "negations.txt"),
        EntityLinker(master, lexicons / "ambiguous_names.yaml"),
    )


@pytest.fixture
def store(tmp_path: Path) -> NewsStore:
    return NewsStore.open(tmp_path / "workspace.db")


@pytest.fixture
def ingester(store: NewsStore, analyser: Analyser, tmp_path: Path) -> Ingester:
    return Ingester(store, TantivyIndex(tmp_path / "index"), analyser, clock=lambda: NOW)


def test_an_article_is_cleaned_tagged_scored_and_linked(
    store: NewsStore, ingester: Ingester
) -> None:
    """A stored article has tags, a tone and mentions whose offsets give the name back."""
    summary = ingester.ingest([RAW])
    assert (summary.read, summary.stored) == (1, 1)
    (article,) = store.articles_about("company:300750")
    assert "业绩" in {tag.name for tag in article.tags}
    assert article.sentiment == "positive"
    for mention in article.mentions:
        assert article.content[mention.start : mention.end] == mention.surface
    assert article.published_at == RAW.published_at
    assert article.dated


def test_every_article_adds_its_own_facts(store: NewsStore, ingester: Ingester) -> None:
    """The mention is a fact in the graph whose evidence is the place in the text."""
    ingester.ingest([RAW])
    (article,) = store.articles_about("company:300750")
    facts = store.facts.facts_of(["company:300750"], predicates=[Predicate.MENTIONS])
    assert [f.subject for f in facts] == [f"article:{article.id}"]
    assert facts[0].evidence.startswith(f"article:{article.id}#")


def test_the_same_input_again_stores_nothing(store: NewsStore, ingester: Ingester) -> None:
    """A second run finds everything known."""
    ingester.ingest([RAW])
    again = ingester.ingest([RAW])
    assert (again.stored, again.duplicates, again.updated) == (0, 1, 0)
    assert store.count() == 1


def test_the_same_text_at_another_address_is_a_sighting(
    store: NewsStore, ingester: Ingester
) -> None:
    """A reprint word for word is not stored twice; the place is remembered."""
    ingester.ingest([RAW, replace(RAW, url="https://other.example.com/x", source="转载")])
    assert store.count() == 1
    (article,) = store.articles_about("company:300750")
    assert [s[0] for s in store.sightings(article.id)] == [
        "https://news.example.com/sample/1",
        "https://other.example.com/x",
    ]


def test_a_near_duplicate_is_kept_and_linked_to_the_first(
    store: NewsStore, ingester: Ingester
) -> None:
    """A reprint with a header counts as a duplicate and points at the original."""
    reprint = replace(
        RAW,
        text="【示例快讯】" + RAW.text,
        url="https://other.example.com/reprint",
        origin="test:2",
    )
    summary = ingester.ingest([RAW, reprint])
    assert (summary.stored, summary.duplicates) == (1, 1)
    (original,) = store.articles_about("company:300750")
    both = store.articles_about("company:300750", duplicates=True)
    assert {a.duplicate_of for a in both} == {None, original.id}


def test_a_flash_that_differs_in_its_company_is_no_duplicate(
    store: NewsStore, ingester: Ingester
) -> None:
    """The same sentence about another company is another piece of news."""
    flash = RawArticle(
        "贵州茅台今日大宗交易成交1.2亿元", "贵州茅台今日大宗交易成交1.2亿元。", "test:1"
    )
    other = replace(
        flash,
        headline=flash.headline.replace("贵州茅台", "五粮液"),
        text=flash.text.replace("贵州茅台", "五粮液"),
        origin="test:2",
    )
    assert ingester.ingest([flash, other]).stored == 2


def test_changed_text_at_the_same_address_is_a_new_version(
    store: NewsStore, ingester: Ingester, tmp_path: Path
) -> None:
    """The new version replaces the old one everywhere and the old text is kept."""
    ingester.ingest([RAW])
    changed = replace(
        RAW, headline="更正：贵州茅台（600519）公布年度业绩", text="更正后的正文内容。"
    )
    summary = ingester.ingest([changed])
    assert (summary.updated, summary.stored) == (1, 0)
    assert store.articles_about("company:300750") == ()
    (article,) = store.articles_about("company:600519")
    assert article.version == 2
    old = store.facts.facts_of(["company:300750"], predicates=[Predicate.MENTIONS])
    assert old == ()
    assert ingester.ingest([RAW, changed]).duplicates == 2
    hits = TantivyIndex(tmp_path / "index").search(IndexQuery(text="宁德时代")).hits
    assert hits == ()


def test_refused_items_are_kept_with_their_reason(store: NewsStore, ingester: Ingester) -> None:
    """Dead letters are counted, stored and reported, and the rest goes on."""
    letter = DeadLetter("feed.xml:3", "read", "entry has no title", "<item/>")
    told: list[DeadLetter] = []
    summary = ingester.ingest([letter, RAW, letter], on_dead=told.append)
    assert (summary.read, summary.stored, summary.dead) == (3, 1, 2)
    assert store.dead_letters.latest() == (letter,)
    assert told == [letter, letter]


def test_a_poisonous_article_does_not_stop_the_batch(
    store: NewsStore, ingester: Ingester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks the analysis becomes a dead letter; its neighbours are stored."""
    poison = replace(RAW, headline="毒", text="毒药", url=None, origin="test:poison")
    link = EntityLinker.link

    def fail(self: EntityLinker, text: str, *others: Any, **named: Any) -> object:
        if "毒药" in text:
            raise RuntimeError("no")
        return link(self, text, *others, **named)

    monkeypatch.setattr(EntityLinker, "link", fail)
    summary = ingester.ingest([RAW, poison])
    assert (summary.stored, summary.dead) == (1, 1)
    assert store.dead_letters.latest()[0].origin == "test:poison"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://News.Example.com/a?utm_source=x&id=1#top", "http://news.example.com/a?id=1"),
        ("https://news.example.com/", None),
        ("https://news.example.com", None),
        ("ftp://example.com/a", None),
        ("没有地址", None),
        ("http://[broken", None),
    ],
)
def test_an_address_identifies_an_article_without_tracking(url: str, expected: str | None) -> None:
    """Campaign parameters and fragments do not make another article; a home page is none."""
    assert canonical_url(url) == expected


def test_addresses_that_differ_in_marks_or_case_are_two_articles() -> None:
    """/2021/1/11 and /2021/11/1 must never overwrite each other."""
    addresses = (
        "https://x.example/2021/1/11",
        "https://x.example/2021/11/1",
        "https://x.example/A",
    )
    ids = {article_id(address, "digest") for address in (*addresses, "https://x.example/a")}
    assert len(ids) == 4


def test_a_lighter_source_cannot_take_over_an_address(store: NewsStore, ingester: Ingester) -> None:
    """What a forum gives the address of an announcement becomes an article of its own."""
    official = replace(RAW, tier=SourceTier.OFFICIAL)
    ingester.ingest([official])
    claimed = replace(RAW, text="有人说宁德时代要破产了，大家快跑。" * 3, tier=SourceTier.SOCIAL)
    assert ingester.ingest([claimed]).stored == 1
    first = store.article(article_id(str(RAW.url), ""))
    assert first is not None
    assert (first.version, first.tier, store.count()) == (1, SourceTier.OFFICIAL, 2)
    assert ingester.ingest([claimed]).stored == 0
