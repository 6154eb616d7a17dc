"""What the news page makes of its filters and of an article."""

from __future__ import annotations

from datetime import UTC, date, datetime

from news.article import Article, Mention, Sentiment, Tag, TagGroup
from news.index import SortOrder
from ui.console.article_filter import ArticleFilter, Pages, days, empty_hint
from ui.console.article_html import body, companies_of, marked, result, source_link
from ui.console.moments import end_of, minute, months_before, start_of


def article(headline: str, text: str, *mentions: Mention, url: str | None = None) -> Article:
    """An article with fixed times."""
    at = datetime(2024, 5, 20, 16, 30, tzinfo=UTC)
    return Article(
        id="a1",
        headline=headline,
        text=text,
        source="<b>源</b>",
        origin="news.jsonl:1",
        url=url,
        published_at=at,
        dated=True,
        ingested_at=at,
        version=1,
        content_hash="h",
        sentiment=Sentiment.NEGATIVE,
        sentiment_score=-0.5,
        tags=(Tag("<i>业绩</i>", TagGroup.TOPIC, 0.9),),
        mentions=mentions,
        duplicate_of=None,
    )


def mention(start: int, end: int, entity: str = "company:300750") -> Mention:
    """A mention at a place of the content."""
    return Mention(entity, "", start, end, "name", 0.9)


def name(entity_id: str) -> str:
    """A name that would break an attribute if it were not escaped."""
    return f'"{entity_id}"'


def test_times_are_shown_in_shanghai() -> None:
    """A moment late in a UTC day belongs to the next day in Shanghai."""
    assert minute(datetime(2024, 5, 20, 16, 30, tzinfo=UTC)) == "2024-05-21 00:30"


def test_a_day_spans_midnight_to_midnight_in_shanghai() -> None:
    """Both ends carry the zone, the end is exclusive."""
    assert start_of(date(2024, 5, 20)).astimezone(UTC) == datetime(2024, 5, 19, 16, tzinfo=UTC)
    assert end_of(date(2024, 5, 20)).astimezone(UTC) == datetime(2024, 5, 20, 16, tzinfo=UTC)


def test_months_cross_the_year() -> None:
    """Twelve months up to March begin in April of the year before."""
    months = months_before(date(2024, 3, 31), 12)
    assert (months[0], months[-1], len(months)) == (date(2023, 4, 1), date(2024, 3, 1), 12)


def test_a_half_chosen_range_is_open_to_now() -> None:
    """While the second day is still being chosen the first one holds alone."""
    assert days(()) == (None, None)
    assert days((date(2024, 1, 2),)) == (date(2024, 1, 2), None)
    assert days((date(2024, 1, 2), date(2024, 1, 5))) == (date(2024, 1, 2), date(2024, 1, 5))


def test_the_last_day_of_a_range_counts() -> None:
    """`until` of the search is the midnight after the chosen day."""
    query = ArticleFilter(until=date(2024, 1, 5), text="  产能 ").query(None)
    assert query.until == start_of(date(2024, 1, 6))
    assert query.text == "产能"


def test_another_filter_starts_at_its_first_page() -> None:
    """Cursors belong to one search and are dropped with it."""
    pages = Pages(ArticleFilter()).forward("c1").forward("c2")
    assert pages.number == 3
    assert pages.under(ArticleFilter()) is pages
    assert pages.under(ArticleFilter(tag="业绩")).cursors == (None,)
    assert pages.back().cursors == (None, "c1")
    assert Pages(ArticleFilter()).back().number == 1


def test_an_empty_workspace_says_how_to_fill_it() -> None:
    """Without any filter the hint is the command that ingests, whatever the order chosen."""
    assert "foreland news ingest" in empty_hint(ArticleFilter(sort=SortOrder.TIME), {})


def test_an_empty_result_names_the_conditions() -> None:
    """The hint repeats what was asked for, so that one condition can be dropped."""
    hint = empty_hint(ArticleFilter(text="产能", company="company:1"), {"company:1": "甲公司"})
    assert "产能" in hint
    assert "甲公司" in hint


def test_mentions_are_marked_in_the_text() -> None:
    """Offsets count in the content, headline and line break included."""
    shown = body(article("头", "宁德时代公告", mention(2, 6)), name)
    assert ">宁德时代</mark>公告" in shown


def test_overlapping_mentions_are_marked_once() -> None:
    """Of mentions that overlap, the first and longest is marked and no text is repeated."""
    one = article("", "宁德时代公告", mention(0, 2), mention(0, 4), mention(2, 6))
    assert marked(one, 0, 6, name).count("<mark") == 1


def test_a_hostile_article_is_shown_literally() -> None:
    """Headline, source, tags, text, snippet and names are all escaped."""
    bad = '<script>alert(1)</script><img src=x onerror="x">'
    shown = result(article(bad, bad, mention(0, 8)), bad, 0, name)
    for piece in ("<script", "<img", "<b>源", "<i>业绩", 'title=""'):
        assert piece not in shown
    assert "&lt;script&gt;" in shown


def test_a_long_text_is_cut_and_says_so() -> None:
    """A list shows the beginning and how much is missing."""
    shown = body(article("头", "长" * 50), name, 20)
    assert "还有 30 字" in shown
    assert shown.count("长") == 20


def test_a_script_address_is_no_link() -> None:
    """An article whose address is a script shows its origin instead."""
    assert "href" not in source_link(article("a", "b", url="javascript:alert(1)"))
    assert "href" in source_link(article("a", "b", url="https://a.example/1"))


def test_companies_are_named_once() -> None:
    """Several mentions of one company make one link; other entities make none."""
    found = companies_of(
        article("", "x" * 9, mention(0, 1), mention(2, 3), mention(4, 5, "security:300750.SZ"))
    )
    assert found == ("company:300750",)
