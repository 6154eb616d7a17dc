"""Campaigns, results and evidence as the outbound page shows them. All texts are escaped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from assist.call_result import CHINESE, CallCode, CallResult, Evidence
from assist.campaign import Call, Campaign, CampaignStatus
from assist.campaign_export import HIDDEN
from assist.campaign_rules import CallRules, Days
from assist.campaign_store import CampaignCount
from ui.console.escape import escape_html
from ui.console.moments import minute

STATUS = {
    CampaignStatus.DRAFT: "未开始",
    CampaignStatus.RUNNING: "进行中",
    CampaignStatus.PAUSED: "已暂停",
    CampaignStatus.CLOSED: "已结束",
}
_COLOURS = {CampaignStatus.RUNNING: " fl-positive", CampaignStatus.PAUSED: " fl-negative"}
_DAYS = {Days.TRADING: "交易日", Days.WEEKDAYS: "周一至周五", Days.EVERY: "每天"}


def status_chip(campaign: Campaign) -> str:
    """The status, and whether nobody is really called."""
    chip = f'<span class="fl-chip{_COLOURS.get(campaign.status, "")}">{STATUS[campaign.status]}'
    return f"{chip}</span>" + ('<span class="fl-chip">演练</span>' if campaign.rehearsal else "")


def card_html(campaign: Campaign, count: CampaignCount) -> str:
    """How far a campaign is, on two lines."""
    share = count.finished / count.customers if count.customers else 0.0
    return (
        f'<div class="fl-waits">{status_chip(campaign)}'
        f'<span class="fl-meta">{escape_html(campaign.id)}</span></div>'
        f'<div class="fl-progress"><span class="fl-bar"><span style="width:{share:.0%}"></span>'
        f'</span><span class="fl-meta">{count.finished}/{count.customers}</span></div>'
    )


def rules_html(campaign: Campaign) -> str:
    """When the campaign may call, and how often."""
    rules = campaign.rules
    retries = rules.retries
    hours = "、".join(f"{h.start:%H:%M}-{h.end:%H:%M}" for h in rules.hours)
    lines = (
        ("流程", escape_html(campaign.flow_id)),
        ("时段", f"{_DAYS[rules.days]} {hours}"),
        ("并发", f"{rules.lines} 路"),
        ("重拨", f"每人最多 {retries.attempts} 次，每天最多 {retries.attempts_a_day} 次"),
        ("期限", _period(rules)),
    )
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in lines)
    return f'<div class="fl-level fl-rules"><dl>{rows}</dl></div>'


def code_counts(count: CampaignCount) -> tuple[tuple[str, int], ...]:
    """Customers by result, most first; those without one last."""
    named = sorted(((CHINESE[code], n) for code, n in count.codes), key=lambda pair: -pair[1])
    unfinished = count.customers - count.finished
    return (*named, ("未完成", unfinished)) if unfinished else tuple(named)


def calls_html(calls: Sequence[Call]) -> str:
    """The calls to one customer, latest first, each with the words that prove its answers."""
    return "".join(_call(call) for call in reversed(calls))


def _call(call: Call) -> str:
    result = call.result
    code = CHINESE[result.code] if result else "通话中"
    ended = f" — {minute(call.ended_at)[-5:]}" if call.ended_at else ""
    head = (
        f'<div class="fl-waits"><b>第 {call.attempt} 次通话</b>'
        f'<span class="fl-chip">{code}</span>'
        f'<span class="fl-meta">{minute(call.started_at)}{ended}</span></div>'
    )
    return f'<div class="fl-call">{head}{_told(result) if result else ""}</div>'


def _told(result: CallResult) -> str:
    notes = []
    if result.note:
        notes.append(escape_html(result.note))
    if result.call_back_at:
        notes.append(f"约定回拨 {_moment(result.call_back_at)}")
    if result.disclosed:
        told = "、".join(escape_html(name) for name, _ in result.disclosed)
        notes.append(f"已完整播报：{told}")
    line = f'<div class="fl-meta">{"；".join(notes)}</div>' if notes else ""
    if not result.evidence:
        return line
    return line + f'<dl class="fl-why">{"".join(_evidence(e) for e in result.evidence)}</dl>'


def _evidence(item: Evidence) -> str:
    text = item.text
    words = (
        f"{escape_html(text[: item.start])}<mark>{escape_html(text[item.start : item.end])}</mark>"
        f"{escape_html(text[item.end :])}"
    )
    said = f"第 {item.turn} 句：“{words}”" if text != HIDDEN else "原话已脱敏"
    return (
        f"<div><dt>{escape_html(item.question)}</dt><dd><b>{escape_html(item.value)}</b>"
        f'<br><span class="fl-meta">{said}</span></dd></div>'
    )


def result_name(code: CallCode | None) -> str:
    """A result in Chinese; None: calls may follow."""
    return CHINESE[code] if code else "未完成"


def _period(rules: CallRules) -> str:
    start = _moment(rules.starts_at) if rules.starts_at else "即日"
    return f"{start} 至 {_moment(rules.deadline) if rules.deadline else '名单拨完'}"


def _moment(at: datetime) -> str:
    return minute(at)
