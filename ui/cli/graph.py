"""`foreland graph …`: look at the knowledge graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from news.errors import NewsError
from ui.cli.context import ERR, OUT, TABLES, print_json, wiring
from ui.cli.graph_merge import merge, merges, split
from ui.cli.graph_parts import AsJson, AsOf, KnownAt, fact_dict, find_one, opened, print_facts, when
from ui.cli.graph_questions import affected, path

if TYPE_CHECKING:
    from news.graph import Neighbourhood

app = typer.Typer(help="知识图谱：事实与来源、路径、谁受影响、合并与拆分。", no_args_is_help=True)
for command in (path, affected, merge, split, merges):
    app.command()(command)

Name = Annotated[str, typer.Argument(help="公司、行业、概念的名称或代码，或实体编号")]
Hops = Annotated[int, typer.Option(min=1, max=2, help="跳数")]


@app.command()
def show(
    context: typer.Context,
    name: Name,
    hops: Hops = 2,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
    png: Annotated[Path | None, typer.Option(help="把图保存为 PNG（或 .svg）文件")] = None,
) -> None:
    """显示一个实体周围的事实，每条都带来源。"""
    around = _around(context, name, hops, as_of, known_at)
    if png is not None:
        # Matplotlib takes most of a second to import.
        from news.graph_picture import draw

        draw(around, png)
        ERR.print(f"图已保存到 {png}", markup=False)
    if as_json:
        print_json(as_dict(around))
    elif png is None:
        print_facts(around.center.name, around.facts, _names(around))


@app.command()
def facts(
    context: typer.Context,
    name: Name,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    limit: Annotated[int, typer.Option(min=1, help="最多多少条")] = 1_000,
    as_json: AsJson = False,
) -> None:
    """列出一个实体的全部事实，资讯提及在内。"""
    parts = opened(context)
    entity = find_one(parts, name)
    view = parts.graph.view(when(as_of, known_at))
    found = view.facts_of([entity.id], limit=limit)
    ends = [end for fact in found for end in (fact.subject, fact.object)]
    names = {e.id: e.name for e in view.entities(ends)}
    if as_json:
        told = {"id": entity.id, "name": entity.name}
        aliases = [{"id": e.id, "name": e.name} for e in view.merged(entity.id)]
        rows = [fact_dict(fact, names) for fact in found]
        print_json({"entity": told, "aliases": aliases, "facts": rows})
    else:
        print_facts(entity.name, found, names)


@app.command()
def central(
    context: typer.Context,
    name: Name,
    hops: Hops = 2,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    """一个实体周围谁最重要（PageRank），谁与谁成群（Louvain）。"""
    from news.graph_central import central as measured

    around = _around(context, name, hops, as_of, known_at)
    found = measured(around)
    if as_json:
        rows = [
            {"id": c.entity.id, "name": c.entity.name, "score": c.score, "community": c.community}
            for c in found
        ]
        print_json({"center": around.center.id, "entities": rows})
        return
    table = Table(title=around.center.name, box=None, pad_edge=False)
    for column in ("实体", "编号", "中心度", "群"):
        table.add_column(column)
    for c in found[:30]:
        table.add_row(c.entity.name, c.entity.id, f"{c.score:.4f}", str(c.community))
    TABLES.print(table)


@app.command()
def digest(context: typer.Context, as_json: AsJson = False) -> None:
    """打印图谱现状的摘要：事实、实体、合并都相同，摘要就相同。"""
    parts = wiring(context)
    value, count = parts.news_store.facts.digest(), parts.news_store.facts.count()
    if as_json:
        print_json({"digest": value, "facts": count})
    else:
        OUT.print(value, markup=False)


def as_dict(around: Neighbourhood) -> dict[str, object]:
    """A neighbourhood as JSON: center, entities, facts with evidence and both times."""
    names = _names(around)
    return {
        "center": {"id": around.center.id, "name": around.center.name},
        "entities": [{"id": e.id, "name": e.name, "kind": str(e.kind)} for e in around.entities],
        "facts": [fact_dict(fact, names) for fact in around.facts],
    }


def _names(around: Neighbourhood) -> dict[str, str]:
    return {entity.id: entity.name for entity in around.entities}


def _around(
    context: typer.Context, name: str, hops: int, as_of: str | None, known_at: str | None
) -> Neighbourhood:
    parts, times = opened(context), when(as_of, known_at)
    entity = find_one(parts, name)
    around = parts.graph.neighbourhood(
        entity.id, hops=hops, as_of=times.as_of, known_at=times.known_at
    )
    if around is None:
        raise NewsError(f"{entity.id} has no facts yet; ingest news or check the data folder")
    return around
