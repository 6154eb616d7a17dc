"""Queue, conversation and service level as the agents' page shows them. All texts are escaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from assist.campaign_list import masked_phone
from assist.emotion_words import Mood
from assist.handover import (
    Handover,
    HandoverReason,
    LevelReport,
    ServiceLevel,
    waiting_for,
)
from assist.handover_context import HandoverContext
from assist.handover_note import Alert, AlertKind, Note, NoteKind
from assist.handover_rules import HandoverRules
from assist.said import Said, Speaker
from ui.console.chat_view import MOODS
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
_NOTES = {
    NoteKind.NOTE: "备注",
    NoteKind.TRANSFER: "转接",
    NoteKind.RELEASE: "放回队列",
    NoteKind.TAKEOVER: "主管接管",
    NoteKind.GONE: "坐席失联",
}
_ALERTS = {AlertKind.ANGER: "情绪激动", AlertKind.AGENT_GONE: "坐席失联"}
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
    if handover.callback:
        chips += f'<span class="fl-chip">回电 {escape_html(masked_phone(handover.callback))}</span>'
    return (
        f'<div class="fl-waits">{_clock(handover, rules.level, now)}{chips}</div>'
        f'<div class="fl-meta fl-said-last">{escape_html(_short(last))}</div>'
    )


def _clock(handover: Handover, level: ServiceLevel, now: datetime) -> str:
    if handover.waits_from > now:
        opens = handover.waits_from.astimezone(SHANGHAI)
        return f'<span class="fl-chip fl-neutral">已登记，{opens:%m-%d %H:%M} 后联系</span>'
    span = waiting_for(handover, now)
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


def context_html(context: HandoverContext, hide: Callable[[str], str]) -> str:
    """What an agent should know first, in a few lines; `hide` masks what customers said."""
    chips = f'<span class="fl-chip">{REASONS[context.reason]}</span>'
    if context.flow:
        chips += f'<span class="fl-chip">{escape_html(context.flow)}</span>'
    if context.mood:
        kind = " fl-negative" if context.mood in (Mood.ANGRY, Mood.ANNOYED) else ""
        chips += f'<span class="fl-chip{kind}">情绪：{MOODS[context.mood]}</span>'
    chips += f'<span class="fl-chip">{"已核身" if context.verified else "未核身"}</span>'
    if context.callback:
        chips += f'<span class="fl-chip">回电 {escape_html(hide(context.callback))}</span>'
    asked = "；".join(escape_html(_short(hide(text))) for text in context.questions)
    lines = [("最近提问", asked)] if asked else []
    lines += [(escape_html(g.label), escape_html(hide(g.value))) for g in context.gathered]
    rows = "".join(f'<div class="fl-meta">{name}：{value}</div>' for name, value in lines)
    return f'<div class="fl-waits">{chips}</div>{rows}'


def notes_html(notes: Sequence[Note], groups: Mapping[str, str]) -> str:
    """Notes and moves, oldest first; `groups` are the titles of group ids."""
    return "".join(_note(note, groups) for note in notes)


def _note(note: Note, groups: Mapping[str, str]) -> str:
    target = groups.get(note.target, note.target) if note.target else ""
    arrow = "（原坐席 " if note.kind is NoteKind.TAKEOVER else " → "
    goal = f"{arrow}{target}{'）' if note.kind is NoteKind.TAKEOVER else ''}" if target else ""
    head = f"{minute(note.at)[-5:]} {_NOTES[note.kind]} {note.agent or ''}{goal}"
    return (
        f'<div class="fl-meta">{escape_html(head)}</div>'
        f'<div class="fl-reply">{escape_html(note.text)}</div>'
    )


def alert_html(alert: Alert, hide: Callable[[str], str]) -> str:
    """An alert: what, when, how angry, and the words."""
    anger = "" if alert.anger is None else f"{alert.anger:.0%}"
    gone = f"{alert.reason}长时间没有动静，会话已放回队列"
    why = alert.text if alert.kind is AlertKind.ANGER else gone
    return (
        f'<div class="fl-waits"><span class="fl-chip fl-negative">{_ALERTS[alert.kind]}'
        f' {anger}</span><span class="fl-meta">{minute(alert.at)[-5:]}</span></div>'
        f'<div class="fl-meta fl-said-last">{escape_html(hide(why))}</div>'
    )


def last_words(said: Sequence[Said]) -> str:
    """The customer's last two messages: the very last is often no more than 转人工."""
    texts = [one.text for one in said if one.speaker is Speaker.CUSTOMER]
    return " / ".join(texts[-2:])


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _SHOWN else one_line[: _SHOWN - 1] + "…"
