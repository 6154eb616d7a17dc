"""`foreland news …`: take in articles, search them, see what was refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from news.article import DeadLetter
from news.errors import SourceError
from news.fetch import Fetcher, http_client
from news.ingest import IngestSummary
from news.read import read_sources
from news.search import SearchPage, SearchQuery
from ui.cli.context import ERR, OUT, print_json, wiring
from ui.cli.news_correct import correct, corrections
from ui.cli.news_letters import dead, replay, withdraw
from ui.cli.news_rerun import rerun
from ui.cli.news_watch import app as feeds
from ui.cli.news_watch import watch
from ui.cli.news_watchlists import watchlists

app = typer.Typer(help="资讯：采集、检索、查看未能入库的内容。", no_args_is_help=True)
app.command()(correct)
app.command()(corrections)
app.command()(rerun)
app.command()(watch)
app.command()(dead)
app.command()(replay)
app.command()(withdraw)
app.command()(watchlists)
app.add_typer(feeds, name="feeds")
_SHOWN = 20


@app.command()
def ingest(
    context: typer.Context,
    sources: Annotated[
        list[str], typer.Argument(help="文件、文件夹或网址：RSS、Atom、HTML、JSONL")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出汇总")] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="允许抓取内网地址")
    ] = False,
) -> None:
    """采集资讯：清洗、去重、打标签、识别情感与上市公司，写入知识图谱和检索索引。"""
    parts = wiring(context)
    parts.load_base_facts()
    dead: list[DeadLetter] = []
    with http_client() as client, _progress(quiet=as_json) as show:
        items = read_sources(sources, fetcher=Fetcher(client, allow_private=allow_private))
        summary = parts.ingester.ingest(items, progress=show, on_dead=dead.append)
    _report_dead(dead)
    if as_json:
        print_json(asdict(summary))
    else:
        _report(summary)
    if summary.read == summary.dead:
        raise SourceError("nothing could be read; see the lines above for the reason of each")


@app.command()
def search(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="检索词；空字符串按时间列出")] = "",
    entity: Annotated[str | None, typer.Option(help="公司代码或名称")] = None,
    tag: Annotated[str | None, typer.Option(help="标签")] = None,
    limit: Annotated[int, typer.Option(help="条数，1 到 100")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """检索资讯。"""
    page = wiring(context).news_search.search(
        SearchQuery(text=text, entities=(entity,) if entity else (), tag=tag, limit=limit)
    )
    if as_json:
        print_json(_page(page))
        return
    for hit in page.hits:
        article = hit.article
        OUT.print(
            f"[dim]{article.published_at.astimezone():%Y-%m-%d}[/] [bold]{article.headline}[/]"
            f" [dim]{article.source}[/]",
        )
        OUT.print(f"  {hit.snippet}", markup=False)
    ERR.print(f"[dim]共 {page.total} 条[/]" if page.total else "没有找到相关资讯")


@contextmanager
def _progress(*, quiet: bool) -> Iterator[_Show]:
    columns = (
        SpinnerColumn(),
        TextColumn("采集"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=True, disable=quiet) as progress:
        yield _Show(progress)


class _Show:
    """Shows a summary on a progress bar; the end is unknown while sources are still read."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None, counts="")

    def __call__(self, summary: IngestSummary) -> None:
        counts = f"新 {summary.stored} 重复 {summary.duplicates} 更新 {summary.updated}"
        self._progress.update(self._task, completed=summary.read, counts=counts)


def _report(summary: IngestSummary) -> None:
    rate = summary.read / summary.seconds if summary.seconds else 0.0
    OUT.print(
        f"读取 {summary.read} 条：新增 {summary.stored}，重复 {summary.duplicates}，"
        f"更新 {summary.updated}，未入库 {summary.dead}；"
        f"用时 {summary.seconds:.1f} 秒（每秒 {rate:.0f} 条）"
    )


def _report_dead(letters: list[DeadLetter]) -> None:
    for letter in letters[:_SHOWN]:
        ERR.print(f"未入库 {letter.origin}: {letter.error}", style="yellow", markup=False)
    if len(letters) > _SHOWN:
        ERR.print(f"……还有 {len(letters) - _SHOWN} 条，见 foreland news dead", style="yellow")


def _page(page: SearchPage) -> dict[str, object]:
    return {
        "total": page.total,
        "relaxed": page.relaxed,
        "next_cursor": page.next_cursor,
        "hits": [
            {
                "id": hit.article.id,
                "headline": hit.article.headline,
                "source": hit.article.source,
                "url": hit.article.url,
                "published_at": hit.article.published_at.isoformat(),
                "sentiment": str(hit.article.sentiment),
                "tags": [tag.name for tag in hit.article.tags],
                "score": hit.score,
                "snippet": hit.snippet,
            }
            for hit in page.hits
        ],
    }
