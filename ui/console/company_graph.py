"""The pictures of a company's graph, drawn once for each state of the workspace."""

from __future__ import annotations

from io import BytesIO
from threading import Lock

import streamlit as st

from news.graph_affected import AffectedReport
from news.graph_affected_picture import affected_picture
from news.graph_picture import picture
from ui.console.company_view import FactLine, fact_lines
from ui.console.escape import escape_html
from ui.wiring import Wiring

_DPI = 130
_DRAWN = 14
# matplotlib keeps its settings in one place for all threads: one picture is drawn at a time.
_DRAWING = Lock()


def graph(wiring: Wiring, company_id: str) -> None:
    """The tab of the neighbourhood: the picture and its edges in words."""
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
    drawn = _picture(_state(wiring), company_id, hops or 1, wiring)
    if drawn is None:
        shown.info("图谱里还没有这家公司的关系。")
        return
    image, lines = drawn
    shown.image(image, width="stretch")
    with told, st.container(border=True, key="panel-drawn", height=600):
        st.markdown(f"##### 图中关系（{len(lines)}）")
        st.caption("箭头从主语指向宾语，线越粗越可信。指着一条可看出处。")
        st.html(f'<ul class="fl-edges">{"".join(_edge(line) for line in lines)}</ul>')


def affected_image(wiring: Wiring, report: AffectedReport) -> bytes:
    """PNG of who is affected."""
    return _affected(f"{_state(wiring)}:{report.source.id}", report)


@st.cache_data(max_entries=200, show_spinner="正在绘图……")
def _affected(state: str, _report: AffectedReport) -> bytes:
    out = BytesIO()
    with _DRAWING:
        affected_picture(_report, most=_DRAWN).savefig(
            out, format="png", dpi=_DPI, facecolor="white"
        )
    return out.getvalue()


def _state(wiring: Wiring) -> str:
    """Names the database and its last change."""
    store = wiring.news_store
    return f"{wiring.settings.database}:{store.last_change()}:{store.meta('base_facts')}"


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
