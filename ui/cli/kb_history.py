"""`foreland kb history|diff|rollback|expiring`: versions and dates."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Annotated

import typer

from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry
from assist.knowledge_diff import FieldChange, field_changes
from assist.store import Action, Change, KnowledgeStore
from ui.cli import kb_review
from ui.cli.context import OUT, wiring
from ui.wiring import now, today

EntryId = Annotated[str, typer.Argument(help="条目编号")]
ACTIONS = {Action.PUBLISHED: "发布", Action.WITHDRAWN: "下线", Action.ROLLED_BACK: "回滚"}


def history(context: typer.Context, entry_id: EntryId) -> None:
    """条目的每一次变动：时间、人、动作、版本。"""
    found = wiring(context).knowledge_store.history(entry_id)
    if not found:
        raise KnowledgeError(f"entry {entry_id!r} has no history; see foreland kb list")
    for change in found:
        OUT.print(line(change), markup=False)


def diff(
    context: typer.Context,
    entry_id: EntryId,
    first: Annotated[int, typer.Argument(help="较早的版本")],
    second: Annotated[int | None, typer.Argument(help="较晚的版本（默认在用版本）")] = None,
) -> None:
    """两个版本之间逐字段的差别。"""
    store = wiring(context).knowledge_store
    old = _version(store, entry_id, first)
    new = store.entry(entry_id) if second is None else _version(store, entry_id, second)
    if new is None:
        raise KnowledgeError(f"entry {entry_id!r} is not in use; give two versions to compare")
    OUT.print(f"{entry_id} 第 {old.version} 版 → 第 {new.version} 版", markup=False)
    print_changes(field_changes(old, new))


def rollback(
    context: typer.Context,
    entry_id: EntryId,
    to: Annotated[int, typer.Option(help="回到哪个版本的内容")],
    author: Annotated[str | None, typer.Option(help="操作人（默认当前用户名）")] = None,
) -> None:
    """以旧版本的内容发布一个新版本；已下线的条目随之恢复。"""
    parts = wiring(context)
    entry = parts.knowledge_store.roll_back(entry_id, to, author or getpass.getuser(), now())
    kb_review.warm(parts)
    OUT.print(f"{entry_id} 已回到第 {to} 版的内容，现为第 {entry.version} 版", markup=False)


def expiring(
    context: typer.Context,
    days: Annotated[int, typer.Option(help="今后多少天内失效", min=0, max=36_500)] = 30,
) -> None:
    """列出将要失效和已经过期的条目，先失效的在前。"""
    last = today() + timedelta(days=days)
    found = [e for e in wiring(context).knowledge_store.entries() if e.valid_until]
    due = sorted((e.valid_until, e.id, e) for e in found if e.valid_until and e.valid_until <= last)
    for until, _, entry in due:
        left = (until - today()).days
        state = "已过期" if left < 0 else f"还有 {left} 天"
        OUT.print(f"{until}  {state}  {entry.id}  {entry.question}", markup=False)
    OUT.print(f"{len(due)} 条", markup=False)


def line(change: Change) -> str:
    """A change as one line."""
    at = f"{change.at.astimezone():%Y-%m-%d %H:%M}"
    note = f"（{change.note}）" if change.note else ""
    version = change.entry.version
    return f"{at} {change.author} {ACTIONS[change.action]} 第{version}版{note}"


def print_changes(changes: Iterable[FieldChange]) -> None:
    """Field by field, what went and what came."""
    found = tuple(changes)
    if not found:
        OUT.print("  内容没有差别", markup=False)
    for change in found:
        OUT.print(f"  {change.label}：", markup=False)
        for text in change.lines:
            style = {"-": "red", "+": "green"}.get(text[0])
            OUT.print(f"    {text}", style=style, markup=False)


def _version(store: KnowledgeStore, entry_id: str, version: int) -> FaqEntry:
    entry = store.version(entry_id, version)
    if entry is None:
        raise KnowledgeError(
            f"entry {entry_id!r} has no version {version}; foreland kb history {entry_id} lists"
            " those that it has"
        )
    return entry


COMMANDS: tuple[Callable[..., None], ...] = (history, diff, rollback, expiring)
