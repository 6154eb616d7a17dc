"""会话: find conversations, read one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from assist.flow_state import Mode
from assist.privacy import mask
from assist.said import Said, Speaker
from ui.audit import Subject
from ui.console.conversations_view import MODES, channel_name, found_html, head_html, steps_html
from ui.console.escape import escape_markdown
from ui.console.handover_view import last_words, talk_html
from ui.console.links import Place, article_link, link
from ui.console.moments import day, end_of, start_of
from ui.console.parts import parts
from ui.console.personal import in_full
from ui.talk_search import PAGE, FoundTalk, TalkQuery, TalkSearch
from ui.wiring import Wiring, now

_CHOSEN = "conversation"
_AFTER = "conversations_after"
_LAST_DAYS = timedelta(days=29)
_MOST_SAID = 1000
_HEIGHT = 560
HIDDEN = "（含账户信息，已隐藏）"


def page() -> None:
    """The filters and what fits on the left, one conversation on the right."""
    wiring = parts()
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _list(wiring)
    with right:
        _one(wiring)


def _list(wiring: Wiring) -> None:
    with TalkSearch.opened(wiring.settings.database) as search:
        query = _filters(search.channels())
        after: dict[TalkQuery, FoundTalk] = st.session_state.setdefault(_AFTER, {})
        found = search.search(replace(query, before=after.get(query)), PAGE + 1)
    if not found:
        st.info("没有符合条件的会话。放宽日期或其他条件；客户开始对话后会出现在这里。")
    for one in found[:PAGE]:
        _found(wiring, one)
    with st.container(horizontal=True):
        if query in after and st.button("回到最新", key="talks-first"):
            st.session_state[_AFTER] = {}
            st.rerun()
        if len(found) > PAGE and st.button("更早的会话", key="talks-older"):
            st.session_state[_AFTER] = {query: found[PAGE - 1]}
            st.rerun()


def _filters(channels: tuple[str, ...]) -> TalkQuery:
    today = day(now())
    first = st.columns([3, 2, 2])
    days: tuple[date, ...] = first[0].date_input(
        "最近消息的日期", (today - _LAST_DAYS, today), key="talks-days", format="YYYY-MM-DD"
    )
    mode = first[1].selectbox(
        "状态",
        ["", *Mode],
        format_func=lambda m: MODES[Mode(m)] if m else "全部",
        key="talks-mode",
    )
    channel = first[2].selectbox(
        "渠道",
        ["", *channels],
        format_func=lambda c: channel_name(c) or "全部",
        key="talks-channel",
    )
    second = st.columns([3, 4], vertical_alignment="bottom")
    customer = second[0].text_input("客户号（完全一致）", key="talks-customer", max_chars=100)
    alert = second[1].checkbox("只看有情绪预警的", key="talks-alert")
    return TalkQuery(
        start_of(days[0]) if days else None,
        end_of(days[1]) if len(days) > 1 else None,
        channel or None,
        customer.strip() or None,
        Mode(mode) if mode else None,
        alert=alert,
    )


def _found(wiring: Wiring, one: FoundTalk) -> None:
    name = one.talk.conversation_id
    said = wiring.handover_store.said(name, after=max(0, one.talk.said - 12))
    with st.container(border=True, key=f"talk-found-{name}", gap="small"):
        st.html(found_html(one))
        label = mask(last_words(said))[:40] or "（客户还没有说话）"
        if st.button(
            escape_markdown(label),
            key=f"open-{name}",
            width="stretch",
            type="primary" if st.query_params.get(_CHOSEN) == name else "secondary",
        ):
            st.query_params[_CHOSEN] = name
            st.rerun()


def _one(wiring: Wiring) -> None:
    name = st.query_params.get(_CHOSEN)
    if not name:
        st.caption("选择一个会话，这里显示它的全部内容。")
        return
    with TalkSearch.opened(wiring.settings.database) as search:
        found = search.find(name)
    if found is None:
        st.warning("这个会话不存在，或已按隐私规定删除。")
        return
    store = wiring.handover_store
    said = store.said(name, limit=_MOST_SAID)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("##### 会话内容", width="stretch")
        waiting = store.open_handover(name)
        full = in_full(
            wiring,
            f"talk-full-{name}",
            waiting.agent if waiting else None,
            Subject.CONVERSATION,
            name,
            help="证件号、手机号等；会记入查看记录。",
        )
    st.html(head_html(found, full=full))
    words, steps = st.tabs(["对话", "每次回复的依据"])
    shown = said if full else tuple(map(_hidden, said))
    hide: Callable[[str], str] = (lambda text: text) if full else mask
    with words, st.container(border=True, height=_HEIGHT, key="talk-read"):
        st.html(talk_html(shown, hide))
    with steps:
        _steps(shown, hide)


def _hidden(one: Said) -> Said:
    return replace(one, text=HIDDEN) if one.private else one


def _steps(said: tuple[Said, ...], hide: Callable[[str], str]) -> None:
    """The kind of each reply of the bot with what it rests on."""
    replies = [one for one in said if one.speaker is Speaker.BOT]
    if not replies:
        st.caption("智能客服在这个会话里还没有回复。")
    for one in replies:
        with st.container(border=True, key=f"links-step-{one.number}", gap="small"):
            st.html(steps_html(one, hide))
            for citation in one.citations:
                label = f"{citation.title}　第 {citation.version} 版"
                if citation.kind == "faq":
                    link(Place.KNOWLEDGE, label, entry=citation.id)
                elif citation.kind == "article":
                    article_link(citation.id, label)
                else:
                    st.caption(escape_markdown(label))
