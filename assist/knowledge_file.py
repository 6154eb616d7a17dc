"""Reading knowledge from a folder or a file; a broken entry never hides the others.

A folder is read as a whole: every .yaml, .yml, .csv and .xlsx file in the order of names,
`out_of_scope.txt` with one line each that no entry answers, and `messages.tsv`. A single file may
also add to entries that are published already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry, KnowledgeBase, Message
from assist.knowledge_csv import read_csv
from assist.knowledge_form import ID_PATTERN as ID_PATTERN
from assist.knowledge_form import LONGEST_ANSWER as LONGEST_ANSWER
from assist.knowledge_form import LONGEST_QUESTION as LONGEST_QUESTION
from assist.knowledge_found import Found, MoreQuestions, OutOfScopeLines
from assist.knowledge_found import PlacedEntry as PlacedEntry
from assist.knowledge_found import Problem as Problem
from assist.knowledge_found import Severity as Severity
from assist.knowledge_xlsx import read_xlsx
from assist.knowledge_yaml import broken, read_yaml
from assist.lexical import plain
from assist.message_file import MESSAGES_FILE, known_messages
from assist.message_file import read_messages as read_messages

OUT_OF_SCOPE_FILE = "out_of_scope.txt"
KINDS = (".yaml", ".yml", ".csv", ".xlsx")
MOST_BYTES = 50_000_000
Known = Mapping[str, FaqEntry]


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


def load(path: Path, published: Iterable[FaqEntry] = ()) -> Loaded:
    """Read a folder or a file; further questions may belong to entries that are `published`.

    A column that a table does not have keeps what is published. Raises KnowledgeError only where
    nothing can be read at all.
    """
    known = {entry.id: entry for entry in published}
    if path.is_dir():
        return load_folder(path, known)
    if not path.is_file():
        raise KnowledgeError(f"{path}: is no file and no folder; give one that is there")
    if path.suffix.lower() not in KINDS:
        raise KnowledgeError(
            f"{path}: a {path.suffix or 'nameless'} file cannot be read; save it as one of"
            f" {', '.join(KINDS)}"
        )
    return _joined(read_file(path, known), known)


def load_folder(folder: Path, known: Known | None = None) -> Loaded:
    """Read every file of a folder in the order of names.

    Raises KnowledgeError only where the folder itself cannot be read.
    """
    if not folder.is_dir():
        raise KnowledgeError(f"{folder}: is no folder; give the folder with the knowledge files")
    published = known or {}
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in KINDS)
    # Excel's and LibreOffice's lock files beside an open workbook are no knowledge.
    files = [path for path in paths if not path.name.startswith(("~$", ".~"))]
    found = (item for path in files for item in read_file(path, published))
    loaded = _joined((*found, *_lines(folder / OUT_OF_SCOPE_FILE)), published)
    ids = {entry.id for entry in loaded.entries} | published.keys()
    read = tuple(known_messages(folder / MESSAGES_FILE, ids))
    return replace(
        loaded,
        messages=tuple(item for item in read if isinstance(item, Message)),
        problems=(*loaded.problems, *(item for item in read if isinstance(item, Problem))),
    )


def read_file(path: Path, known: Known | None = None) -> Iterator[Found]:
    """Entries, further questions and problems of one file."""
    published = known or {}
    try:
        size = path.stat().st_size
    except OSError as error:
        yield broken(path, f"cannot be read ({error})")
        return
    if size > MOST_BYTES:
        yield broken(
            path, f"has {size / 1e6:.0f} MB, at most {MOST_BYTES / 1e6:.0f} are read; split it"
        )
    elif path.suffix.lower() == ".csv":
        yield from read_csv(path, published)
    elif path.suffix.lower() == ".xlsx":
        yield from read_xlsx(path, published)
    else:
        yield from read_yaml(path)


def _joined(items: Iterable[Found], known: Known) -> Loaded:
    found: dict[str, PlacedEntry] = {}
    more: list[MoreQuestions] = []
    problems: list[Problem] = []
    lines: dict[str, None] = {}
    for item in items:
        if isinstance(item, Problem):
            problems.append(item)
        elif isinstance(item, MoreQuestions):
            more.append(item)
        elif isinstance(item, OutOfScopeLines):
            lines |= dict.fromkeys(item.lines)
        elif item.entry.id in found:
            first = found[item.entry.id].place
            message = f"id {item.entry.id!r} is taken by {first}; give this entry its own"
            problems.append(Problem(Severity.ERROR, item.place, message))
        else:
            found[item.entry.id] = item
    problems += _add(more, found, known)
    problems += _shared_questions(found, known)
    entries = tuple(item.entry for item in found.values())
    return Loaded(entries, tuple(lines), tuple(problems))


def _add(
    more: Iterable[MoreQuestions], found: dict[str, PlacedEntry], known: Known
) -> Iterator[Problem]:
    """Give the entries their further questions; those already known are left out."""
    for item in more:
        placed = found.get(item.entry_id)
        if placed is None and item.entry_id in known:
            placed = PlacedEntry(replace(known[item.entry_id], version=0), item.place)
        if placed is None:
            message = f"no entry has the id {item.entry_id!r}; correct it or delete the questions"
            yield Problem(Severity.ERROR, item.place, message)
            continue
        entry = placed.entry
        new = dict.fromkeys(q for q in item.questions if q not in entry.questions)
        extended = replace(entry, similar=(*entry.similar, *new))
        found[item.entry_id] = replace(placed, entry=extended)


def _shared_questions(found: Mapping[str, PlacedEntry], known: Known) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for entry in known.values():
        if entry.id not in found:
            owners |= {plain(question): entry.id for question in entry.questions}
    for item in found.values():
        for question in dict.fromkeys(plain(q) for q in item.entry.questions):
            other = owners.setdefault(question, item.entry.id)
            if other != item.entry.id:
                message = (
                    f"{question!r} is also a question of {other!r}; customers who say it are asked"
                    " which one they mean"
                )
                yield Problem(Severity.WARNING, item.place, message)


def _lines(path: Path) -> Iterator[Found]:
    if not path.exists():
        return
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        yield broken(path, f"is no readable UTF-8 text ({error})")
        return
    lines = (line.strip() for line in text.splitlines())
    yield OutOfScopeLines(tuple(line for line in lines if line and not line.startswith("#")))
