"""Mono sound in memory, and WAV files and bytes on the way in and out."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from speech.errors import AudioError

MIN_RATE, MAX_RATE = 4_000, 192_000
MAX_SECONDS = 600.0
"""Longest file read by default: ten minutes, 38 MB as float32 at 16 kHz."""


@dataclass(frozen=True, slots=True, eq=False)
class AudioClip:
    """One mono stretch of sound.

    samples: float32[n], nominally within -1 to 1, every value finite, made read-only here.
    rate: samples a second (Hz), 4,000 to 192,000.
    Raises AudioError when a field breaks these rules. Two clips are equal when they are one object.
    """

    samples: npt.NDArray[np.float32]
    rate: int

    def __post_init__(self) -> None:
        if not MIN_RATE <= self.rate <= MAX_RATE:
            raise AudioError(
                f"sample rate {self.rate} Hz is outside {MIN_RATE} to {MAX_RATE}; "
                "check the recorder's settings"
            )
        if self.samples.ndim != 1 or self.samples.dtype != np.float32:
            raise AudioError(
                f"samples are {self.samples.dtype} of shape {self.samples.shape}; a clip takes "
                "float32[n] (mono): convert with .astype('float32') and average the channels"
            )
        if not np.isfinite(self.samples).all():
            bad = int(np.count_nonzero(~np.isfinite(self.samples)))
            raise AudioError(
                f"{bad} of {self.samples.size} samples are NaN or infinite; a clip takes finite "
                "numbers: record or convert the sound again"
            )
        self.samples.setflags(write=False)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return float(self.samples.size / self.rate)

    @property
    def peak(self) -> float:
        """Largest absolute sample, 0.0 for an empty clip."""
        return float(np.max(np.abs(self.samples), initial=0.0))

    def resampled(self, rate: int) -> AudioClip:
        """The same sound at `rate` Hz (soxr, high quality); the clip itself if it already fits."""
        if rate == self.rate:
            return self
        if not MIN_RATE <= rate <= MAX_RATE:
            raise AudioError(f"cannot resample to {rate} Hz; allowed: {MIN_RATE} to {MAX_RATE}")
        return AudioClip(soxr.resample(self.samples, self.rate, rate).astype(np.float32), rate)


def read_wav(path: str | Path, *, max_seconds: float = MAX_SECONDS) -> AudioClip:
    """Read a sound file as mono; several channels are averaged.

    WAV is meant, FLAC, OGG and MP3 are read as well (libsndfile decides by content, not by name).
    Raises AudioError when the file is missing, empty, damaged, not finite, or longer than
    `max_seconds`; the length is checked before the samples are read.
    """
    file = Path(path)
    if not file.is_file():
        raise AudioError(f"no sound file at {file}; give the path of an existing WAV file")
    if file.stat().st_size == 0:
        raise AudioError(f"{file} is empty (0 bytes); record or copy it again")
    with file.open("rb") as stream:
        return _decode(stream, str(file), max_seconds)


def decode_wav(data: bytes, *, max_seconds: float = MAX_SECONDS) -> AudioClip:
    """Read sound from bytes, as `read_wav` reads a file (an upload, a database column)."""
    if not data:
        raise AudioError("the sound has 0 bytes; send a WAV recording")
    return _decode(io.BytesIO(data), f"the sound of {len(data)} bytes", max_seconds)


def write_wav(path: str | Path, clip: AudioClip) -> None:
    """Write `clip` as 16-bit PCM WAV, replacing `path` in one step; samples are cut off at +-1."""
    file = Path(path)
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(encode_wav(clip))
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise AudioError(
            f"cannot write {file}: {error.strerror or error}; give a path in an existing, "
            "writable folder"
        ) from error


def encode_wav(clip: AudioClip) -> bytes:
    """The bytes of a 16-bit PCM WAV file; samples are cut off at +-1."""
    buffer = io.BytesIO()
    samples = np.clip(clip.samples, -1.0, 1.0)
    soundfile.write(buffer, samples, clip.rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def _decode(stream: BinaryIO, name: str, max_seconds: float) -> AudioClip:
    try:
        with soundfile.SoundFile(stream) as sound:
            _check_length(sound, name, max_seconds)
            frames = sound.read(dtype="float32", always_2d=True)
            rate = int(sound.samplerate)
    except soundfile.SoundFileError as error:
        raise AudioError(
            f"{name} cannot be decoded ({error}); allowed: WAV, FLAC, OGG or MP3, "
            "best 16-bit PCM WAV, mono, 16 kHz"
        ) from error
    if frames.shape[0] == 0:
        raise AudioError(f"{name} holds no samples; record it again")
    return AudioClip(np.ascontiguousarray(frames.mean(axis=1, dtype=np.float32)), rate)


def _check_length(sound: Any, name: str, max_seconds: float) -> None:
    seconds = sound.frames / sound.samplerate
    if seconds > max_seconds:
        raise AudioError(
            f"{name} lasts {seconds:.1f} s; at most {max_seconds:g} s are read: "
            "cut it, or raise max_seconds"
        )
