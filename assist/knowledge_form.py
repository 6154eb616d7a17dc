"""The form of knowledge files, as pydantic models; nothing else in the package sees these."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from assist.knowledge import FaqEntry

ID_PATTERN = "^[a-z0-9]+(-[a-z0-9]+)*$"
LONGEST_QUESTION = 200
LONGEST_ANSWER = 5000

_Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError("must be a date as 2024-01-31") from error


class FileForm(BaseModel):
    """A file of entries."""

    model_config = ConfigDict(extra="forbid")

    category: _Text
    entries: list[Any]


class SimilarForm(BaseModel):
    """A file of further similar questions by entry id."""

    model_config = ConfigDict(extra="forbid", strict=True)

    similar: dict[str, list[Annotated[_Text, Field(max_length=LONGEST_QUESTION)]]]


class EntryForm(BaseModel):
    """One entry."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=100)]
    question: Annotated[_Text, Field(max_length=LONGEST_QUESTION)]
    similar: list[Annotated[_Text, Field(max_length=LONGEST_QUESTION)]] = []
    answer: Annotated[_Text, Field(max_length=LONGEST_ANSWER)]
    source: _Text
    valid_from: Annotated[date, BeforeValidator(_date)]
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


def reason(error: ValidationError) -> str:
    """What is wrong, field by field, in one line."""
    parts = []
    for item in error.errors():
        field = ".".join(str(part) for part in item["loc"]) or "the file"
        given = "" if item["type"] == "missing" else f" (given {str(item['input'])[:60]!r})"
        parts.append(f"{field}: {_plain_words(item['type'], item['msg'])}{given}")
    return "; ".join(parts)


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
