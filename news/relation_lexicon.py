"""The patterns that tell of relations (`data/lexicons/relations.yaml`), read and compiled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from news.errors import DataFileError
from news.fact import EntityKind, Predicate
from news.yaml_form import read_form

# What is done by a company's owners, people or units is not done by the company itself.
_OTHERS = "股东|实控|实际控制|高管|董事|监事|创始|子公司|遭|被|收到|收监管"
_GAP = f"(?:(?!{_OTHERS})[^,。;:!?、]){{0,8}}?"


@dataclass(frozen=True, slots=True)
class RelationPattern:
    """What the text around and between two names says of them.

    `forward`: the name that stands first is the subject. `kinds` are those of subject and object.
    """

    predicate: Predicate
    forward: bool
    kinds: tuple[EntityKind, EntityKind]
    confidence: float
    between: re.Pattern[str]
    after: re.Pattern[str] | None
    before: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def evidence(self, form: str, first: tuple[int, int], second: tuple[int, int]) -> int | None:
        """Where the evidence ends that begins with the first name; None where nothing is said.

        `first` and `second` are [start, end) of the names in the comparable form.
        """
        if not self.between.fullmatch(form, first[1], second[0]):
            return None
        if self.unless is not None and self.unless.match(form, second[1]):
            return None
        if self.before is not None and not self.before.search(form, 0, first[0]):
            return None
        if self.after is None:
            return second[1]
        found = self.after.match(form, second[1])
        return found.end() if found else None


def load_relations(path: Path) -> tuple[RelationPattern, ...]:
    """Read the YAML file; raises DataFileError that names the file and the entry."""
    form = read_form(path, _File)
    return tuple(_pattern(path, i, entry) for i, entry in enumerate(form.relations))


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    predicate: Predicate
    way: Literal["XY", "YX"]
    between: str
    after: str | None = None
    before: str | None = None
    unless: str | None = None
    confidence: float = Field(gt=0, le=1)
    kinds: tuple[EntityKind, EntityKind] = (EntityKind.COMPANY, EntityKind.COMPANY)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    relations: list[_Entry] = Field(min_length=1)


def _pattern(path: Path, place: int, entry: _Entry) -> RelationPattern:
    def compiled(text: str | None, ending: str = "") -> re.Pattern[str] | None:
        return re.compile(f"(?:{text.replace('~', _GAP)}){ending}") if text else None

    try:
        between = compiled(entry.between)
        if between is None:
            raise DataFileError(f"{path}: relations.{place}: between is empty; say what it matches")
        return RelationPattern(
            entry.predicate,
            entry.way == "XY",
            entry.kinds,
            entry.confidence,
            between,
            compiled(entry.after),
            compiled(entry.before, "$"),
            compiled(entry.unless),
        )
    except re.error as error:
        raise DataFileError(
            f"{path}: relations.{place} ({entry.predicate}): no regular expression ({error})"
        ) from error
