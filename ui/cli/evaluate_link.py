"""`foreland eval link`: how well names and codes in texts are linked to listed companies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel, model_validator

from news.article import Mention
from news.link_scores import GoldMention, LinkTally
from news.securities import SecuritiesMaster
from ui.cli.context import print_json, wiring
from ui.cli.evaluate_options import Limit, say_line
from ui.cli.labelled import read_jsonl

if TYPE_CHECKING:
    from ui.wiring import Wiring

_NIL = ("", "NIL", "NONE", "NULL")


class GoldEntity(BaseModel):
    """A labelled span; `code` is a stock code or an entity id (`index:000001.SH`), none or NIL a
    word that must not be linked."""

    code: str | None = None
    start: int
    end: int


class LinkedRow(BaseModel):
    """A text in which every mention of a listed company is labelled.

    `complete` false (as editors' corrections are exported): only the labelled spots are judged.
    """

    text: str
    entities: tuple[GoldEntity, ...]
    complete: bool = True

    @model_validator(mode="after")
    def _spans_lie_in_the_text(self) -> LinkedRow:
        for entity in self.entities:
            if not 0 <= entity.start < entity.end <= len(self.text):
                raise ValueError(
                    f"span {entity.start}:{entity.end} lies outside a text of {len(self.text)}"
                    " characters; offsets count characters, end exclusive"
                )
        return self


def link(
    context: typer.Context,
    gold: Annotated[
        Path,
        typer.Argument(
            help="JSONL：text, entities: [{code, start, end}]；code 为空或 NIL 即不应链接"
        ),
    ],
    limit: Limit = None,
    show_errors: Annotated[
        bool, typer.Option("--show-errors", help="把错链和漏链逐条输出到标准错误")
    ] = False,
) -> None:
    """实体链接：提到的上市公司找对、找全了吗，不该链接的词有没有误链。"""
    parts = wiring(context)
    tally = LinkTally()
    rows = read_jsonl(gold, LinkedRow, limit=limit, warn=say_line)
    labelled = [[gold_mention(parts.master, entity) for entity in row.entities] for row in rows]
    find = _finder(parts, {label.entity_id or "" for labels in labelled for label in labels})
    for row, labels in zip(rows, labelled, strict=True):
        count = tally.add if row.complete else tally.add_spots
        errors = count(row.text, labels, find(row.text))
        if not show_errors:
            continue
        for mention in errors.wrong:
            say_line(f"wrong {mention.entity_id} {mention.method}: {_around(row.text, mention)}")
        for label in errors.missed:
            say_line(f"missed {label.entity_id}: {_around(row.text, label)}")
    print_json(asdict(tally.scores()))


def _finder(parts: Wiring, labelled: set[str]) -> Callable[[str], tuple[Mention, ...]]:
    """Finds the kinds of entities that are labelled: companies, and others where there are any."""
    kinds = {entity.partition(":")[0] for entity in labelled if entity} | {"company"}
    if kinds == {"company"}:
        return parts.linker.link
    from news.article_linker import ArticleLinker

    linker = ArticleLinker(parts.linker, parts.settings.data)
    prefixes = tuple(f"{kind}:" for kind in kinds)
    return lambda text: tuple(m for m in linker.link(text) if m.entity_id.startswith(prefixes))


def gold_mention(master: SecuritiesMaster, entity: GoldEntity) -> GoldMention:
    """The label with its entity id, whatever way the code is written."""
    code = (entity.code or "").strip()
    if ":" in code:
        return GoldMention(code, entity.start, entity.end)
    code = code.upper()
    if code in _NIL:
        return GoldMention(None, entity.start, entity.end)
    security = master.by_code(code)
    # A code that the master does not hold stays in the count: a company missed is missed.
    company = master.company_id(security) if security else f"security:{code}"
    return GoldMention(company, entity.start, entity.end)


def _around(text: str, span: GoldMention | Mention) -> str:
    start, end = span.start, span.end
    before, after = text[max(0, start - 12) : start], text[end : end + 12]
    return f"{before}【{text[start:end]}】{after}".replace("\n", " ")
