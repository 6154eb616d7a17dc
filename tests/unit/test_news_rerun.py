"""Analysing stored articles anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from news.analyse import Analyser
from news.article import Page, RawArticle
from news.event_extract import EventExtractor
from news.index import TantivyIndex
from news.ingest import Ingester
from news.link import EntityLinker
from news.pipeline import Pipeline, Stage
from news.read import read_sources
from news.rerun import Rerun
from news.securities import SecuritiesMaster
from news.sentiment import SentimentLexicon
from news.store import NewsStore
from news.tag import TopicTagger

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def analyser(data: Path) -> Analyser:
    """Everything that the shipped pipeline has."""
    lexicons = data / "lexicons"
    master = SecuritiesMaster.load(data / "securities.tsv")
    return Analyser(
        TopicTagger.load(lexicons / "topics.yaml"),
        SentimentLexicon.load(lexicons / "sentiment.tsv", lexicons / "negations.txt"),
        EntityLinker(master, lexicons / "ambiguous_names.yaml"),
        Pipeline.of({}),
        events=EventExtractor.load(lexicons / "events.yaml"),
    )


class Desk:
    """One workspace with its ingestion and its rerun."""

    def __init__(self, folder: Path, analyser: Analyser) -> None:
        self.store = NewsStore.open(folder / "w.db")
        self.index = TantivyIndex(folder / "index")
        self.analyser = analyser

    def ingest(self, items: object) -> None:
        """Take in articles at one fixed moment."""
        Ingester(self.store, self.index, self.analyser, clock=lambda: NOW).ingest(items)  # type: ignore[arg-type]

    def rerun(self, analyser: Analyser | None = None) -> Rerun:
        """A rerun with this pipeline or another."""
        return Rerun(self.store, self.index, analyser or self.analyser, clock=lambda: NOW)


@pytest.fixture
def desk(tmp_path: Path, analyser: Analyser) -> Desk:
    """An empty workspace."""
    return Desk(tmp_path, analyser)


def test_what_is_current_is_left_alone(desk: Desk, data: Path) -> None:
    """A rerun without a change of the pipeline reads nothing."""
    desk.ingest(read_sources([str(data / "news")], now=NOW))
    assert desk.rerun().stale() == {}
    assert desk.rerun().run().read == 0


def test_rebuilding_from_stored_articles_gives_the_same_graph(desk: Desk, data: Path) -> None:
    """Every article through all stages again: not one thing about any of them is another."""
    desk.ingest(read_sources([str(data / "news")], now=NOW))
    before, events = desk.store.facts.digest(), desk.store.happenings.count()
    summary = desk.rerun().run(Stage.NORMALISE)
    assert events > 5
    assert summary.read == desk.store.count() > 100
    assert summary.changed == 0
    assert desk.store.facts.digest() == before


def test_a_changed_stage_is_run_again_and_only_once(
    desk: Desk, analyser: Analyser, data: Path
) -> None:
    """Articles that an older lexicon tagged get the tags of the new one."""
    desk.ingest(read_sources([str(data / "news")], now=NOW))

    class NoTags:
        def tag(self, headline: str, text: str) -> tuple[()]:
            return ()

    changed = tuple((s, "2" if s is Stage.TAGS else v) for s, v in analyser.pipeline.versions)
    newer = replace(analyser, tagger=NoTags(), pipeline=Pipeline(changed))
    rerun = desk.rerun(newer)
    assert rerun.stale() == {Stage.TAGS: desk.store.count()}
    assert rerun.run().changed > 0
    assert desk.store.tag_counts() == ()
    assert rerun.run().read == 0


def test_a_page_is_read_again(desk: Desk, analyser: Analyser) -> None:
    """A page is kept as it came; where reading changed, its text does, as the next version."""
    body = "寰球科技公司今日发布公告，全年收入增长，董事会拟派发现金红利。" * 4
    html = f"<html><head><title>寰球科技公告</title></head><body><p>{body}</p></body></html>"
    address = "https://news.example.com/sample/9"
    desk.ingest(
        [RawArticle("旧标题", "旧正文。" * 20, address, url=address, page=Page(html.encode()))]
    )
    versions = tuple((s, "2" if s is Stage.EXTRACT else v) for s, v in analyser.pipeline.versions)
    desk.rerun(replace(analyser, pipeline=Pipeline(versions))).run()
    (change,) = desk.store.changes_after(0, 10)
    assert change.article.version == 2
    assert "董事会拟派发现金红利" in change.article.text


def test_a_withdrawn_article_stays_withdrawn(desk: Desk, analyser: Analyser) -> None:
    """Nothing that a source took back comes back by being analysed again."""
    raw = RawArticle(
        "宁德时代（300750）签订供货合同",
        "宁德时代发布公告称签订供货合同，金额十亿元。",
        "test:1",
        url="https://news.example.com/sample/8",
    )
    desk.ingest([raw])
    stated = desk.store.facts.count()
    desk.ingest([replace(raw, withdrawn=True)])
    assert desk.store.facts.count() < stated
    left = desk.store.facts.digest()
    desk.rerun().run(Stage.NORMALISE)
    (change,) = desk.store.changes_after(0, 10)
    assert change.article.withdrawn_at == NOW
    assert desk.store.facts.digest() == left
