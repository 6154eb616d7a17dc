"""`foreland operator …`: who may log in to the console, and in which role."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ui.cli.context import ERR, OUT, wiring
from ui.operator_store import OperatorStore, Role
from ui.operators import (
    OperatorError,
    add_operator,
    change_password,
    change_role,
    remove_operator,
)

app = typer.Typer(help="操作员：添加、列出、改角色、改密码、删除。", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="姓名或工号；坐席的这个名字客户会看到")]
RoleOption = Annotated[Role, typer.Option("--role", help="坐席、主管、编辑、管理员")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="从标准输入读取密码（第一行），不询问")
]


@app.command()
def add(
    context: typer.Context, name: Name, role: RoleOption, password_stdin: FromStdin = False
) -> None:
    """添加操作员；有操作员之后，控制台需要登录。"""
    password = _password(password_stdin)
    with OperatorStore.opened(wiring(context).settings.database) as store:
        operator = add_operator(store, name, role, password)
    ERR.print(f"已添加 {operator.name}（{operator.role}）", markup=False)


@app.command("list")
def listed(context: typer.Context) -> None:
    """列出操作员。"""
    with OperatorStore.opened(wiring(context).settings.database) as store:
        for operator in store.all():
            OUT.print(
                f"{operator.name}  {operator.role}  {operator.created_at:%Y-%m-%d}", markup=False
            )


@app.command()
def remove(context: typer.Context, name: Name) -> None:
    """删除操作员，立即退出登录。"""
    with OperatorStore.opened(wiring(context).settings.database) as store:
        remove_operator(store, name)
        last = not store.all()
    ERR.print(f"已删除 {name}", markup=False)
    if last:
        ERR.print("已没有操作员：控制台不再需要登录（FORELAND_CONSOLE_LOGIN=required 除外）")


@app.command()
def role(context: typer.Context, name: Name, role: RoleOption) -> None:
    """改角色，立即生效。"""
    with OperatorStore.opened(wiring(context).settings.database) as store:
        operator = change_role(store, name, role)
    ERR.print(f"{operator.name} 现在是 {operator.role}", markup=False)


@app.command()
def password(context: typer.Context, name: Name, password_stdin: FromStdin = False) -> None:
    """改密码；已登录的窗口都要重新登录。"""
    new = _password(password_stdin)
    with OperatorStore.opened(wiring(context).settings.database) as store:
        operator = change_password(store, name, new)
    ERR.print(f"{operator.name} 的密码已更改", markup=False)


def _password(from_stdin: bool) -> str:
    """Asked twice without echo, or the first line of standard input."""
    if not from_stdin:
        return str(typer.prompt("密码", hide_input=True, confirmation_prompt="再输入一次"))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise OperatorError("no password on standard input; give it as the first line")
    return line
