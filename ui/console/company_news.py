"""What was written about a company: its stories and the tone towards it over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from news.article import Article, Sentiment
from ui.console.article_html import Addition, result, tier_chip, towards
from ui.console.article_names import namer
from ui.console.charts import tone_columns
from ui.console.links import article_link
from ui.console.moments import day, months_before
from ui.console.overview_counts import ToneCount
from ui.wiring import Wiring

MONTHS = 24
_READ = 400
_STORIES = 20
_SNIPPET = 110


@dataclass(frozen=True, slots=True)
class ToneHistory:
    """Articles by month and tone towards the company; `whole` counts those of which only the tone
    of the whole text is known."""

    counts: tuple[ToneCount, ...]
    articles: int
    whole: int


def tone_history(articles: Sequence[Article], entity_id: str) -> ToneHistory:
    """The months up to the newest dated article, near-duplicates left out."""
    kept = [a for a in articles if a.dated and a.duplicate_of is None and a.withdrawn_at is None]
    if not kept:
        return ToneHistory((), 0, 0)
    months = months_before(max(day(a.published_at) for a in kept), MONTHS)
    within = [a for a in kept if day(a.published_at) >= months[0]]
    found: Counter[tuple[object, Sentiment]] = Counter()
    for article in within:
        found[day(article.published_at).replace(day=1), _tone(article, entity_id)] += 1
    counts = tuple(ToneCount(m, tone, found[m, tone]) for m in months for tone in Sentiment)
    whole = sum(towards(article, entity_id) is None for article in within)
    return ToneHistory(counts, len(within), whole)


def stories_of(articles: Iterable[Article]) -> tuple[tuple[Article, ...], ...]:
    """Articles by story, the latest story first; in each the weightiest source, then the earliest.

    What has no date stands for itself.
    """
    found: dict[str, list[Article]] = {}
    for article in articles:
        key = article.story_id if article.dated and article.story_id else article.id
        found.setdefault(key, []).append(article)
    return tuple(
        tuple(sorted(story, key=lambda a: (a.tier.rank, a.published_at)))
        for story in found.values()
    )


def articles_of(wiring: Wiring, entity_id: str) -> tuple[Article, ...]:
    """The newest articles that name a company, those taken back left out."""
    found = wiring.news_store.articles_about(entity_id, limit=_READ, duplicates=True)
    return tuple(article for article in found if article.withdrawn_at is None)


def tone_panel(articles: Sequence[Article], entity_id: str) -> None:
    """The chart of tones, with what it counts."""
    history = tone_history(articles, entity_id)
    with st.container(border=True, key="panel-company-tone"):
        st.markdown("##### 对该公司的情感走势")
        if not history.articles:
            st.caption("还没有可统计的资讯。")
            return
        whole = f"，其中 {history.whole} 篇按全文情感计" if history.whole else ""
        st.caption(f"截至最新资讯的 {MONTHS} 个月，共 {history.articles} 篇，不含相似报道{whole}")
        st.altair_chart(tone_columns(history.counts))


def stories(wiring: Wiring, articles: Sequence[Article], entity_id: str) -> None:
    """The latest stories, one row each."""
    if not articles:
        st.info("还没有提到这家公司的资讯。")
        return
    found = stories_of(articles)
    st.caption(
        f"{len(articles)} 篇资讯，同一件事的报道合并后 {len(found)} 条，"
        f"以下为最近 {min(len(found), _STORIES)} 条"
    )
    for story in found[:_STORIES]:
        _story(wiring, story, entity_id)


def _story(wiring: Wiring, story: Sequence[Article], entity_id: str) -> None:
    lead, others = story[0], story[1:]
    text = lead.text.replace("\n", " ")
    snippet = text[:_SNIPPET] + ("…" if len(text) > _SNIPPET else "")
    addition = Addition(tier_chip(lead.tier), towards(lead, entity_id), len(others))
    with st.container(key=f"hit-{lead.id}"):
        st.html(result(lead, snippet, 0, namer(wiring), addition))
        with st.container(horizontal=True, gap="small"):
            article_link(lead.id, "打开全文")
            for other in others[:4]:
                article_link(other.id, f"{other.source}：{other.headline[:22]}")


def _tone(article: Article, entity_id: str) -> Sentiment:
    told = towards(article, entity_id)
    return told.sentiment if told else article.sentiment
