"""`foreland up` and `foreland serve`: run the platform."""

from __future__ import annotations

import logging
import sys
import time
from typing import Annotated

import typer
import uvicorn

from assist.campaign_rules import china_day
from ui.cli.context import ERR, OUT, wiring
from ui.outbound import CALENDAR_AHEAD, calendar_gap
from ui.sample import load_sample
from ui.up import Supervisor, services
from ui.wiring import Wiring, now

_LOG = logging.getLogger(__name__)


def up(
    context: typer.Context,
    sample: Annotated[
        bool, typer.Option("--sample", help="首次启动时装入样例知识库和样例资讯")
    ] = False,
) -> None:
    """启动接口服务、坐席控制台和来源轮询（有启用的来源时），直到按 Ctrl-C。"""
    parts = wiring(context)
    began = time.monotonic()
    supervisor = Supervisor(parts.settings, parts.settings.folder / "services.log")
    key = _prepare(parts, sample=sample)
    try:
        polls = any(feed.enabled for feed in parts.feeds)
        supervisor.start(services(parts.settings, polls=polls))
        if not supervisor.stopping:
            _welcome(parts, key, time.monotonic() - began)
        status = supervisor.watch()
    finally:
        supervisor.stop()
    ERR.print("已停止，数据保留在 " + str(parts.settings.folder), markup=False)
    sys.exit(status)


def serve(context: typer.Context) -> None:
    """只启动接口服务。"""
    from ui.api.app import create_app

    parts = wiring(context)
    uvicorn.run(
        create_app(parts),
        host=parts.settings.host,
        port=parts.settings.api_port,
        log_level=parts.settings.log_level.lower(),
        # Addresses carry what customers search for: the access log would keep it.
        access_log=False,
        server_header=False,
        # Streams of events never end by themselves in time: their clients come again.
        timeout_graceful_shutdown=3,
    )


def _prepare(parts: Wiring, *, sample: bool) -> str | None:
    """Load what is missing; return a key if this workspace had none."""
    from ui.keys import create_key, list_keys

    gap = calendar_gap(parts.trading_days, china_day(now()) + CALENDAR_AHEAD)
    if gap:
        ERR.print(gap, style="yellow", markup=False)
        _LOG.warning("the trading calendar ends on %s", parts.trading_days.last)
    with ERR.status("准备工作区……"):
        if sample:
            load_sample(parts, say=lambda line: ERR.print(f"  {line}", markup=False))
        else:
            parts.load_base_facts()
        if parts.settings.api_key_required and not list_keys(parts.key_store):
            return create_key(parts.key_store, "first")
    return None


def _welcome(parts: Wiring, key: str | None, seconds: float) -> None:
    settings = parts.settings
    api = f"http://{settings.host}:{settings.api_port}"
    lines = [
        f"Foreland 已启动（{seconds:.1f} 秒），工作区 {settings.workspace}",
        f"  坐席控制台  http://{settings.host}:{settings.console_port}",
        f"  接口与文档  {api}/docs",
    ]
    if key:
        lines.append(f"  接口密钥    {key}   （只显示这一次；foreland key create 可再建）")
    lines += [
        "试一试（另开一个终端，先 source .venv/bin/activate）：",
        '  foreland ask "创业板怎么开通"',
        '  foreland ask "宁德时代属于哪个行业，上游有哪些"',
        f"  curl -H 'X-API-Key: {key or '<密钥>'}' '{api}/v1/news/search?entity=300750'",
        "按 Ctrl-C 停止。",
    ]
    OUT.print("\n".join(lines), markup=False)
