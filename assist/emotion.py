"""How a customer sounds, message by message, and whether anger rises.

A lexicon and a small model trained from `data/emotion/*.tsv` when it is loaded; what is said is
never kept, and every reading names the words that it rests on.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assist.emotion_model import MOODS, MoodModel
from assist.emotion_words import Mood, MoodWords
from assist.errors import KnowledgeError
from assist.labelled import read_table
from assist.lexical import plain

EARLIER = 3
"""Messages before that anger is compared with."""
_ALERT = 0.75
_RISING = 0.25
_RISEN = 0.45
_ANNOYED_SHARE = 0.5
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class MoodReading:
    """A message's mood with its chance (0 to 1), and how angry it is (0 to 1).

    `rising`: clearly angrier than the messages before; `alert`: a person should be offered now;
    `reason` names the words that it rests on.
    """

    mood: Mood
    chance: float
    anger: float
    rising: bool
    alert: bool
    reason: str


class MoodReader:
    """Reads moods; keeps nothing about any conversation."""

    def __init__(self, model: MoodModel) -> None:
        self._model = model
        self._read = lru_cache(maxsize=_REMEMBERED)(self._alone)

    @classmethod
    def load(cls, examples: Path, lexicon: Path) -> MoodReader:
        """Learn from a folder of TSV files (text, mood); raises KnowledgeError naming the file."""
        words = MoodWords.load(lexicon)
        texts: list[str] = []
        moods: list[Mood] = []
        for path in sorted(examples.glob("*.tsv")):
            for text, mood in read_table(path, ("text", "mood"), check=_reason).rows:
                texts.append(_marked(text))
                moods.append(Mood(mood))
        if set(moods) != set(MOODS):
            missing = ", ".join(mood for mood in MOODS if mood not in moods)
            raise KnowledgeError(f"{examples}: no example of {missing}; every mood needs some")
        return cls(MoodModel.fit(texts, moods, words))

    @property
    def offer(self) -> str:
        """What is offered where a reading is an alert."""
        return self._model.words.offer

    def read(self, text: str, earlier: Sequence[str] = ()) -> MoodReading:
        """The mood of a message after the customer's `earlier` messages, oldest first."""
        mood, chance, anger, reason = self._read(_marked(text))
        before = [self._read(_marked(said))[2] for said in earlier[-EARLIER:]]
        rising = bool(before) and anger - sum(before) / len(before) >= _RISING
        stays = len(before) >= 2 and min(anger, *before[-2:]) >= _RISEN
        alert = anger >= _ALERT or stays or (rising and anger >= _RISEN)
        return MoodReading(mood, chance, anger, rising, alert, reason)

    def _alone(self, said: str) -> tuple[Mood, float, float, str]:
        letters = said.rstrip("!")
        if not letters:
            return Mood.CALM, 1.0, 0.0, "nothing said"
        guess = self._model.guess(said)
        chances = dict(zip(MOODS, guess.chances, strict=True))
        mood = max(MOODS, key=chances.__getitem__)
        anger = chances[Mood.ANGRY] + _ANNOYED_SHARE * chances[Mood.ANNOYED]
        named = [word for word, of in self._model.words.found(letters) if of is mood]
        others = [part for part in guess.parts if not any(part in w or w in part for w in named)]
        reason = "; ".join(
            f"{kind}: {', '.join(dict.fromkeys(parts))}"
            for kind, parts in (("words", named), ("model", others))
            if parts
        )
        return mood, round(chances[mood], 4), round(anger, 4), reason or "nothing particular"


def _marked(text: str) -> str:
    """The plain form, with ! behind it where the text shouts."""
    shouts = unicodedata.normalize("NFKC", text[:1000]).count("!") >= 2
    return plain(text).replace("!", "") + ("!" if shouts else "")


def _reason(row: tuple[str, ...]) -> str | None:
    known = row[1] in tuple(Mood)
    return None if known else f"mood {row[1]!r} is none of {', '.join(Mood)}"
