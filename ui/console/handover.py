"""坐席: who waits for a person, talking with them, giving them back to the bot.

What is known of a conversation and where it can go stand in `ui/console/handover_case.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import streamlit as st

from assist.errors import HandoverError, HandoverInputError, TakenError
from assist.handover import Handover
from assist.privacy import mask
from assist.said import Said
from ui.agent_desk import AgentDesk, Suggestion
from ui.audit import Subject
from ui.console.escape import escape_html, escape_markdown
from ui.console.handover_case import context, moves, notes, supervision
from ui.console.handover_view import (
    duration,
    last_words,
    level_html,
    talk_html,
    waiting_html,
)
from ui.console.knowledge_edit import person
from ui.console.links import Place, link
from ui.console.parts import operator, parts
from ui.console.personal import note_once
from ui.operator_store import Role
from ui.wiring import Wiring, now

_CHOSEN = "handover_chosen"
_DONE = "handover_done"
_SHOW_ALL = "handover_show_all"
_EVERY = 2.0  # seconds between two looks at the database
_HEIGHT = 430
_DAY = timedelta(hours=24)
_MOST_SHOWN = 50
_PANES = ("智能客服建议", "备注", "转接")


def page() -> None:
    """The queue on the left, the chosen conversation on the right."""
    wiring = parts()
    left, right = st.columns([2, 5], gap="medium")
    with left:
        agent = person("坐席姓名或工号", "handover_agent")
        if not agent:
            st.info("填写姓名或工号后即可接入会话；客户会看到它。")
        _lists(wiring, agent)
        _supervision(wiring, agent)
    with right:
        if done := st.session_state.pop(_DONE, None):
            st.success(done)
        _talk(wiring, agent)


@st.fragment(run_every=_EVERY)
def _lists(wiring: Wiring, agent: str) -> None:
    operator()  # once the log-in is over the whole page is drawn again, and asks
    desk, moment = wiring.agent_desk(), now()
    if agent:
        desk.sign(agent)
    st.html(level_html(desk.level(moment - _DAY), desk.rules.level))
    mine = desk.mine(agent) if agent else ()
    st.markdown(f"##### 我的会话（{len(mine)}/{desk.rules.most_at_once}）")
    for handover in mine:
        _mine(desk, handover)
    if not mine:
        st.caption("还没有会话。从下面的队列接入。")
    waiting = desk.waiting()
    st.markdown(f"##### 排队与登记（{len(waiting)}）")
    for handover in waiting[:_MOST_SHOWN]:
        with st.container(border=True, key=f"wait-{handover.id}", gap="small"):
            last = mask(last_words(desk.said(handover)))
            st.html(waiting_html(handover, last, desk.rules, moment))
            if st.button("接入", key=f"claim-{handover.id}", disabled=not agent, width="stretch"):
                _do(partial(desk.claim, handover.id, agent), handover.id)
    if not waiting:
        st.caption("没有客户在排队。客户要求转人工、多次没有答上或流程需要时，会出现在这里。")


@st.fragment(run_every=_EVERY)
def _supervision(wiring: Wiring, agent: str) -> None:
    """What supervisors watch; everybody where nobody has to log in."""
    who = operator()
    if who is None or who.role is Role.SUPERVISOR:
        supervision(wiring, agent, _do)


def _mine(desk: AgentDesk, handover: Handover) -> None:
    chosen = st.session_state.get(_CHOSEN) == handover.id
    said = desk.said(handover)
    since = duration(now() - (handover.taken_at or handover.asked_at))
    label = f"{mask(last_words(said))[:16] or '（未说话）'}　·　{since}"
    if st.button(
        escape_markdown(label),
        key=f"open-{handover.id}",
        type="primary" if chosen else "secondary",
        width="stretch",
    ):
        st.session_state[_CHOSEN] = handover.id
        st.rerun()


def _talk(wiring: Wiring, agent: str) -> None:
    desk = wiring.agent_desk()
    mine = desk.mine(agent) if agent else ()
    ids = [handover.id for handover in mine]
    chosen = st.session_state.get(_CHOSEN)
    if chosen not in ids:
        chosen = ids[0] if ids else None
    st.session_state[_CHOSEN] = chosen
    if chosen is None:
        st.info("接入一个会话后，这里显示它的全部内容、智能客服的建议和回复框。")
        return
    handover = mine[ids.index(chosen)]
    with st.container(horizontal=True, vertical_alignment="center"):
        group = desk.rules.group(handover.group).title
        st.markdown(f"##### 会话　{group}", width="stretch")
        if st.toggle("显示证件号、手机号等完整内容", key=_SHOW_ALL):
            note_once(wiring, Subject.HANDOVER, handover.id)
    context(desk, handover, _hide())
    history, advice = st.columns([3, 2], gap="medium")
    with history:
        _history(wiring, handover)
        _composer(agent, handover)
    with advice:
        # No tabs: those jump back to the first one when the page is drawn again.
        pane = st.segmented_control(
            "右侧栏", _PANES, default=_PANES[0], key="handover_pane", label_visibility="collapsed"
        )
        if pane == _PANES[1]:
            notes(wiring, agent, handover)
        elif pane == _PANES[2]:
            moves(wiring, agent, handover, _do)
        else:
            _advice(wiring, handover)
        _ending(desk, agent, handover)


@st.fragment(run_every=_EVERY)
def _history(wiring: Wiring, handover: Handover) -> None:
    """The conversation as it grows."""
    desk = wiring.agent_desk()
    with st.container(border=True, height=_HEIGHT, key="talk-agent", autoscroll=True):
        st.html(talk_html(desk.said(handover), _hide()))


def _composer(agent: str, handover: Handover) -> None:
    key = f"handover_text_{handover.id}"
    with st.form(f"say-{handover.id}", clear_on_submit=False, border=False):
        st.text_area("回复客户", key=key, height=100, max_chars=2_000)
        st.form_submit_button(
            "发送",
            type="primary",
            icon=":material/send:",
            on_click=_send,
            args=(agent, handover.id, key),
        )
    if refused := st.session_state.pop(f"{key}_refused", None):
        st.error(escape_markdown(refused))


def _send(agent: str, handover_id: str, key: str) -> None:
    """Before the page is drawn again, so that the box is empty then; kept where refused."""
    text = st.session_state.get(key, "").strip()
    if not text:
        return
    try:
        # A desk belongs to one thread, and this runs in the next one.
        parts().agent_desk().say(handover_id, agent, text)
    except HandoverError as error:
        st.session_state[f"{key}_refused"] = _explained(error)
    else:
        st.session_state[key] = ""


@st.fragment(run_every=_EVERY)
def _advice(wiring: Wiring, handover: Handover) -> None:
    """What could be said to the customer's latest question; looked up once a message."""
    desk = wiring.agent_desk()
    with st.container(height=_HEIGHT - 90, border=True, key="panel-advice"):
        found = _suggestions(wiring, desk, handover, desk.said(handover))
        if not found:
            st.caption("没有合适的知识条目。")
        for number, suggestion in enumerate(found):
            _suggestion(handover, suggestion, number)


