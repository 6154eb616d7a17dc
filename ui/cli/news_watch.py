"""`foreland news watch` and `foreland news feeds …`: the sources and polling them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.table import Table

from news.errors import DataFileError
from news.feed_spec import Feed
from news.feed_store import FeedState
from news.feeds_file import feeds_schema, read_feeds
from news.fetch import http_client
from news.published import CHINA
from news.watch import Round
from ui.cli.context import ERR, OUT, TABLES, print_json, wiring

app = typer.Typer(help="来源：核查、列出、导出格式、立即轮询。", no_args_is_help=True)


def watch(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="到期的来源各轮询一次后退出")] = False,
) -> None:
    """按 feeds.yaml 昼夜轮询已启用的来源；Ctrl-C 或 SIGTERM 在存完手头一批后停止。"""
    parts = wiring(context)
    enabled = [feed for feed in parts.feeds if feed.enabled]
    if not enabled:
        raise DataFileError(
            f"{parts.settings.feeds}: no source is enabled; read its `terms`, then set"
            " `enabled: true` (your own copy goes to FORELAND_HOME/feeds.yaml)"
        )
    parts.load_base_facts()
    stop = threading.Event()
    with _stopped_by_signals(stop), http_client() as client:
        watching = parts.watch(client, stop)
        if once:
            _tell(watching.once())
            return
        ERR.print(f"轮询 {len(enabled)} 个来源，按 Ctrl-C 停止", markup=False)
        watching.run(stop.wait, _tell)


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM set `stop` instead of breaking off in the middle of a batch."""

    def asked(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {s: signal.signal(s, asked) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for wanted, handler in before.items():
            signal.signal(wanted, handler)


def _tell(done: Round) -> None:
    if not done.leads:
        ERR.print("本轮未轮询：另一个进程正在轮询这个工作区，或数据库暂不可写", style="dim")
    elif done.polled:
        OUT.print(
            f"轮询 {done.polled} 个来源（失败 {done.failed}）：新增 {done.stored}，"
            f"重复 {done.duplicates}，更新 {done.updated}，未入库 {done.dead}",
            markup=False,
        )


@app.command()
def check(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="来源文件（默认当前使用的 feeds.yaml）", exists=True)
    ] = None,
) -> None:
    """核查来源文件的格式；有错误时逐条列出并以退出码 1 结束。"""
    path = file or wiring(context).settings.feeds
    feeds = read_feeds(path)
    for feed in feeds:
        if feed.enabled and not feed.verified:
            ERR.print(
                f"{feed.id}: 已启用但未验证（verified: false），请核对首轮结果", style="yellow"
            )
    on = sum(feed.enabled for feed in feeds)
    OUT.print(f"{path}: {len(feeds)} 个来源，启用 {on} 个", markup=False)


@app.command("list")
def listed(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """列出来源及其轮询情况：上次成功、连续失败、下次轮询、累计新增。"""
    parts = wiring(context)
    states = parts.feed_store.states()
    found = [(feed, states.get(feed.id) or FeedState(feed.id)) for feed in parts.feeds]
    if as_json:
        print_json({"feeds": [_body(feed, state) for feed, state in found]})
        return
    table = Table("来源", "名称", "类别", "可信级", "启用", "上次成功", "失败", "下次", "新增")
    for feed, state in found:
        table.add_row(
            feed.id,
            feed.title,
            str(feed.kind),
            str(feed.tier),
            "是" if feed.enabled else "否",
            f"{state.succeeded_at.astimezone(CHINA):%m-%d %H:%M}" if state.succeeded_at else "—",
            str(state.failures or "—"),
            f"{state.due_at.astimezone(CHINA):%m-%d %H:%M}" if state.due_at else "—",
            str(state.stored),
        )
    TABLES.print(table)
    for feed, state in found:
        if state.error:
            ERR.print(f"{feed.id}: {state.error}", style="yellow", markup=False)


@app.command()
def due(
    context: typer.Context,
    feed_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="来源编号")],
) -> None:
    """让来源立即到期（跳过退避），下一轮就轮询。"""
    parts = wiring(context)
    known = {feed.id for feed in parts.feeds}
    wrong = next((feed_id for feed_id in feed_ids if feed_id not in known), None)
    if wrong is not None:
        raise DataFileError(
            f"source {wrong!r} is unknown; `foreland news feeds list` shows their ids"
        )
    parts.feed_store.poll_now(feed_ids)
    OUT.print(f"{len(feed_ids)} 个来源将在下一轮轮询")


@app.command()
def schema(
    out: Annotated[Path | None, typer.Option(help="写入文件；不给则输出到屏幕")] = None,
) -> None:
    """来源文件的 JSON Schema（2020-12），供编辑器提示和校验。"""
    if out is None:
        typer.echo(feeds_schema(), nl=False)
    else:
        out.write_text(feeds_schema(), encoding="utf-8")
        ERR.print(f"已写入 {out}", markup=False)


def _body(feed: Feed, state: FeedState) -> dict[str, object]:
    return {
        "id": feed.id,
        "title": feed.title,
        "kind": str(feed.kind),
        "tier": str(feed.tier),
        "enabled": feed.enabled,
        "verified": feed.verified,
        "succeeded_at": state.succeeded_at.isoformat() if state.succeeded_at else None,
        "due_at": state.due_at.isoformat() if state.due_at else None,
        "failures": state.failures,
        "error": state.error,
        "stored": state.stored,
    }
