"""`foreland graph …`: look at the knowledge graph."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from news.errors import NewsError
from news.fact import PREDICATE_NAMES, Fact
from ui.cli.context import ERR, TABLES, print_json, wiring

if TYPE_CHECKING:
    from news.graph import Neighbourhood

app = typer.Typer(help="知识图谱：查看一家公司或一个行业的事实与来源。", no_args_is_help=True)


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="公司、行业、概念的名称或代码")],
    hops: Annotated[int, typer.Option(min=1, max=2, help="跳数")] = 2,
    as_of: Annotated[str | None, typer.Option(help="截至日期，如 2020-01-01")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
    png: Annotated[Path | None, typer.Option(help="把图保存为 PNG 文件")] = None,
) -> None:
    """显示一个实体周围的事实，每条都带来源。"""
    parts = wiring(context)
    parts.load_base_facts()
    found = parts.graph.find(name)
    if not found:
        raise NewsError(
            f"{name!r} is not in the graph; give a listed company's name or code, or an industry"
        )
    if len(found) > 1:
        others = "、".join(f"{e.name}（{e.id}）" for e in found[1:])
        ERR.print(f"按 {found[0].id} 显示；同名的还有：{others}", style="dim", markup=False)
    around = parts.graph.neighbourhood(found[0].id, hops=hops, as_of=_day(as_of))
    if around is None:
        raise NewsError(f"{found[0].id} has no facts yet")
    if png is not None:
        # Matplotlib takes most of a second to import.
        from news.graph_picture import draw

        draw(around, png)
        ERR.print(f"图已保存到 {png}", markup=False)
    if as_json:
        print_json(as_dict(around))
    elif png is None:
        _table(around)


def as_dict(around: Neighbourhood) -> dict[str, object]:
    """A neighbourhood as JSON: center, entities, facts with evidence and both times."""
    return {
        "center": {"id": around.center.id, "name": around.center.name},
        "entities": [{"id": e.id, "name": e.name, "kind": str(e.kind)} for e in around.entities],
        "facts": [_fact(around, fact) for fact in around.facts],
    }


def _fact(around: Neighbourhood, fact: Fact) -> dict[str, object]:
    return {
        "id": fact.id,
        "subject": fact.subject,
        "predicate": str(fact.predicate),
        "object": fact.object,
        "subject_name": around.name(fact.subject),
        "object_name": around.name(fact.object),
        "qualifiers": dict(fact.qualifiers),
        "valid_from": fact.valid_from.isoformat() if fact.valid_from else None,
        "valid_to": fact.valid_to.isoformat() if fact.valid_to else None,
        "recorded_at": fact.recorded_at.isoformat(),
        "confidence": fact.confidence,
        "status": str(fact.status),
        "evidence": fact.evidence,
    }


def _table(around: Neighbourhood) -> None:
    table = Table(title=around.center.name, show_lines=False, box=None, pad_edge=False)
    for column in ("主体", "关系", "客体", "起始", "可信度", "来源"):
        table.add_column(column, overflow="fold")
    for fact in around.facts:
        table.add_row(
            around.name(fact.subject),
            PREDICATE_NAMES[fact.predicate],
            around.name(fact.object),
            str(fact.valid_from or ""),
            f"{fact.confidence:.2f}",
            _source(fact),
        )
    TABLES.print(table)


def _source(fact: Fact) -> str:
    """Where the fact was read, short enough for a table (`--json` gives it in full)."""
    kind, _, place = fact.evidence.partition(":")
    if kind != "article":
        return fact.evidence
    article, _, span = place.partition("#")
    return f"资讯 {article[:12]}… 第 {span} 字"


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NewsError(f"--as-of {text!r} is no date; write it as 2020-01-31") from error
