"""`foreland kb draft|submit|review|approve|reject|publish …`: from a wording to an answer."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from assist.draft import OPEN, Draft, DraftState
from assist.errors import AssistError, KnowledgeError, ReviewError
from assist.knowledge import FaqEntry
from assist.knowledge_diff import field_changes
from assist.knowledge_file import load
from assist.knowledge_form import entry_of
from ui.cli.context import ERR, OUT, wiring
from ui.wiring import Wiring, now

DraftName = Annotated[str, typer.Argument(help="草稿号（如 D12），或只有一份草稿的条目编号")]
Person = Annotated[str | None, typer.Option("--by", "--author", help="操作人（默认当前用户名）")]
STATES = {
    DraftState.DRAFT: "草稿",
    DraftState.SUBMITTED: "待审核",
    DraftState.APPROVED: "已通过",
    DraftState.REJECTED: "已退回",
    DraftState.PUBLISHED: "已发布",
    DraftState.DISCARDED: "已作废",
}


def draft(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help=".yaml、.csv、.xlsx 文件或文件夹")] = None,
    entry_id: Annotated[
        str | None, typer.Option("--id", help="条目编号；其余选项改它的内容")
    ] = None,
    question: Annotated[str | None, typer.Option(help="标准问")] = None,
    similar: Annotated[list[str] | None, typer.Option(help="相似问，可多次；替换原有的")] = None,
    add_similar: Annotated[list[str] | None, typer.Option(help="增加的相似问，可多次")] = None,
    answer: Annotated[str | None, typer.Option(help="答案")] = None,
    source: Annotated[str | None, typer.Option(help="依据")] = None,
    category: Annotated[str | None, typer.Option(help="类别")] = None,
    valid_from: Annotated[str | None, typer.Option(help="生效日期，如 2024-01-31")] = None,
    valid_until: Annotated[str | None, typer.Option(help="失效日期；none 为长期")] = None,
    risk_notice: Annotated[str | None, typer.Option(help="风险提示；none 为没有")] = None,
    by: Person = None,
) -> None:
    """写草稿：从文件读取，或用 --id 指明条目并给出改动。在用内容不变。"""
    parts, name = wiring(context), by or getpass.getuser()
    if (file is None) == (entry_id is None):
        raise KnowledgeError("give either a file or --id with what changes")
    if file is not None:
        loaded = load(file, parts.knowledge_store.entries())
        for problem in loaded.problems:
            ERR.print(str(problem), style="red", markup=False)
        _write_all(parts, loaded.entries, name)
        return
    given = {
        "question": question, "answer": answer, "source": source, "category": category,
        "valid_from": valid_from, "valid_until": valid_until, "risk_notice": risk_notice,
    }  # fmt: skip
    old = _latest(parts, entry_id or "", name)
    questions = similar if similar is not None else list(old.similar) if old else []
    entry = entry_of(entry_id or "", old, given, [*questions, *(add_similar or ())])
    _told(parts.draft_desk.write(entry, name, now()))


def submit(context: typer.Context, name: DraftName, by: Person = None) -> None:
    """提交审核。"""
    parts = wiring(context)
    _told(parts.draft_desk.submit(_number(parts, name), by or getpass.getuser(), now()))


def drafts(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="也列出已发布和已作废的")] = False,
) -> None:
    """列出草稿和它们的状态。"""
    for item in wiring(context).draft_desk.drafts(tuple(DraftState) if every else OPEN):
        OUT.print(_line(item), markup=False)


def review(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="只看这一份草稿")] = None,
) -> None:
    """列出待审核的草稿，以及与在用内容的差别。"""
    parts = wiring(context)
    desk = parts.draft_desk
    waiting = desk.drafts([DraftState.SUBMITTED])
    if name is not None:
        found = desk.find(_number(parts, name))
        waiting = (found,) if found else ()
    for item in waiting:
        _print_draft(parts, item)
    OUT.print(f"{len(waiting)} 份草稿待审核" if name is None else "", markup=False)


def approve(context: typer.Context, name: DraftName, by: Person = None) -> None:
    """通过一份草稿；不能通过自己写的（单人使用可设 four_eyes = false）。"""
    parts = wiring(context)
    _told(parts.draft_desk.approve(_number(parts, name), by or getpass.getuser(), now()))


def reject(
    context: typer.Context,
    name: DraftName,
    reason: Annotated[str, typer.Option(help="退回的理由，起草人会看到")],
    by: Person = None,
) -> None:
    """退回一份草稿。"""
    parts = wiring(context)
    _told(parts.draft_desk.reject(_number(parts, name), by or getpass.getuser(), now(), reason))


def rebase(context: typer.Context, name: DraftName, by: Person = None) -> None:
    """别人先发布了新版本时：以在用内容为底，保留草稿的文字，重新送审。"""
    parts = wiring(context)
    item = parts.draft_desk.rebase(_number(parts, name), by or getpass.getuser(), now())
    _print_draft(parts, item)


def discard(context: typer.Context, name: DraftName, by: Person = None) -> None:
    """作废一份草稿。"""
    parts = wiring(context)
    _told(parts.draft_desk.discard(_number(parts, name), by or getpass.getuser(), now()))


def publish(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="草稿号；不给则为全部已通过的")] = None,
    by: Person = None,
) -> None:
    """发布已通过的草稿；发布不了的说明原因，不影响其他草稿。"""
    parts, person = wiring(context), by or getpass.getuser()
    desk, done, failed = parts.draft_desk, 0, 0
    if names:
        wanted = [_number(parts, name) for name in names]
    else:
        wanted = [item.number for item in desk.drafts([DraftState.APPROVED])]
    for number in wanted:
        try:
            for item in desk.publish([number], person, now()):
                done += 1
                _told(item)
        except ReviewError as error:
            failed += 1
            ERR.print(str(error), style="red", markup=False)
    if done:
        warm(parts)
    OUT.print(f"发布 {done} 份" + (f"，{failed} 份未能发布" if failed else ""), markup=False)
    if failed:
        raise typer.Exit(1)


def submit_all(parts: Wiring, entries: Iterable[FaqEntry], name: str) -> None:
    """Make drafts of the entries that differ from what is published, and submit them."""
    for item in _write_all(parts, entries, name):
        _told(parts.draft_desk.submit(item.number, name, now()))


def warm(parts: Wiring) -> None:
    """Fit what is published now, so that the running services need not; a failure is no loss."""
    try:
        parts.live_assistant.refresh()
    except AssistError as error:
        ERR.print(
            f"published; fitting it failed and is left to the services: {error}", markup=False
        )


def _write_all(parts: Wiring, entries: Iterable[FaqEntry], name: str) -> list[Draft]:
    made = []
    for entry in entries:
        live = parts.knowledge_store.entry(entry.id)
        version = entry.version or (live.version if live else 0)
        if live is not None and not field_changes(live, entry):
            continue
        try:
            made.append(parts.draft_desk.write(replace(entry, version=version), name, now()))
        except ReviewError as error:
            ERR.print(str(error), style="red", markup=False)
            continue
        _told(made[-1])
    OUT.print(f"{len(made)} 份草稿", markup=False)
    return made


def _latest(parts: Wiring, entry_id: str, name: str) -> FaqEntry | None:
    """What a change starts from: the person's own open draft, else what is published."""
    mine = [d for d in parts.draft_desk.drafts(entry_id=entry_id) if d.author == name]
    return mine[-1].entry if mine else parts.knowledge_store.entry(entry_id)


