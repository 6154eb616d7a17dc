"""`foreland eval tags`, `eval sentiment` and `eval entity-sentiment`, on labelled news."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from news.errors import DataFileError
from ui.cli.context import print_json, wiring
from ui.cli.evaluate_options import Limit, say_line
from ui.cli.labelled import EntityToneRow, NegativeNewsRow, TaggedRow, read_jsonl

if TYPE_CHECKING:
    from news.entity_sentiment import EntitySentiment
    from news.learned_sentiment import NegativeRow
    from news.learned_tone import ToneRow

Train = Annotated[Path, typer.Option(help="训练数据")]
MaybeTrain = Annotated[Path | None, typer.Option(help="训练数据（用 --rules 时不需要）")]
Test = Annotated[Path, typer.Option(help="测试数据")]
Rules = Annotated[
    bool, typer.Option("--rules", help="不训练，用随附的情感词典与分句规则（--train 不读）")
]


def tags(train: Train, test: Test, limit: Limit = None) -> None:
    """资讯标签（JSONL：text, tags）。"""
    from news.classify import evaluate_tags

    examples = read_jsonl(train, TaggedRow, limit=None, warn=say_line)
    asked = read_jsonl(test, TaggedRow, limit=limit, warn=say_line)
    say_line(f"learning from {len(examples)} texts")
    scores = evaluate_tags([(r.text, r.tags) for r in examples], [(r.text, r.tags) for r in asked])
    print_json(asdict(scores))


def sentiment(
    context: typer.Context,
    test: Test,
    train: MaybeTrain = None,
    limit: Limit = None,
    rules: Rules = False,
) -> None:
    """负面资讯及其主体（JSONL：title, text, entities, negative, subjects）。"""
    from news.entity_sentiment import NegativeNews
    from news.learned_sentiment import NegativeNewsModel, score_judgements

    asked = negative_rows(read_jsonl(test, NegativeNewsRow, limit=limit, warn=say_line))
    model = None
    if not rules:
        rows = read_jsonl(_given(train), NegativeNewsRow, limit=None, warn=say_line)
        say_line(f"learning from {len(rows)} texts")
        model = NegativeNewsModel.fit(negative_rows(rows))
    judge = NegativeNews(by_words(context), model)
    found = [judge.judge(row.title, row.text, row.entities) for row in asked]
    print_json(asdict(score_judgements(asked, found)))


def entity_sentiment(
    context: typer.Context,
    test: Test,
    train: MaybeTrain = None,
    limit: Limit = None,
    rules: Rules = False,
) -> None:
    """对文中一个实体的情感（JSONL：text, entity, sentiment 为 positive/neutral/negative）。"""
    from news.learned_tone import EntityToneModel, score_tones

    asked = tone_rows(read_jsonl(test, EntityToneRow, limit=limit, warn=say_line))
    if rules:
        ruled = by_words(context)
        found = [ruled.towards(row.text, row.entity).sentiment for row in asked]
    else:
        rows = read_jsonl(_given(train), EntityToneRow, limit=None, warn=say_line)
        say_line(f"learning from {len(rows)} entities of texts")
        model = EntityToneModel.fit(tone_rows(rows))
        found = [model.tones(row.text, [row.entity])[0].sentiment for row in asked]
    print_json(asdict(score_tones([row.sentiment for row in asked], found)))


def negative_rows(rows: tuple[NegativeNewsRow, ...]) -> tuple[NegativeRow, ...]:
    """Rows of a file as examples."""
    from news.learned_sentiment import NegativeRow

    return tuple(NegativeRow(r.title, r.text, r.entities, r.negative, r.subjects) for r in rows)


def tone_rows(rows: tuple[EntityToneRow, ...]) -> tuple[ToneRow, ...]:
    """Rows of a file as examples."""
    from news.learned_tone import ToneRow

    return tuple(ToneRow(row.text, row.entity, row.sentiment) for row in rows)


def by_words(context: typer.Context) -> EntitySentiment:
    """Tones by the shipped word list."""
    from news.entity_sentiment import EntitySentiment
    from news.sentiment import SentimentLexicon

    folder = wiring(context).settings.data / "lexicons"
    words = SentimentLexicon.load(folder / "sentiment.tsv", folder / "negations.txt")
    return EntitySentiment(words)


def _given(train: Path | None) -> Path:
    if train is None:
        raise DataFileError("--train is missing: give labelled JSONL, or --rules")
    return train
