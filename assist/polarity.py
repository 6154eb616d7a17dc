"""Opposites: terms that exclude each other, so that 开通 is never answered with 关闭."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assist.errors import KnowledgeError
from assist.lexical import Phrases, plain


@dataclass(frozen=True, slots=True)
class Sides:
    """For each group of opposites the sides that a text takes, as a bit mask; 0 takes none."""

    masks: tuple[int, ...]

    def contradicts(self, other: Sides) -> bool:
        """Whether both take a side in some group and none of these sides is the same."""
        return any(
            mine and theirs and not mine & theirs
            for mine, theirs in zip(self.masks, other.masks, strict=True)
        )


def shared_sides(texts: Sequence[Sides]) -> Sides:
    """Sides that texts take together, in the groups where at least half of them take one.

    One of many wordings that names 科创板 as an example does not make an entry be about it.
    """
    columns = zip(*(sides.masks for sides in texts), strict=True)
    return Sides(
        tuple(
            reduce(or_, column) if 2 * sum(map(bool, column)) >= len(column) else 0
            for column in columns
        )
    )


class Opposites:
    """Groups of mutually exclusive terms."""

    def __init__(self, groups: Iterable[tuple[Iterable[tuple[str, ...]], Iterable[str]]]) -> None:
        self._groups = tuple(
            Phrases(
                [(str(number), phrase) for number, side in enumerate(sides) for phrase in side]
                + [("", phrase) for phrase in ignored]
            )
            for sides, ignored in groups
        )

    @classmethod
    def load(cls, path: Path) -> Opposites:
        """Read a YAML file of groups: `name`, `sides` (lists of terms), `ignore` (no side)."""
        try:
            raw = yaml.safe_load(path.read_text(encoding="utf-8"))
            groups = [_Group.model_validate(item) for item in raw or ()]
        except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError) as error:
            raise KnowledgeError(f"{path}: is no readable list of groups ({error})") from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise KnowledgeError(f"{path}: {place or 'a group'}: {first['msg']}") from error
        return cls((group.sides, group.ignore) for group in groups)

    def sides(self, text: str) -> Sides:
        """Sides that a text takes in each group."""
        return self.sides_of_plain(plain(text))

    def sides_of_plain(self, plain_text: str) -> Sides:
        """The same for a text in plain form."""
        return Sides(tuple(_mask(group, plain_text) for group in self._groups))


def _mask(group: Phrases, plain_text: str) -> int:
    mask = 0
    for span in group.find(plain_text):
        for name in span.names:
            mask |= 1 << int(name) if name else 0
    return mask


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    name: str
    sides: list[tuple[str, ...]] = Field(min_length=2)
    ignore: list[str] = []
