"""`foreland graph path` and `affected`: how two hang together, who is affected by what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from news.errors import NewsError
from ui.cli.context import ERR, OUT, TABLES, print_json
from ui.cli.graph_parts import AsJson, AsOf, KnownAt, fact_dict, find_one, opened, when

if TYPE_CHECKING:
    from news.graph_affected import Affected, AffectedReport
    from news.graph_impact import ShockKind
    from news.graph_paths import GraphPath
    from ui.wiring import Wiring


def path(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="起点：名称、代码或实体编号")],
    target: Annotated[str, typer.Argument(help="终点")],
    best: Annotated[int, typer.Option(min=1, max=10, help="最多几条路径")] = 3,
    most: Annotated[int, typer.Option(min=1, max=4, help="一条路径最多几条边")] = 4,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    """说明两个实体如何关联：最强的几条路径，每条边一句话并带来源。"""
    from news.graph_paths import PathFinder

    parts = opened(context)
    one, other = find_one(parts, source), find_one(parts, target)
    finder = PathFinder(parts.news_store.facts, parts.impact_rules)
    found = finder.paths(one.id, other.id, best=best, most=most, when=when(as_of, known_at)) or ()
    if as_json:
        print_json({"source": one.id, "target": other.id, "paths": [_path(p) for p in found]})
        return
    if not found:
        OUT.print(f"{one.name} 与 {other.name} 之间没有 {most} 条边以内的关联。", markup=False)
    for number, found_path in enumerate(found, start=1):
        OUT.print(f"{number}. 强度 {found_path.strength:.4f}", markup=False)
        for step in found_path.steps:
            OUT.print(f"   {step.text}", markup=False)


def affected(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="公司、行业、概念、产品、资讯或事件")],
    shock: Annotated[
        str | None, typer.Option(help="发生了什么，如 涨价、price_rise、事故、accident")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="最多列出多少个")] = 30,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
    png: Annotated[Path | None, typer.Option(help="把图保存为 PNG（或 .svg）文件")] = None,
) -> None:
    """谁受影响：沿供应、持股、行业、竞争推演，逐级衰减，每一步都带来源；不构成投资建议。"""
    parts = opened(context)
    entity = find_one(parts, name)
    report = parts.affected_by.affected(
        entity.id, shock=_shock(parts, shock), when=when(as_of, known_at), limit=limit
    )
    if report is None:
        raise NewsError(f"{entity.id} has no facts yet; ingest news or check the data folder")
    if png is not None:
        from news.graph_affected_picture import draw_affected

        draw_affected(report, png)
        ERR.print(f"图已保存到 {png}", markup=False)
    if as_json:
        print_json(_report(report))
    elif png is None:
        _table(report)


def _shock(parts: Wiring, text: str | None) -> ShockKind | None:
    from news.graph_affected import shock_named

    if text is None:
        return None
    found = shock_named(text, parts.impact_rules)
    if found is None:
        known = "、".join(f"{s.name}（{s.kind}）" for s in parts.impact_rules.shocks.values())
        raise NewsError(f"--shock {text!r} is unknown; give one of {known}")
    return found


def _path(found: GraphPath) -> dict[str, object]:
    names = {entity.id: entity.name for entity in found.entities}
    return {
        "strength": found.strength,
        "explanation": found.explanation,
        "entities": [{"id": e.id, "name": e.name} for e in found.entities],
        "steps": [
            {"text": s.text, "strength": s.strength, "fact": fact_dict(s.fact, names)}
            for s in found.steps
        ],
    }


def _report(report: AffectedReport) -> dict[str, object]:
    from news.graph_affected import NO_ADVICE

    return {
        "source": {"id": report.source.id, "name": report.source.name},
        "shock": report.shock,
        "shock_name": report.shock_name,
        "note": NO_ADVICE,
        "affected": [_affected(one) for one in report.affected],
        "left_out": report.left_out,
    }


def _affected(one: Affected) -> dict[str, object]:
    return {
        "id": one.entity.id,
        "name": one.entity.name,
        "score": one.score,
        "sign": str(one.sign),
        "disputed": one.disputed,
        "reason": one.reason,
        "steps": [
            {
                "source": s.source,
                "target": s.target,
                "way": s.way,
                "text": s.text,
                "why": s.why,
                "sign": str(s.sign),
                "score": s.score,
                "fact": s.fact.id,
                "evidence": s.fact.evidence,
            }
            for s in one.path
        ],
    }


def _table(report: AffectedReport) -> None:
    from news.graph_affected import NO_ADVICE
    from news.graph_impact import SIGN_NAMES

    table = Table(title=f"{report.source.name}　{report.shock_name}", box=None, pad_edge=False)
    for column in ("实体", "强度", "方向", "理由与来源"):
        table.add_column(column, overflow="fold")
    for one in report.affected:
        table.add_row(one.entity.name, f"{one.score:.3f}", SIGN_NAMES[one.sign], one.reason)
    TABLES.print(table)
    more = f"另有 {report.left_out} 个更弱的未列出。" if report.left_out else ""
    ERR.print(f"{more}{NO_ADVICE}。", style="dim", markup=False)
