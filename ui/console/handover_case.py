"""坐席: what to know of a conversation, notes for colleagues, and where it can go from here."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from assist.errors import HandoverError
from assist.handover import WITH_AGENT, Handover
from assist.handover_note import Alert
from assist.privacy import mask
from ui.agent_desk import AgentDesk
from ui.console.escape import escape_markdown
from ui.console.handover_view import alert_html, context_html, notes_html
from ui.wiring import Wiring

Do = Callable[[Callable[[], object], str | None, str | None], None]
"""Takes a step, chooses a conversation, says that it is done."""
_MOST_SHOWN = 20


def context(desk: AgentDesk, handover: Handover, hide: Callable[[str], str]) -> None:
    """Why it was handed over and what is known, before the first word."""
    st.html(context_html(desk.context(handover), hide))


def notes(wiring: Wiring, agent: str, handover: Handover) -> None:
    """What colleagues left, and a line of one's own."""
    desk = wiring.agent_desk()
    found = desk.notes(handover)
    with st.container(height=230, border=True, key="panel-notes"):
        if not found:
            st.caption("还没有备注。客户和智能客服都看不到备注。")
        titles = {group.id: group.title for group in desk.rules.groups}
        st.html(notes_html(found, titles))
    with st.form(f"note-{handover.id}", clear_on_submit=True, border=False):
        text = st.text_input("添加备注（仅同事可见）", max_chars=500).strip()
        if st.form_submit_button("保存备注", icon=":material/note_add:") and text:
            wiring.transfer_desk().note(handover.id, agent, text)
            st.rerun()


def moves(wiring: Wiring, agent: str, handover: Handover, do: Do) -> None:
    """To another group, to a colleague who is there, or back into the queue."""
    desk, transfers = wiring.agent_desk(), wiring.transfer_desk()
    note = st.text_input("交接说明（仅同事可见）", key=f"move_{handover.id}", max_chars=500).strip()
    groups = {g.id: g.title for g in desk.rules.groups if g.id != handover.group}
    group = st.selectbox("技能组", list(groups), format_func=groups.__getitem__)
    if st.button("转到技能组", icon=":material/group:", width="stretch") and group:
        do(
            lambda: transfers.to_group(handover.id, agent, group, note),
            None,
            f"已转到{groups[group]}。",
        )
    colleagues = [one for one in desk.present() if one != agent]
    hint = "请选择" if colleagues else "没有其他坐席在线"
    colleague = st.selectbox("坐席", colleagues, placeholder=hint, index=None)
    if st.button("转给坐席", icon=":material/person:", width="stretch", disabled=not colleague):
        do(
            lambda: transfers.to_agent(handover.id, agent, colleague or "", note),
            None,
            f"已转给{colleague}。",
        )
    st.caption("放回队列后，客户按最初的等待时间排在前面。")
    if st.button("放回队列", icon=":material/undo:", width="stretch"):
        do(lambda: transfers.release(handover.id, agent, note), None, "已放回队列。")


def supervision(wiring: Wiring, agent: str, do: Do) -> None:
    """Alerts, and the conversations of others that a supervisor can take over."""
    desk = wiring.agent_desk()
    alerts = desk.alerts(limit=_MOST_SHOWN)
    others = [one for one in desk.listed(WITH_AGENT) if one.agent != agent]
    st.markdown(f"##### 告警（{len(alerts)}）")
    for alert in alerts:
        _alert(wiring, desk, agent, alert, do)
    if not alerts:
        st.caption("没有未处理的告警。客户情绪激动、坐席失联时，会出现在这里。")
    with st.expander(f"其他坐席的会话（{len(others)}）"):
        for one in others[:_MOST_SHOWN]:
            group = desk.rules.group(one.group).title
            label = f"接管　{one.agent}　·　{group}"
            if st.button(escape_markdown(label), key=f"over-{one.id}", disabled=not agent):
                _take_over(wiring, one.id, agent, do)


def _alert(wiring: Wiring, desk: AgentDesk, agent: str, alert: Alert, do: Do) -> None:
    with st.container(border=True, key=f"alert-{alert.seq}", gap="small"):
        st.html(alert_html(alert, mask))
        with st.container(horizontal=True):
            if st.button("知道了", key=f"seen-{alert.seq}", disabled=not agent):
                desk.acknowledge(alert.seq, agent)
                st.rerun()
            owner = _owner(desk, alert)
            if owner not in (None, agent) and st.button(
                "接管", key=f"alert-over-{alert.seq}", disabled=not agent
            ):
                _take_over(wiring, alert.handover_id or "", agent, do)


def _owner(desk: AgentDesk, alert: Alert) -> str | None:
    """Who has the conversation now."""
    try:
        return desk.handover(alert.handover_id).agent if alert.handover_id else None
    except HandoverError:
        return None  # deleted meanwhile


def _take_over(wiring: Wiring, handover_id: str, agent: str, do: Do) -> None:
    do(lambda: wiring.transfer_desk().take_over(handover_id, agent), handover_id, "已接管会话。")
