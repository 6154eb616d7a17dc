"""资讯: search with filters, one article in full, and what could not be taken in."""

from __future__ import annotations

import streamlit as st

from news.article import Article, EntityTone, Sentiment, SourceTier
from news.event import EventKind
from news.event_names import EVENT_NAMES, TIER_NAMES
from news.index import SortOrder
from news.search import SearchHit, SearchPage
from ui.console.article_correct import correct_form
from ui.console.article_filter import ArticleFilter, Pages, days, empty_hint
from ui.console.article_html import (
    TONES,
    Addition,
    body,
    companies_of,
    facts_line,
    marked,
    result,
    source_link,
    tag_chips,
    tier_chip,
    tone_chip,
    towards,
)
from ui.console.article_names import namer
from ui.console.article_side import entities, events, marks, story
from ui.console.company_choice import cached_choices
from ui.console.escape import escape_html, escape_markdown
from ui.console.links import Place, article_link, company_link, link
from ui.console.moments import minute
from ui.console.parts import parts
from ui.wiring import Wiring

_PAGES = "article_pages"
_SORTS = {SortOrder.RELEVANCE: "相关度", SortOrder.TIME: "时间"}
_LETTERS = 200
_SNIPPET = 120


def page() -> None:
    """The list, or one article where the address names it."""
    wiring = parts()
    chosen = st.query_params.get("article")
    if chosen:
        # A link from the list stays on this page: Streamlit keeps the old address then.
        st.query_params["article"] = chosen
        _one(wiring, chosen)
        return
    st.query_params.clear()
    found, dead = st.tabs(["资讯检索", "未入库"])
    with found:
        _search(wiring)
    with dead:
        _dead_letters(wiring)


def _search(wiring: Wiring) -> None:
    chosen = _filters(wiring)
    pages: Pages = st.session_state.get(_PAGES, Pages(chosen)).under(chosen)
    st.session_state[_PAGES] = pages
    results = wiring.news_search.search(chosen.query(pages.cursors[-1]))
    if not results.total:
        names = (
            {chosen.company: wiring.master.company_name(chosen.company)} if chosen.company else {}
        )
        st.info(escape_markdown(empty_hint(chosen, names)))
        return
    _count(results, pages)
    for hit in results.hits:
        _hit(wiring, hit, chosen.company)
    _pager(results, pages)


def _filters(wiring: Wiring) -> ArticleFilter:
    choices = cached_choices(wiring.master)
    with st.container(key="article-filters"):
        first = st.columns([5, 3, 2, 2, 2, 3], vertical_alignment="bottom")
        text = first[0].text_input(
            "检索词",
            placeholder="标题或正文中的词，例如 动力电池 产能",
            max_chars=500,
            key="article_text",
            persist_state="session",
        )
        label = first[1].selectbox(
            "公司",
            choices.labels,
            index=None,
            placeholder="代码、名称、拼音首字母",
            filter_mode="contains",
            key="article_company",
            persist_state="session",
        )
        tag = first[2].selectbox(
            "标签",
            [name for name, _ in wiring.news_store.tag_counts()],
            index=None,
            placeholder="全部",
            key="article_tag",
            persist_state="session",
        )
        span = first[5].date_input(
            "日期", value=[], format="YYYY-MM-DD", key="article_days", persist_state="session"
        )
        event = first[3].selectbox(
            "事件",
            list(EventKind),
            index=None,
            format_func=EVENT_NAMES.__getitem__,
            placeholder="全部",
            key="article_event",
            persist_state="session",
        )
        tier = first[4].selectbox(
            "来源",
            list(SourceTier),
            index=None,
            format_func=TIER_NAMES.__getitem__,
            placeholder="全部",
            key="article_tier",
            persist_state="session",
        )
        second = st.container(horizontal=True, vertical_alignment="center", gap="large")
        tone = second.segmented_control(
            "情感：选了公司时指对该公司的情感",
            list(Sentiment),
            format_func=TONES.__getitem__,
            key="article_tone",
            label_visibility="collapsed",
            persist_state="session",
        )
        sort = second.segmented_control(
            "排序",
            list(SortOrder),
            default=SortOrder.RELEVANCE,
            required=True,
            format_func=lambda order: f"按{_SORTS[order]}",
            key="article_sort",
            label_visibility="collapsed",
            persist_state="session",
        )
        collapse = second.toggle("合并同一件事", key="article_collapse", persist_state="session")
        duplicates = second.toggle(
            "包含相似报道", key="article_duplicates", persist_state="session"
        )
    since, until = days(span)
    return ArticleFilter(
        text=text,
        company=choices.company(label),
        tag=tag,
        sentiment=tone,
        event=event,
        tier=tier,
        collapse=collapse,
        since=since,
        until=until,
        sort=sort or SortOrder.RELEVANCE,
        duplicates=duplicates,
    )


