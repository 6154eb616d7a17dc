"""`foreland train …`: learn parts of the assistant from data of one's own.

The command prints one JSON object on standard output; progress and skipped rows go to standard
error.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from assist.errors import KnowledgeError
from assist.training_pairs import PairSet, pairs_of_base, read_pairs
from ui.cli.context import ERR, print_json
from ui.cli.train_events import events, relations
from ui.cli.train_news import entity_sentiment, sentiment, tags

app = typer.Typer(help="训练：用自己的数据训练各种模型。", no_args_is_help=True)
app.command()(events)
app.command()(relations)
app.command()(tags)
app.command()(sentiment)
app.command("entity-sentiment")(entity_sentiment)


@app.command()
def encoder(
    out: Annotated[Path, typer.Option(help="写入模型的文件夹（新建，或覆盖以前训练的）")],
    pairs: Annotated[
        list[Path] | None,
        typer.Argument(help="TSV：text_a, text_b, label（0/1 或程度，如 0 到 5），可多个"),
    ] = None,
    kb: Annotated[Path | None, typer.Option(help="知识库文件夹：同一条目的相似问互为同义")] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机种子，相同则结果相同")] = 0,
    dimensions: Annotated[int, typer.Option(min=16, max=1024, help="向量维数")] = 384,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="训练轮数")] = 2,
) -> None:
    """训练小型句向量模型：几分钟，不用显卡；训练好的文件夹用在 --encoder 和设置 encoder 里。"""
    from assist.compact_file import check_target

    if not pairs and kb is None:
        raise KnowledgeError(
            "nothing to learn from: give files of pairs (text_a, text_b, label) or --kb FOLDER"
        )
    check_target(out)
    began = time.perf_counter()
    sets = [read_pairs(path, say=_say) for path in pairs or ()]
    if kb is not None:
        sets.append(_of_base(kb, seed))
    # torch takes a second to import: mistakes in the arguments and files are told before.
    from assist.compact_training import TrainingSettings, train_encoder

    settings = TrainingSettings(dimensions=dimensions, rounds=rounds)
    trained = train_encoder(sets, seed=seed, settings=settings, say=_say)
    counts = {"pairs": sum(len(s.pairs) for s in sets), "alike": sum(s.alike().sum() for s in sets)}
    made = {
        "sources": ", ".join(s.name for s in sets),
        "pairs": counts["pairs"],
        "alike": int(counts["alike"]),
        "terms": trained.terms,
        "dimensions": trained.dimensions,
        "seed": seed,
    }
    size = trained.save(out, made)
    seconds = round(time.perf_counter() - began, 1)
    print_json({"folder": str(out), **made, "bytes": size, "seconds": seconds})


def _of_base(folder: Path, seed: int) -> PairSet:
    from assist.knowledge_file import load_folder

    loaded = load_folder(folder)
    for problem in loaded.problems:
        _say(str(problem))
    return pairs_of_base(loaded.entries, seed=seed)


def _say(line: str) -> None:
    ERR.print(line, style="dim", markup=False)
