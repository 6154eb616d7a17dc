"""Writing a knowledge base as a file of the kind that its name says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry
from assist.knowledge_csv import ENCODINGS, write_csv
from assist.knowledge_xlsx import write_xlsx
from assist.knowledge_yaml import write_yaml


def export(
    path: Path,
    entries: Iterable[FaqEntry],
    out_of_scope: Iterable[str] = (),
    *,
    encoding: str = ENCODINGS[0],
) -> None:
    """Write entries as .yaml, .csv or .xlsx; `load` reads back the same. Raises KnowledgeError.

    Lines out of scope go into YAML only; `encoding` is that of a CSV.
    """
    kind = path.suffix.lower()
    if kind in (".yaml", ".yml"):
        raw = write_yaml(entries, out_of_scope)
    elif kind == ".csv":
        raw = write_csv(entries, encoding)
    elif kind == ".xlsx":
        raw = write_xlsx(entries)
    else:
        raise KnowledgeError(
            f"{path}: a {kind or 'nameless'} file cannot be written; end it with .yaml, .csv or"
            " .xlsx"
        )
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be written ({error}); choose another") from error
