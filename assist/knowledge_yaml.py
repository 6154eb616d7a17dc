"""Knowledge as YAML: a file of entries, or a file of further similar questions.

A file of entries holds `entries` and, for those that do not name their own, `category`; it may hold
`out_of_scope`. An entry holds id, question, similar, answer, source, valid_from and, where there is
one, valid_until and risk_notice. A file with `similar` alone adds similar questions to entries that
stand elsewhere, so that those who collect wordings need not touch the approved answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from assist.knowledge import FaqEntry
from assist.knowledge_form import EntryForm, FileForm, SimilarForm, reason
from assist.knowledge_found import (
    Found,
    MoreQuestions,
    OutOfScopeLines,
    PlacedEntry,
    Problem,
    Severity,
)


def read_yaml(path: Path) -> Iterator[Found]:
    """Entries, further questions and problems of one file."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        document = yaml.compose(text, Loader=_Loader)
        raw = yaml.load(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        yield broken(path, f"is no UTF-8 text (byte {error.start}); save the file as UTF-8")
    except yaml.YAMLError as error:
        yield _broken_yaml(path, error)
    except (OSError, ValueError, RecursionError) as error:
        yield broken(path, f"cannot be read ({error})")
    else:
        if raw is None:
            yield broken(path, "is empty; give it a category and entries, or delete it")
        else:
            yield from _items(path, raw, document)


def broken(path: Path, message: str) -> Problem:
    """A file of which nothing could be read."""
    return Problem(Severity.ERROR, path.name, message)


def write_yaml(entries: Iterable[FaqEntry], out_of_scope: Iterable[str]) -> bytes:
    """One file of entries that `read_yaml` reads back as they are."""
    file: dict[str, Any] = {"entries": [_mapping(entry) for entry in entries]}
    lines = list(out_of_scope)
    if lines:
        file["out_of_scope"] = lines
    text = yaml.dump(file, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
    return text.encode("utf-8")


def _mapping(entry: FaqEntry) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": entry.id,
        "category": entry.category,
        "question": entry.question,
        "similar": list(entry.similar),
        "answer": entry.answer,
        "source": entry.source,
        "valid_from": entry.valid_from.isoformat(),
    }
    if entry.valid_until:
        fields["valid_until"] = entry.valid_until.isoformat()
    if entry.risk_notice:
        fields["risk_notice"] = entry.risk_notice
    return fields


class _Loader(yaml.SafeLoader):
    """Leaves dates as text, so that a wrong one is a problem of its entry, not of the file."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(":timestamp")]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    """Writes every item anew: people who edit the file know no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _items(path: Path, raw: Any, document: yaml.Node | None) -> Iterator[Found]:
    only_similar = isinstance(raw, dict) and set(raw) == {"similar"}
    try:
        if only_similar:
            for entry_id, questions in SimilarForm.model_validate(raw).similar.items():
                yield MoreQuestions(entry_id, tuple(questions), f"{path.name}: {entry_id}")
        else:
            yield from _entries(path, FileForm.model_validate(raw), _entry_lines(document))
    except ValidationError as error:
        yield broken(path, reason(error))


def _entries(path: Path, file: FileForm, lines: list[int]) -> Iterator[Found]:
    for number, raw in enumerate(file.entries, start=1):
        line = lines[number - 1] if number <= len(lines) else 0
        name = raw.get("id") if isinstance(raw, dict) else None
        place = f"{path.name}:{line}: entry {number}" + (f" ({name})" if name else "")
        if isinstance(raw, dict) and file.category is not None:
            raw = {"category": file.category} | raw
        try:
            entry = EntryForm.model_validate(raw).entry()
        except ValidationError as error:
            yield Problem(Severity.ERROR, place, reason(error))
            continue
        yield PlacedEntry(entry, place)
    if file.out_of_scope:
        yield OutOfScopeLines(tuple(dict.fromkeys(file.out_of_scope)))


def _entry_lines(document: yaml.Node | None) -> list[int]:
    """Line of each entry, from 1."""
    if not isinstance(document, yaml.MappingNode):
        return []
    for key, value in document.value:
        if key.value == "entries" and isinstance(value, yaml.SequenceNode):
            return [item.start_mark.line + 1 for item in value.value]
    return []


def _broken_yaml(path: Path, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    place = f"{path.name}:{mark.line + 1}" if mark else path.name
    what = str(getattr(error, "problem", None) or error).splitlines()[0]
    hint = "; indent with blanks, YAML takes no tabs" if "\\t" in what or "\t" in what else ""
    return Problem(Severity.ERROR, place, f"is no valid YAML: {what}{hint}")
