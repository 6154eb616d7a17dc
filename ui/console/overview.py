"""总览: how much there is, what is new, what it is about and in which tone."""

from __future__ import annotations

import streamlit as st

from ui.console.article_html import tone_chip
from ui.console.charts import count_bars, tone_columns
from ui.console.escape import escape_html
from ui.console.links import Place, article_link, company_link, link
from ui.console.moments import minute
from ui.console.overview_counts import NewsCounts, news_counts
from ui.console.parts import parts, published
from ui.wiring import Wiring


def page() -> None:
    """The first page of the console."""
    wiring = parts()
    counts = _news_counts(str(wiring.settings.database), wiring)
    _numbers(wiring, counts)
    if not counts.articles:
        st.info("工作区里还没有资讯。请先采集：foreland news ingest <文件、文件夹或网址>")
        return
    left, right = st.columns([3, 2], gap="small")
    with left:
        _latest(counts)
        _companies(wiring, counts)
    with right:
        _tone(counts)
        _topics(counts)


@st.cache_data(ttl=30, show_spinner="正在统计……")
def _news_counts(database: str, _wiring: Wiring) -> NewsCounts:
    return news_counts(_wiring.news_store, _wiring.news_search)


def _numbers(wiring: Wiring, counts: NewsCounts) -> None:
    numbers = st.columns(5)
    numbers[0].metric("资讯", f"{counts.articles:,}", border=True, help="含相似报道")
    numbers[1].metric("提及公司", f"{counts.companies_named:,}", border=True)
    numbers[2].metric("图谱事实", f"{wiring.news_store.facts.count():,}", border=True)
    numbers[3].metric("知识条目", f"{len(published(wiring)):,}", border=True)
    numbers[4].metric(
        "未入库", f"{counts.dead_letters:,}", border=True, help="原因见「资讯 → 未入库」"
    )


def _latest(counts: NewsCounts) -> None:
    with st.container(border=True, key="links-panel-latest"):
        st.markdown("##### 最新资讯")
        for article in counts.latest:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.html(tone_chip(article.sentiment), width="content")
                article_link(article.id, article.headline or "（无标题）", width="stretch")
                told = f"{article.source} · {minute(article.published_at)[:10]}"
                st.html(f'<span class="fl-meta">{escape_html(told)}</span>', width="content")
        link(Place.ARTICLES, "全部资讯 →")


def _companies(wiring: Wiring, counts: NewsCounts) -> None:
    with st.container(border=True, key="links-panel-companies"):
        st.markdown("##### 提及最多的公司")
        columns = st.columns(4)
        for number, (company_id, count) in enumerate(counts.companies):
            with columns[number % 4].container(horizontal=True, vertical_alignment="center"):
                company_link(company_id, wiring.master.company_name(company_id))
                st.html(f'<span class="fl-meta">{count} 篇</span>', width="content")


def _tone(counts: NewsCounts) -> None:
    with st.container(border=True, key="panel-tone"):
        st.markdown("##### 情感走势")
        st.caption("最近 12 个月每月篇数，不含相似报道")
        st.altair_chart(tone_columns(counts.tones))


def _topics(counts: NewsCounts) -> None:
    with st.container(border=True, key="panel-topics"):
        st.markdown("##### 主题分布")
        st.altair_chart(count_bars(counts.tags, "标签", "篇数"))
