"""The words that tell of events (`data/lexicons/events.yaml`), read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from news.comparable import comparable
from news.event import EventKind
from news.yaml_form import read_form


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a word tells: `sure` alone, or only beside a company.

    `holder`: a company right behind the word is the subject (减持宁德时代).
    """

    kind: EventKind
    sure: bool
    holder: bool


@dataclass(frozen=True, slots=True)
class EventLexicon:
    """Triggers by word, in the comparable form; None for a phrase that hides words inside it.

    A word may tell of several kinds.
    """

    triggers: dict[str, tuple[Trigger, ...] | None]

    @classmethod
    def load(cls, path: Path) -> EventLexicon:
        """Read the YAML file; raises DataFileError that names the file and the entry."""
        form = read_form(path, _File)
        return cls(_triggers(form))


class _KindForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: EventKind
    sure: list[str] = Field(default_factory=list)
    hint: list[str] = Field(default_factory=list)
    holder: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ignore: list[str] = Field(default_factory=list)
    events: list[_KindForm] = Field(min_length=1)


def _triggers(form: _File) -> dict[str, tuple[Trigger, ...] | None]:
    found: dict[str, tuple[Trigger, ...] | None] = {}
    for event in form.events:
        for sure, words in ((True, event.sure), (False, event.hint)):
            for word in words:
                trigger = Trigger(event.kind, sure, event.holder)
                found[comparable(word)] = (*(found.get(comparable(word)) or ()), trigger)
    return found | {comparable(word): None for word in form.ignore}
