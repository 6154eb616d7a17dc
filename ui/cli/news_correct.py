"""`foreland news correct` and `corrections`: editors say whom a name means."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from news.article import Article, Mention
from news.correct import correct_articles
from news.correction import Corrections, LinkCorrection
from news.correction_store import CorrectionStore
from news.errors import NewsError
from news.fact import EntityKind
from news.securities import SecuritiesMaster
from news.transaction import transaction
from ui.cli.context import ERR, OUT, print_json, wiring

if TYPE_CHECKING:
    from ui.wiring import Wiring

By = Annotated[str | None, typer.Option("--by", help="谁改的；默认为当前系统用户")]


def correct(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="资讯编号（foreland news search --json 给出）")],
    surface: Annotated[str, typer.Argument(help="文中的写法，如 机器人")],
    entity: Annotated[str | None, typer.Option(help="它指的公司：代码、名称或实体编号")] = None,
    nil: Annotated[bool, typer.Option("--nil", help="它不指任何实体")] = False,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="对所有资讯生效")] = False,
    within: Annotated[
        str | None, typer.Option("--within", help="只在这段文字之内生效，如 机器人产业")
    ] = None,
    by: By = None,
) -> None:
    """更正链接：编辑的判断优先于系统，重新采集、重新分析后仍然有效。"""
    if (entity is None) != nil:
        raise NewsError("say whom the name means: --entity CODE, or --nil for nobody, one of both")
    parts = wiring(context)
    found = parts.news_store.article(article)
    if found is None:
        raise NewsError(f"no article {article!r}; `foreland news search --json` shows the ids")
    if surface not in found.content or (within is not None and within not in found.content):
        raise NewsError(
            f"{within or surface!r} does not stand in article {article!r}; copy it from there"
        )
    meant = None if entity is None else entity_id(parts.master, entity)
    try:
        correction = LinkCorrection(
            surface, meant, article, by or getpass.getuser(), _now(), everywhere, within
        )
    except ValueError as error:
        raise NewsError(str(error)) from error
    store = CorrectionStore(parts.news_store.connection)
    with transaction(parts.news_store.connection):
        made = store.add(correction)
        changed = _relink(parts, store, made)
    parts.news_index.catch_up(parts.news_store)
    OUT.print(f"更正 {made.id}：{surface} → {meant or '无'}；已更新 {changed} 篇资讯", markup=False)


def corrections(
    context: typer.Context,
    undo: Annotated[int | None, typer.Option(help="撤销这一条更正")] = None,
    as_gold: Annotated[
        Path | None, typer.Option("--as-gold", help="存为 foreland eval link 的评测数据（JSONL）")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
    by: By = None,
) -> None:
    """列出、撤销更正，或导出为评测用例。"""
    parts = wiring(context)
    store = CorrectionStore(parts.news_store.connection)
    if undo is not None:
        with transaction(parts.news_store.connection):
            gone = store.undo(undo, by=by or getpass.getuser(), at=_now())
            changed = _relink(parts, store, gone)
        parts.news_index.catch_up(parts.news_store)
        OUT.print(f"已撤销更正 {undo}；已更新 {changed} 篇资讯", markup=False)
    if as_gold is not None:
        count = _write_gold(store, as_gold)
        ERR.print(f"{count} 处更正存入 {as_gold}", markup=False)
    if undo is not None or as_gold is not None:
        return
    if as_json:
        print_json([asdict(correction) for correction in store.all()])
        return
    for c in store.all():
        where = f"“{c.context}”" if c.context else ""
        scope = "所有资讯" if c.everywhere else c.article_id
        OUT.print(
            f"{c.id}\t{c.surface} → {c.entity_id or '无'}\t{scope}{where}\t{c.by}\t{c.at:%Y-%m-%d}",
            markup=False,
        )


def entity_id(master: SecuritiesMaster, entity: str) -> str:
    """Entity id of a code, a company's name or an id; raises NewsError that says what fits."""
    kind, _, key = entity.partition(":")
    if key and kind in set(EntityKind):
        return entity
    security = master.by_code(entity)
    if security is not None:
        return master.company_id(security)
    named = dict.fromkeys(master.company_id(s) for s in master.by_name(entity))
    if len(named) == 1:
        return next(iter(named))
    hint = f"it is the name of {', '.join(named)}: give one" if named else "give a code or an id"
    raise NewsError(f"entity {entity!r} is no listed company; {hint} (600519, company:600519)")


def _relink(parts: Wiring, store: CorrectionStore, correction: LinkCorrection) -> int:
    counting: Corrections = store.corrections()

    def relink(article: Article) -> tuple[Mention, ...]:
        return parts.article_linker.link(article.content, counting, article_id=article.id)

    return correct_articles(
        parts.news_store,
        store.articles_affected(correction),
        relink,
        at=_now(),
        relate=parts.analyser.relations,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _write_gold(store: CorrectionStore, path: Path) -> int:
    rows: dict[str, list[dict[str, object]]] = {}
    for spot in store.gold():
        code = (spot.entity_id or "NIL").removeprefix("company:")
        rows.setdefault(spot.text, []).append({"code": code, "start": spot.start, "end": spot.end})
    lines = (
        orjson.dumps({"text": text, "entities": spots, "complete": False})
        for text, spots in rows.items()
    )
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return sum(map(len, rows.values()))
