"""The table of names that mean more than a listed company, and of spoken short names.

Editors extend `data/lexicons/ambiguous_names.yaml`; this module only reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from news.errors import DataFileError


class NameKind(StrEnum):
    """Why a name may not mean the company; decides how much evidence it needs."""

    WORD = "word"
    """An ordinary word (机器人, 老百姓): needs strong evidence."""
    PLACE = "place"
    """A place, building, road or institution (陆家嘴, 天津港): needs strong evidence."""
    GROUP = "group"
    """A family name of several organisations (平安, 中信): needs strong evidence."""
    SHORT = "short"
    """Two characters, or a spoken short name: needs some evidence."""
    BRAND = "brand"
    """A spoken short name that hardly means anything else: needs to stand alone."""
    PHRASE = "phrase"
    """Words that also spell an industry or a subject (中国建筑): needs a little evidence."""
    MEDIA = "media"
    """A news or data vendor: every mention counts except as the source of a report."""


@dataclass(frozen=True, slots=True)
class AmbiguousName:
    """One name with its kind and the words that, anywhere in a text, speak for the company."""

    name: str
    kind: NameKind
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias:
    """A spoken name of the company listed under `code`; `kind` None means that it is safe."""

    name: str
    code: str
    kind: NameKind | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FullName:
    """A full or former name of the company listed under `code`, where the master lacks it."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class NameRules:
    """What editors know of names: ambiguous ones, aliases, and longer phrases that mean no company.

    A phrase wins over every shorter name inside it (`工业机器人` over `机器人`).
    """

    names: tuple[AmbiguousName, ...] = ()
    aliases: tuple[Alias, ...] = ()
    full_names: tuple[FullName, ...] = ()
    phrases: tuple[str, ...] = ()
    former_names: tuple[FullName, ...] = ()

    @classmethod
    def load(cls, path: Path) -> NameRules:
        """Read the YAML table; raises DataFileError that names the file and the entry."""
        try:
            raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            table = _Table.model_validate(raw or {})
        except (OSError, UnicodeDecodeError) as error:
            raise DataFileError(f"{path}: cannot be read as UTF-8 text ({error})") from error
        except yaml.YAMLError as error:
            raise DataFileError(f"{path}: is no valid YAML ({error}); correct that line") from error
        except ValidationError as error:
            raise DataFileError(f"{path}: {_first_fault(error)}") from error
        return cls(
            tuple(AmbiguousName(n.name, n.kind, tuple(n.evidence)) for n in table.names),
            tuple(Alias(a.alias, a.code, a.kind, tuple(a.evidence)) for a in table.aliases),
            tuple(FullName(f.name, f.code) for f in table.full_names),
            tuple(table.phrases),
            tuple(FullName(n, code) for code, names in table.former_names.items() for n in names),
        )


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Name(_Strict):
    name: str = Field(min_length=1)
    kind: NameKind
    evidence: list[str] = []


class _Alias(_Strict):
    alias: str = Field(min_length=2)
    code: str = Field(pattern=r"^\d{6}$")
    kind: NameKind | None = None
    evidence: list[str] = []


class _FullName(_Strict):
    name: str = Field(min_length=6)
    code: str = Field(pattern=r"^\d{6}$")


class _Table(_Strict):
    names: list[_Name] = []
    aliases: list[_Alias] = []
    full_names: list[_FullName] = []
    phrases: list[str] = []
    former_names: dict[Annotated[str, Field(pattern=r"^\d{6}$")], list[str]] = {}


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"]) or "top"
    return f"entry {place}: {fault['msg']} (got {fault['input']!r}); correct or remove the entry"
