"""What the commands of `foreland graph` share: finding entities, times, printing facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from news.errors import NewsError
from news.fact import PREDICATE_NAMES, Entity, Fact
from news.published import CHINA
from ui.cli.context import ERR, TABLES, wiring

if TYPE_CHECKING:
    from news.graph_view import When
    from ui.wiring import Wiring

AsOf = Annotated[str | None, typer.Option(help="当时为真：只看这一天成立的事实，如 2020-01-01")]
KnownAt = Annotated[
    str | None, typer.Option(help="当时已知：只看此刻（或当日终了）已记录的事实，如 2026-11-20")
]
AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出")]


def opened(context: typer.Context) -> Wiring:
    """The workspace with its base facts."""
    parts = wiring(context)
    parts.load_base_facts()
    return parts


def find_one(parts: Wiring, name: str) -> Entity:
    """The entity that a name means; tells of others of the same name. Raises NewsError."""
    found = parts.graph.find(name)
    if not found:
        raise NewsError(
            f"{name!r} is not in the graph; give a listed company's name or code, an industry's or"
            " a concept's name, or an entity's id"
        )
    if len(found) > 1:
        others = "、".join(f"{e.name}（{e.id}）" for e in found[1:])
        ERR.print(f"按 {found[0].id} 显示；同名的还有：{others}", style="dim", markup=False)
    return found[0]


def when(as_of: str | None, known_at: str | None) -> When:
    """Both times as typed; a day without time of `--known-at` is the end of it in China."""
    from news.graph_view import When

    return When(_day(as_of), _moment(known_at))


def fact_dict(fact: Fact, names: Mapping[str, str]) -> dict[str, object]:
    """A fact as JSON, with its evidence and both times."""
    from news.graph_words import name_of

    return {
        "id": fact.id,
        "subject": fact.subject,
        "predicate": str(fact.predicate),
        "object": fact.object,
        "subject_name": name_of(fact.subject, names),
        "object_name": name_of(fact.object, names),
        "qualifiers": dict(fact.qualifiers),
        "valid_from": fact.valid_from.isoformat() if fact.valid_from else None,
        "valid_to": fact.valid_to.isoformat() if fact.valid_to else None,
        "recorded_at": fact.recorded_at.isoformat(),
        "retracted_at": fact.retracted_at.isoformat() if fact.retracted_at else None,
        "confidence": fact.confidence,
        "status": str(fact.status),
        "evidence": fact.evidence,
    }


def print_facts(title: str, facts: Iterable[Fact], names: Mapping[str, str]) -> None:
    """Facts as a table, each with its source."""
    from news.graph_words import name_of

    table = Table(title=title, show_lines=False, box=None, pad_edge=False)
    for column in ("主体", "关系", "客体", "起始", "可信度", "来源"):
        table.add_column(column, overflow="fold")
    for fact in facts:
        table.add_row(
            name_of(fact.subject, names),
            PREDICATE_NAMES[fact.predicate],
            name_of(fact.object, names),
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
    return f"资讯 {article[:12]}…" + (f" 第 {span} 字" if span else "")


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NewsError(f"--as-of {text!r} is no date; write it as 2020-01-31") from error


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        if len(text) == len("2020-01-31"):
            day = date.fromisoformat(text) + timedelta(days=1)
            return datetime(day.year, day.month, day.day, tzinfo=CHINA)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise NewsError(
            f"--known-at {text!r} is no time; write it as 2026-11-20 or 2026-11-20T09:30+08:00"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
