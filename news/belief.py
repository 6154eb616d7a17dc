"""How far a statement is to be believed: denied, a rumour, planned, ended; by the words around it.

The words come from `data/lexicons/belief.yaml`. Works on the comparable form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from news.comparable import comparable
from news.fact import FactStatus
from news.yaml_form import read_form

_BEHIND = 12
# Who does not deny lets a rumour stand (未予以否认).
_NOT_DENIED = "(?<!未)(?<!未予)(?<!未予以)(?<!没有)(?<!不)(?<!未作)"


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    denied: list[str] = Field(min_length=1)
    rumour: list[str] = Field(min_length=1)
    planned: list[str] = Field(min_length=1)
    ended: list[str] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Belief:
    """Patterns of the words of each group."""

    denied: re.Pattern[str]
    rumour: re.Pattern[str]
    planned: re.Pattern[str]
    ended: re.Pattern[str]

    @classmethod
    def load(cls, path: Path) -> Belief:
        """Read the YAML file; raises DataFileError that names the file and the entry."""
        form = read_form(path, _Form)
        denied = re.compile(f"{_NOT_DENIED}(?:{_any(form.denied).pattern})")
        return cls(denied, *map(_any, (form.rumour, form.planned, form.ended)))

    def status(
        self, form: str, start: int, end: int, sentence: tuple[int, int]
    ) -> tuple[FactStatus, str | None]:
        """Status of what [start, end) says, and its stage: `planned`, `ended` or None.

        `sentence` is [start, end) of the sentence around it.
        """
        clause = max(form.rfind(",", sentence[0], start) + 1, sentence[0])
        comma = form.find(",", end, sentence[1])
        clause_end = comma if comma >= 0 else sentence[1]
        stage = None
        if self.ended.search(form, clause, min(end + _BEHIND, clause_end)):
            stage = "ended"
        elif self.planned.search(form, clause, end):
            stage = "planned"
        if self.denied.search(form, clause, clause_end):
            return FactStatus.DENIED, stage
        # What rumours say follows over commas: 有消息称, A正与B谈判, 拟收购C.
        if self.rumour.search(form, sentence[0], end):
            return FactStatus.RUMOUR, stage
        return FactStatus.ASSERTED, stage


def _any(words: list[str]) -> re.Pattern[str]:
    ordered = sorted({comparable(word) for word in words}, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, ordered)))
