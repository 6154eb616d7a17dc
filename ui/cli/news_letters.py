"""`foreland news dead|replay|withdraw`: what could not be taken in, and what is taken back."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from news.analyse import article_id
from news.article import DeadLetter
from news.errors import SourceError
from news.fetch import Fetcher, http_client
from news.ingest import Outcome
from ui.cli.context import ERR, OUT, print_json, wiring
from ui.wiring import Wiring

_ARTICLE_ID = re.compile(r"[0-9a-f]{32}")
_MOST = 10_000
_Stage = Annotated[str | None, typer.Option(help="只看这一环节，如 fetch、feed、analyse")]


def dead(
    context: typer.Context,
    stage: _Stage = None,
    limit: Annotated[int, typer.Option(help="条数")] = 50,
    settled: Annotated[bool, typer.Option("--settled", help="也列出已重放成功的")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出，含原始内容")] = False,
) -> None:
    """列出未能入库的内容：编号、出处、环节、原因。"""
    found = wiring(context).news_store.dead_letters.latest(limit, stage=stage, settled=settled)
    if as_json:
        print_json({"letters": [_body(letter) for letter in found]})
        return
    for letter in found:
        mark = "（已重放）" if letter.settled_at else ""
        OUT.print(
            f"{letter.id} {letter.origin}: {letter.stage}: {letter.error}{mark}", markup=False
        )


def replay(
    context: typer.Context,
    letter_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="编号或其开头")] = None,
    everything: Annotated[bool, typer.Option("--all", help="全部未入库的")] = False,
    stage: _Stage = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="允许抓取内网地址")
    ] = False,
) -> None:
    """重放未入库的内容：分析失败的用原文重做，抓取或读取失败的重新抓取。"""
    parts = wiring(context)
    letters = _chosen(parts, letter_id, stage, everything=everything)
    failed = 0
    with http_client() as client:
        fetcher = Fetcher(client, allow_private=allow_private)
        for letter in letters:
            done = parts.replayer.replay(letter, fetcher)
            failed += bool(done.problem)
            told = f"仍未入库：{done.problem}" if done.problem else _told(done.summary.read)
            OUT.print(f"{letter.id} {letter.origin}: {told}", markup=False)
    ERR.print(f"重放 {len(letters)} 条，仍未入库 {failed} 条", style="dim")
    if letters and failed == len(letters):
        raise typer.Exit(1)


def withdraw(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID|网址", help="资讯编号或网址")],
) -> None:
    """撤回一条资讯：保留并标记，不再被检索到，由它得出的事实一并撤回。"""
    known = article if _ARTICLE_ID.fullmatch(article) else article_id(article, "")
    if not known:
        raise SourceError(f"{article[:200]!r} is neither an id nor the address of an article")
    outcome = wiring(context).ingester.withdraw(known)
    OUT.print("已标记为撤回" if outcome is Outcome.UPDATED else "此前已标记为撤回")


def _chosen(
    parts: Wiring, letter_id: str | None, stage: str | None, *, everything: bool
) -> tuple[DeadLetter, ...]:
    letters = parts.news_store.dead_letters
    if sum((letter_id is not None, stage is not None, everything)) != 1:
        raise SourceError("give one of: an id, --stage STAGE, --all")
    if letter_id is None:
        return letters.latest(_MOST, stage=stage)
    found = letters.find(letter_id)
    if len(found) != 1:
        known = f"several begin so: {', '.join(x.id for x in found)}" if found else "none has it"
        raise SourceError(f"letter {letter_id!r}: {known}; `foreland news dead` lists them")
    return found


def _told(count: int) -> str:
    return "已入库" if count == 1 else f"已入库，来源共 {count} 条"


def _body(letter: DeadLetter) -> dict[str, object]:
    return {
        "id": letter.id,
        "origin": letter.origin,
        "stage": letter.stage,
        "error": letter.error,
        "times": letter.times,
        "seen_at": letter.seen_at.isoformat() if letter.seen_at else None,
        "settled_at": letter.settled_at.isoformat() if letter.settled_at else None,
        "payload": letter.payload,
    }
