"""`foreland kb check`: what is wrong in a folder, a file or the published knowledge base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from assist.knowledge import KnowledgeBase
from assist.knowledge_check import Fault, Finding, check_base
from assist.knowledge_file import Problem, Severity, load
from ui.cli.context import ERR, OUT, TABLES, print_json, wiring
from ui.wiring import today

FAULTS = {
    Fault.SHARED_QUESTION: "问法重复",
    Fault.OPPOSITE_QUESTION: "问法相反",
    Fault.UNREACHED: "难以命中",
    Fault.EXPIRED: "已过期",
    Fault.SAME_ANSWER: "答案相同",
    Fault.NO_SIMILAR: "没有相似问",
    Fault.NEARER_TO_ANOTHER: "更像别的条目",
    Fault.EXPIRING: "即将失效",
    Fault.UPCOMING: "未生效",
}
_SEVERITIES = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.NOTICE: "提示"}
_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: ""}


def check(
    context: typer.Context,
    source: Annotated[
        Path | None, typer.Argument(help="文件夹或文件；不给则核查已发布的知识库")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象")] = False,
    limit: Annotated[int, typer.Option(help="表中最多列出多少行（0 为全部）", min=0)] = 60,
) -> None:
    """核查问法冲突、难以命中的条目、重复答案、有效期等，不写入任何内容；有错误时退出码为 1。"""
    parts = wiring(context)
    problems: tuple[Problem, ...] = ()
    if source is None:
        store = parts.knowledge_store
        base = KnowledgeBase(store.entries(), store.out_of_scope())
    else:
        loaded = load(source, parts.knowledge_store.entries() if source.is_file() else ())
        base, problems = loaded.base, loaded.problems
        for problem in problems:
            style = "red" if problem.severity is Severity.ERROR else "yellow"
            ERR.print(str(problem), style=style, markup=False)
    with Progress(console=ERR, transient=True) as bar:
        task = bar.add_task("逐个试问", total=None)
        found = check_base(
            base,
            parts.means.lexicons,
            today(),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(_as_json(base, problems, found))
    else:
        _print_table(found, limit)
    ERR.print(f"{len(base.entries)} 个条目可用", markup=False)
    severities = [p.severity for p in problems] + [finding.severity for finding in found]
    if Severity.ERROR in severities:
        raise typer.Exit(1)


def _as_json(
    base: KnowledgeBase, problems: Sequence[Problem], found: Sequence[Finding]
) -> dict[str, object]:
    return {
        "entries": len(base.entries),
        "questions": sum(len(entry.questions) for entry in base.entries),
        "problems": [asdict(problem) for problem in problems],
        "findings": [asdict(finding) for finding in found],
    }


def _print_table(found: Sequence[Finding], limit: int) -> None:
    shown = found[:limit] if limit else found
    if shown:
        grid = Table("程度", "问题", "条目", "问法", "另一条目", box=None, pad_edge=False)
        for item in shown:
            style = _STYLES[item.severity]
            cells = (_SEVERITIES[item.severity], FAULTS[item.fault], item.entry_id)
            grid.add_row(*cells, item.question or _detail(item), item.other_id, style=style)
        TABLES.print(grid, markup=False)
    counts = Counter((item.severity, item.fault) for item in found)
    for (severity, fault), count in counts.items():
        OUT.print(f"{_SEVERITIES[severity]} {FAULTS[fault]} {count}", markup=False)
    if len(shown) < len(found):
        OUT.print(f"以上列出 {len(shown)} / {len(found)} 行；--limit 0 列出全部", markup=False)
    if not found:
        OUT.print("没有发现问题", markup=False)


def _detail(item: Finding) -> str:
    if item.fault in (Fault.EXPIRED, Fault.EXPIRING, Fault.UPCOMING):
        return item.message
    return ""
