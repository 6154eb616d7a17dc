"""`foreland train events` and `train relations`: learn from labelled JSONL of one's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ui.cli.context import print_json
from ui.cli.evaluate_events import listed_names, read_events, read_relations
from ui.cli.evaluate_options import say_line

Files = Annotated[list[Path], typer.Argument(help="JSONL 训练数据，可多个")]
Out = Annotated[Path, typer.Option(help="写入模型的文件夹（新建，或覆盖以前训练的）")]
Row = TypeVar("Row")
_HELD_OUT = 5


def events(context: typer.Context, files: Files, out: Out) -> None:
    """训练事件模型（text, event_type, subject）。"""
    from news.event_model import EventModel
    from news.event_scores import evaluate_events
    from news.saved_model import check_target

    check_target(out)
    began = time.perf_counter()
    rows = _read(files, read_events)
    names = listed_names(context)
    train, held = _parted(rows, [row.text for row in rows])
    say_line(f"measuring on {len(held)} rows that are held out")
    scores = evaluate_events(train, held, names, say_line)
    size = EventModel.fit(rows, names, say_line).save(out)
    print_json(
        {
            "folder": str(out),
            "rows": len(rows),
            "type_accuracy": scores.type_accuracy,
            "subject_f1": scores.subject_f1,
            "held_out": scores.n,
            "bytes": size,
            "seconds": round(time.perf_counter() - began, 1),
        }
    )


def relations(files: Files, out: Out) -> None:
    """训练关系模型（head, tail, relation, text；unknown 为无关系）。"""
    from news.relation_model import RelationModel
    from news.relation_scores import evaluate_relations
    from news.saved_model import check_target

    check_target(out)
    began = time.perf_counter()
    rows = _read(files, read_relations)
    train, held = _parted(rows, [row.text for row in rows])
    say_line(f"measuring on {len(held)} rows that are held out")
    scores = evaluate_relations(train, held, say_line)
    size = RelationModel.fit(rows, say_line).save(out)
    print_json(
        {
            "folder": str(out),
            "rows": len(rows),
            "micro_f1": scores.micro_f1,
            "held_out": scores.n,
            "bytes": size,
            "seconds": round(time.perf_counter() - began, 1),
        }
    )


def _read(files: Sequence[Path], read: Callable[[Path], list[Row]]) -> list[Row]:
    """Rows of all files, each row once; how many were there before is said."""
    rows = [row for path in files for row in read(path)]
    distinct = list(dict.fromkeys(rows))
    if len(distinct) < len(rows):
        say_line(f"{len(rows) - len(distinct)} rows that repeat others left out")
    return distinct


def _parted(rows: Sequence[Row], texts: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """Four fifths to learn from and one fifth of the texts to measure on."""
    place = {text: i % _HELD_OUT for i, text in enumerate(dict.fromkeys(texts))}
    parts: tuple[list[Row], list[Row]] = ([], [])
    for row, text in zip(rows, texts, strict=True):
        parts[place[text] == _HELD_OUT - 1].append(row)
    return parts
