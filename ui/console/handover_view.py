"""Queue, conversation and service level as the agents' page shows them. All texts are escaped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from assist.handover import (
    Handover,
    HandoverReason,
    LevelReport,
    ServiceLevel,
    waited,
)
from assist.handover_rules import HandoverRules
from assist.said import Said, Speaker
from ui.console.escape import escape_html
from ui.console.moments import SHANGHAI, minute

REASONS = {
    HandoverReason.ASKED: "客户要求",
    HandoverReason.FAILURES: "多次未答上",
    HandoverReason.ANGER: "情绪激动",
    HandoverReason.FLOW: "流程转入",
}
_SPEAKERS = {
    Speaker.CUSTOMER: "客户",
    Speaker.BOT: "智能客服",
    Speaker.AGENT: "坐席",
    Speaker.SYSTEM: "系统",
}
_SHOWN = 40


def duration(span: timedelta) -> str:
    """`8秒`, `3分05秒`, `2小时10分`."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds}秒"
    if seconds < 3600:
        return f"{seconds // 60}分{seconds % 60:02d}秒"
    return f"{seconds // 3600}小时{seconds % 3600 // 60:02d}分"


def waiting_html(handover: Handover, last: str, rules: HandoverRules, now: datetime) -> str:
    """One who waits: how long, for which group and why, and the last words."""
    chips = f'<span class="fl-chip">{escape_html(rules.group(handover.group).title)}</span>'
    urgent = " fl-negative" if handover.reason is HandoverReason.ANGER else ""
    chips += f'<span class="fl-chip{urgent}">{REASONS[handover.reason]}</span>'
    return (
        f'<div class="fl-waits">{_clock(handover, rules.level, now)}{chips}</div>'
        f'<div class="fl-meta fl-said-last">{escape_html(_short(last))}</div>'
    )


def _clock(handover: Handover, level: ServiceLevel, now: datetime) -> str:
    if handover.counts_from > now:
        opens = handover.counts_from.astimezone(SHANGHAI)
        return f'<span class="fl-chip fl-neutral">已登记，{opens:%m-%d %H:%M} 后联系</span>'
    span = waited(handover, now)
    kind = "fl-negative" if span > level.within else "fl-positive"
    return f'<span class="fl-chip {kind}">等待 {duration(span)}</span>'


def level_html(report: LevelReport, level: ServiceLevel) -> str:
    """The queue and the service level over the last 24 hours on one line."""
    goal = f"目标 {level.share:.0%} 在 {int(level.within.total_seconds())} 秒内接入"
    share = "暂无数据" if report.share is None else f"{report.share:.0%}"
    kind = "fl-positive" if report.met else "fl-negative"
    longest = duration(report.longest) if report.waiting else "—"
    parts = (
        ("排队中", f"{report.waiting}"),
        ("最长等待", longest),
        ("近24小时服务水平", f'<span class="fl-chip {kind}">{share}</span>'),
    )
    items = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in parts)
    return f'<div class="fl-level"><dl>{items}</dl><span class="fl-meta">{goal}</span></div>'


def talk_html(said: Sequence[Said], hide: Callable[[str], str]) -> str:
    """A conversation, oldest first; `hide` masks what customers and bots said."""
    return f'<div class="fl-talk">{"".join(_line(one, hide) for one in said)}</div>'


def _line(one: Said, hide: Callable[[str], str]) -> str:
    if one.speaker is Speaker.SYSTEM:
        return (
            f'<div class="fl-line fl-by-system"><span>{escape_html(one.text)}'
            f"　{minute(one.at)[-5:]}</span></div>"
        )
    who = one.agent if one.speaker is Speaker.AGENT and one.agent else _SPEAKERS[one.speaker]
    options = "".join(f"<li>{escape_html(option)}</li>" for option in one.options)
    listed = f"<ol>{options}</ol>" if options else ""
    return (
        f'<div class="fl-line fl-by-{one.speaker}"><div class="fl-meta">{escape_html(who)}'
        f' {minute(one.at)[-5:]}</div><div class="fl-bubble">'
        f'<div class="fl-reply">{escape_html(hide(one.text))}</div>{listed}</div></div>'
    )


def last_words(said: Sequence[Said]) -> str:
    """The customer's last two messages: the very last is often no more than 转人工."""
    texts = [one.text for one in said if one.speaker is Speaker.CUSTOMER]
    return " / ".join(texts[-2:])


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _SHOWN else one_line[: _SHOWN - 1] + "…"
