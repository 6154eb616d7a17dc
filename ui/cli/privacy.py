"""`foreland privacy …`: delete a customer's data, keep conversations only so long, who saw what."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated

import typer

from assist.privacy import mask as mask_text
from news.published import CHINA
from ui.cli.context import ERR, wiring
from ui.keys import list_keys
from ui.privacy import erase_customer, forget_older
from ui.wiring import now

app = typer.Typer(help="隐私：按客户删除、到期清理、查看记录、文本脱敏。", no_args_is_help=True)


@app.command()
def erase(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help="客户号、手机号或会话编号")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再确认")] = False,
) -> None:
    """删除一位客户的会话与外呼名单信息，不可恢复；免打扰名单保留。"""
    if not yes:
        typer.confirm(
            f"删除 {mask_text(customer)} 的全部数据，不可恢复。继续？", abort=True, err=True
        )
    gone = erase_customer(wiring(context).settings.database, customer)
    ERR.print(f"已删除 {gone.conversations} 个会话、{gone.campaigns} 条外呼名单记录", markup=False)


@app.command()
def retention(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", min=1, max=36_500, help="会话保留的天数")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只统计，不删除")] = False,
) -> None:
    """删除超过期限没有新消息的会话；可每天定时运行。"""
    database = wiring(context).settings.database
    gone = forget_older(database, now() - timedelta(days=days), dry_run=dry_run)
    ERR.print(f"{'将删除' if dry_run else '已删除'} {gone} 个会话", markup=False)


@app.command()
def audit(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", min=1, max=36_500, help="最近多少天")] = 30,
    limit: Annotated[int, typer.Option("--limit", min=1, help="最多多少条")] = 1000,
) -> None:
    """列出谁在何时看过未脱敏的个人数据，最近的在前；以制表符分隔。"""
    parts = wiring(context)
    names = {key.id: key.name for key in list_keys(parts.key_store)}
    found = parts.audit_store.since(now() - timedelta(days=days), limit=limit)
    for one in found:
        at = one.at.astimezone(CHINA).isoformat(timespec="seconds")
        columns = (at, one.who, names.get(one.who, ""), one.subject, one.subject_id, one.part)
        typer.echo("\t".join(columns))
    if len(found) == limit:
        ERR.print(f"只列出最近 {limit} 条；用 --limit 看更多", markup=False)


@app.command()
def mask() -> None:
    """把标准输入中的证件号、手机号、卡号、账号、姓名打码后输出。"""
    for line in sys.stdin:
        typer.echo(mask_text(line), nl=False)
