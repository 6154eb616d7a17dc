"""`foreland kb …`: load, export, list and show the knowledge base; its other commands beside it."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry, Validity
from assist.knowledge_diff import field_changes
from assist.knowledge_export import export as export_file
from assist.knowledge_file import Loaded, Problem, Severity
from assist.knowledge_file import load as load_file
from ui.cli import kb_check, kb_history, kb_review
from ui.cli.context import ERR, OUT, wiring
from ui.cli.kb_calibrate import calibrate
from ui.wiring import Wiring, now, today

app = typer.Typer(help="知识库：起草、审核、发布、核查、导入导出。", no_args_is_help=True)
Author = Annotated[str | None, typer.Option(help="操作人（默认当前用户名）")]
STATES = {Validity.UPCOMING: "未生效", Validity.VALID: "有效", Validity.EXPIRED: "已过期"}


@app.command()
def load(
    context: typer.Context,
    source: Annotated[
        Path, typer.Argument(help="文件夹，或 .yaml、.csv、.xlsx 文件（列名见 docs/knowledge.md）")
    ],
    author: Author = None,
    draft: Annotated[bool, typer.Option("--draft", help="存为草稿并提交审核，不直接发布")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只显示会有什么改动")] = False,
    force: Annotated[bool, typer.Option("--force", help="覆盖表格导出之后发布的新版本")] = False,
) -> None:
    """直接发布文件夹或文件里的条目；内容有变的升一个版本，其余不动，库里多出的条目保留。"""
    parts, name = wiring(context), author or getpass.getuser()
    loaded = read(source, parts.knowledge_store.entries())
    if not loaded.entries:
        raise KnowledgeError(f"{source}: no entry could be read; nothing was changed")
    entries = loaded.entries if force else tuple(_not_overtaken(parts, loaded.entries))
    if dry_run:
        _preview(parts, entries)
    elif draft:
        kb_review.submit_all(parts, entries, name)
    else:
        bases = {} if force else {entry.id: entry.version for entry in entries if entry.version}
        changed = parts.knowledge_store.publish(entries, name, now(), bases=bases)
        if loaded.out_of_scope:
            parts.knowledge_store.put_out_of_scope(loaded.out_of_scope)
        if loaded.messages:
            parts.knowledge_store.put_messages(loaded.messages)
        kb_review.warm(parts)
        OUT.print(f"读取 {len(loaded.entries)} 条，发布 {changed} 条新内容", markup=False)


@app.command()
def export(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(help="目标文件：.yaml、.csv 或 .xlsx")],
    category: Annotated[str | None, typer.Option(help="只导出这一类")] = None,
    encoding: Annotated[
        str, typer.Option(help="CSV 的编码：utf-8-sig，或旧软件用的 gb18030")
    ] = "utf-8-sig",
) -> None:
    """导出在用条目；改好后可用 kb load 或 kb draft 读回。"""
    store = wiring(context).knowledge_store
    entries = [e for e in store.entries() if category in (None, e.category)]
    export_file(out, entries, store.out_of_scope(), encoding=encoding)
    ERR.print(f"{out}：{len(entries)} 条", markup=False)


@app.command("list")
def list_(
    context: typer.Context,
    category: Annotated[str | None, typer.Option(help="只列这一类")] = None,
) -> None:
    """列出在用条目；未生效和已过期的有标记，不用于回答。"""
    for entry in wiring(context).knowledge_store.entries():
        if category in (None, entry.category):
            state = entry.validity(today())
            mark = "" if state is Validity.VALID else f"（{STATES[state]}）"
            OUT.print(
                f"{entry.id}  v{entry.version}  [{entry.category}] {entry.question}{mark}",
                markup=False,
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
    until = f"；失效：{entry.valid_until}" if entry.valid_until else ""
    state = STATES[entry.validity(today())]
    OUT.print(f"依据：{entry.source}；生效：{entry.valid_from}{until}（{state}）", markup=False)
    for change in store.history(entry_id):
        OUT.print(f"  {kb_history.line(change)}", markup=False)


@app.command()
def withdraw(
    context: typer.Context,
    entry_id: Annotated[str, typer.Argument(help="条目编号")],
    author: Author = None,
) -> None:
    """下线一个条目；历史保留，用 kb rollback 或重新发布即恢复。"""
    parts = wiring(context)
    if not parts.knowledge_store.withdraw(entry_id, author or getpass.getuser(), now()):
        raise KnowledgeError(f"entry {entry_id!r} is not in use; see foreland kb list")
    ERR.print(f"{entry_id} 已下线", markup=False)


def read(source: Path, published: tuple[FaqEntry, ...]) -> Loaded:
    """Read a folder or a file and tell its problems."""
    loaded = load_file(source, published)
    for problem in loaded.problems:
        tell(problem)
    return loaded


def tell(problem: Problem) -> None:
    """One line on standard error."""
    style = "red" if problem.severity is Severity.ERROR else "yellow"
    ERR.print(str(problem), style=style, markup=False)


def _not_overtaken(parts: Wiring, entries: tuple[FaqEntry, ...]) -> list[FaqEntry]:
    """Entries that no newer version stands against; the others are told."""
    kept = []
    for entry in entries:
        live = parts.knowledge_store.entry(entry.id)
        version = live.version if live else 0
        if entry.version and entry.version != version:
            ERR.print(
                f"{entry.id}: the file was made from version {entry.version}, version {version} is"
                " published now; not loaded. Export again and repeat the change, or use --force",
                style="red",
                markup=False,
            )
        else:
            kept.append(entry)
    return kept


def _preview(parts: Wiring, entries: tuple[FaqEntry, ...]) -> None:
    changed = 0
    for entry in entries:
        live = parts.knowledge_store.entry(entry.id)
        changes = field_changes(live, entry)
        if not changes:
            continue
        changed += 1
        OUT.print(
            f"{entry.id}（{'新条目' if live is None else f'第 {live.version} 版'}）", markup=False
        )
        kb_history.print_changes(changes)
    OUT.print(f"读取 {len(entries)} 条，其中 {changed} 条有改动；未写入任何内容", markup=False)


_COMMANDS: tuple[Callable[..., None], ...] = (
    *(kb_check.check, calibrate),
    *kb_review.COMMANDS,
    *kb_history.COMMANDS,
)
for _command in _COMMANDS:
    app.command()(_command)
