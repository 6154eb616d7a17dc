"""`foreland key …`: the keys that programs need to call the API."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.cli.context import ERR, OUT, wiring
from ui.keys import create_key, list_keys, revoke_key

app = typer.Typer(help="接口密钥：创建、列出、吊销。", no_args_is_help=True)


@app.command()
def create(
    context: typer.Context, name: Annotated[str, typer.Argument(help="给谁用，如 行情组")]
) -> None:
    """创建密钥；只显示这一次，库中只存哈希。"""
    OUT.print(create_key(wiring(context).key_store, name), markup=False)
    ERR.print("请现在保存：之后无法再次显示。", style="yellow")


@app.command("list")
def list_(context: typer.Context) -> None:
    """列出密钥（不含密钥本身）。"""
    for key in list_keys(wiring(context).key_store):
        state = f"已吊销 {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "有效"
        OUT.print(f"{key.id}  {key.name}  {key.created_at:%Y-%m-%d}  {state}", markup=False)


@app.command()
def revoke(
    context: typer.Context, key_id: Annotated[str, typer.Argument(help="密钥编号（见 list）")]
) -> None:
    """吊销密钥，立即生效。"""
    revoke_key(wiring(context).key_store, key_id)
    ERR.print(f"{key_id} 已吊销", markup=False)
