"""Who may be affected by a company or by what happened to it: picture, table, evidence."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from news.event_names import EVENT_NAMES
from news.graph_affected import NO_ADVICE, Affected, AffectedReport
from news.graph_impact import SIGN_NAMES, Sign
from news.happening import Happening
from ui.console.company_graph import affected_image
from ui.console.escape import escape_html
from ui.console.links import address_of_article, address_of_company
from ui.console.moments import day
from ui.wiring import Wiring

_EVENTS = 30
_SHOWN = 16
_EACH = 5
_SIGNS = {Sign.HELPS: "fl-positive", Sign.HURTS: "fl-negative", Sign.UNCLEAR: "fl-neutral"}


def affected(wiring: Wiring, company_id: str, name: str) -> None:
    """The tab: what it starts from, the picture, and each one affected with its reasons."""
    source = _source(wiring, company_id, name)
    report = wiring.affected_by.affected(source, limit=_SHOWN, each=_EACH)
    if report is None or not report.affected:
        st.info("图谱里还没有从这里出发的关系。")
        return
    st.caption(f"{NO_ADVICE}；强度由关系的紧密与可信程度算出，方向只说可能。")
    st.image(affected_image(wiring, report))
    st.html(table(report, company_id))
    if report.left_out:
        st.caption(f"另有 {report.left_out} 个较弱的未列出。")


def _source(wiring: Wiring, company_id: str, name: str) -> str:
    """The company itself or one of its events."""
    events = wiring.news_store.happenings.timeline(company_id, limit=_EVENTS)
    told = {company_id: f"{name}（未指明发生了什么）"} | {e.id: _event(e) for e in events}
    chosen = st.selectbox(
        "从什么出发",
        list(told),
        index=_first_telling(events),
        format_func=told.__getitem__,
        key=f"affected_{company_id}",
        label_visibility="collapsed",
    )
    return chosen or company_id


def _first_telling(events: Sequence[Happening]) -> int:
    """The latest event that changes a business rather than a price or a statement."""
    dull = {"priceMove", "clarification", "earnings", "dividend", "earningsPreview"}
    return next((n for n, e in enumerate(events, start=1) if e.kind not in dull), 0)


def _event(event: Happening) -> str:
    return f"{day(event.first_at)} {EVENT_NAMES[event.kind]}：{event.headline}"


def table(report: AffectedReport, company_id: str) -> str:
    """One row for each one affected, strongest first."""
    rows = "".join(_row(a) for a in report.affected if a.entity.id != company_id)
    return (
        '<table class="fl-affected"><thead><tr><th>可能受影响</th><th>方向</th><th>强度</th>'
        f"<th>原因与依据</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(affected: Affected) -> str:
    share = round(100 * affected.score)
    filled = f'<span style="width:{share}%"></span>'
    bar = f'<div class="fl-bar" title="{affected.score:.2f}">{filled}</div>'
    sign = f'<span class="fl-chip {_SIGNS[affected.sign]}">{SIGN_NAMES[affected.sign]}</span>'
    # What it starts from stands above the table.
    path = [step for step in affected.path if step.way != "subject"] or affected.path
    steps = "".join(
        f"<li>{_evidence(step.text, step.fact.evidence)}"
        f'<span class="fl-meta">{escape_html(step.why)}</span></li>'
        for step in path
    )
    disputed = '<span class="fl-meta">（各路径方向不一）</span>' if affected.disputed else ""
    return (
        f"<tr><td>{_name(affected)}</td><td>{sign}{disputed}</td><td>{bar}</td>"
        f"<td><ol>{steps}</ol></td></tr>"
    )


def _name(affected: Affected) -> str:
    name, entity = escape_html(affected.entity.name), affected.entity.id
    if not entity.startswith("company:"):
        return name
    return f'<a href="{escape_html(address_of_company(entity))}" target="_self">{name}</a>'


def _evidence(text: str, evidence: str) -> str:
    """The edge in words; a click on it opens the article that says so."""
    if not evidence.startswith("article:"):
        return f"{escape_html(text)}　"
    address = address_of_article(evidence.removeprefix("article:").partition("#")[0])
    return f'<a href="{escape_html(address)}" target="_self">{escape_html(text)}</a>　'
