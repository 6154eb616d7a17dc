"""`foreland news watchlists`: what programs watch for, and whether it reaches them."""

from __future__ import annotations

import typer

from news.watchlist import query_to_json
from ui.cli.context import ERR, OUT, wiring


def watchlists(context: typer.Context) -> None:
    """列出各密钥保存的检索及其推送状态。"""
    found = wiring(context).watchlist_store.all()
    for watchlist in found:
        state = f"已停推：{watchlist.disabled}" if watchlist.disabled else "正常"
        OUT.print(
            f"{watchlist.id}  {watchlist.name}  密钥 {watchlist.owner or '-'}"
            f"  {watchlist.url or '仅轮询'}  连续失败 {watchlist.failures}  {state}"
            f"  {query_to_json(watchlist.query)}",
            markup=False,
        )
    if not found:
        ERR.print("没有保存的检索；程序用 POST /v1/watchlists 保存。")
