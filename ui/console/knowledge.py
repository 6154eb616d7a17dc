"""知识库: browse, edit, review, import and export answers, and try questions against them."""

from __future__ import annotations

import streamlit as st

from assist.knowledge import FaqEntry
from assist.store import Action, Change
from news.text import fold
from ui.console.chat_view import candidates_html, feature_lines, reply_html, stages_line, why_html
from ui.console.entry_view import (
    VALIDITIES,
    EntryFilter,
    category_counts,
    changes,
    entry_html,
    validity_chip,
)
from ui.console.escape import escape_html, escape_markdown
from ui.console.knowledge_edit import add_form, bring_up_to_date, edit_form, person, refused
from ui.console.knowledge_files import files
from ui.console.knowledge_review import review
from ui.console.links import Place, link
from ui.console.moments import day, minute
from ui.console.parts import parts, published
from ui.wiring import Wiring, now

_LISTED = 60
_LIST_HEIGHT = 640
_ACTIONS = {Action.PUBLISHED: "发布", Action.WITHDRAWN: "撤下", Action.ROLLED_BACK: "回滚"}


def page() -> None:
    """Entries, the form for a new one, the review queue, files, and the try-out box."""
    wiring = parts()
    entries = published(wiring)
    drafts = wiring.draft_desk.drafts()
    # No count in a label: tabs whose labels change jump back to the first one.
    browse, add, judge, exchange, trial = st.tabs(
        ["条目", "新增条目", "审核", "导入导出", "试一试"]
    )
    with judge:
        review(wiring, drafts, entries)
    with exchange:
        files(wiring, entries)
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
    columns = st.columns([4, 3, 2])
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
    today = day(now())
    state = columns[2].selectbox(
        "有效期",
        list(VALIDITIES),
        index=None,
        placeholder="全部",
        format_func=lambda validity: VALIDITIES[validity],
        key="entry_validity",
        persist_state="session",
    )
    kept = EntryFilter(category, text, state, today).keep(entries)
    if not kept:
        st.info("没有符合条件的条目。可以换个说法，或在「新增条目」里补上。")
        return
    st.caption(f"共 {len(kept)} 条" + (f"，显示前 {_LISTED} 条" if len(kept) > _LISTED else ""))
    with st.container(height=_LIST_HEIGHT, border=True, key="links-entries", gap=None):
        for entry in kept[:_LISTED]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                link(Place.KNOWLEDGE, entry.question, width="stretch", entry=entry.id)
                mark = validity_chip(entry, today)
                version = f'<span class="fl-meta">第 {entry.version} 版</span>'
                st.html(mark + version, width="content")


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
            st.info("条目已撤下，不再用于回答。要恢复使用，请在「版本历史」里回到某一版。")
        else:
            edit_form(wiring, entry, entries)
    with versions:
        _history(wiring, history, entry)


def _head(entry: FaqEntry, last: Change, *, withdrawn: bool) -> None:
    state = '<span class="fl-chip fl-negative">已撤下</span>'
    if not withdrawn:
        state = validity_chip(entry, day(now()))
    changed = f"{_ACTIONS[last.action]}于 {minute(last.at)}，{escape_html(last.author)}"
    st.html(
        f'<h2 class="fl-title">{escape_html(entry.question)}</h2>'
        f'{state}<span class="fl-chip fl-tag">{escape_html(entry.category)}</span>'
        f'<span class="fl-meta">第 {entry.version} 版 · {changed} · {escape_html(entry.id)}</span>'
    )


def _history(wiring: Wiring, history: tuple[Change, ...], live: FaqEntry | None) -> None:
    _roll_back(wiring, history, live)
    for number in range(len(history) - 1, -1, -1):
        change = history[number]
        before = history[number - 1].entry if number else None
        label = (
            f"第 {change.entry.version} 版 · {_ACTIONS[change.action]} · {minute(change.at)}"
            f" · {change.author}" + (f" · {change.note}" if change.note else "")
        )
        with st.expander(escape_markdown(label), expanded=number == len(history) - 1):
            _difference(before, change.entry)


def _roll_back(wiring: Wiring, history: tuple[Change, ...], live: FaqEntry | None) -> None:
    """Go back to an old version, as a new one; a withdrawn entry comes back by it."""
    old = {change.entry.version: change for change in history}
    versions = [n for n in sorted(old, reverse=True) if live is None or n != live.version]
    if not versions:
        return
    entry_id = history[-1].entry.id
    with st.popover("回到旧版本", icon=":material/history:"):
        chosen = st.selectbox(
            "版本",
            versions,
            format_func=lambda n: f"第 {n} 版（{minute(old[n].at)} {old[n].author}）",
            key=f"rollback-{entry_id}-version",
        )
        author = person("操作人（必填）", f"rollback-{entry_id}-author")
        if not st.button("确认，发布为新版本", type="primary", key=f"rollback-{entry_id}"):
            return
        if refused([] if author else ["请填写操作人。"]):
            return
        wiring.knowledge_store.roll_back(entry_id, chosen, author, now())
        bring_up_to_date(wiring)
        st.session_state.pop(f"base-{entry_id}", None)
        st.rerun()


def _difference(before: FaqEntry | None, entry: FaqEntry) -> None:
    if before is None:
        st.html(entry_html(entry, entry.valid_from))
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
