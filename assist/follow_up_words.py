"""The words of follow-ups: what ties a message to the one before, aspects, exchangeable things."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assist.errors import AssistError
from assist.lexical import Phrases, plain
from news import text as news_text

_IGNORED = "-"


@dataclass(frozen=True, slots=True)
class Named:
    """A word [start, end) of a plain text that takes `sides` of a group of exchangeable things.

    `is_action` marks a group whose sides say what is done, not to what (转入, 转出).
    """

    start: int
    end: int
    group: int
    sides: tuple[int, ...]
    is_action: bool = False


@dataclass(frozen=True, slots=True)
class Aspect:
    """A word [start, end) of a plain text that asks about the aspects with these numbers."""

    start: int
    end: int
    numbers: tuple[int, ...]


class FollowUpWords:
    """Finds the words of the lexicon in plain texts; immutable."""

    def __init__(self, lexicon: Lexicon, groups: Sequence[Group]) -> None:
        self._aspects = Phrases(
            (str(n), word) for n, aspect in enumerate(lexicon.aspects) for word in aspect.words
        )
        self._same_entry = frozenset(n for n, a in enumerate(lexicon.aspects) if a.same_entry)
        self._groups = [
            Phrases(
                [(str(place), word) for place, side in enumerate(group.sides) for word in side]
                + [(_IGNORED, word) for word in group.ignore]
            )
            for group in groups
        ]
        self._actions = frozenset(n for n, g in enumerate(groups) if g.name in lexicon.actions)
        self._lead = re.compile(f"^(?:{_either(lexicon.lead_in)})")
        self._closing = re.compile(f"(?:{_either(lexicon.closing)})$")
        self._particle = re.compile(f"(?:{_either(lexicon.particle)})$")
        self._filler = re.compile(_either(lexicon.filler))
        self._fillers = frozenset(map(plain, lexicon.filler))

    @classmethod
    def load(cls, folder: Path) -> FollowUpWords:
        """Read `follow_ups.yaml` of a folder, and the groups of its `polarity.yaml`.

        Raises AssistError naming the file and the place where one is not as it must be.
        """
        lexicon = _read(folder / "follow_ups.yaml", Lexicon)
        polarity = _read(folder / "polarity.yaml", _Groups)
        return cls(lexicon, [*lexicon.slots, *polarity.groups])

    def led(self, plain_text: str) -> str:
        """A plain text without the words at its beginning that tie it to the one before."""
        text = plain_text
        while (shorter := self._lead.sub("", text)) != text and shorter:
            text = shorter
        return text

    def core(self, plain_text: str) -> tuple[str, bool]:
        """A plain text without what ties it to the one before, and whether anything tied it."""
        text = self.led(plain_text)
        tied = text != plain_text
        while (shorter := self._closing.sub("", self._ending(text))) != text and shorter:
            tied = tied or bool(self._closing.search(self._ending(text)))
            text = shorter
        return text, tied

    def _ending(self, text: str) -> str:
        return self._particle.sub("", text) or text

    def aspects(self, plain_text: str) -> tuple[Aspect, ...]:
        """What a plain text asks about, in reading order."""
        found = self._aspects.find(plain_text)
        return tuple(Aspect(s.start, s.end, tuple(map(int, s.names))) for s in found)

    def of_the_matter(self, aspects: Collection[int]) -> bool:
        """Whether one of these aspects is told by any entry on the matter (手机上能办吗)."""
        return not self._same_entry.isdisjoint(aspects)

    def named(self, plain_text: str) -> tuple[Named, ...]:
        """Things of a plain text that others can take the place of, in reading order."""
        found = [
            Named(
                span.start, span.end, number, tuple(map(int, span.names)), number in self._actions
            )
            for number, group in enumerate(self._groups)
            for span in group.find(plain_text)
            if _IGNORED not in span.names
        ]
        return tuple(sorted(found, key=lambda named: (named.start, named.end, named.group)))

    def content(self, plain_text: str) -> str:
        """What is left of a plain text without the letters of words that name nothing."""
        return self._filler.sub("", plain_text)

    def subject(self, plain_text: str) -> str:
        """The words of a plain text that name something."""
        return "".join(w for w in news_text.words(plain_text) if w not in self._fillers)


class Group(BaseModel):
    """Exchangeable things: `sides` are lists of words for the same; a word of `ignore` is none."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    name: str
    sides: list[tuple[str, ...]] = Field(min_length=2)
    ignore: list[str] = []


class AspectWords(BaseModel):
    """Words that ask about one aspect; `same_entry`: an entry on the matter mostly tells it."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    name: str
    words: list[str] = Field(min_length=1)
    same_entry: bool = False


class Lexicon(BaseModel):
    """The file follow_ups.yaml."""

    model_config = ConfigDict(extra="forbid")

    lead_in: list[str]
    closing: list[str]
    particle: list[str]
    filler: list[str]
    aspects: list[AspectWords]
    slots: list[Group] = []
    actions: list[str] = []


class _Groups(BaseModel):
    groups: list[Group]


_Form = TypeVar("_Form", bound=BaseModel)


def _read(path: Path, form: type[_Form]) -> _Form:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return form.model_validate({"groups": raw or []} if form is _Groups else raw)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise AssistError(f"{path}: is no readable UTF-8 YAML file ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise AssistError(f"{path}: {place}: {first['msg']}") from error


def _either(words: Iterable[str]) -> str:
    found = sorted({plain(word) for word in words} - {""}, key=lambda w: (-len(w), w))
    return "|".join(map(re.escape, found)) or "(?!)"
