"""`foreland eval …`: measure the parts on labelled data of one's own.

Each command prints one JSON object on standard output; progress and skipped rows go to standard
error.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.context import print_json, wiring
from ui.cli.evaluate_events import events, relations
from ui.cli.evaluate_link import link
from ui.cli.evaluate_news import entity_sentiment, sentiment, tags
from ui.cli.evaluate_options import EncoderOption, Limit, chosen_encoder, say_line
from ui.cli.labelled import GroupedRow, HeadlineRow, read_jsonl

app = typer.Typer(help="评测：用自己的标注数据衡量各部分。", no_args_is_help=True)
app.command()(link)
app.command()(events)
app.command()(relations)
app.command()(tags)
app.command()(sentiment)
app.command("entity-sentiment")(entity_sentiment)
Train = Annotated[Path, typer.Option(help="训练数据")]
Test = Annotated[Path, typer.Option(help="测试数据")]


@app.command()
def faq(
    context: typer.Context,
    kb: Annotated[Path, typer.Option(help="TSV：entry_id, question")],
    queries: Annotated[Path, typer.Option(help="TSV：text, entry_id")],
    encoder: EncoderOption = None,
    limit: Limit = None,
    lexicons: Annotated[
        bool, typer.Option("--lexicons", help="用上工作区的同义词和反义词表（证券业务）")
    ] = False,
) -> None:
    """FAQ 检索：问题找到了对的条目吗。"""
    from assist.evaluate import evaluate_faq
    from assist.matcher import Lexicons

    folder = wiring(context).settings.data / "lexicons"
    scores = evaluate_faq(
        kb,
        queries,
        encoder=chosen_encoder(encoder),
        lexicons=Lexicons.load(folder) if lexicons else Lexicons.empty(),
        limit=limit,
        say=say_line,
    )
    print_json(asdict(scores))


@app.command()
def similarity(
    pairs: Annotated[Path, typer.Argument(help="TSV：text_a, text_b, label")],
    encoder: EncoderOption = None,
    limit: Limit = None,
) -> None:
    """句子相似度：得分与标注的等级相关。"""
    from assist.evaluate import evaluate_similarity

    scores = evaluate_similarity(pairs, encoder=chosen_encoder(encoder), limit=limit, say=say_line)
    print_json(asdict(scores))


@app.command()
def intents(train: Train, test: Test, encoder: EncoderOption = None, limit: Limit = None) -> None:
    """意图识别：分对了多少，范围外的拒绝了多少（TSV：text, intent；oos 为范围外）。"""
    from assist.evaluate_intents import evaluate_intents

    scores = evaluate_intents(
        train, test, encoder=chosen_encoder(encoder), limit=limit, say=say_line
    )
    print_json(asdict(scores))


@app.command()
def search(
    docs: Annotated[Path, typer.Option(help="JSONL：headline, text")], limit: Limit = None
) -> None:
    """资讯检索：用标题找回正文。"""
    from news.evaluate import Document, evaluate_search

    rows = read_jsonl(docs, HeadlineRow, limit=limit, warn=say_line)
    print_json(asdict(evaluate_search([Document(row.headline, row.text) for row in rows])))


@app.command()
def dedupe(
    context: typer.Context,
    gold: Annotated[Path, typer.Argument(help="JSONL：id, text, group")],
    limit: Limit = None,
) -> None:
    """近似重复：找到的重复对与标注的比较。"""
    from news.duplicate_groups import evaluate_duplicates

    linker = wiring(context).linker
    rows = read_jsonl(gold, GroupedRow, limit=limit, warn=say_line)
    scores = evaluate_duplicates(
        [row.text for row in rows],
        [row.group for row in rows],
        lambda text: {mention.entity_id for mention in linker.link(text)},
    )
    print_json(asdict(scores))
