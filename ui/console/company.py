"""公司: who it is, what was written about it, and how it hangs together with others."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from news.fact import Entity, Fact, Predicate
from news.graph import CompanyProfile
from ui.console.company_affected import affected
from ui.console.company_choice import cached_choices, resolve
from ui.console.company_graph import graph
from ui.console.company_news import articles_of, stories, tone_panel
from ui.console.company_timeline import timeline
from ui.console.company_view import (
    CompanyHead,
    company_head,
    ends_of,
    fact_lines,
    relations_html,
)
from ui.console.escape import escape_html, escape_markdown
from ui.console.links import company_link
from ui.console.parts import parts
from ui.wiring import Wiring

_PICK = "company_pick"
_TAB = "company_tab"
_MOST_NAMED = 12
_BETWEEN = (
    Predicate.SUPPLIES,
    Predicate.SUBSIDIARY_OF,
    Predicate.OWNS,
    Predicate.COMPETES_WITH,
    Predicate.COOPERATES_WITH,
    Predicate.ACQUIRES,
    Predicate.INVESTS_IN,
    Predicate.MERGES_WITH,
    Predicate.SUES,
    Predicate.GUARANTEES,
    Predicate.DIRECTOR_OF,
    Predicate.PRODUCES,
)


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
    about, events, affects, around, facts = st.tabs(
        ["概况", "时间线", "谁受影响", "关系图谱", "事实与来源"], key=_TAB, on_change="rerun"
    )
    with about:
        _about(wiring, profile)
    with events:
        timeline(wiring, company_id)
    # A picture takes a second: only the one that is looked at is drawn.
    if affects.open:
        with affects:
            affected(wiring, company_id, profile.company.name)
    if around.open:
        with around:
            graph(wiring, company_id)
    with facts:
        _facts(wiring, profile)


def _about(wiring: Wiring, profile: CompanyProfile) -> None:
    company_id = profile.company.id
    articles = articles_of(wiring, company_id)
    news, beside = st.columns([3, 2], gap="medium")
    with news:
        stories(wiring, articles, company_id)
    with beside:
        tone_panel(articles, company_id)
        _relations(wiring, company_id)
        _chain(wiring, profile)


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


def _relations(wiring: Wiring, company_id: str) -> None:
    """What articles say that the company has to do with others, each with its article."""
    facts = wiring.graph.facts_about(company_id, predicates=_BETWEEN)
    if not facts:
        return
    names = wiring.news_store.facts.names(ends_of(facts))
    with st.container(border=True, key="panel-relations"):
        st.markdown("##### 资讯中的关系")
        st.html(f'<ul class="fl-found">{relations_html(facts, names)}</ul>')


def _named(named: Sequence[tuple[Entity, Fact]]) -> None:
    if not named:
        st.caption("没有记录。")
        return
    items = []
    for entity, fact in named[:_MOST_NAMED]:
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
