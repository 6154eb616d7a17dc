"""`foreland train tags`, `train sentiment` and `train entity-sentiment`, from labelled JSONL."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.context import print_json
from ui.cli.evaluate_news import negative_rows, tone_rows
from ui.cli.evaluate_options import say_line
from ui.cli.labelled import EntityToneRow, NegativeNewsRow, TaggedRow, read_examples

Files = Annotated[list[Path], typer.Argument(help="JSONL 训练数据，可多个")]
Out = Annotated[Path, typer.Option(help="写入模型的文件夹（新建，或覆盖以前训练的）")]


def tags(files: Files, out: Out) -> None:
    """训练标签模型（text, tags）；设置 tags_model。"""
    from news.classify import TextClassifier
    from news.saved_model import check_target

    check_target(out)
    began = time.perf_counter()
    rows = read_examples(
        files, TaggedRow, lambda row: row.text, lambda row: frozenset(row.tags), say_line
    )
    say_line(f"learning from {len(rows)} texts")
    model = TextClassifier.fit([row.text for row in rows], [row.tags for row in rows])
    expected = {"micro_f1": model.expected, "labels": len(model.labels)}
    _tell(out, len(rows), expected, model.save(out), began)


def sentiment(files: Files, out: Out) -> None:
    """训练负面资讯模型（title, text, entities, negative, subjects）；设置 sentiment_model。"""
    from news.learned_sentiment import NegativeNewsModel
    from news.saved_model import check_target

    check_target(out)
    began = time.perf_counter()
    rows = read_examples(
        files,
        NegativeNewsRow,
        lambda row: (row.title, row.text),
        lambda row: (row.negative, frozenset(row.subjects)),
        say_line,
    )
    say_line(f"learning from {len(rows)} texts")
    model = NegativeNewsModel.fit(negative_rows(rows))
    expected = asdict(model.expected) if model.expected else {}
    _tell(out, len(rows), expected, model.save(out), began)


def entity_sentiment(files: Files, out: Out) -> None:
    """训练实体情感模型（text, entity, sentiment）；设置 entity_sentiment_model。"""
    from news.learned_tone import EntityToneModel
    from news.saved_model import check_target

    check_target(out)
    began = time.perf_counter()
    rows = read_examples(
        files,
        EntityToneRow,
        lambda row: (row.text, row.entity),
        lambda row: row.sentiment,
        say_line,
    )
    say_line(f"learning from {len(rows)} entities of texts")
    model = EntityToneModel.fit(tone_rows(rows))
    expected = asdict(model.expected) if model.expected else {}
    _tell(out, len(rows), expected, model.save(out), began)


def _tell(
    out: Path, rows: int, expected: Mapping[str, float | None], size: int, began: float
) -> None:
    """One JSON object: `cross_validated` are figures on rows that the models had not seen."""
    figures = {name: value for name, value in expected.items() if name != "n"}
    print_json(
        {
            "folder": str(out),
            "rows": rows,
            "cross_validated": figures,
            "bytes": size,
            "seconds": round(time.perf_counter() - began, 1),
        }
    )
