"""Speech synthesis by eSpeak NG (GPL-3.0-or-later, loaded as a shared library).

It needs no weights, speaks within milliseconds and sounds like a machine: the voice that is
always there. `espeakng-loader` carries the library and its data.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from speech.audio import AudioClip
from speech.errors import EngineMissingError, SynthesizerError
from speech.espeak_mandarin import corrected
from speech.spoken import spoken
from speech.synthesize import DEFAULT_VOICE, Voice, checked_text, sentences

# speak_lib.h of eSpeak NG 1.52.
_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
_UTF8, _PHONEME_MODE = 1, 0x100
_RATE, _VOLUME, _PITCH = 1, 2, 3
_NORMAL_WORDS_PER_MINUTE = 175
_NORMAL_PITCH = 50
# eSpeak's 100 touches full scale; 70 leaves 3 dB of headroom.
_QUIETER = 70

# The library is one per process and keeps one voice, one rate and one callback at a time.
_LOCK = threading.Lock()
_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class EspeakSynthesizer:
    """A `Synthesizer` on libespeak-ng, 22,050 Hz, safe from several threads.

    Voices: name is "default" or one of `variants()` (f1 to f5, m1 to m8 ...); language is "cmn",
    "yue", "en" or another that eSpeak knows. Written Chinese is turned into spoken Chinese first.
    """

    def synthesize(self, text: str, *, voice: Voice = DEFAULT_VOICE) -> AudioClip:
        """The sound of `text`, sentence by sentence.

        Two calls differ inaudibly: the library never resets the phase of its voice.
        """
        said = checked_text(text)
        parts: Iterator[str] = sentences(_pronounceable(said) if voice.is_mandarin else said)
        if voice.is_mandarin:
            parts = map(corrected, parts)
        with _LOCK:
            library, rate = _library()
            _choose(library, voice)
            samples = _speak(library, parts, _PHONEME_MODE if voice.is_mandarin else 0)
        if samples.size == 0:
            raise SynthesizerError(f"eSpeak finds nothing to say in {text[:40]!r}; give words")
        return AudioClip(samples, rate)


def variants() -> tuple[str, ...]:
    """The names that `Voice.name` may have beside "default"."""
    import espeakng_loader

    folder = Path(espeakng_loader.get_data_path()) / "voices" / "!v"
    return tuple(sorted(file.name for file in folder.iterdir()))


def _pronounceable(text: str) -> str:
    said = spoken(text)
    if not said:
        raise SynthesizerError(
            f"nothing in {text[:40]!r} can be said; give words, not only marks or addresses"
        )
    return said


@cache
def _library() -> tuple[Any, int]:
    """The initialised library and its sample rate in Hz; called with the lock held."""
    try:
        import espeakng_loader

        library = ctypes.CDLL(str(espeakng_loader.get_library_path()))
    except (ImportError, OSError) as error:
        raise EngineMissingError(
            f"eSpeak NG cannot be loaded ({error}); install it with: pip install espeakng-loader"
        ) from error
    data = str(espeakng_loader.get_data_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _DO_NOT_EXIT)
    if rate <= 0:
        raise EngineMissingError(
            f"eSpeak NG does not start with its data in {data}; that path may have at most "
            "150 characters: install espeakng-loader into a shorter path"
        )
    return library, int(rate)


def _choose(library: Any, voice: Voice) -> None:
    name = voice.language if voice.name == "default" else f"{voice.language}+{voice.name}"
    if voice.name != "default" and voice.name not in variants():
        raise SynthesizerError(
            f"eSpeak has no voice {voice.name!r}; allowed: default, f1 to f5, m1 to m8, or "
            "another of speech.espeak.variants()"
        )
    if library.espeak_SetVoiceByName(name.encode()) != 0:
        raise SynthesizerError(
            f"eSpeak does not speak {voice.language!r}; allowed: cmn, yue, en and its other codes"
        )
    library.espeak_SetParameter(_RATE, round(_NORMAL_WORDS_PER_MINUTE * voice.speed), 0)
    library.espeak_SetParameter(_VOLUME, _QUIETER, 0)
    library.espeak_SetParameter(_PITCH, min(round(_NORMAL_PITCH * voice.pitch), 99), 0)


def _speak(library: Any, parts: Iterable[str], mode: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """float32[n] of all parts, one after the other."""
    heard: list[bytes] = []

    def collect(samples: Any, count: int, _events: Any) -> int:
        if count > 0:
            heard.append(ctypes.string_at(samples, count * 2))
        return 0

    callback = _Callback(collect)
    library.espeak_SetSynthCallback(callback)
    for part in parts:
        data = part.encode()
        code = library.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8 | mode, None, None)
        if code != 0:
            raise SynthesizerError(f"eSpeak failed with code {code} at {part[:40]!r}; try again")
    pcm = np.frombuffer(b"".join(heard), dtype=np.int16)
    return pcm.astype(np.float32) / 32768.0
