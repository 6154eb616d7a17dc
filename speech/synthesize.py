"""Speech synthesis: what every synthesizer offers, voices, and cutting long texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from speech.audio import AudioClip
from speech.errors import SynthesizerError

MAX_CHARACTERS = 5_000
"""Longest text a synthesizer takes: about 20 minutes of speech."""

_SENTENCE = re.compile(r"[^。！？；!?;\n]*[。！？；!?;\n]*")
_CLAUSE = re.compile(r"[^，、,：:]*[，、,：:]*")


@dataclass(frozen=True, slots=True)
class Voice:
    """How to speak.

    name: the engine's name of a speaker or variant; "default" leaves it to the engine.
    language: "cmn" (Mandarin) or another code that the engine knows.
    speed: 0.5 (slow) to 2.0 (fast), 1.0 as the engine speaks by itself.
    pitch: 0.5 (low) to 1.5 (high), 1.0 as the engine speaks by itself; engines without
        a pitch control refuse any other value.
    """

    name: str = "default"
    language: str = "cmn"
    speed: float = 1.0
    pitch: float = 1.0

    def __post_init__(self) -> None:
        if not 0.5 <= self.speed <= 2.0:
            raise SynthesizerError(f"speed {self.speed} is outside 0.5 to 2.0; 1.0 is normal")
        if not 0.5 <= self.pitch <= 1.5:
            raise SynthesizerError(f"pitch {self.pitch} is outside 0.5 to 1.5; 1.0 is normal")

    @property
    def is_mandarin(self) -> bool:
        """Whether written Chinese must be turned into spoken Chinese first."""
        return self.language.split("-")[0].lower() in ("cmn", "zh")


DEFAULT_VOICE = Voice()


class Synthesizer(Protocol):
    """A speech synthesizer. Adapters may be called from several threads."""

    def synthesize(self, text: str, *, voice: Voice = DEFAULT_VOICE) -> AudioClip:
        """The sound of `text`, written Chinese as it stands on a page.

        Raises SynthesizerError for a text that is empty or longer than MAX_CHARACTERS, an unknown
        voice, or a failing engine.
        """
        ...


def checked_text(text: str) -> str:
    """`text` without outer white space; SynthesizerError when empty or too long."""
    stripped = text.strip()
    if not stripped:
        raise SynthesizerError("the text is empty; give at least one word to speak")
    if len(stripped) > MAX_CHARACTERS:
        raise SynthesizerError(
            f"the text has {len(stripped)} characters; at most {MAX_CHARACTERS} are spoken "
            "at once: send it in parts"
        )
    return stripped


def sentences(text: str, *, limit: int = 120) -> Iterator[str]:
    """Cut `text` behind sentence marks; behind commas, then hard, where longer than `limit`.

    Joined again, the parts hold every character of `text` but outer white space of the parts.
    """
    for sentence in _SENTENCE.findall(text):
        for part in _pieces(sentence, limit):
            if part.strip():
                yield part.strip()


def _pieces(sentence: str, limit: int) -> Iterator[str]:
    if len(sentence) <= limit:
        yield sentence
        return
    held = ""
    for clause in _CLAUSE.findall(sentence):
        if held and len(held) + len(clause) > limit:
            yield held
            held = ""
        held += clause
        while len(held) > limit:
            yield held[:limit]
            held = held[limit:]
    yield held
