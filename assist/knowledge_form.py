"""The form of knowledge files, as pydantic models; nothing else in the package sees these."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from reprlib import Repr
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry

ID_PATTERN = "^[a-z0-9]+(-[a-z0-9]+)*$"
LONGEST_QUESTION = 200
LONGEST_ANSWER = 5000
# What neither a spreadsheet nor a page holds: control characters, half surrogates, no-characters.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")
# An input can be nested without end: only its beginning is shown.
_SHORT = Repr()
_SHORT.maxlevel, _SHORT.maxlist, _SHORT.maxdict, _SHORT.maxstring = 2, 3, 3, 60


def _fit(text: str) -> str:
    found = _UNFIT.search(text)
    if found:
        raise ValueError(f"holds the control character U+{ord(found[0]):04X}; delete it")
    return _BREAKS.sub("\n", text)


def _one_line(text: str) -> str:
    return " ".join(_fit(text).split())


_Text = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1),
    AfterValidator(_fit),
]
_Line = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1),
    AfterValidator(_one_line),
]
_Question = Annotated[_Line, Field(max_length=LONGEST_QUESTION)]


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError("must be a date as 2024-01-31") from error


_Date = Annotated[date, BeforeValidator(_date)]


class FileForm(BaseModel):
    """A file of entries."""

    model_config = ConfigDict(extra="forbid")

    category: _Line | None = None
    entries: list[Any]
    out_of_scope: list[_Line] = []


class SimilarForm(BaseModel):
    """A file of further similar questions by entry id."""

    model_config = ConfigDict(extra="forbid", strict=True)

    similar: dict[str, list[_Question]]


class EntryForm(BaseModel):
    """One entry."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=100)]
    category: _Line
    question: _Question
    similar: list[_Question] = []
    answer: Annotated[_Text, Field(max_length=LONGEST_ANSWER)]
    source: _Text
    valid_from: _Date
    valid_until: _Date | None = None
    risk_notice: _Text | None = None

    @field_validator("valid_until")
    @classmethod
    def _in_order(cls, until: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("valid_from")
        if until is not None and start is not None and until < start:
            raise ValueError(f"lies before valid_from {start}; give the last day on which it holds")
        return until

    def entry(self) -> FaqEntry:
        """As the package's own type; a similar question said twice is kept once."""
        similar = dict.fromkeys(q for q in self.similar if q != self.question)
        return FaqEntry(
            id=self.id,
            question=self.question,
            similar=tuple(similar),
            answer=self.answer,
            source=self.source,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            category=self.category,
            risk_notice=self.risk_notice,
        )


def entry_of(
    entry_id: str, old: FaqEntry | None, given: Mapping[str, str | None], similar: Sequence[str]
) -> FaqEntry:
    """An entry from what was `given` by field name, the rest as in `old`; `none` empties a field.

    Keeps the version of `old`; raises KnowledgeError with every field that is wrong.
    """
    raw: dict[str, Any] = {"id": entry_id, "similar": list(similar)}
    for name in EntryForm.model_fields.keys() - raw.keys():
        value = given.get(name)
        if value is None and old is not None:
            kept = getattr(old, name)
            raw[name] = kept.isoformat() if isinstance(kept, date) else kept
        elif value is not None and not (name in _EMPTIED and value.lower() == "none"):
            raw[name] = value
    try:
        return replace(EntryForm.model_validate(raw).entry(), version=old.version if old else 0)
    except ValidationError as error:
        raise KnowledgeError(f"entry {entry_id!r}: {reason(error)}") from error


_EMPTIED = ("valid_until", "risk_notice")


def reason(error: ValidationError) -> str:
    """What is wrong, field by field, in one line."""
    parts = []
    for item in error.errors():
        field = ".".join(str(part) for part in item["loc"]) or "the file"
        given = "" if item["type"] == "missing" else f" (given {_given(item['input'])})"
        parts.append(f"{field}: {_plain_words(item['type'], item['msg'])}{given}")
    return "; ".join(parts)


def _given(value: Any) -> str:
    return repr(value[:60]) if isinstance(value, str) else _SHORT.repr(value)


def _plain_words(kind: str, message: str) -> str:
    known = {
        "missing": "is missing",
        "extra_forbidden": "is no known field; known are " + ", ".join(EntryForm.model_fields),
        "string_type": "must be text; put it in quotes",
        "string_too_short": "must not be empty",
        "string_pattern_mismatch": "must be lower-case letters, digits and single hyphens",
        "list_type": "must be a list, one item a line after a hyphen",
        "value_error": message.removeprefix("Value error, "),
    }
    return known.get(kind, message)
