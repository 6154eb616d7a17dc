"""The forms of the knowledge page: change an entry, add one, withdraw one.

Under the four-eyes rule a form makes a draft for review; in a one-person shop it may also publish.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum

import streamlit as st

from assist.draft import Draft
from assist.errors import AssistError, ConflictError, OwnDraftError, ReviewError
from assist.knowledge import FaqEntry
from ui.console.entry_draft import EntryDraft, problems, same_content
from ui.console.entry_view import category_counts, changes
from ui.console.escape import escape_markdown
from ui.console.moments import day
from ui.console.parts import operator
from ui.wiring import Wiring, now

AUTHOR = "entry_author"
_DONE = "entry_done"
_EMPTY = EntryDraft("", "", "", "", "", "", date.min, "", "")
_LAST_DAY = date(2199, 12, 31)


class Press(StrEnum):
    """The buttons of a form."""

    PUBLISH = "publish"
    SUBMIT = "submit"
    SAVE = "save"


_LABELS = {Press.PUBLISH: "发布新版本", Press.SUBMIT: "提交审核", Press.SAVE: "保存草稿"}


def edit_form(wiring: Wiring, entry: FaqEntry, entries: Sequence[FaqEntry]) -> None:
    """Edit an entry; the version that was on show at the beginning is the one replaced."""
    _told_once()
    base: FaqEntry = st.session_state.setdefault(f"base-{entry.id}", entry)
    if base.version != entry.version:
        _overtaken(wiring, base, entry)
    pressed = _fields(wiring, f"edit-{base.id}-{base.version}", EntryDraft.of(base), entries)
    if pressed is not None:
        _keep_edit(wiring, base, *pressed, entries)
    _withdraw(wiring, entry)


def add_form(wiring: Wiring, entries: Sequence[FaqEntry]) -> None:
    """Add an entry under an id of its own."""
    count = st.session_state.setdefault("entries_added", 0)
    if added := st.session_state.pop("entry_added", None):
        st.success(escape_markdown(added))
    pressed = _fields(wiring, f"add-{count}", _EMPTY, entries, new=True)
    if pressed is None:
        return
    draft, press = pressed
    wrong = list(problems(draft, entries, new=True))
    if not wrong and wiring.knowledge_store.history(draft.entry().id):
        wrong.append(f"编号 {draft.entry().id} 曾用于已撤下的条目，请换一个，或回滚原条目。")
    if refused(wrong):
        return
    told = _keep(wiring, draft.entry(), draft.author, press)
    if told is None:
        return
    st.session_state["entries_added"] = count + 1
    st.session_state["entry_added"] = f"“{draft.question.strip()}”{told}"
    st.rerun()


def draft_form(wiring: Wiring, item: Draft, entries: Sequence[FaqEntry]) -> None:
    """Change the wording of a draft; it is a draft again then, and is submitted anew."""
    others = [e for e in entries if e.id != item.entry.id]
    pressed = _fields(
        wiring,
        f"draft-{item.number}-{item.revision}",
        EntryDraft.of(item.entry, item.author),
        entries,
        buttons=(Press.SUBMIT, Press.SAVE),
    )
    if pressed is None:
        return
    draft, press = pressed
    if refused(problems(draft, others, new=False)):
        return
    desk, author = wiring.draft_desk, draft.author.strip()
    try:
        desk.rewrite(item.number, draft.entry(), author, now(), revision=item.revision)
        if press is Press.SUBMIT:
            desk.submit(item.number, author, now())
    except AssistError as error:
        st.error(escape_markdown(explained(error)))
        return
    st.rerun()


def person(label: str, key: str) -> str:
    """A field for who takes a step; the name is kept for the next one.

    Who is logged in takes it under that name and no other.
    """
    if who := operator():
        st.text_input(label, who.name, key=f"{key}-{who.name}", width=260, disabled=True)
        return who.name
    st.session_state.setdefault(AUTHOR, "")
    name: str = st.text_input(label, st.session_state[AUTHOR], key=key, width=260)
    if name.strip():
        st.session_state[AUTHOR] = name.strip()
    return name.strip()


def refused(wrong: Sequence[str]) -> bool:
    """Show what must be put right first; whether there is anything."""
    if wrong:
        st.error("  \n".join(escape_markdown(line) for line in wrong))
    return bool(wrong)


def explained(error: AssistError) -> str:
    """Why a step was refused, in the editors' language where it is one that they meet often."""
    if isinstance(error, OwnDraftError):
        return "不能审核自己写的草稿，请由同事审核（单人使用可设 four_eyes = false）。"
    if isinstance(error, ConflictError):
        return "在此期间有了更新的内容，没有覆盖。请刷新页面，核对后再操作。"
    return str(error)


def bring_up_to_date(wiring: Wiring) -> str:
    """Load what was published, so that the next customer meets it; what to tell the editor."""
    try:
        with st.spinner("正在更新问答引擎……"):
            wiring.live_assistant.refresh()
    except AssistError:
        return "问答引擎暂未能更新，仍用原内容回答，稍后会自动重试。"
    return "问答立即使用新内容。"


