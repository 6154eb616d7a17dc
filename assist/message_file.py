"""Reading what customers wrote, with the entry that a person chose for each message.

`messages.tsv` (text, entry_id) stands beside the knowledge files; in place of an id stands `oos`
where no entry answers and `ask` where the customer must be asked which of several is meant. The
messages calibrate the decision and teach nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path

from assist.errors import KnowledgeError
from assist.knowledge import NO_ENTRY, VAGUE, Message
from assist.knowledge_found import Problem, Severity
from assist.labelled import read_table

MESSAGES_FILE = "messages.tsv"


def read_messages(path: Path) -> tuple[Message, ...]:
    """Labelled messages of a TSV file; raises KnowledgeError."""
    rows = read_table(path, ("text", "entry_id")).rows
    return tuple(Message(text, label) for text, label in rows)


def known_messages(path: Path, known: Container[str]) -> Iterator[Message | Problem]:
    """Messages of a file that may be absent; those of entries that are not `known` are problems."""
    if not path.exists():
        return
    try:
        messages = read_messages(path)
    except KnowledgeError as error:
        yield Problem(Severity.ERROR, path.name, str(error))
        return
    for number, message in enumerate(messages, start=1):
        if message.entry_id is None or message.entry_id in known:
            yield message
            continue
        what = f"no entry has the id {message.label!r}; correct it, or write {NO_ENTRY} or {VAGUE}"
        yield Problem(Severity.WARNING, f"{path.name}: message {number}", what)
