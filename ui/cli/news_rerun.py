"""`foreland news rerun`: analyse stored articles anew where a stage is another than it was."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from news.pipeline import Stage
from news.rerun import RerunSummary
from ui.cli.context import ERR, OUT, print_json, wiring


def rerun(
    context: typer.Context,
    start: Annotated[
        Stage | None, typer.Option("--from", help="所有文章都从这一步重做（默认只重做过时的）")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="只列出过时的文章数，不重做")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """重新分析已入库的文章：词表、模型或程序更新之后用；专题、事件与图谱一并重建。"""
    work = wiring(context).rerun
    stale = work.stale()
    if check:
        _show_stale({str(stage): count for stage, count in stale.items()}, as_json=as_json)
        return
    summary = work.run(start, progress=_progress)
    if as_json:
        print_json(asdict(summary))
    elif not summary.read and not stale:
        OUT.print("没有过时的文章。要全部重做：foreland news rerun --from normalise")
    else:
        OUT.print(f"重做 {summary.read} 条，{summary.changed} 条有变化；{summary.seconds:.1f} 秒")


def _show_stale(stale: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        print_json(stale)
        return
    for stage, count in stale.items():
        OUT.print(f"{count} 条从 {stage} 起过时")
    OUT.print("foreland news rerun 会重做它们" if stale else "没有过时的文章")


def _progress(summary: RerunSummary) -> None:
    ERR.print(f"已重做 {summary.read} 条", style="dim")
