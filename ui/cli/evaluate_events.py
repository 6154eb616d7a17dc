"""`foreland eval relations` and `eval events`: train on labelled JSONL, measure on another."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from ui.cli.context import print_json
from ui.cli.evaluate_options import Limit, say_line
from ui.cli.labelled import read_jsonl

Train = Annotated[Path, typer.Option(help="训练数据")]
Test = Annotated[Path, typer.Option(help="测试数据")]


class RelationRow(BaseModel):
    """Two names in a text and what the first is to the second."""

    head: str
    tail: str
    relation: str
    text: str


def relations(train: Train, test: Test, limit: Limit = None) -> None:
    """实体关系（JSONL：head, tail, relation, text；unknown 为无关系）。"""
    from news.relation_model import RelationExample
    from news.relation_scores import evaluate_relations

    def read(path: Path, limit: int | None) -> list[RelationExample]:
        rows = read_jsonl(path, RelationRow, limit=limit, warn=say_line)
        return [RelationExample(r.head, r.tail, r.text, r.relation) for r in rows]

    print_json(asdict(evaluate_relations(read(train, None), read(test, limit), say_line)))
