"""Reading a knowledge base from a folder of YAML files; a broken entry never hides the others.

Each file holds `category` and `entries`; an entry holds id, question, similar, answer, source,
valid_from and, where the business asks for it, risk_notice. A file with `similar` alone adds
similar questions to entries of other files, so that those who collect wordings need not touch the
approved answers. `out_of_scope.txt` beside them holds one line each that no entry answers, and
`messages.tsv` (text, entry_id) what customers wrote with the entry that a person chose for it; they
calibrate the decision and teach nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry, KnowledgeBase, Message
from assist.knowledge_form import ID_PATTERN as ID_PATTERN
from assist.knowledge_form import LONGEST_ANSWER as LONGEST_ANSWER
from assist.knowledge_form import LONGEST_QUESTION as LONGEST_QUESTION
from assist.knowledge_form import EntryForm, FileForm, SimilarForm, reason
from assist.labelled import read_table
from assist.lexical import plain

OUT_OF_SCOPE_FILE = "out_of_scope.txt"
MESSAGES_FILE = "messages.tsv"
NO_ENTRY = "oos"  # label of a message that no entry answers


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
    messages: tuple[Message, ...] = ()

    @property
    def base(self) -> KnowledgeBase:
        """The readable entries as a knowledge base."""
        return KnowledgeBase(self.entries, self.out_of_scope, self.messages)


@dataclass(frozen=True, slots=True)
class PlacedEntry:
    """An entry with the place in a file that it comes from."""

    entry: FaqEntry
    place: str


@dataclass(frozen=True, slots=True)
class MoreQuestions:
    """Similar questions for an entry that stands elsewhere."""

    entry_id: str
    questions: tuple[str, ...]
    place: str


def load_folder(folder: Path) -> Loaded:
    """Read every .yaml and .yml file of a folder in the order of names.

    Raises KnowledgeError only where the folder itself cannot be read.
    """
    if not folder.is_dir():
        raise KnowledgeError(f"{folder}: is no folder; give the folder with the knowledge files")
    found: dict[str, PlacedEntry] = {}
    more: list[MoreQuestions] = []
    problems: list[Problem] = []
    for path in sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".yml")):
        for item in read_file(path):
            if isinstance(item, Problem):
                problems.append(item)
            elif isinstance(item, MoreQuestions):
                more.append(item)
            elif item.entry.id in found:
                first = found[item.entry.id].place
                message = f"id {item.entry.id!r} is taken by {first}; give this entry its own"
                problems.append(Problem(Severity.ERROR, item.place, message))
            else:
                found[item.entry.id] = item
    problems += _add(more, found)
    problems += _shared_questions(found.values())
    lines = _lines(folder / OUT_OF_SCOPE_FILE, problems)
    messages = tuple(_messages(folder / MESSAGES_FILE, found.keys(), problems))
    return Loaded(tuple(item.entry for item in found.values()), lines, tuple(problems), messages)


def read_messages(path: Path) -> tuple[Message, ...]:
    """Labelled messages of a TSV file (text, entry_id; `oos` for none); raises KnowledgeError."""
    rows = read_table(path, ("text", "entry_id")).rows
    return tuple(Message(text, None if label == NO_ENTRY else label) for text, label in rows)


def read_file(path: Path) -> Iterator[PlacedEntry | MoreQuestions | Problem]:
    """Entries, further questions and problems of one file."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        document = yaml.compose(text, Loader=_Loader)
        raw = yaml.load(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        yield _broken(path, f"is no UTF-8 text (byte {error.start}); save the file as UTF-8")
    except yaml.YAMLError as error:
        yield _broken_yaml(path, error)
    except (OSError, ValueError) as error:
        yield _broken(path, f"cannot be read ({error})")
    else:
        if raw is None:
            yield _broken(path, "is empty; give it a category and entries, or delete it")
        else:
            yield from _items(path, raw, document)


class _Loader(yaml.SafeLoader):
    """Leaves dates as text, so that a wrong one is a problem of its entry, not of the file."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(":timestamp")]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _items(
    path: Path, raw: Any, document: yaml.Node | None
) -> Iterator[PlacedEntry | MoreQuestions | Problem]:
    only_similar = isinstance(raw, dict) and set(raw) == {"similar"}
    try:
        if only_similar:
            for entry_id, questions in SimilarForm.model_validate(raw).similar.items():
                yield MoreQuestions(entry_id, tuple(questions), f"{path.name}: {entry_id}")
        else:
            yield from _entries(path, FileForm.model_validate(raw), _entry_lines(document))
    except ValidationError as error:
        yield _broken(path, reason(error))


def _add(more: Iterable[MoreQuestions], found: dict[str, PlacedEntry]) -> Iterator[Problem]:
    """Give the entries their further questions; those already known are left out."""
    for item in more:
        placed = found.get(item.entry_id)
        if placed is None:
            message = f"no entry has the id {item.entry_id!r}; correct it or delete the questions"
            yield Problem(Severity.ERROR, item.place, message)
            continue
        entry = placed.entry
        new = dict.fromkeys(q for q in item.questions if q not in entry.questions)
        extended = replace(entry, similar=(*entry.similar, *new))
        found[item.entry_id] = replace(placed, entry=extended)


def _entries(path: Path, file: FileForm, lines: list[int]) -> Iterator[PlacedEntry | Problem]:
    for number, raw in enumerate(file.entries, start=1):
        line = lines[number - 1] if number <= len(lines) else 0
        name = raw.get("id") if isinstance(raw, dict) else None
        place = f"{path.name}:{line}: entry {number}" + (f" ({name})" if name else "")
        try:
            entry = EntryForm.model_validate(raw)
        except ValidationError as error:
            yield Problem(Severity.ERROR, place, reason(error))
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


def _shared_questions(found: Iterable[PlacedEntry]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for item in found:
        for question in dict.fromkeys(plain(q) for q in item.entry.questions):
            other = owners.setdefault(question, item.entry.id)
            if other != item.entry.id:
                message = (
                    f"{question!r} is also a question of {other!r}; customers who say it are asked"
                    " which one they mean"
                )
                yield Problem(Severity.WARNING, item.place, message)


def _messages(path: Path, known: Container[str], problems: list[Problem]) -> Iterator[Message]:
    if not path.exists():
        return
    try:
        messages = read_messages(path)
    except KnowledgeError as error:
        problems.append(Problem(Severity.ERROR, path.name, str(error)))
        return
    for number, message in enumerate(messages, start=1):
        if message.entry_id is None or message.entry_id in known:
            yield message
            continue
        place = f"{path.name}: message {number}"
        what = f"no entry has the id {message.entry_id!r}; correct it or write {NO_ENTRY!r}"
        problems.append(Problem(Severity.WARNING, place, what))


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
