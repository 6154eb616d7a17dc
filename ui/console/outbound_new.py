"""A new campaign from an uploaded list; numbers that are never called."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from assist.campaign import Campaign
from assist.campaign_file import CampaignFile, read_campaign
from assist.campaign_list import CallList, masked_phone, phone_number, read_list
from assist.campaign_outcome import needed_columns
from assist.campaign_rules import CallRules, Days, next_allowed
from assist.errors import AssistError
from assist.flow import Flow
from ui.audit import Subject
from ui.console.escape import escape_markdown
from ui.console.moments import SHANGHAI, minute
from ui.console.personal import in_full
from ui.outbound import calendar_gap, last_day, outbound_flow
from ui.wiring import Wiring, now

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,50}")
_SHOWN = 100
_OWN = "上传规则文件（YAML）"


def new_campaign(wiring: Wiring) -> str | None:
    """List, rules, check, create; the id of a campaign that was created now."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        file = _rules_file(wiring)
        if file is None:
            return None
        flow = outbound_flow(wiring, file.flow_id)
        if flow is None:
            st.error(escape_markdown(f"没有流程 {file.flow_id}；请核对规则文件的 flow。"))
            return None
        campaign = _form(file)
    with right:
        found = _list(file, flow)
        if found is None:
            return None
        return _check(wiring, campaign, found)


def _rules_file(wiring: Wiring) -> CampaignFile | None:
    st.markdown("##### 1. 规则")
    files = sorted((wiring.settings.data / "campaigns").glob("*.yaml"))
    samples = [read_campaign(path) for path in files]
    place = st.selectbox(
        "规则模板（决定流程和名单的列）",
        range(len(samples) + 1),
        format_func=lambda n: samples[n].title if n < len(samples) else _OWN,
        key="new-template",
    )
    if place < len(samples):
        return samples[place]
    upload = st.file_uploader("规则文件", ["yaml", "yml"], max_upload_size=1, key="new-rules")
    if upload is None:
        return None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yaml"
        path.write_bytes(upload.getvalue())
        return read_campaign(path)


def _form(file: CampaignFile) -> Campaign:
    rules = file.rules
    title = st.text_input("任务名称", file.title, max_chars=100, key=f"new-title-{file.flow_id}")
    name = st.text_input(
        "任务编号（小写字母、数字和 -）", key="new-id", placeholder="ipo-2026-12", max_chars=51
    )
    lines = st.number_input("并发（路）", 1, 1000, rules.lines, key=f"new-lines-{file.flow_id}")
    deadline = st.datetime_input(
        "截止时间（可不填）", _local(rules.deadline), key=f"new-deadline-{file.flow_id}"
    )
    until = deadline.replace(tzinfo=SHANGHAI) if deadline else None
    changed = replace(rules, lines=int(lines), deadline=until)
    return Campaign(name.strip(), title.strip(), file.flow_id, changed)


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(SHANGHAI).replace(tzinfo=None) if moment else None


def _list(file: CampaignFile, flow: Flow) -> CallList | None:
    st.markdown("##### 2. 名单")
    named = {name: header for header, name in file.columns}
    needed = [named.get(name, name) for name in needed_columns(flow)]
    st.caption(escape_markdown(f"必需的列：手机号、{'、'.join(needed)}。第一行是列名。"))
    count = st.session_state.setdefault("new-lists", 0)
    upload = st.file_uploader(
        "名单（CSV 或 XLSX）", ["csv", "xlsx"], max_upload_size=50, key=f"new-list-{count}"
    )
    if upload is None:
        return None
    with TemporaryDirectory() as folder:
        path = Path(folder) / Path(upload.name).name
        path.write_bytes(upload.getvalue())
        return read_list(path, columns=dict(file.columns), needed=needed_columns(flow))


