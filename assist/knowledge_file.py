"""Reading a knowledge base from a folder of YAML files; a broken entry never hides the others.

Each file holds `category` and `entries`; an entry holds id, question, similar, answer, source,
valid_from and, where the business asks for it, risk_notice. `out_of_scope.txt` beside them holds
one line each that no entry answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry, KnowledgeBase
from assist.lexical import plain

OUT_OF_SCOPE_FILE = "out_of_scope.txt"
ID_PATTERN = "^[a-z0-9]+(-[a-z0-9]+)*$"
LONGEST_QUESTION = 200
LONGEST_ANSWER = 5000


class Severity(StrEnum):
    """ERROR: the entry or file was left out. WARNING: it was loaded, but look at it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file; `place` names file, line and entry."""

    severity: Severity
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What could be read, and what could not."""

    entries: tuple[FaqEntry, ...]
    out_of_scope: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def base(self) -> KnowledgeBase:
        """The readable entries as a knowledge base."""
        return KnowledgeBase(self.entries, self.out_of_scope)


def load_folder(folder: Path) -> Loaded:
    """Read every .yaml and .yml file of a folder in the order of names.

    Raises KnowledgeError only where the folder itself cannot be read.
    """
    if not folder.is_dir():
        raise KnowledgeError(f"{folder}: is no folder; give the folder with the knowledge files")
    found: dict[str, tuple[FaqEntry, str]] = {}
    problems: list[Problem] = []
    for path in sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".yml")):
        for item in read_file(path):
            if isinstance(item, Problem):
                problems.append(item)
            elif item.entry.id in found:
                first = found[item.entry.id][1]
                message = f"id {item.entry.id!r} is taken by {first}; give this entry its own"
                problems.append(Problem(Severity.ERROR, item.place, message))
            else:
                found[item.entry.id] = item.entry, item.place
    problems += _shared_questions(found)
    lines = _lines(folder / OUT_OF_SCOPE_FILE, problems)
    return Loaded(tuple(entry for entry, _ in found.values()), lines, tuple(problems))


@dataclass(frozen=True, slots=True)
class PlacedEntry:
    """An entry with the place in a file that it comes from."""

    entry: FaqEntry
    place: str


def read_file(path: Path) -> Iterator[PlacedEntry | Problem]:
    """Entries and problems of one file."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        document = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except UnicodeDecodeError as error:
        yield _broken(path, f"is no UTF-8 text (byte {error.start}); save the file as UTF-8")
        return
    except yaml.YAMLError as error:
        yield _broken_yaml(path, error)
        return
    except (OSError, ValueError) as error:
        yield _broken(path, f"cannot be read ({error})")
        return
    if raw is None:
        yield _broken(path, "is empty; give it a category and entries, or delete it")
        return
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        yield _broken(path, _reason(error))
        return
    yield from _entries(path, file, _entry_lines(document))


def _entries(path: Path, file: _File, lines: list[int]) -> Iterator[PlacedEntry | Problem]:
    for number, raw in enumerate(file.entries, start=1):
        line = lines[number - 1] if number <= len(lines) else 0
        name = raw.get("id") if isinstance(raw, dict) else None
        place = f"{path.name}:{line}: entry {number}" + (f" ({name})" if name else "")
        try:
            entry = _Entry.model_validate(raw)
        except ValidationError as error:
            yield Problem(Severity.ERROR, place, _reason(error))
            continue
        yield PlacedEntry(entry.entry(file.category), place)


def _entry_lines(document: yaml.Node | None) -> list[int]:
    """Line of each entry, from 1."""
    if not isinstance(document, yaml.MappingNode):
        return []
    for key, value in document.value:
        if key.value == "entries" and isinstance(value, yaml.SequenceNode):
            return [item.start_mark.line + 1 for item in value.value]
    return []


def _broken(path: Path, message: str) -> Problem:
    return Problem(Severity.ERROR, path.name, message)


def _broken_yaml(path: Path, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    place = f"{path.name}:{mark.line + 1}" if mark else path.name
    what = str(getattr(error, "problem", None) or error).splitlines()[0]
    hint = "; indent with blanks, YAML takes no tabs" if "\\t" in what or "\t" in what else ""
    return Problem(Severity.ERROR, place, f"is no valid YAML: {what}{hint}")


def _reason(error: ValidationError) -> str:
    parts = []
    for item in error.errors():
        field = ".".join(str(part) for part in item["loc"]) or "the file"
        given = "" if item["type"] == "missing" else f" (given {str(item['input'])[:60]!r})"
        parts.append(f"{field}: {_plain_words(item['type'], item['msg'])}{given}")
    return "; ".join(parts)


def _plain_words(kind: str, message: str) -> str:
    known = {
        "missing": "is missing",
        "extra_forbidden": "is no known field; known are " + ", ".join(_Entry.model_fields),
        "string_type": "must be text; put it in quotes",
        "string_too_short": "must not be empty",
        "string_pattern_mismatch": "must be lower-case letters, digits and single hyphens",
        "date_type": "must be a date as 2024-01-31, without quotes",
        "list_type": "must be a list, one item a line after a hyphen",
        "value_error": message.removeprefix("Value error, "),
    }
    return known.get(kind, message)


def _shared_questions(found: dict[str, tuple[FaqEntry, str]]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for entry, place in found.values():
        for question in dict.fromkeys(plain(q) for q in entry.questions):
            other = owners.setdefault(question, entry.id)
            if other != entry.id:
                message = (
                    f"{question!r} is also a question of {other!r}; customers who say it are asked"
                    " which one they mean"
                )
                yield Problem(Severity.WARNING, place, message)


def _lines(path: Path, problems: list[Problem]) -> tuple[str, ...]:
    if not path.exists():
        return ()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(_broken(path, f"is no readable UTF-8 text ({error})"))
        return ()
    lines = (line.strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


_Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    category: _Text
    entries: list[Any]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=100)]
    question: Annotated[_Text, Field(max_length=LONGEST_QUESTION)]
    similar: list[Annotated[_Text, Field(max_length=LONGEST_QUESTION)]] = []
    answer: Annotated[_Text, Field(max_length=LONGEST_ANSWER)]
    source: _Text
    valid_from: date
    risk_notice: _Text | None = None

    def entry(self, category: str) -> FaqEntry:
        """As the package's own type; a similar question said twice is kept once."""
        similar = dict.fromkeys(q for q in self.similar if q != self.question)
        return FaqEntry(
            id=self.id,
            question=self.question,
            similar=tuple(similar),
            answer=self.answer,
            source=self.source,
            valid_from=self.valid_from,
            category=category,
            risk_notice=self.risk_notice,
        )
