"""`foreland eval relations` and `eval events`: train on labelled JSONL, measure on another."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from news.ambiguity import NameRules
from news.event_model import EventExample
from news.name_candidates import written_forms
from news.relation_model import RelationExample
from news.securities import SecuritiesMaster
from ui.cli.context import print_json, wiring
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


class EventRow(BaseModel):
    """A text, the type of an event that it tells of, and to whom it happened."""

    text: str
    event_type: str
    subject: str | None = None


def read_events(path: Path, limit: int | None = None) -> list[EventExample]:
    """Labelled events of a JSONL file; raises DataFileError where no row is left."""
    rows = read_jsonl(path, EventRow, limit=limit, warn=say_line)
    return [EventExample(row.text, row.event_type, row.subject or None) for row in rows]


def read_relations(path: Path, limit: int | None = None) -> list[RelationExample]:
    """Labelled relations of a JSONL file; raises DataFileError where no row is left."""
    rows = read_jsonl(path, RelationRow, limit=limit, warn=say_line)
    return [RelationExample(row.head, row.tail, row.text, row.relation) for row in rows]


def listed_names(context: typer.Context) -> tuple[str, ...]:
    """Written forms of the names of listed companies, for telling where a name ends."""
    data = wiring(context).settings.data
    master = SecuritiesMaster.load(data / "securities.tsv")
    return tuple(written_forms(master, NameRules.load(data / "lexicons" / "ambiguous_names.yaml")))


def events(context: typer.Context, train: Train, test: Test, limit: Limit = None) -> None:
    """事件与主体（JSONL：text, event_type, subject；其他为无事件）。"""
    from news.event_scores import evaluate_events

    examples, asked = read_events(train), read_events(test, limit)
    print_json(asdict(evaluate_events(examples, asked, listed_names(context), say_line)))


def relations(train: Train, test: Test, limit: Limit = None) -> None:
    """实体关系（JSONL：head, tail, relation, text；unknown 为无关系）。"""
    from news.relation_scores import evaluate_relations

    examples, asked = read_relations(train), read_relations(test, limit)
    print_json(asdict(evaluate_relations(examples, asked, say_line)))