def _check(wiring: Wiring, campaign: Campaign, found: CallList) -> str | None:
    st.markdown("##### 3. 核查与创建")
    _report(wiring, campaign.rules, found)
    if found.problems:
        st.dataframe(
            [{"位置": p.place, "问题": p.message} for p in found.problems[:_SHOWN]],
            hide_index=True,
            width="stretch",
        )
    skip = bool(found.problems) and st.checkbox("跳过有问题的行", key="new-skip")
    if not st.button("创建任务", type="primary", key="new-create"):
        return None
    wrong = _wrong(campaign, found, skip=skip)
    if not wrong:
        try:
            wiring.campaign_store.create(campaign, found.callees, now())
        except AssistError as error:
            wrong = str(error)
    if wrong:
        st.error(escape_markdown(wrong))
        return None
    st.session_state["new-lists"] += 1
    return campaign.id


def _report(wiring: Wiring, rules: CallRules, found: CallList) -> None:
    barred = {phone for phone, _, _ in wiring.campaign_store.barred()}
    on_list = sum(callee.phone in barred for callee in found.callees)
    first = next_allowed(rules, now(), wiring.trading_days)
    when = f"最早可拨打 {minute(first)}" if first else "按规则没有可拨打的时间"
    told = f"{len(found.callees)} 位客户可外呼，{on_list} 位在免打扰名单；{when}。"
    (st.warning if found.problems or first is None else st.info)(
        f"{told}名单有 {len(found.problems)} 处问题。" if found.problems else told
    )
    if rules.days is Days.TRADING and (
        gap := calendar_gap(wiring.trading_days, last_day(rules, now()))
    ):
        st.warning(escape_markdown(gap))


def _wrong(campaign: Campaign, found: CallList, *, skip: bool) -> str:
    if not _ID.fullmatch(campaign.id):
        return f"任务编号“{campaign.id}”不可用：用小写字母、数字和 -，最多 51 个字符。"
    if not campaign.title:
        return "请填写任务名称。"
    if found.problems and not skip:
        return "名单有问题：请改正后重新上传，或勾选“跳过有问题的行”。"
    return "" if found.callees else "名单里没有可外呼的客户。"


def do_not_call(wiring: Wiring) -> None:
    """The list of numbers that are never called, with adding and removing."""
    store = wiring.campaign_store
    left, right = st.columns([2, 3], gap="large")
    with left:
        with st.form("bar", clear_on_submit=True):
            text = st.text_area("登记号码（每行一个）", key="bar-phones", height=120)
            reason = st.text_input("原因", "登记", key="bar-reason", max_chars=100)
            if st.form_submit_button("登记", type="primary"):
                _bar(wiring, text, reason)
        with st.form("unbar", clear_on_submit=True):
            phone = st.text_input("解除号码", key="unbar-phone", max_chars=30)
            if st.form_submit_button("解除") and phone.strip():
                gone = store.unbar(phone_number(phone) or phone.strip())
                (st.success if gone else st.error)("已解除。" if gone else "名单里没有这个号码。")
    with right:
        barred = store.barred()
        st.caption(f"共 {len(barred)} 个号码；任何任务都不会拨打。")
        full = in_full(
            wiring, "full-barred", None, Subject.CAMPAIGN, "do-not-call", help="会记入查看记录。"
        )
        rows = [
            {"号码": p if full else masked_phone(p), "原因": why, "登记时间": minute(at)}
            for p, why, at in barred[: _SHOWN * 10]
        ]
        st.dataframe(rows, hide_index=True, width="stretch")


def _bar(wiring: Wiring, text: str, reason: str) -> None:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    bad = [line for line in lines if phone_number(line) is None]
    if bad or not lines:
        named = f"：{bad[0][:30]}" if bad else ""
        st.error(escape_markdown(f"不是电话号码{named}。每行写一个，如 13800000000。"))
        return
    numbers = [number for line in lines if (number := phone_number(line))]
    added = wiring.campaign_store.bar(numbers, reason.strip() or "登记", now())
    st.success(f"新登记 {added} 个号码。")
