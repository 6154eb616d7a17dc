"""Opposites: terms that exclude each other, so that 开通 is never answered with 关闭."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assist.errors import KnowledgeError
from assist.lexical import Phrases, plain

Masks = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Sides:
    """For each group of opposites the sides that a text takes, as a bit mask; 0 takes none."""

    masks: tuple[int, ...]

    def contradicts(self, other: Sides) -> bool:
        """Whether both take a side in some group and none of these sides is the same."""
        return bool(self.contradict(np.array([other.masks], dtype=np.int32))[0])

    def contradict(self, others: Masks) -> NDArray[np.bool_]:
        """The same against many, [texts, groups] of bit masks."""
        mine = np.array(self.masks, dtype=np.int32)
        apart = (mine != 0) & (others != 0) & ((mine & others) == 0)
        result: NDArray[np.bool_] = apart.any(axis=1)
        return result


def shared_sides(masks: Masks, first: NDArray[np.int64]) -> Masks:
    """Sides that texts take together, in the groups where at least half of them take one.

    `masks` is [texts, groups]; the texts of entry n are those from first[n] to first[n + 1], one
    at least. One of many wordings that names 科创板 as an example does not make an entry about it.
    """
    starts, counts = first[:-1], np.diff(first)[:, None]
    if not len(starts):
        return masks[:0]
    taken = np.add.reduceat((masks != 0).astype(np.int64), starts, axis=0)
    sides: Masks = np.where(2 * taken >= counts, np.bitwise_or.reduceat(masks, starts, axis=0), 0)
    return sides


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

    def sides_of_all(self, plain_texts: Sequence[str]) -> Masks:
        """Sides of texts in plain form, [texts, groups]."""
        columns = [[_mask(group, text) for text in plain_texts] for group in self._groups]
        return np.array(columns, dtype=np.int32).reshape(len(columns), len(plain_texts)).T

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