def _fields(
    wiring: Wiring,
    key: str,
    shown: EntryDraft,
    entries: Sequence[FaqEntry],
    *,
    new: bool = False,
    buttons: Sequence[Press] = (),
) -> tuple[EntryDraft, Press] | None:
    """The form; a draft and the button once one was pressed."""
    st.session_state.setdefault(AUTHOR, "")
    allowed = tuple(buttons) or (
        (Press.SUBMIT, Press.SAVE)
        if wiring.settings.four_eyes
        else (Press.PUBLISH, Press.SUBMIT, Press.SAVE)
    )
    with st.form(key, border=False):
        draft = _inputs(key, shown, entries, new=new, direct=Press.PUBLISH in allowed)
        with st.container(horizontal=True):
            pressed = [
                press
                for press in allowed
                if st.form_submit_button(
                    "发布" if new and press is Press.PUBLISH else _LABELS[press],
                    type="primary" if press is allowed[0] else "secondary",
                    key=f"{key}-{press}",
                )
            ]
    if not pressed:
        return None
    st.session_state[AUTHOR] = draft.author.strip()
    return draft, pressed[0]


def _inputs(
    key: str, shown: EntryDraft, entries: Sequence[FaqEntry], *, new: bool, direct: bool
) -> EntryDraft:
    entry_id = shown.id
    if new:
        entry_id = st.text_input("编号", placeholder="open-account-online", key=f"{key}-id")
    question = st.text_input("标准问", shown.question, key=f"{key}-question")
    categories = [name for name, _ in category_counts(entries)]
    columns = st.columns([2, 1, 1])
    category = columns[0].selectbox(
        "分类",
        categories,
        index=categories.index(shown.category) if shown.category in categories else None,
        accept_new_options=True,
        placeholder=shown.category or "选择，或输入新的分类",
        key=f"{key}-category",
    )
    start = day(now()) if shown.valid_from == date.min else shown.valid_from
    valid_from = columns[1].date_input(
        "生效日期",
        start,
        min_value=date(1990, 1, 1),
        max_value=_LAST_DAY,
        format="YYYY-MM-DD",
        key=f"{key}-from",
    )
    valid_until = columns[2].date_input(
        "失效日期（留空为长期）",
        shown.valid_until,
        min_value=date(1990, 1, 1),
        max_value=_LAST_DAY,
        format="YYYY-MM-DD",
        key=f"{key}-until",
    )
    similar = st.text_area("相似问（每行一个）", shown.similar, height=150, key=f"{key}-similar")
    answer = st.text_area("答案", shown.answer, height=190, key=f"{key}-answer")
    source = st.text_input("依据", shown.source, key=f"{key}-source")
    notice = st.text_input("风险提示（没有则留空）", shown.risk_notice, key=f"{key}-notice")
    who = "发布人（必填）" if direct else "起草人（必填）"
    author = _author(who, f"{key}-author", shown.author)
    chosen = category or shown.category
    return EntryDraft(
        *(entry_id, chosen, question, similar, answer, source, valid_from, notice, author),
        valid_until=valid_until,
    )


def _author(label: str, key: str, shown: str) -> str:
    """Who writes: the operator, or whatever name is filled in where nobody has to log in."""
    if who := operator():
        st.text_input(label, who.name, key=f"{key}-{who.name}", disabled=True)
        return who.name
    return st.text_input(label, st.session_state[AUTHOR] or shown, key=key)


def _keep_edit(
    wiring: Wiring, base: FaqEntry, draft: EntryDraft, press: Press, entries: Sequence[FaqEntry]
) -> None:
    current = wiring.knowledge_store.entry(base.id)
    if current is None:
        st.error("条目在编辑期间已被撤下，未发布。")
        return
    if current.version != base.version:
        st.error(f"编辑期间已有第 {current.version} 版发布，未覆盖。请核对上面的改动后再发布。")
        return
    if refused(problems(draft, entries, new=False)):
        return
    if same_content(draft.entry(), current):
        st.info("内容没有变化，未发布新版本。")
        return
    told = _keep(wiring, replace(draft.entry(), version=base.version), draft.author, press)
    if told is None:
        return
    del st.session_state[f"base-{base.id}"]
    st.session_state[_DONE] = told
    st.rerun()


def _keep(wiring: Wiring, entry: FaqEntry, author: str, press: Press) -> str | None:
    """Publish, submit or save an entry made from its version; what to tell, None where refused."""
    name = author.strip()
    try:
        if press is Press.PUBLISH:
            bases = {entry.id: entry.version}
            wiring.knowledge_store.publish([entry], name, now(), bases=bases)
            return f"已发布第 {entry.version + 1} 版，{bring_up_to_date(wiring)}"
        item = wiring.draft_desk.write(entry, name, now())
        if press is Press.SUBMIT:
            wiring.draft_desk.submit(item.number, name, now())
            return f"已提交审核（{item.name}），通过并发布后生效；进度见「审核」。"
    except ReviewError as error:
        st.error(escape_markdown(explained(error)))
        return None
    return f"已存为草稿（{item.name}），在「审核」里继续。"


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
        st.caption("撤下后不再用于回答，历史保留，可在「版本历史」里恢复。")
        author = person("操作人（必填）", f"withdraw-{entry.id}-author")
        if not st.button("确认撤下", type="primary", key=f"withdraw-{entry.id}"):
            return
        if refused([] if author else ["请填写操作人。"]):
            return
        wiring.knowledge_store.withdraw(entry.id, author, now())
        st.session_state.pop(f"base-{entry.id}", None)
        st.rerun()


def _told_once() -> None:
    if told := st.session_state.pop(_DONE, None):
        st.success(escape_markdown(told))
