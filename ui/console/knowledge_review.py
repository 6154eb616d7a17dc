"""The review tab of the knowledge page: drafts with their differences, and the next steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from assist.draft import Draft, DraftState
from assist.errors import AssistError
from assist.knowledge import FaqEntry
from ui.console.entry_view import changes
from ui.console.escape import escape_html, escape_markdown
from ui.console.knowledge_edit import bring_up_to_date, draft_form, explained, person, refused
from ui.console.links import Place, link
from ui.console.moments import minute
from ui.wiring import Wiring, now

STATES = {
    DraftState.DRAFT: ("草稿", "fl-neutral"),
    DraftState.SUBMITTED: ("待审核", "fl-kind-clarify"),
    DraftState.APPROVED: ("已通过", "fl-kind-answer"),
    DraftState.REJECTED: ("已退回", "fl-kind-reject"),
    DraftState.PUBLISHED: ("已发布", "fl-neutral"),
    DraftState.DISCARDED: ("已作废", "fl-neutral"),
}
_GROUPS = (DraftState.SUBMITTED, DraftState.APPROVED, DraftState.REJECTED, DraftState.DRAFT)
_DONE = "review_done"
_SHOWN = 20
_STEPS = {
    DraftState.DRAFT: "起草",
    DraftState.SUBMITTED: "提交审核",
    DraftState.APPROVED: "通过",
    DraftState.REJECTED: "退回",
    DraftState.PUBLISHED: "发布",
    DraftState.DISCARDED: "作废",
}


def review(wiring: Wiring, drafts: Sequence[Draft], entries: Sequence[FaqEntry]) -> None:
    """Every open draft, those that wait for a reviewer first."""
    if told := st.session_state.pop(_DONE, None):
        st.success(escape_markdown(told))
    if not drafts:
        st.info("没有未完成的草稿。在条目的「编辑与撤下」或「新增条目」里起草，再提交审核。")
        return
    counts = [(state, sum(d.state is state for d in drafts)) for state in _GROUPS]
    present = [state for state, count in counts if count]
    labels = {state: f"{STATES[state][0]} {count}" for state, count in counts}
    chosen = st.segmented_control(
        "状态",
        present,
        default=present[0],
        format_func=lambda state: labels[state],
        label_visibility="collapsed",
        key="review_state",
    )
    shown = [d for d in drafts if d.state is (chosen if chosen in present else present[0])]
    published = {entry.id: entry for entry in entries}
    for item in shown[:_SHOWN]:
        with st.container(border=True, key=f"links-draft-{item.number}"):
            _draft(wiring, item, published.get(item.entry.id), entries)
    if len(shown) > _SHOWN:
        st.caption(f"显示前 {_SHOWN} 份，共 {len(shown)} 份")


def _draft(wiring: Wiring, item: Draft, live: FaqEntry | None, entries: Sequence[FaqEntry]) -> None:
    outdated = (live.version if live else 0) != item.entry.version
    _head(item, live)
    if outdated:
        was = f"第 {item.entry.version} 版" if item.entry.version else "新条目"
        now_at = f"第 {live.version} 版" if live else "已撤下"
        st.warning(f"起草时是{was}，现在是{now_at}：先以在用内容为底，核对差别，再提交审核。")
    for label, html in changes(live, item.entry):
        st.html(f'<div class="fl-sub">{label}</div><div class="fl-body fl-changes">{html}</div>')
    _steps_taken(wiring, item)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = person("姓名（必填）", f"draft-{item.number}-by")
        _buttons(wiring, item, name, outdated=outdated)
    with st.expander("修改文字", key=f"draft-{item.number}-edit"):
        draft_form(wiring, item, entries)


def _head(item: Draft, live: FaqEntry | None) -> None:
    label, kind = STATES[item.state]
    base = f"基于第 {item.entry.version} 版" if item.entry.version else "新条目"
    comment = (
        f'<div class="fl-risk">退回理由：{escape_html(item.comment)}</div>' if item.comment else ""
    )
    st.html(
        f'<div class="fl-head"><span class="fl-chip {kind}">{label}</span>'
        f'<span class="fl-headline">{escape_html(item.entry.question)}</span></div>'
        f'<div class="fl-meta">{item.name} · {escape_html(item.entry.id)} · {base} · 起草人'
        f" {escape_html(item.author)} · {minute(item.at)}</div>{comment}"
    )
    if live is not None:
        link(Place.KNOWLEDGE, "查看在用条目", entry=item.entry.id)


def _steps_taken(wiring: Wiring, item: Draft) -> None:
    steps = " → ".join(
        f"{_STEPS[step.state]} {step.by} {minute(step.at)}"
        for step in wiring.draft_desk.steps(item.number)
    )
    st.html(f'<div class="fl-meta">{escape_html(steps)}</div>')


def _buttons(wiring: Wiring, item: Draft, name: str, *, outdated: bool) -> None:
    desk, number = wiring.draft_desk, item.number
    if outdated:
        if _pressed("以在用内容为底", item, primary=True):
            _take(name, lambda: desk.rebase(number, name, now()), f"{item.name} 已以在用内容为底。")
    elif item.state is DraftState.DRAFT:
        if _pressed("提交审核", item, primary=True):
            _take(name, lambda: desk.submit(number, name, now()), f"{item.name} 已提交审核。")
    elif item.state is DraftState.SUBMITTED:
        _judge(wiring, item, name)
    elif item.state is DraftState.APPROVED and _pressed("发布", item, primary=True):
        _take(name, lambda: _publish(wiring, item, name), f"{item.name} 已发布。")
    if _pressed("作废", item):
        _take(name, lambda: desk.discard(number, name, now()), f"{item.name} 已作废。")


def _judge(wiring: Wiring, item: Draft, name: str) -> None:
    desk, number, seen = wiring.draft_desk, item.number, item.revision
    if _pressed("通过", item, primary=True):
        _take(
            name,
            lambda: desk.approve(number, name, now(), revision=seen),
            f"{item.name} 已通过，可以发布。",
        )
    with st.popover("退回"):
        reason = st.text_area("理由（起草人会看到）", key=f"draft-{number}-reason")
        if _pressed("确认退回", item, primary=True) and not refused(
            [] if reason.strip() else ["请填写退回的理由。"]
        ):
            _take(
                name,
                lambda: desk.reject(number, name, now(), reason, revision=seen),
                f"{item.name} 已退回给 {item.author}。",
            )


def _publish(wiring: Wiring, item: Draft, name: str) -> None:
    wiring.draft_desk.publish([item.number], name, now())
    bring_up_to_date(wiring)


def _pressed(label: str, item: Draft, *, primary: bool = False) -> bool:
    key = f"draft-{item.number}-{label}"
    return bool(st.button(label, type="primary" if primary else "secondary", key=key))


def _take(name: str, step: Callable[[], object], told: str) -> None:
    """Take a step and tell it, or say why it cannot be taken."""
    if refused([] if name else ["请填写姓名。"]):
        return
    try:
        step()
    except AssistError as error:
        refused([explained(error)])
        return
    st.session_state[_DONE] = told
    st.rerun()
