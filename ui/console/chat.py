"""智能问答: talk as a customer does, and see why the assistant answers as it does."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from assist.answer import Answer, Citation, CitationKind
from assist.conversation import Conversation
from ui.console.chat_view import (
    CITATIONS,
    candidates_html,
    feature_lines,
    reply_html,
    said_html,
    stages_html,
    why_html,
)
from ui.console.escape import escape_markdown
from ui.console.links import Place, article_link, company_link, link
from ui.console.parts import parts
from ui.wiring import Wiring

_TALK = "chat_talk"
_HEIGHT = 610
_EXAMPLES = ("创业板怎么开通", "创业板", "宁德时代最近有什么新闻", "今天天气怎么样", "转人工")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said, what was replied, and the id of the company talked about, if any."""

    said: str
    answer: Answer
    company: str | None


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation on show: its exchanges and the assistant's own state."""

    exchanges: tuple[Exchange, ...] = ()
    state: Conversation | None = None


def page() -> None:
    """The chat on the left, the reasons for its latest reply on the right."""
    wiring = parts()
    with st.spinner("正在准备问答引擎……"):
        entries = wiring.live_assistant.current().entries
    if not entries:
        st.info("知识库里还没有生效的条目，只能回答公司资讯与资料。请到「知识库」页添加。")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _chat(wiring)
    with right, st.container(border=True, height=_HEIGHT + 108, key="panel-why"):
        _why(st.session_state.get(_TALK, Talk()))


def _chat(wiring: Wiring) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("##### 以客户身份提问", width="stretch")
        if st.button("新对话", icon=":material/add_comment:"):
            st.session_state[_TALK] = Talk()
    box = st.container(border=True, height=_HEIGHT, key="talk", autoscroll=True)
    said = st.chat_input("请输入客户的问题，例如：创业板怎么开通", max_chars=2_000)
    picked = st.session_state.pop("chat_picked", None)
    if text := said or picked:
        with st.spinner("正在作答……"):
            st.session_state[_TALK] = _answered(wiring, st.session_state.get(_TALK, Talk()), text)
    with box:
        _talk(wiring, st.session_state.get(_TALK, Talk()))


def _answered(wiring: Wiring, talk: Talk, text: str) -> Talk:
    answer, state = wiring.assistant.reply(text, talk.state)
    exchange = Exchange(text, answer, state.last_company)
    return replace(talk, exchanges=(*talk.exchanges, exchange), state=state)


def _talk(wiring: Wiring, talk: Talk) -> None:
    if not talk.exchanges:
        st.caption("回答来自已发布的知识库、资讯和知识图谱。可以先试试：")
        _choices(_EXAMPLES, "example")
    for number, exchange in enumerate(talk.exchanges):
        with st.chat_message("user", avatar=":material/person:"):
            st.html(said_html(exchange.said))
        with st.chat_message("assistant", avatar=":material/support_agent:"):
            st.html(reply_html(exchange.answer))
            _citations(wiring, exchange, number)
            if exchange.answer.options and number == len(talk.exchanges) - 1:
                _choices(exchange.answer.options, "option")


def _choices(choices: tuple[str, ...], kind: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for number, choice in enumerate(choices):
            st.button(
                escape_markdown(choice), key=f"{kind}-{number}", on_click=_pick, args=(choice,)
            )


def _pick(choice: str) -> None:
    st.session_state["chat_picked"] = choice


def _citations(wiring: Wiring, exchange: Exchange, number: int) -> None:
    if not exchange.answer.citations:
        return
    with st.container(key=f"links-cited-{number}", gap=None):
        for place, citation in enumerate(exchange.answer.citations, start=1):
            label = f"〔{place}〕{CITATIONS[citation.kind]}：{citation.title}"
            _citation(wiring, citation, label, exchange.company)


def _citation(wiring: Wiring, citation: Citation, label: str, company: str | None) -> None:
    if citation.kind is CitationKind.FAQ:
        link(Place.KNOWLEDGE, f"{label}　第 {citation.version} 版", entry=citation.id)
    elif citation.kind is CitationKind.ARTICLE:
        article_link(citation.id, f"{label}　第 {citation.version} 版")
    elif found := _company_of(wiring, citation) or company:
        company_link(found, label)
    else:
        st.caption(escape_markdown(label))


def _company_of(wiring: Wiring, citation: Citation) -> str | None:
    """The company that a cited fact names; facts of industries name none."""
    fact = wiring.news_store.facts.fact(citation.id)
    ends = (fact.subject, fact.object) if fact else ()
    return next((end for end in ends if end.startswith("company:")), None)


def _selected(talk: Talk) -> Exchange:
    """The latest exchange, or an earlier one that was chosen."""
    last = len(talk.exchanges) - 1
    if not last:
        return talk.exchanges[0]
    chosen = st.selectbox(
        "哪一次回答",
        range(last, -1, -1),
        format_func=lambda n: f"第 {n + 1} 次：{talk.exchanges[n].said[:40]}",
        key=f"chat_why_{last}",
        label_visibility="collapsed",
    )
    return talk.exchanges[chosen]


def _why(talk: Talk) -> None:
    st.markdown("##### 为什么这样回答")
    if not talk.exchanges:
        st.caption("每次回答后，这里会显示结论、概率、触发的规则、候选条目及其特征和各阶段耗时。")
        return
    answer = _selected(talk).answer
    trace = answer.trace
    if trace is None:
        st.caption("这次回答没有留下过程记录。")
        return
    st.html(why_html(answer, trace))
    if trace.candidates:
        heading = "候选条目" if _from_base(answer) else "知识库候选条目（未采用）"
        st.html(f'<div class="fl-sub">{heading}</div>{candidates_html(trace)}')
        with st.expander("各候选的特征值"):
            st.dataframe(
                [
                    {"特征": name} | {f"候选 {n}": v for n, v in enumerate(values, start=1)}
                    for name, values in feature_lines(trace)
                ],
                hide_index=True,
            )
    if trace.milliseconds:
        total = sum(ms for _, ms in trace.milliseconds)
        heading = f"各阶段耗时（毫秒），合计 {total:.1f}"
        st.html(f'<div class="fl-sub">{heading}</div>{stages_html(trace)}')


def _from_base(answer: Answer) -> bool:
    """Whether the reply is one of the knowledge base's candidates, or asks back among them."""
    return bool(answer.options) or any(c.kind is CitationKind.FAQ for c in answer.citations)
