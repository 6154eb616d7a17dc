"""知识库: browse, edit, add and withdraw approved answers, and try questions against them."""

from __future__ import annotations

from datetime import date

import streamlit as st

from assist.knowledge import FaqEntry
from assist.store import Action, Change
from news.text import fold
from ui.console.chat_view import candidates_html, feature_lines, reply_html, stages_line, why_html
from ui.console.entry_view import EntryFilter, category_counts, changes, entry_html
from ui.console.escape import escape_html, escape_markdown
from ui.console.knowledge_edit import add_form, edit_form
from ui.console.links import Place, link
from ui.console.moments import day, minute
from ui.console.parts import parts, published
from ui.wiring import Wiring, now

_LISTED = 60
_LIST_HEIGHT = 640
_ACTIONS = {Action.PUBLISHED: "发布", Action.WITHDRAWN: "撤下"}


def page() -> None:
    """Entries, the form for a new one, and the try-out box."""
    wiring = parts()
    entries = published(wiring)
    browse, add, trial = st.tabs(["条目", "新增条目", "试一试"])
    with browse:
        left, right = st.columns([2, 3], gap="medium")
        with left:
            _list(entries)
        with right:
            _one(wiring, entries)
    with add:
        add_form(wiring, entries)
    with trial:
        _trial(wiring)


def _list(entries: tuple[FaqEntry, ...]) -> None:
    if not entries:
        st.info("知识库还没有条目。请在「新增条目」里添加，或载入：foreland kb load <文件夹>")
        return
    counts = dict(category_counts(entries))
    columns = st.columns([3, 2])
    text = columns[0].text_input(
        "检索",
        placeholder="问法、答案、依据或编号中的词",
        key="entry_text",
        persist_state="session",
    )
    category = columns[1].selectbox(
        "分类",
        list(counts),
        index=None,
        placeholder=f"全部（{len(entries)}）",
        format_func=lambda name: f"{name}（{counts.get(name, 0)}）",
        key="entry_category",
        persist_state="session",
    )
    kept = EntryFilter(category, text).keep(entries)
    if not kept:
        st.info("没有符合条件的条目。可以换个说法，或在「新增条目」里补上。")
        return
    st.caption(f"共 {len(kept)} 条" + (f"，显示前 {_LISTED} 条" if len(kept) > _LISTED else ""))
    with st.container(height=_LIST_HEIGHT, border=True, key="links-entries", gap=None):
        for entry in kept[:_LISTED]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                link(Place.KNOWLEDGE, entry.question, width="stretch", entry=entry.id)
                st.html(f'<span class="fl-meta">第 {entry.version} 版</span>', width="content")


def _one(wiring: Wiring, entries: tuple[FaqEntry, ...]) -> None:
    chosen = st.query_params.get("entry")
    if not chosen:
        st.info("在左侧选择一个条目查看、编辑或撤下。")
        return
    # A link from the list stays on this page: Streamlit keeps the old address then.
    st.query_params["entry"] = chosen
    history = wiring.knowledge_store.history(chosen)
    entry = next((e for e in entries if e.id == chosen), None)
    if entry is None and not history:
        st.warning(escape_markdown(f"没有编号为 {chosen[:64]} 的条目，可能属于另一个工作区。"))
        return
    _head(entry or history[-1].entry, history[-1], withdrawn=entry is None)
    detail, edit, versions = st.tabs(["详情", "编辑与撤下", "版本历史"])
    with detail:
        st.html(entry_html(entry or history[-1].entry, day(now())))
    with edit:
        if entry is None:
            st.info("条目已撤下，不再用于回答。要恢复使用，请以新编号新增。")
        else:
            edit_form(wiring, entry, entries)
    with versions:
        _history(history)


def _head(entry: FaqEntry, last: Change, *, withdrawn: bool) -> None:
    state = '<span class="fl-chip fl-negative">已撤下</span>' if withdrawn else ""
    changed = f"{_ACTIONS[last.action]}于 {minute(last.at)}，{escape_html(last.author)}"
    st.html(
        f'<h2 class="fl-title">{escape_html(entry.question)}</h2>'
        f'{state}<span class="fl-chip fl-tag">{escape_html(entry.category)}</span>'
        f'<span class="fl-meta">第 {entry.version} 版 · {changed} · {escape_html(entry.id)}</span>'
    )


def _history(history: tuple[Change, ...]) -> None:
    for number in range(len(history) - 1, -1, -1):
        change = history[number]
        before = history[number - 1].entry if number else None
        label = (
            f"第 {change.entry.version} 版 · {_ACTIONS[change.action]} · {minute(change.at)}"
            f" · {change.author}"
        )
        with st.expander(escape_markdown(label), expanded=number == len(history) - 1):
            _difference(before, change.entry)


def _difference(before: FaqEntry | None, entry: FaqEntry) -> None:
    if before is None:
        st.html(entry_html(entry, date.max))
        return
    found = changes(before, entry)
    if not found:
        st.caption("内容没有变化。")
    for label, html in found:
        st.html(f'<div class="fl-sub">{label}</div><div class="fl-body fl-changes">{html}</div>')


def _trial(wiring: Wiring) -> None:
    st.caption("按已发布、已生效的条目回答，不带上下文；用来核对一个问法会命中哪个条目。")
    text = st.text_input(
        "问题", placeholder="例如：手机上怎么开创业板", max_chars=500, key="trial_text"
    )
    if not fold(text):
        return
    with st.spinner("正在检索……"):
        answer = wiring.live_assistant.current().answer(text)
    trace = answer.trace
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.html(reply_html(answer))
        if trace:
            st.html(why_html(answer, trace))
            st.caption(stages_line(trace))
    with right:
        if trace is None or not trace.candidates:
            st.info("没有候选条目。")
            return
        st.html(candidates_html(trace))
        with st.container(horizontal=True, key="links-trial"):
            for number, candidate in enumerate(trace.candidates, start=1):
                link(Place.KNOWLEDGE, f"打开候选 {number}", entry=candidate.entry_id)
        st.dataframe(
            [
                {"特征": name} | {f"候选 {n}": v for n, v in enumerate(values, start=1)}
                for name, values in feature_lines(trace)
            ],
            hide_index=True,
            height=360,
        )
