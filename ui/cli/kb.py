"""`foreland kb …`: load, check and look at the knowledge base."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from assist.errors import KnowledgeError
from assist.knowledge_file import Loaded, Severity, load_folder
from ui.cli.context import ERR, OUT, wiring
from ui.cli.kb_calibrate import calibrate
from ui.wiring import now

app = typer.Typer(help="知识库：检查、发布、查看、下线条目。", no_args_is_help=True)
app.command()(calibrate)
Folder = Annotated[Path, typer.Argument(help="放有 YAML 条目文件的文件夹")]


@app.command()
def check(folder: Folder) -> None:
    """检查文件夹里的条目，不写入任何内容；有错误时退出码为 1。"""
    loaded = _read(folder)
    ERR.print(f"{len(loaded.entries)} 个条目可用", markup=False)
    if any(p.severity is Severity.ERROR for p in loaded.problems):
        raise typer.Exit(1)


@app.command()
def load(
    context: typer.Context,
    folder: Folder,
    author: Annotated[str | None, typer.Option(help="发布人（默认当前用户名）")] = None,
) -> None:
    """发布文件夹里的条目；内容有变的升一个版本，其余不动。"""
    loaded = _read(folder)
    if not loaded.entries:
        raise KnowledgeError(f"{folder}: no entry could be read; nothing was changed")
    parts = wiring(context)
    changed = parts.knowledge_store.publish(loaded.entries, author or getpass.getuser(), now())
    if loaded.out_of_scope:
        parts.knowledge_store.put_out_of_scope(loaded.out_of_scope)
    if loaded.messages:
        parts.knowledge_store.put_messages(loaded.messages)
    if changed:
        # Fitted once here, so that the running services do not each spend seconds on it.
        parts.live_assistant.refresh()
    OUT.print(f"读取 {len(loaded.entries)} 条，发布 {changed} 条新内容", markup=False)


@app.command("list")
def list_(
    context: typer.Context,
    category: Annotated[str | None, typer.Option(help="只列这一类")] = None,
) -> None:
    """列出在用条目。"""
    for entry in wiring(context).knowledge_store.entries():
        if category in (None, entry.category):
            OUT.print(
                f"{entry.id}  v{entry.version}  [{entry.category}] {entry.question}", markup=False
            )


@app.command()
def show(context: typer.Context, entry_id: Annotated[str, typer.Argument(help="条目编号")]) -> None:
    """显示一个条目和它的历史。"""
    store = wiring(context).knowledge_store
    entry = store.entry(entry_id)
    if entry is None:
        raise KnowledgeError(f"entry {entry_id!r} is not in use; see foreland kb list")
    OUT.print(f"{entry.question}（{entry.category}，第{entry.version}版）", markup=False)
    for similar in entry.similar:
        OUT.print(f"  相似问：{similar}", markup=False)
    OUT.print(entry.answer.rstrip(), markup=False)
    OUT.print(f"依据：{entry.source}；生效：{entry.valid_from}", markup=False)
    for change in store.history(entry_id):
        OUT.print(
            f"  {change.at.astimezone():%Y-%m-%d %H:%M} {change.author} {change.action}"
            f" 第{change.entry.version}版",
            markup=False,
        )


@app.command()
def withdraw(
    context: typer.Context,
    entry_id: Annotated[str, typer.Argument(help="条目编号")],
    author: Annotated[str | None, typer.Option(help="操作人（默认当前用户名）")] = None,
) -> None:
    """下线一个条目；历史保留，重新发布即恢复。"""
    store = wiring(context).knowledge_store
    if not store.withdraw(entry_id, author or getpass.getuser(), now()):
        raise KnowledgeError(f"entry {entry_id!r} is not in use; see foreland kb list")
    ERR.print(f"{entry_id} 已下线", markup=False)


def _read(folder: Path) -> Loaded:
    loaded = load_folder(folder)
    for problem in loaded.problems:
        style = "red" if problem.severity is Severity.ERROR else "yellow"
        ERR.print(str(problem), style=style, markup=False)
    return loaded
