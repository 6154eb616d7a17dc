"""`foreland key …`: the keys that programs need to call the API."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.cli.context import ERR, OUT, wiring
from ui.keys import change_key, create_key, list_keys, revoke_key
from ui.rate_limit import RateLimit
from ui.scope import Scope, parse_scopes
from ui.store import ApiKey

app = typer.Typer(help="接口密钥：创建、列出、改权限、吊销。", no_args_is_help=True)

_LIMIT = typer.Option("--limit", help="请求上限，如 600/minute；默认取设置 api_limit")
_KeyId = Annotated[str, typer.Argument(help="密钥编号（见 list）")]


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="给谁用，如 行情组")],
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help=f"权限，可多次给出：{'、'.join(Scope)}")
    ] = None,
    limit: Annotated[str | None, _LIMIT] = None,
) -> None:
    """创建密钥；只显示这一次，库中只存哈希。至少给一个 --scope。"""
    scopes = parse_scopes(scope or ())
    key = create_key(wiring(context).key_store, name, scopes=scopes, limit=_limit(limit))
    OUT.print(key, markup=False)
    ERR.print("请现在保存：之后无法再次显示。", style="yellow")


@app.command("list")
def list_(context: typer.Context) -> None:
    """列出密钥（不含密钥本身）及其权限。"""
    parts = wiring(context)
    for key in list_keys(parts.key_store):
        state = f"已吊销 {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "有效"
        OUT.print(
            f"{key.id}  {key.name}  {key.created_at:%Y-%m-%d}  {state}"
            f"  {key.limit or parts.settings.api_limit}  {_scopes(key)}",
            markup=False,
            soft_wrap=True,
        )


@app.command()
def change(
    context: typer.Context,
    key_id: _KeyId,
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="改为这些权限，可多次给出")
    ] = None,
    add: Annotated[list[str] | None, typer.Option("--add", help="增加权限，可多次给出")] = None,
    limit: Annotated[str | None, _LIMIT] = None,
) -> None:
    """改密钥的权限或请求上限，下一次请求起生效；密钥本身不变。"""
    store = wiring(context).key_store
    scopes = parse_scopes(scope) if scope else None
    key = change_key(store, key_id, scopes=scopes, limit=_limit(limit))
    if add:
        key = change_key(store, key_id, scopes=key.scopes | parse_scopes(add))
    ERR.print(f"{key.id} 现有权限：{_scopes(key)}", markup=False, soft_wrap=True)


@app.command()
def revoke(context: typer.Context, key_id: _KeyId) -> None:
    """吊销密钥，立即生效。"""
    revoke_key(wiring(context).key_store, key_id)
    ERR.print(f"{key_id} 已吊销", markup=False)


def _limit(text: str | None) -> RateLimit | None:
    return None if text is None else RateLimit.parse(text)


def _scopes(key: ApiKey) -> str:
    return " ".join(sorted(key.scopes)) or "无"