def _number(parts: Wiring, name: str) -> int:
    """Number of a draft by its name or, where there is just one, by its entry."""
    if re.fullmatch(r"[Dd]\d+", name):
        return int(name[1:])
    found = parts.draft_desk.drafts(entry_id=name)
    if len(found) == 1:
        return found[0].number
    if not found:
        raise ReviewError(f"{name!r}: there is no open draft of it; foreland kb drafts lists them")
    names = ", ".join(f"{item.name} ({item.author})" for item in found)
    raise ReviewError(f"{name!r} has several drafts: {names}; name one of them")


def _print_draft(parts: Wiring, item: Draft) -> None:
    from ui.cli.kb_history import print_changes

    OUT.print(_line(item), style="bold", markup=False)
    live = parts.knowledge_store.entry(item.entry.id)
    if (live.version if live else 0) != item.entry.version:
        now_at = f"第 {live.version} 版" if live else "已下线"
        OUT.print(
            f"  注意：起草时为第 {item.entry.version} 版，在用的现为{now_at}；须先 kb rebase",
            style="yellow",
            markup=False,
        )
    print_changes(field_changes(live, item.entry))


def _line(item: Draft) -> str:
    base = f"基于第 {item.entry.version} 版" if item.entry.version else "新条目"
    comment = f"：{item.comment}" if item.comment else ""
    at = f"{item.at.astimezone():%Y-%m-%d %H:%M}"
    by = item.by if item.by == item.author else f"{item.by}（起草 {item.author}）"
    return (
        f"{item.name}  {STATES[item.state]}  {item.entry.id}  {item.entry.question}"
        f"  [{base}] {at} {by}{comment}"
    )


def _told(item: Draft) -> None:
    OUT.print(_line(item), markup=False)


COMMANDS: tuple[Callable[..., None], ...] = (
    *(draft, drafts, submit, review, approve),
    *(reject, rebase, discard, publish),
)
