"""`foreland campaign`: outbound campaigns from a list and a rules file to the table of results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from assist.call_result import CHINESE
from assist.campaign import Campaign, CampaignStatus
from assist.campaign_audit import audit, most_at_once
from assist.campaign_export import masked, result_table, results
from assist.campaign_file import CampaignFile, read_campaign
from assist.campaign_list import CallList, phone_number, read_list
from assist.campaign_outcome import needed_columns
from assist.campaign_rules import CallRules, Days, china_day, next_allowed
from assist.errors import AssistError
from assist.flow import Flow
from assist.table_file import write_table
from assist.trading_days import write_year
from news.published import CHINA
from ui.cli.context import ERR, OUT, TABLES, print_json, wiring
from ui.outbound import CALENDAR_AHEAD, calendar_gap, last_day, outbound_flow, rehearse
from ui.wiring import Wiring, now

app = typer.Typer(no_args_is_help=True, help="外呼任务：名单、规则、演练、结果。")
dnc = typer.Typer(no_args_is_help=True, help="免打扰名单。")
app.add_typer(dnc, name="dnc")
calendar = typer.Typer(no_args_is_help=True, help="交易日历。")
app.add_typer(calendar, name="calendar")

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,50}")
CampaignId = Annotated[str, typer.Argument(help="任务编号")]
Rules = Annotated[Path, typer.Option("--rules", "-r", help="规则文件（YAML）", exists=True)]
CustomerList = Annotated[Path, typer.Argument(help="名单（.csv 或 .xlsx）", exists=True)]
_STATUS = {
    CampaignStatus.DRAFT: "未开始",
    CampaignStatus.RUNNING: "进行中",
    CampaignStatus.PAUSED: "已暂停",
    CampaignStatus.CLOSED: "已结束",
}


@app.command()
def check(context: typer.Context, customers: CustomerList, rules: Rules) -> None:
    """核查名单和规则，不写入任何内容；有问题时退出码为 1。"""
    parts = wiring(context)
    file, _, found = _read(parts, customers, rules)
    _print_problems(found)
    barred = {phone for phone, _, _ in parts.campaign_store.barred()}
    on_list = sum(callee.phone in barred for callee in found.callees)
    first = next_allowed(file.rules, now(), parts.trading_days)
    ERR.print(
        f"{len(found.callees)} 位客户可外呼，{len(found.problems)} 处问题，"
        f"{on_list} 位在免打扰名单；"
        + (
            f"最早可拨打 {first.astimezone(CHINA):%Y-%m-%d %H:%M}"
            if first
            else "按规则没有可拨打的时间"
        ),
        markup=False,
    )
    _warn_of_calendar(parts, file.rules)
    if found.problems or first is None:
        raise typer.Exit(1)


@app.command()
def create(
    context: typer.Context,
    campaign_id: CampaignId,
    customers: CustomerList,
    rules: Rules,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="跳过有问题的行")] = False,
) -> None:
    """创建外呼任务；名单有问题时列出并停下，--skip-bad 则跳过这些行。"""
    if not _ID.fullmatch(campaign_id):
        raise AssistError(f"campaign id {campaign_id!r}: use a-z, 0-9 and -, at most 51 characters")
    parts = wiring(context)
    file, _, found = _read(parts, customers, rules)
    _print_problems(found)
    if found.problems and not skip_bad:
        raise AssistError(f"{customers}: {len(found.problems)} problems; mend them or --skip-bad")
    if not found.callees:
        raise AssistError(f"{customers}: holds no customer that can be called")
    campaign = Campaign(campaign_id, file.title, file.flow_id, file.rules)
    parts.campaign_store.create(campaign, found.callees, now())
    _warn_of_calendar(parts, file.rules)
    OUT.print(f"已创建 {campaign_id}：{len(found.callees)} 位客户", markup=False)


@app.command("run")
def run_campaign(
    context: typer.Context,
    campaign_id: CampaignId,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="用模拟客户演练，不真正拨打")
    ] = False,
    seed: Annotated[int, typer.Option(help="模拟客户的随机种子")] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="放弃上次的演练，重新开始")] = False,
) -> None:
    """运行外呼任务；演练的结果在 任务编号-rehearsal 下，中断后再运行会接着演练。"""
    parts = wiring(context)
    campaign = _campaign(parts, campaign_id)
    if not simulate:
        raise AssistError(
            "no telephone line is connected to this system yet; rehearse with --simulate"
        )
    _warn_of_calendar(parts, campaign.rules)
    total = parts.campaign_store.count(campaign.id).customers
    with Progress(console=ERR, transient=True) as bar:
        task = bar.add_task("演练", total=total)
        rehearsal = rehearse(
            parts, campaign, seed=seed, fresh=fresh,
            progress=lambda done: bar.update(task, completed=done),
        )  # fmt: skip
    _print_counts(parts, rehearsal)


@app.command("list")
def listed(context: typer.Context) -> None:
    """列出外呼任务。"""
    store = wiring(context).campaign_store
    grid = Table("编号", "名称", "流程", "状态", "客户", "已完成", "通话", box=None, pad_edge=False)
    for campaign in store.all():
        count = store.count(campaign.id)
        numbers = (str(count.customers), str(count.finished), str(count.calls))
        status = _STATUS[campaign.status]
        grid.add_row(campaign.id, campaign.title, campaign.flow_id, status, *numbers)
    TABLES.print(grid, markup=False)


@app.command("results")
def show_results(
    context: typer.Context,
    campaign_id: CampaignId,
    as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象")] = False,
) -> None:
    """各结果的客户数。"""
    parts = wiring(context)
    campaign = _campaign(parts, campaign_id)
    if as_json:
        count = parts.campaign_store.count(campaign.id)
        print_json(
            {
                "id": campaign.id,
                "status": campaign.status,
                "customers": count.customers,
                "finished": count.finished,
                "calls": count.calls,
                "codes": {str(code): number for code, number in count.codes},
            }
        )
    else:
        _print_counts(parts, campaign)


@app.command()
def export(
    context: typer.Context,
    campaign_id: CampaignId,
    file: Annotated[Path, typer.Argument(help="结果文件（.csv 或 .xlsx）")],
    full: Annotated[bool, typer.Option("--full", help="不脱敏：含电话、姓名和核身内容")] = False,
) -> None:
    """导出每位客户的结果、答复和原话；默认脱敏。"""
    parts = wiring(context)
    campaign = _campaign(parts, campaign_id)
    flow = outbound_flow(parts, campaign.flow_id)
    store = parts.campaign_store
    found = list(results(store.callees(campaign.id), store.calls(campaign.id)))
    shown = found if full else [masked(item, flow) for item in found]
    write_table(file, result_table(shown, flow), campaign.title)
    OUT.print(f"{file}：{len(found)} 位客户", markup=False)


@app.command("audit")
def audit_campaign(context: typer.Context, campaign_id: CampaignId) -> None:
    """事后核查：是否在禁止时段拨打、同时拨打同一客户、超出次数或并发；有违规时退出码为 1。"""
    parts = wiring(context)
    campaign = _campaign(parts, campaign_id)
    store = parts.campaign_store
    calls = store.calls(campaign.id)
    faults = audit(campaign, tuple(store.callees(campaign.id)), calls, parts.trading_days)
    for fault in faults:
        OUT.print(fault, style="red", markup=False)
    most = most_at_once(calls)
    ERR.print(f"{len(calls)} 次通话，最多 {most} 路并发，{len(faults)} 处违规", markup=False)
    if faults:
        raise typer.Exit(1)


@app.command()
def close(context: typer.Context, campaign_id: CampaignId) -> None:
    """结束外呼任务；未拨打的客户记为取消。"""
    parts = wiring(context)
    number = parts.campaign_store.cancel(_campaign(parts, campaign_id).id)
    OUT.print(f"{campaign_id} 已结束，{number} 位客户不再拨打", markup=False)


@dnc.command("add")
def add_barred(
    context: typer.Context,
    phones: Annotated[list[str], typer.Argument(help="电话号码")],
    reason: Annotated[str, typer.Option(help="原因")] = "登记",
) -> None:
    """登记免打扰。"""
    numbers = [(text, phone_number(text)) for text in phones]
    for text, number in numbers:
        if number is None:
            raise AssistError(f"{text[:30]!r} is no telephone number; write 13800000000")
    added = wiring(context).campaign_store.bar([n for _, n in numbers if n], reason, now())
    OUT.print(f"新登记 {added} 个号码", markup=False)


@dnc.command("remove")
def remove_barred(context: typer.Context, phone: str) -> None:
    """解除免打扰。"""
    if not wiring(context).campaign_store.unbar(phone_number(phone) or phone):
        raise AssistError(f"{phone[:30]!r} is not on the do-not-call list")
    OUT.print("已解除", markup=False)


@dnc.command("list")
def list_barred(context: typer.Context) -> None:
    """列出免打扰名单。"""
    for phone, reason, since in wiring(context).campaign_store.barred():
        OUT.print(f"{phone}  {since.astimezone(CHINA):%Y-%m-%d}  {reason}", markup=False)


@calendar.command("show")
def show_calendar(context: typer.Context) -> None:
    """交易日历到哪一天，今年和明年周一至周五的休市日。"""
    parts = wiring(context)
    days = parts.trading_days
    today = china_day(now())
    for year in (today.year, today.year + 1):
        known = days.last is not None and days.last.year >= year
        closed = "、".join(f"{day:%m-%d}" for day in days.closed_weekdays(year))
        OUT.print(f"{year}{'' if known else '（未公布，推定）'}  {closed}", markup=False)
    OUT.print(f"{parts.calendar_file} 到 {days.last}", markup=False)
    _warn(calendar_gap(days, today + CALENDAR_AHEAD))


@calendar.command("add")
def add_year(
    context: typer.Context,
    year: Annotated[int, typer.Argument(help="年份", min=2005, max=2999)],
    closed: Annotated[
        list[str], typer.Argument(help="休市日，如 2027-01-01 或 2027-02-05..2027-02-11")
    ],
) -> None:
    """按交易所公告写入一年的休市日；周六周日总是休市，不必列出。"""
    parts = wiring(context)
    days = write_year(parts.calendar_file, year, {day for text in closed for day in _span(text)})
    number = len(days.closed_weekdays(year))
    OUT.print(f"{year}：周一至周五休市 {number} 天，日历到 {days.last}", markup=False)
    ERR.print("正在运行的服务重启后生效", style="yellow", markup=False)


def _span(text: str) -> Iterator[date]:
    """The days from the first to the last of `2027-02-05..2027-02-11`, or the one day."""
    first, _, last = text.partition("..")
    try:
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError as error:
        raise AssistError(
            f"{text[:40]!r} is no day; write 2027-01-01 or 2027-02-05..2027-02-11"
        ) from error
    if not day <= end <= day + timedelta(days=30):
        raise AssistError(f"{text[:40]!r}: the last day must follow the first within 30 days")
    while day <= end:
        yield day
        day += timedelta(days=1)


def _warn_of_calendar(parts: Wiring, rules: CallRules) -> None:
    if rules.days is Days.TRADING:
        _warn(calendar_gap(parts.trading_days, last_day(rules, now())))


def _warn(message: str | None) -> None:
    if message:
        ERR.print(message, style="yellow", markup=False)


def _read(parts: Wiring, customers: Path, rules: Path) -> tuple[CampaignFile, Flow, CallList]:
    file = read_campaign(rules)
    flow = outbound_flow(parts, file.flow_id)
    if flow is None:
        known = ", ".join(f.id for f in parts.flows)
        raise AssistError(f"{rules}: there is no flow {file.flow_id!r}; known are {known}")
    needed = needed_columns(flow)
    return file, flow, read_list(customers, columns=dict(file.columns), needed=needed)


def _campaign(parts: Wiring, campaign_id: str) -> Campaign:
    found = parts.campaign_store.find(campaign_id)
    if found is None:
        raise AssistError(f"there is no campaign {campaign_id!r}; see foreland campaign list")
    return found


def _print_problems(found: CallList) -> None:
    for problem in found.problems:
        ERR.print(str(problem), style="red", markup=False)


def _print_counts(parts: Wiring, campaign: Campaign) -> None:
    count = parts.campaign_store.count(campaign.id)
    grid = Table("结果", "代码", "客户", box=None, pad_edge=False)
    for code, number in sorted(count.codes, key=lambda pair: -pair[1]):
        grid.add_row(CHINESE[code], code, str(number))
    TABLES.print(grid, markup=False)
    open_ = count.customers - count.finished
    OUT.print(
        f"{campaign.id}（{_STATUS[campaign.status]}）：{count.customers} 位客户，"
        f"{count.calls} 次通话，{open_} 位未完成",
        markup=False,
    )
