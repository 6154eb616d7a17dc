"""Examples of intents: from a TSV file (text, intent) or from YAML (`intents: {name: [texts]}`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from assist.errors import KnowledgeError
from assist.labelled import read_table

OUT_OF_SCOPE = "oos"
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MARKS = re.compile(r"[\W_]+")
_Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]


@dataclass(frozen=True, slots=True)
class Example:
    """What a customer may say, and the intent it stands for (`oos`: none of them)."""

    text: str
    intent: str


class _IntentsForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    intents: dict[_Text, list[_Text]]


def read_examples(
    path: Path, *, limit: int | None = None, say: Callable[[str], None] = lambda line: None
) -> tuple[Example, ...]:
    """Every usable example of a file; `.yaml` and `.yml` are read as YAML, all else as TSV.

    Bad rows of a TSV and texts that stand under two intents are told to `say`. Raises
    KnowledgeError where the file cannot be read, is malformed or holds no example.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        examples = _read_yaml(path)[:limit]
    else:
        rows = read_table(path, ("text", "intent"), limit=limit, say=say).rows
        examples = tuple(Example(text, intent) for text, intent in rows)
    for text, intents in _contested(examples):
        say(f"{path}: {text!r} stands under {' and '.join(intents)}; keep one of them")
    return examples


def spoken_name(intent: str) -> str:
    """An intent's name as words: `card_arrival` and `cardArrival` both give 'card arrival'."""
    return _MARKS.sub(" ", _CAMEL.sub(" ", intent)).strip()


def _read_yaml(path: Path) -> tuple[Example, ...]:
    try:
        content: Any = yaml.safe_load(path.read_bytes().decode("utf-8-sig"))
        form = _IntentsForm.model_validate(content)
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise KnowledgeError(f"{path}: is no UTF-8 text; save the file as UTF-8") from error
    except yaml.YAMLError as error:
        raise KnowledgeError(f"{path}: is no YAML ({' '.join(str(error).split())})") from error
    except ValidationError as error:
        raise KnowledgeError(f"{path}: {_reason(error)}") from error
    examples = tuple(
        Example(text, intent)
        for intent, texts in form.intents.items()
        for text in dict.fromkeys(texts)
    )
    if not examples:
        raise KnowledgeError(f"{path}: holds no example; write `intents:`, a name and its examples")
    return examples


def _reason(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "[key]") or "the file"
    given = "" if first["type"] == "missing" else f" (given {str(first['input'])[:60]!r})"
    return (
        f"{place}: {first['msg']}{given}; the form is `intents:` with names, under each a list of"
        " texts (in quotes where YAML would read a number, yes or no)"
    )


def _contested(examples: Iterable[Example]) -> list[tuple[str, tuple[str, ...]]]:
    """Texts that stand under more than one intent, with those intents."""
    known: dict[str, dict[str, None]] = {}
    for example in examples:
        known.setdefault(example.text, {})[example.intent] = None
    return [(text, tuple(intents)) for text, intents in known.items() if len(intents) > 1]
