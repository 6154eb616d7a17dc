"""外呼: campaigns, their progress and results, a new one from a list, the do-not-call list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from assist.campaign import Callee, Campaign, CampaignStatus
from assist.campaign_export import CalleeResult, masked, result_table, results
from assist.campaign_store import CampaignCount
from assist.flow import Flow
from assist.table_file import write_table
from ui.audit import Sighting, Subject
from ui.console.charts import count_bars
from ui.console.escape import escape_html, escape_markdown
from ui.console.outbound_new import do_not_call, new_campaign
from ui.console.outbound_view import (
    calls_html,
    card_html,
    code_counts,
    result_name,
    rules_html,
    status_chip,
)
from ui.console.parts import operator, parts
from ui.console.personal import in_full
from ui.outbound import REHEARSAL, outbound_flow
from ui.wiring import Wiring, now

_CHOSEN = "campaign"
_DONE = "outbound_done"
_PAGE = 100
_MOST_LISTED = 40
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STEPS = {
    CampaignStatus.DRAFT: ("开始", CampaignStatus.RUNNING, "到了允许的时段即可开始拨打。"),
    CampaignStatus.RUNNING: ("暂停", CampaignStatus.PAUSED, "不再发起新的通话；进行中的说完。"),
    CampaignStatus.PAUSED: ("继续", CampaignStatus.RUNNING, "未完成的客户接着拨打。"),
}


def page() -> None:
    """Campaigns, the form for a new one, the do-not-call list."""
    wiring = parts()
    if done := st.session_state.pop(_DONE, None):
        st.success(escape_markdown(done))
    tasks, new, barred = st.tabs(["任务", "新建任务", "免打扰名单"])
    with tasks:
        _campaigns(wiring)
    with new:
        if created := new_campaign(wiring):
            _again(f"已创建任务 {created}。", created)
    with barred:
        do_not_call(wiring)


def _campaigns(wiring: Wiring) -> None:
    store = wiring.campaign_store
    campaigns = store.all()
    if not campaigns:
        st.info("还没有外呼任务。在「新建任务」里上传名单，或用 foreland campaign create 创建。")
        return
    chosen = st.query_params.get(_CHOSEN)
    shown = next((c for c in campaigns if c.id == chosen), campaigns[0])
    left, right = st.columns([2, 5], gap="medium")
    with left:
        for campaign in campaigns[:_MOST_LISTED]:
            _card(campaign, store.count(campaign.id), chosen=campaign is shown)
    with right:
        _one(wiring, shown, store.count(shown.id))


def _card(campaign: Campaign, count: CampaignCount, *, chosen: bool) -> None:
    with st.container(border=True, key=f"card-{campaign.id}", gap="small"):
        if st.button(
            escape_markdown(campaign.title),
            key=f"open-{campaign.id}",
            type="primary" if chosen else "secondary",
            width="stretch",
        ):
            st.query_params[_CHOSEN] = campaign.id
            st.rerun()
        st.html(card_html(campaign, count))


def _one(wiring: Wiring, campaign: Campaign, count: CampaignCount) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"##### {escape_markdown(campaign.title)}", width="content")
        st.html(status_chip(campaign), width="content")
        _steps(wiring, campaign, count)
    st.html(rules_html(campaign))
    flow = outbound_flow(wiring, campaign.flow_id)
    numbers, chart = st.columns([2, 3], gap="medium")
    with numbers:
        pairs = (
            ("客户", count.customers),
            ("已完成", count.finished),
            ("通话", count.calls),
            ("通话中", count.open_calls),
        )
        places = [*st.columns(2), *st.columns(2)]
        for place, (name, number) in zip(places, pairs, strict=True):
            place.metric(name, f"{number:,}", border=True)
        if not campaign.rehearsal:
            st.caption("演练（模拟客户，不真正拨打），结果另成一个任务：")
            st.code(f"foreland campaign run {campaign.id} --simulate", language="sh")
        shown = _controls(wiring, campaign, count, flow)
    with chart, st.container(border=True, key="panel-codes"):
        st.markdown("##### 结果分布（客户数）")
        st.altair_chart(count_bars(code_counts(count), "结果", "客户数"))
    _results(wiring, campaign, flow, shown)


def _steps(wiring: Wiring, campaign: Campaign, count: CampaignCount) -> None:
    if campaign.status is CampaignStatus.CLOSED or campaign.rehearsal:
        return
    name, status, told = _STEPS[campaign.status]
    store = wiring.campaign_store
    with st.popover(name, key=f"step-{campaign.id}"):
        st.markdown(told)
        if st.button(f"确认{name}", type="primary", key=f"step-yes-{campaign.id}"):
            store.set_status(campaign.id, status)
            _again(f"任务 {campaign.id}：已{name}。", campaign.id)
    with st.popover("结束任务", key=f"close-{campaign.id}"):
        left = count.customers - count.finished
        st.markdown(f"{left} 位未完成的客户不再拨打。结束后不能恢复。")
        if st.button("确认结束", type="primary", key=f"close-yes-{campaign.id}"):
            store.cancel(campaign.id)
            _again(f"任务 {campaign.id} 已结束。", campaign.id)


def _again(done: str, chosen: str) -> None:
    st.session_state[_DONE], st.query_params[_CHOSEN] = done, chosen
    st.rerun()


# --- results -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shown:
    """The rows on show: one page of those with the chosen result."""

    callees: tuple[Callee, ...]
    full: bool


def _controls(
    wiring: Wiring, campaign: Campaign, count: CampaignCount, flow: Flow | None
) -> _Shown:
    """Which rows, whether in full; the export."""
    codes = (None, *(code for code, _ in sorted(count.codes, key=lambda pair: -pair[1])))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    place = left.selectbox(
        "结果",
        range(-1, len(codes)),
        format_func=lambda n: "全部" if n < 0 else result_name(codes[n]),
        key=f"code-{campaign.id}",
    )
    wanted = wiring.campaign_store.callees(campaign.id)
    callees = tuple(c for c in wanted if place < 0 or c.code == codes[place])
    pages = max(1, -(-len(callees) // _PAGE))
    page = right.number_input(
        f"页（共 {pages}）", 1, pages, key=f"page-{campaign.id}-{place}", disabled=pages == 1
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        full = _full(wiring, campaign)
        _export(wiring, campaign, flow, full=full)
    return _Shown(callees[(page - 1) * _PAGE : page * _PAGE], full)


def _results(wiring: Wiring, campaign: Campaign, flow: Flow | None, shown: _Shown) -> None:
    found = [_result(wiring, campaign, callee) for callee in shown.callees]
    if not shown.full:
        found = [masked(item, flow) for item in found]
    header, *rows = result_table(found, flow)
    st.dataframe(
        [dict(zip(header, row, strict=True)) for row in rows], hide_index=True, width="stretch"
    )
    _evidence(found, campaign)


def _result(wiring: Wiring, campaign: Campaign, callee: Callee) -> CalleeResult:
    return CalleeResult(callee, wiring.campaign_store.calls(campaign.id, callee.id))


def _full(wiring: Wiring, campaign: Campaign) -> bool:
    """Whether personal data is shown: to supervisors who ask for it; each asking is noted."""
    return in_full(
        wiring,
        f"full-{campaign.id}",
        None,
        Subject.CAMPAIGN,
        campaign.id,
        help="电话、姓名和核身内容；会记入查看记录。",
    )


def _export(wiring: Wiring, campaign: Campaign, flow: Flow | None, *, full: bool) -> None:
    who = operator()

    def made() -> bytes:
        """Run when the button is pressed, in whatever thread: nothing of the page is at hand."""
        store = wiring.campaign_store
        if full and who:
            seen = Sighting(now(), f"operator {who.name}", Subject.CAMPAIGN, campaign.id, "export")
            wiring.audit_store.add(seen)
        found = results(store.callees(campaign.id), store.calls(campaign.id))
        rows = result_table((item if full else masked(item, flow) for item in found), flow)
        with TemporaryDirectory() as folder:
            file = Path(folder) / "results.xlsx"
            write_table(file, rows, campaign.title)
            return file.read_bytes()

    st.download_button(
        "导出 XLSX" + ("（完整）" if full else "（脱敏）"),
        made,
        f"{campaign.id}{'-full' if full else ''}.xlsx",
        _XLSX,
        icon=":material/download:",
        key=f"export-{campaign.id}-{full}",
    )


def _evidence(shown: list[CalleeResult], campaign: Campaign) -> None:
    called = [item for item in shown if item.calls]
    if not called:
        if not campaign.id.endswith(REHEARSAL):
            st.caption("还没有通话。")
        return
    chosen = st.selectbox(
        "查看一位客户的通话与原话",
        range(len(called)),
        format_func=lambda n: f"{called[n].callee.id} · {result_name(called[n].code)}",
        key=f"evidence-{campaign.id}",
        width=360,
    )
    item = called[chosen]
    with st.container(border=True, key="panel-evidence"):
        who = f"{item.callee.id}　{item.callee.phone}　{item.callee.customer_id}"
        st.html(f'<div class="fl-sub">{escape_html(who)}</div>{calls_html(item.calls)}')
