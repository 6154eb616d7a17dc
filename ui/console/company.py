"""公司: who it is, what was written about it, and how it hangs together with others."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from threading import Lock

import streamlit as st

from news.article import Article
from news.fact import Entity, Fact
from news.graph import CompanyProfile
from news.graph_picture import picture
from ui.console.article_html import result
from ui.console.company_choice import cached_choices, resolve
from ui.console.company_view import (
    CompanyHead,
    FactLine,
    company_head,
    ends_of,
    fact_lines,
)
from ui.console.escape import escape_html, escape_markdown
from ui.console.links import article_link, company_link
from ui.console.parts import parts
from ui.wiring import Wiring

_PICK = "company_pick"
_TIMELINE = 30
_SNIPPET = 110
_DPI = 130
# matplotlib keeps its settings in one place for all threads: one picture is drawn at a time.
_DRAWING = Lock()


def page() -> None:
    """One company, chosen here or by `?company=300750` in the address."""
    wiring = parts()
    head, pick = st.columns([7, 3], gap="medium")
    with pick:
        company_id = _choose(wiring)
    profile = wiring.graph.profile(company_id) if company_id else None
    with head:
        if profile is None:
            _suggest(wiring)
            return
        _head(company_head(profile))
    company_id = profile.company.id
    about, graph, facts = st.tabs(["概况", "关系图谱", "事实与来源"])
    with about:
        news, beside = st.columns([3, 2], gap="medium")
        with news:
            _timeline(wiring, company_id)
        with beside:
            _chain(wiring, profile)
    with graph:
        _graph(wiring, company_id)
    with facts:
        _facts(wiring, profile)


def _choose(wiring: Wiring) -> str | None:
    choices = cached_choices(wiring.master)
    wanted = st.query_params.get("company")
    company_id = resolve(wiring.master, wanted) if wanted else None
    if wanted and company_id:
        st.session_state[_PICK] = choices.label(company_id)
        # A link from company to company stays on this page: Streamlit keeps the old address then.
        st.query_params["company"] = wanted
    st.selectbox(
        "公司",
        choices.labels,
        index=None,
        placeholder="代码、名称、曾用名或拼音首字母",
        filter_mode="contains",
        key=_PICK,
        on_change=_picked,
        label_visibility="collapsed",
    )
    if wanted and company_id is None:
        st.warning(
            escape_markdown(f"没有代码或名称为 {wanted[:40]} 的上市公司，请在上面重新选择。")
        )
    return company_id


def _picked() -> None:
    """The address follows the choice, so that it can be kept and passed on."""
    label: str | None = st.session_state[_PICK]
    if label:
        st.query_params["company"] = label.split(" ", 1)[0]
    else:
        st.query_params.pop("company", None)


def _suggest(wiring: Wiring) -> None:
    named = wiring.news_store.most_mentioned(12)
    st.markdown("##### 选择一家公司")
    st.caption(
        "在右侧输入代码、名称、曾用名或拼音首字母，例如 300750、宁德时代、ndsd"
        + ("；或从资讯里提及最多的公司开始：" if named else "。")
    )
    with st.container(horizontal=True, key="links-suggested"):
        for company_id, _count in named:
            company_link(company_id, wiring.master.company_name(company_id))


def _head(head: CompanyHead) -> None:
    pairs = [
        ("全称", head.full_name),
        ("交易所", head.exchange),
        ("上市日期", head.listed),
        ("行业", " › ".join(head.industries) or "不详"),
        ("曾用名", "、".join(head.former_names) or "无"),
    ]
    told = "".join(
        f"<div><dt>{label}</dt><dd>{escape_html(value)}</dd></div>" for label, value in pairs
    )
    st.html(
        f'<div class="fl-company"><h2>{escape_html(head.name)}'
        f"<small>{escape_html(head.symbols)}</small></h2><dl>{told}</dl></div>"
    )


def _timeline(wiring: Wiring, company_id: str) -> None:
    articles = wiring.news_store.articles_about(company_id, limit=_TIMELINE)
    if not articles:
        st.info("还没有提到这家公司的资讯。")
        return
    if len(articles) == _TIMELINE:
        st.caption(f"最新 {_TIMELINE} 篇；更多请在「资讯」页按公司筛选。")
    for article in articles:
        _entry(wiring, article)


def _entry(wiring: Wiring, article: Article) -> None:
    alike = wiring.news_store.duplicates_of(article.id)
    text = article.text.replace("\n", " ")
    snippet = text[:_SNIPPET] + ("…" if len(text) > _SNIPPET else "")
    with st.container(key=f"hit-{article.id}"):
        st.html(result(article, snippet, len(alike), wiring.master.company_name))
        with st.container(horizontal=True, gap="small"):
            article_link(article.id, "打开全文")
            for other in wiring.news_store.articles(alike[:5]):
                article_link(other.id, f"相似：{other.source} {other.headline[:24]}")


def _graph(wiring: Wiring, company_id: str) -> None:
    shown, told = st.columns([7, 3], gap="medium")
    hops = told.segmented_control(
        "范围",
        [1, 2],
        default=1,
        required=True,
        format_func=lambda n: ("一跳：直接关系", "两跳：关系的关系")[n - 1],
        label_visibility="collapsed",
        key="company_hops",
        persist_state="session",
    )
    store = wiring.news_store
    state = f"{wiring.settings.database}:{store.last_change()}:{store.meta('base_facts')}"
    drawn = _picture(state, company_id, hops or 1, wiring)
    if drawn is None:
        shown.info("图谱里还没有这家公司的关系。")
        return
    image, lines = drawn
    shown.image(image, width="stretch")
    with told, st.container(border=True, key="panel-drawn", height=600):
        st.markdown(f"##### 图中关系（{len(lines)}）")
        st.caption("箭头从主语指向宾语，线越粗越可信。指着一条可看出处。")
        st.html(f'<ul class="fl-edges">{"".join(_edge(line) for line in lines)}</ul>')


def _edge(line: FactLine) -> str:
    return (
        f'<li title="{escape_html(line.source)}">{escape_html(line.subject)}'
        f'<span class="fl-meta"> {line.predicate} → </span>{escape_html(line.object)}</li>'
    )


@st.cache_data(max_entries=200, show_spinner="正在绘制图谱……")
def _picture(
    state: str, company_id: str, hops: int, _wiring: Wiring
) -> tuple[bytes, tuple[FactLine, ...]] | None:
    """PNG of a neighbourhood and its facts; the state names the database and its last change."""
    around = _wiring.graph.neighbourhood(company_id, hops=hops)
    if around is None or not around.facts:
        return None
    out = BytesIO()
    with _DRAWING:
        picture(around).savefig(out, format="png", dpi=_DPI, facecolor="white")
    names = {entity.id: entity.name for entity in around.entities}
    return out.getvalue(), fact_lines(around.facts, names, mentions=True)


def _chain(wiring: Wiring, profile: CompanyProfile) -> None:
    parts_of_chain = (
        ("上游行业", profile.upstream),
        ("下游行业", profile.downstream),
        ("概念板块", profile.concepts),
    )
    for number, (title, named) in enumerate(parts_of_chain):
        with st.container(border=True, key=f"panel-chain-{number}"):
            st.markdown(f"##### {title}")
            _named(named)
    with st.container(border=True, key="links-panel-peers"):
        st.markdown("##### 同行业公司")
        peers = wiring.graph.peers(profile.company.id, limit=40)
        if not peers:
            st.caption("没有同行业公司的记录。")
        with st.container(horizontal=True, gap="small"):
            for peer in peers:
                company_link(peer.id, peer.name)


def _named(named: Sequence[tuple[Entity, Fact]]) -> None:
    if not named:
        st.caption("没有记录。")
        return
    items = []
    for entity, fact in named[:20]:
        reports = dict(fact.qualifiers).get("reports")
        told = f"{reports} 份研报" if reports else f"置信度 {fact.confidence:.2f}"
        items.append(
            f'<li title="{escape_html(fact.evidence)}">{escape_html(entity.name)}'
            f'<span class="fl-meta">{escape_html(told)}</span></li>'
        )
    st.html(f'<ul class="fl-named">{"".join(items)}</ul>')


def _facts(wiring: Wiring, profile: CompanyProfile) -> None:
    linked = (*profile.industry_chain, *profile.upstream, *profile.downstream)
    facts = dict.fromkeys(
        (
            *wiring.graph.facts_about(profile.company.id),
            *profile.listings,
            *(fact for _, fact in linked),
        )
    )
    lines = fact_lines(facts, wiring.news_store.facts.names(ends_of(facts)))
    st.caption(f"共 {len(lines)} 条；每条都写明出处。资讯提及见「概况」。")
    st.dataframe(
        [
            {
                "主语": line.subject,
                "关系": line.predicate,
                "宾语": line.object,
                "起": str(line.since or ""),
                "止": str(line.until or ""),
                "状态": line.status,
                "置信度": line.confidence,
                "出处": line.source,
                "方法": line.method,
            }
            for line in lines
        ],
        hide_index=True,
        height=460,
    )
