"""`foreland graph merge|split|merges`: which entities are the same, and who said so."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from news.errors import NewsError
from news.transaction import transaction
from ui.cli.context import OUT, TABLES, print_json, wiring
from ui.cli.graph_parts import AsJson, find_one, opened

if TYPE_CHECKING:
    from news.fact import Entity
    from news.merge import EntityMerge
    from ui.wiring import Wiring

Why = Annotated[str, typer.Option(help="理由，例如：同一法人的两种写法")]
By = Annotated[str | None, typer.Option("--by", help="谁决定的；默认为当前系统用户")]


def merge(
    context: typer.Context,
    entity: Annotated[str, typer.Argument(help="并入者：实体编号、名称或代码")],
    into: Annotated[str, typer.Argument(help="保留者：今后以它为准")],
    why: Why,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """把两个实体并为一个；事实不改不删，可用 split 还原。"""
    from ui.wiring import now

    parts = opened(context)
    gone, kept = find_one(parts, entity), find_one(parts, into)
    store = parts.news_store
    with transaction(store.connection):
        made = store.facts.merges.merge(gone, kept, why=why, by=by or getpass.getuser(), at=now())
    if as_json:
        print_json(_dict(made))
    else:
        OUT.print(f"{made.entity} 已并入 {made.into}（{made.why}）。", markup=False)


def split(
    context: typer.Context,
    entity: Annotated[str, typer.Argument(help="当初并入的实体编号，见 graph merges")],
    why: Why,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """撤销一次合并，两个实体恢复原状；记录保留。"""
    from ui.wiring import now

    parts = opened(context)
    store = parts.news_store
    with transaction(store.connection):
        undone = store.facts.merges.split(
            _stored(parts, entity).id, why=why, by=by or getpass.getuser(), at=now()
        )
    if as_json:
        print_json(_dict(undone))
    else:
        OUT.print(f"{undone.entity} 已从 {undone.into} 拆出。", markup=False)


def merges(context: typer.Context, as_json: AsJson = False) -> None:
    """列出全部合并与拆分：谁、何时、为何。"""
    history = wiring(context).news_store.facts.merges.history()
    if as_json:
        print_json({"merges": [_dict(one) for one in history]})
        return
    table = Table(box=None, pad_edge=False)
    for column in ("并入者", "保留者", "理由", "由谁", "何时", "拆分"):
        table.add_column(column, overflow="fold")
    for one in history:
        undone = (
            f"{one.undone_by} {one.undone_at:%Y-%m-%d} {one.undone_why}" if one.undone_at else ""
        )
        table.add_row(one.entity, one.into, one.why, one.by, f"{one.at:%Y-%m-%d %H:%M}", undone)
    TABLES.print(table)


def _stored(parts: Wiring, text: str) -> Entity:
    """The entity itself, whatever it counts as now."""
    known = parts.news_store.facts.entity(text)
    if known:
        return known
    named = parts.news_store.facts.entities_named(text)
    merged = {m.entity for m in parts.news_store.facts.merges.history() if not m.undone_at}
    found = [entity for entity in named if entity.id in merged]
    if len(found) != 1:
        raise NewsError(
            f"{text!r} is no merged entity; give the id that `foreland graph merges` shows"
        )
    return found[0]


def _dict(merge: EntityMerge) -> dict[str, object]:
    return {
        "id": merge.id,
        "entity": merge.entity,
        "into": merge.into,
        "why": merge.why,
        "by": merge.by,
        "at": merge.at.isoformat(),
        "undone_at": merge.undone_at.isoformat() if merge.undone_at else None,
        "undone_by": merge.undone_by,
        "undone_why": merge.undone_why,
    }
