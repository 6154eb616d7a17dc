"""The forms of the knowledge page: publish a new version, add an entry, withdraw one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from assist.knowledge import FaqEntry
from ui.console.entry_draft import EntryDraft, problems, same_content
from ui.console.entry_view import category_counts, changes
from ui.console.escape import escape_markdown
from ui.console.moments import day
from ui.wiring import Wiring, now

_AUTHOR = "entry_author"
_DONE = "entry_done"
_EMPTY = EntryDraft("", "", "", "", "", "", date.min, "", "")


def edit_form(wiring: Wiring, entry: FaqEntry, entries: Sequence[FaqEntry]) -> None:
    """Edit an entry; the version that was on show at the beginning is the one replaced."""
    _told_once()
    base: FaqEntry = st.session_state.setdefault(f"base-{entry.id}", entry)
    if base.version != entry.version:
        _overtaken(wiring, base, entry)
    draft = _fields(f"edit-{base.id}-{base.version}", EntryDraft.of(base), entries)
    if draft is not None:
        _publish_edit(wiring, base, draft, entries)
    _withdraw(wiring, entry)


def add_form(wiring: Wiring, entries: Sequence[FaqEntry]) -> None:
    """Add an entry under an id of its own."""
    count = st.session_state.setdefault("entries_added", 0)
    if added := st.session_state.pop("entry_added", None):
        st.success(escape_markdown(added))
    draft = _fields(f"add-{count}", _EMPTY, entries, new=True)
    if draft is None:
        return
    wrong = list(problems(draft, entries, new=True))
    if not wrong and wiring.knowledge_store.history(draft.entry().id):
        wrong.append(f"编号 {draft.entry().id} 曾用于已撤下的条目，请换一个。")
    if _refused(wrong):
        return
    _publish(wiring, draft)
    st.session_state["entries_added"] = count + 1
    st.session_state["entry_added"] = f"已发布“{draft.question.strip()}”第 1 版。"
    st.rerun()


def _fields(
    key: str, shown: EntryDraft, entries: Sequence[FaqEntry], *, new: bool = False
) -> EntryDraft | None:
    """The form; a draft once its button was pressed."""
    categories = [name for name, _ in category_counts(entries)]
    st.session_state.setdefault(_AUTHOR, "")
    with st.form(key, border=False):
        entry_id = shown.id
        if new:
            entry_id = st.text_input("编号", placeholder="open-account-online", key=f"{key}-id")
        question = st.text_input("标准问", shown.question, key=f"{key}-question")
        columns = st.columns([2, 1])
        category = columns[0].selectbox(
            "分类",
            categories,
            index=categories.index(shown.category) if shown.category in categories else None,
            accept_new_options=True,
            placeholder="选择，或输入新的分类",
            key=f"{key}-category",
        )
        start = day(now()) if shown.valid_from == date.min else shown.valid_from
        valid_from = columns[1].date_input(
            "生效日期", start, min_value=date(1990, 1, 1), format="YYYY-MM-DD", key=f"{key}-from"
        )
        similar = st.text_area(
            "相似问（每行一个）", shown.similar, height=150, key=f"{key}-similar"
        )
        answer = st.text_area("答案", shown.answer, height=190, key=f"{key}-answer")
        source = st.text_input("依据", shown.source, key=f"{key}-source")
        notice = st.text_input("风险提示（没有则留空）", shown.risk_notice, key=f"{key}-notice")
        author = st.text_input("发布人（必填）", st.session_state[_AUTHOR], key=f"{key}-author")
        sent = st.form_submit_button("发布" if new else "发布新版本", type="primary")
    if not sent:
        return None
    st.session_state[_AUTHOR] = author.strip()
    return EntryDraft(
        entry_id, category or "", question, similar, answer, source, valid_from, notice, author
    )


def _publish_edit(
    wiring: Wiring, base: FaqEntry, draft: EntryDraft, entries: Sequence[FaqEntry]
) -> None:
    current = wiring.knowledge_store.entry(base.id)
    if current is None:
        st.error("条目在编辑期间已被撤下，未发布。")
        return
    if current.version != base.version:
        st.error(f"编辑期间已有第 {current.version} 版发布，未覆盖。请核对上面的改动后再发布。")
        return
    if _refused(problems(draft, entries, new=False)):
        return
    if same_content(draft.entry(), current):
        st.info("内容没有变化，未发布新版本。")
        return
    _publish(wiring, draft)
    del st.session_state[f"base-{base.id}"]
    st.session_state[_DONE] = f"已发布第 {base.version + 1} 版，问答立即使用新内容。"
    st.rerun()


def _overtaken(wiring: Wiring, base: FaqEntry, current: FaqEntry) -> None:
    last = wiring.knowledge_store.history(current.id)[-1]
    fields = "、".join(label for label, _ in changes(base, current)) or "无"
    st.warning(
        escape_markdown(
            f"您打开的是第 {base.version} 版，{last.author} 已发布第 {current.version} 版"
            f"（改动：{fields}）。载入最新内容会丢弃下面未发布的修改。"
        )
    )
    if st.button("载入最新内容", key=f"reload-{current.id}"):
        del st.session_state[f"base-{current.id}"]
        st.rerun()


def _withdraw(wiring: Wiring, entry: FaqEntry) -> None:
    with st.popover("撤下条目", icon=":material/block:"):
        st.caption("撤下后不再用于回答，历史保留。")
        author = st.text_input(
            "操作人（必填）", st.session_state[_AUTHOR], key=f"withdraw-{entry.id}-author"
        )
        if not st.button("确认撤下", type="primary", key=f"withdraw-{entry.id}"):
            return
        if _refused([] if author.strip() else ["请填写操作人。"]):
            return
        wiring.knowledge_store.withdraw(entry.id, author.strip(), now())
        st.session_state[_AUTHOR] = author.strip()
        st.session_state.pop(f"base-{entry.id}", None)
        st.rerun()


def _publish(wiring: Wiring, draft: EntryDraft) -> None:
    """Publish and bring the assistant up to date, so that the next customer does not wait."""
    with st.spinner("正在发布并更新问答引擎……"):
        wiring.knowledge_store.publish([draft.entry()], draft.author.strip(), now())
        wiring.live_assistant.refresh()


def _refused(wrong: Sequence[str]) -> bool:
    """Show what must be put right first; whether there is anything."""
    if wrong:
        st.error("  \n".join(escape_markdown(line) for line in wrong))
    return bool(wrong)


def _told_once() -> None:
    if told := st.session_state.pop(_DONE, None):
        st.success(told)
