"""Stories: which articles tell the same one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from news.article import Article, Mention, Sentiment, SourceTier, content_of
from news.event import ArticleEvent, EventKind
from news.store import NewsStore

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
CATL, BYD = "company:300750", "company:002594"
NAMES = {CATL: "宁德时代", BYD: "比亚迪"}


def article(
    number: int,
    headline: str,
    text: str = "",
    *,
    hours: float = 0,
    tier: SourceTier = SourceTier.MEDIA,
    events: tuple[ArticleEvent, ...] = (),
    source: str = "示例财经",
) -> Article:
    """An article as the pipeline hands it on, with the companies that its headline names."""
    mentions = tuple(
        Mention(entity, name, headline.index(name), headline.index(name) + len(name), "name", 1.0)
        for entity, name in NAMES.items()
        if name in headline
    )
    at = NOW + timedelta(hours=hours)
    return Article(
        id=f"{number:032x}",
        headline=headline,
        text=text,
        source=source,
        origin="test",
        url=None,
        published_at=at,
        dated=True,
        ingested_at=at,
        version=1,
        content_hash=f"{number:032x}",
        sentiment=Sentiment.NEUTRAL,
        sentiment_score=0.0,
        tags=(),
        mentions=mentions,
        duplicate_of=None,
        tier=tier,
        events=events,
    )


def happened(
    kind: EventKind, subject: str = CATL, *arguments: tuple[str, str]
) -> tuple[ArticleEvent, ...]:
    """One event as an extractor finds it."""
    return (ArticleEvent(kind, subject, 0, 4, 0.9, tuple(sorted(arguments))),)


@pytest.fixture
def store(tmp_path: Path) -> NewsStore:
    """An empty workspace."""
    return NewsStore.open(tmp_path / "w.db")


FIRST = "宁德时代与福特签署动力电池供应合作协议"


def test_two_reports_of_one_matter_are_one_story(store: NewsStore) -> None:
    """The second report joins, and is less new the more of it was said before."""
    one = store.stories.place(article(1, FIRST))
    two = store.stories.place(article(2, "宁德时代：与福特签署动力电池合作协议", hours=5))
    assert one.story_id == two.story_id
    assert one.novelty == 1.0
    assert two.novelty < 0.3


@pytest.mark.parametrize(
    ("headline", "hours"),
    [
        ("比亚迪与福特签署动力电池供应合作协议", 1),  # another company
        ("宁德时代发布年度分红方案", 1),  # another matter
        (FIRST, 24 * 20),  # another time
    ],
)
def test_another_matter_is_another_story(store: NewsStore, headline: str, hours: float) -> None:
    """Company, words and time each keep stories apart."""
    one = store.stories.place(article(1, FIRST))
    assert store.stories.place(article(2, headline, hours=hours)).story_id != one.story_id


def test_places_keep_alike_flashes_apart(store: NewsStore) -> None:
    """The same sentence about two cities is two stories."""
    one = store.stories.place(article(1, "上海发布今年重大工程投资计划 总投资超两千亿元"))
    two = store.stories.place(article(2, "广州发布今年重大工程投资计划 总投资超两千亿元"))
    assert one.story_id != two.story_id


def test_an_announcement_gives_the_story_its_headline(store: NewsStore) -> None:
    """The weightiest source speaks for the story, whoever came first."""
    placed = store.stories.place(article(1, FIRST))
    official = "宁德时代：关于与福特签署动力电池供应合作协议的公告"
    store.stories.place(article(2, official, hours=2, tier=SourceTier.OFFICIAL))
    store.stories.place(article(3, FIRST + "引关注", hours=3))
    story = store.stories.story(placed.story_id)
    assert story is not None
    assert (story.headline, story.count) == (official, 3)


def test_one_event_is_one_row_with_its_first_source(store: NewsStore) -> None:
    """A timeline has what happened, not who wrote about it."""
    events = happened(EventKind.PLEDGE)
    for number, source in enumerate(("后到财经", "更晚网"), start=2):
        later = article(number, FIRST, hours=number, events=events, source=source)
        store.happenings.record(later)
    store.happenings.record(article(1, FIRST, events=events, source="首发社"))
    (row,) = store.happenings.timeline(CATL)
    assert (row.count, row.first_source) == (3, "首发社")


def test_other_figures_are_another_event(store: NewsStore) -> None:
    """Two pledges of different sizes are two events though they are days apart only."""
    for number, shares in ((1, "1000000"), (2, "2500000")):
        events = happened(EventKind.PLEDGE, CATL, ("shares", shares))
        store.happenings.record(article(number, FIRST, hours=number * 24, events=events))
    assert len(store.happenings.timeline(CATL)) == 2


def test_a_clarification_denies_what_it_is_about(store: NewsStore) -> None:
    """The rumour stays, marked as denied and by whom; other events of the company stay true."""
    store.happenings.record(
        article(1, "传宁德时代拟收购某车企股权", events=happened(EventKind.MERGER))
    )
    store.happenings.record(
        article(2, "宁德时代股东质押五百万股", hours=1, events=happened(EventKind.PLEDGE))
    )
    official = article(
        3,
        "宁德时代澄清公告：拟收购某车企股权的传闻不属实",
        hours=9,
        tier=SourceTier.OFFICIAL,
        events=happened(EventKind.CLARIFICATION),
    )
    store.happenings.record(official)
    status = {h.kind: (str(h.status), h.status_by) for h in store.happenings.timeline(CATL)}
    assert status[EventKind.MERGER] == ("denied", official.id)
    assert status[EventKind.PLEDGE] == ("asserted", None)


def test_a_forum_cannot_deny_an_announcement(store: NewsStore) -> None:
    """A lighter source changes nothing about what a weightier one stated."""
    store.happenings.record(
        article(
            1,
            "宁德时代收购某车企股权",
            tier=SourceTier.OFFICIAL,
            events=happened(EventKind.MERGER),
        )
    )
    store.happenings.record(
        article(
            2,
            "宁德时代收购某车企股权不属实？",
            hours=3,
            tier=SourceTier.SOCIAL,
            events=happened(EventKind.CLARIFICATION),
        )
    )
    merger = next(h for h in store.happenings.timeline(CATL) if h.kind is EventKind.MERGER)
    assert str(merger.status) == "confirmed"


def test_forgetting_a_report_leaves_what_others_report(store: NewsStore) -> None:
    """Only an event that nobody else reported goes with its article."""
    shared, own = happened(EventKind.PLEDGE), happened(EventKind.DIVIDEND)
    store.happenings.record(article(1, FIRST, events=shared + own))
    store.happenings.record(article(2, FIRST, hours=1, events=shared))
    gone = store.happenings.forget(f"{1:032x}")
    (left,) = store.happenings.timeline(CATL)
    assert (len(gone), left.kind, left.count) == (1, EventKind.PLEDGE, 1)


def test_content_offsets_stay(store: NewsStore) -> None:
    """What is found in an article comes back as it was stored."""
    from news.dedupe import fingerprint

    told = happened(EventKind.CONTRACT, CATL, ("amount", "1000000000"))
    stored = article(1, FIRST, "全文。", events=told)
    store.put(stored, fingerprint(content_of(stored.headline, stored.text)))
    again = store.article(stored.id)
    assert again is not None
    assert (again.events, again.mentions, again.tier) == (told, stored.mentions, stored.tier)
