"""The words that tell a mood, read from `data/lexicons/emotion.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from assist.errors import KnowledgeError


class Mood(StrEnum):
    """How a customer sounds."""

    CALM = "calm"
    PLEASED = "pleased"
    ANXIOUS = "anxious"
    ANNOYED = "annoyed"
    ANGRY = "angry"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    negations: list[str]
    moods: dict[Mood, list[str]]
    offer: str


@dataclass(frozen=True, slots=True)
class MoodWords:
    """Words of each mood; `offer` is what an angry customer is offered."""

    pattern: re.Pattern[str]
    moods: dict[str, Mood]
    offer: str

    @classmethod
    def load(cls, path: Path) -> MoodWords:
        """Read the file; raises KnowledgeError naming it."""
        try:
            form = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
            raise KnowledgeError(f"{path}: is no lexicon of moods ({error})") from error
        moods = {word: mood for mood, words in form.moods.items() for word in words}
        longest = sorted(moods, key=lambda word: (-len(word), word))
        negations = "|".join(map(re.escape, sorted(form.negations, key=len, reverse=True)))
        words = "|".join(map(re.escape, longest)) or "(?!)"
        return cls(re.compile(f"(?P<no>{negations})?(?P<word>{words})"), moods, form.offer.strip())

    def found(self, said: str) -> tuple[tuple[str, Mood], ...]:
        """Words of a plain text with their moods, without those that are negated."""
        # A word that itself begins with a negation (不满意) is longer than what follows it (满意).
        hits: list[tuple[str, Mood]] = []
        place = 0
        while match := self.pattern.search(said, place):
            whole = self.moods.get(match.group())
            if whole is not None:
                hits.append((match.group(), whole))
            elif not match.group("no"):
                hits.append((match.group("word"), self.moods[match.group("word")]))
            place = match.end()
        return tuple(hits)