def _count(results: SearchPage, pages: Pages) -> None:
    relaxed = "。没有一条包含全部检索词，以下为部分匹配" if results.relaxed else ""
    st.html(
        f'<div class="fl-count">共 <b>{results.total:,}</b> 条，第 {pages.number} 页{relaxed}</div>'
    )


def _told_of(article: Article, company: str | None) -> EntityTone | None:
    return towards(article, company) if company else None


def _snippet(hit: SearchHit, shown: Article) -> str:
    """The words around the match; the beginning where another article of the story is shown."""
    return hit.snippet if shown.id == hit.article.id else shown.text[:_SNIPPET].replace("\n", " ")


def _more(hit: SearchHit) -> int:
    return hit.story.more if hit.story else 0


def _hit(wiring: Wiring, hit: SearchHit, company: str | None) -> None:
    article = hit.story.best if hit.story else hit.article
    addition = Addition(tier_chip(article.tier), _told_of(article, company), _more(hit))
    duplicates = len(wiring.news_store.duplicates_of(article.id))
    with st.container(key=f"hit-{article.id}"):
        st.html(result(article, _snippet(hit, article), duplicates, namer(wiring), addition))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            article_link(article.id, "打开全文")
            _company_links(wiring, article, most=8)
            if article.tags:
                st.html(tag_chips(article.tags), width="content")


def _company_links(wiring: Wiring, article: Article, most: int) -> None:
    for company_id in companies_of(article)[:most]:
        company_link(company_id, wiring.master.company_name(company_id))


def _pager(results: SearchPage, pages: Pages) -> None:
    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
        if st.button("上一页", disabled=pages.number == 1):
            _turn(pages.back())
        st.html(f'<span class="fl-meta">第 {pages.number} 页</span>', width="content")
        if st.button("下一页", disabled=results.next_cursor is None) and results.next_cursor:
            _turn(pages.forward(results.next_cursor))


def _turn(pages: Pages) -> None:
    st.session_state[_PAGES] = pages
    st.rerun()


def _one(wiring: Wiring, article_id: str) -> None:
    with st.container(key="links-back"):
        link(Place.ARTICLES, "← 返回资讯列表")
    article = wiring.news_store.article(article_id)
    if article is None:
        st.warning(escape_markdown(f"没有编号为 {article_id[:64]} 的资讯，可能属于另一个工作区。"))
        return
    name = namer(wiring)
    text, beside = st.columns([6, 4], gap="large")
    with text:
        headline = marked(article, 0, len(article.headline), name) or "（无标题）"
        st.html(
            f'{marks(article)}<h2 class="fl-title">{headline}</h2>{facts_line(article)}'
            f'<div class="fl-tags">{tone_chip(article.sentiment)}{tag_chips(article.tags)}</div>'
            f"{body(article, name)}<p>{source_link(article)}</p>"
        )
    with beside:
        _beside(wiring, article)


def _beside(wiring: Wiring, article: Article) -> None:
    name = namer(wiring)
    entities(article, name)
    correct_form(wiring, article)
    events(article, name)
    story(wiring, article)
    original = article.duplicate_of or article.id
    alike = [i for i in (original, *wiring.news_store.duplicates_of(original)) if i != article.id]
    if alike:
        st.markdown(f"##### 相似报道（{len(alike)}）")
        with st.container(key="links-alike", gap=None):
            for other in wiring.news_store.articles(alike[:20]):
                told = f"{minute(other.published_at)} {other.source} {other.headline}"
                article_link(other.id, told)
    st.markdown("##### 来源记录")
    seen = [
        f"<li>{escape_html(source or '来源不详')}<br>{escape_html(place)}<br>{minute(at)} 入库</li>"
        for place, source, at in wiring.news_store.sightings(article.id)
    ]
    st.html(
        f'<ul class="fl-sources">{"".join(seen)}</ul>'
        f'<div class="fl-meta">情感得分 {article.sentiment_score:+.2f} · 编号'
        f" {escape_html(article.id)} · 第 {article.version} 版</div>"
    )


def _dead_letters(wiring: Wiring) -> None:
    letters = wiring.news_store.dead_letters.latest(_LETTERS)
    if not letters:
        st.success("没有未能入库的内容。")
        return
    st.caption(f"最近 {len(letters)} 条未能入库的内容；修好来源后重新采集即可补入。")
    st.dataframe(
        [
            {"来源": x.origin, "环节": x.stage, "原因": x.error, "片段": x.payload[:200]}
            for x in letters
        ],
        hide_index=True,
    )