def _suggestions(
    wiring: Wiring, desk: AgentDesk, handover: Handover, said: tuple[Said, ...]
) -> tuple[Suggestion, ...]:
    asked = max((one.number for one in said if one.speaker == "customer"), default=0)
    key = ("handover_suggestions", handover.id, asked)
    if st.session_state.get("handover_suggested") != key:
        entries = wiring.knowledge_store.generation()
        with st.spinner("正在查找建议……"):
            found = desk.suggestions(handover) if entries else ()
        st.session_state["handover_suggested"] = key
        st.session_state["handover_suggestions"] = found
    kept: tuple[Suggestion, ...] = st.session_state["handover_suggestions"]
    return kept


def _suggestion(handover: Handover, suggestion: Suggestion, number: int) -> None:
    st.html(
        f'<div class="fl-advice"><b>{escape_html(suggestion.title)}</b>'
        f'<span class="fl-chip">{suggestion.share:.0%}</span></div>'
        f'<div class="fl-reply fl-advice-text">{escape_html(suggestion.text.strip())}</div>'
    )
    with st.container(horizontal=True, vertical_alignment="center", key=f"links-advice-{number}"):
        if st.button("填入回复框", key=f"use-{handover.id}-{number}"):
            st.session_state[f"handover_text_{handover.id}"] = suggestion.text.strip()
            st.rerun()
        if suggestion.entry_id:
            link(Place.KNOWLEDGE, f"第 {suggestion.version} 版", entry=suggestion.entry_id)


def _ending(desk: AgentDesk, agent: str, handover: Handover) -> None:
    note = st.text_input(
        "备注（同事可见）", key=f"handover_note_{handover.id}", max_chars=500
    ).strip()
    titles = {outcome.id: outcome.title for outcome in desk.rules.outcomes}
    outcome = st.selectbox(
        "处理结果", list(titles), format_func=titles.__getitem__, index=None, placeholder="请选择"
    )
    with st.container(horizontal=True):
        if st.button("返回智能客服", icon=":material/smart_toy:"):
            _do(lambda: desk.give_back(handover.id, agent, note, outcome), None, "已返回智能客服。")
        if st.button("结束会话", icon=":material/call_end:"):
            _do(lambda: desk.close(handover.id, agent, note, outcome), None, "会话已结束。")


def _do(step: Callable[[], object], chosen: str | None, done: str | None = None) -> None:
    """Take a step, then draw the whole page again; a refusal is one line."""
    try:
        step()
    except HandoverError as error:
        st.error(escape_markdown(_explained(error)))
        return
    st.session_state[_CHOSEN] = chosen
    st.session_state[_DONE] = done
    st.rerun()


def _explained(error: HandoverError) -> str:
    if isinstance(error, TakenError):
        return "这个会话已由其他坐席接入，请选择另一个。"
    if isinstance(error, HandoverInputError):
        return f"合规规则不允许发送这段内容，请改写：{error}"
    return f"操作未完成：{error}"


def _hide() -> Callable[[str], str]:
    return _as_it_is if st.session_state.get(_SHOW_ALL) else mask


def _as_it_is(text: str) -> str:
    return text
