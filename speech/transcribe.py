"""Speech recognition: what every recogniser offers and returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from speech.audio import AudioClip


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of recognised speech; `start` and `end` are seconds from the clip's beginning."""

    text: str
    start: float
    end: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in one clip.

    text: the segments joined; empty when nothing was said.
    language: as asked for, e.g. "zh".
    confidence: 0 (guessed) to 1 (sure), None when nothing was recognised or the engine gives none.
    engine: recogniser and model, e.g. "whisper:small".
    """

    text: str
    language: str
    confidence: float | None
    segments: tuple[Segment, ...]
    engine: str


class Transcriber(Protocol):
    """A speech recogniser. Adapters may be called from several threads."""

    def transcribe(
        self, clip: AudioClip, *, language: str = "zh", hints: Sequence[str] = ()
    ) -> Transcript:
        """The words in `clip`.

        hints: names and terms that are likely to occur, most likely first (securities, products).
        Raises AudioError for a clip that cannot be used, TranscriberError for the engine.
        """
        ...
