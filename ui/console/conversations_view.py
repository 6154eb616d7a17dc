"""Conversations as their page shows them. All texts are escaped."""

from __future__ import annotations

from collections.abc import Callable

from assist.flow_state import Mode
from assist.said import Said
from ui.console.escape import escape_html
from ui.console.moments import minute
from ui.talk_search import FoundTalk

MODES = {
    Mode.BOT: "智能客服",
    Mode.WAITING: "等待人工",
    Mode.HUMAN: "人工服务中",
    Mode.ENDED: "已结束",
}
_CHANNELS = {"text": "文字", "voice": "语音", "phone": "电话", "app": "App", "wechat": "微信"}
_KINDS = {
    "say": "告知",
    "disclose": "必须告知",
    "link": "链接",
    "ask": "提问",
    "answer": "回答",
    "clarify": "请客户选择",
    "reject": "未能回答",
    "handover": "转人工",
    "end": "结束语",
}
_KEPT = 3
"""Characters of a customer's id that are shown to everybody."""


def found_html(found: FoundTalk) -> str:
    """One line of the list: when, how it stands, over which channel, whether there was anger."""
    talk = found.talk
    chips = f'<span class="fl-chip">{MODES[talk.mode]}</span>'
    chips += f'<span class="fl-chip fl-tag">{escape_html(channel_name(talk.channel))}</span>'
    if found.alerts:
        chips += f'<span class="fl-chip fl-negative">情绪预警 {found.alerts}</span>'
    told = f"{minute(found.at)} · {talk.said} 句"
    return f'<div class="fl-waits">{chips}<span class="fl-meta">{told}</span></div>'


def head_html(found: FoundTalk, *, full: bool) -> str:
    """Who, where, when, with which agent."""
    talk = found.talk
    customer = talk.customer or "未提供"
    lines = [
        ("客户号", customer if full or not talk.customer else masked_id(talk.customer)),
        ("渠道", channel_name(talk.channel)),
        ("状态", MODES[talk.mode]),
        ("最近消息", minute(found.at)),
        *([("坐席", found.agent)] if found.agent else []),
        ("会话编号", talk.conversation_id),
    ]
    rows = "".join(f"<div><dt>{k}</dt><dd>{escape_html(v)}</dd></div>" for k, v in lines)
    return f'<div class="fl-level fl-rules"><dl>{rows}</dl></div>'


def channel_name(channel: str) -> str:
    """A channel in Chinese; one unknown here as it is."""
    return _CHANNELS.get(channel, channel)


def masked_id(customer: str) -> str:
    """K10***: enough to recognise in a list."""
    kept = customer[: min(_KEPT, len(customer) // 2)]
    return kept + "*" * (len(customer) - len(kept))


def steps_html(reply: Said, hide: Callable[[str], str]) -> str:
    """One reply of the bot: its place, kind and first words."""
    text = hide(reply.text).strip()
    kind = _KINDS.get(reply.kind, reply.kind)
    return (
        f'<div class="fl-waits"><span class="fl-chip">{escape_html(kind)}</span>'
        f'<span class="fl-meta">第 {reply.number} 句 · {minute(reply.at)}</span></div>'
        f'<div class="fl-reply">{escape_html(text)}</div>'
    )
