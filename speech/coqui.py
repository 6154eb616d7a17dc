"""Speech synthesis by Coqui TTS (MPL-2.0, the idiap fork `coqui-tts`), installed by `make coqui`.

For a voice of one's own: a VITS model trained with Coqui on recordings that one may use.
"""

from __future__ import annotations

import json
import pickle
import struct
import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech.audio import AudioClip
from speech.errors import EngineMissingError, SynthesizerError
from speech.spoken import spoken
from speech.synthesize import DEFAULT_VOICE, Voice, checked_text, sentences

PAUSE_SECONDS = 0.25
"""Silence between two sentences, in place of the 10,000 zeros that the library appends."""

_CHECKPOINTS = ("best_model.pth", "model.pth", "model_file.pth")
_NOT_COMMERCIAL = ("xtts", "your_tts", "fairseq")
_BROKEN_MODEL = (
    OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, EOFError,
    pickle.UnpicklingError, struct.error,
)  # fmt: skip


class CoquiSynthesizer:
    """A `Synthesizer` on one Coqui model, loaded at `warm_up` or at first use.

    model: a folder with config.json and a .pth checkpoint, that checkpoint, or a model name
        such as "tts_models/zh-CN/baker/tacotron2-DDC-GST" (downloaded at first use).
    device: "cpu" or "cuda".
    seed: of the noise that VITS draws, so that a text sounds the same each time.
    allow_noncommercial: take models whose licence forbids commercial use (XTTS, YourTTS, MMS).
    Voices: name is one of `voices()`; speed works where the model has a length scale (VITS,
    Glow-TTS); pitch does not exist here. Calls from several threads run one after the other.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        device: str = "cpu",
        seed: int = 0,
        allow_noncommercial: bool = False,
    ) -> None:
        self._model = str(model)
        self._device = device
        self._seed = seed
        self._allow_noncommercial = allow_noncommercial
        self._lock = threading.RLock()
        self._tts: Any = None

    def warm_up(self) -> None:
        """Import the library and load the model, if that has not been done.

        Raises EngineMissingError when `make coqui` has not been run, SynthesizerError for a model
        that is absent, broken or not for commercial use.
        """
        with self._lock:
            if self._tts is None:
                where = _located(self._model)
                if not self._allow_noncommercial:
                    _check_licence(self._model, where.get("config_path"))
                self._tts = _load(where, self._model).to(self._device)

    def voices(self) -> tuple[str, ...]:
        """The speakers that `Voice.name` may be beside "default"; () for a model of one voice."""
        with self._lock:
            self.warm_up()
            return tuple(self._tts.speakers or ())

    def synthesize(self, text: str, *, voice: Voice = DEFAULT_VOICE) -> AudioClip:
        """The sound of `text`, sentence by sentence, at the model's own rate."""
        said = checked_text(text)
        if voice.is_mandarin:
            said = spoken(said)
        if not any(character.isalnum() for character in said):
            raise SynthesizerError(f"nothing in {text[:40]!r} can be said; give words, not marks")
        with self._lock:
            self.warm_up()
            speaker = self._speaker(voice)
            self._set_speed(voice)
            rate = int(self._tts.synthesizer.output_sample_rate)
            pause = np.zeros(round(PAUSE_SECONDS * rate), dtype=np.float32)
            parts: list[npt.NDArray[np.float32]] = []
            for sentence in sentences(said):
                parts += [self._sentence(sentence, speaker, voice), pause]
        return AudioClip(np.clip(np.concatenate(parts[:-1]), -1.0, 1.0), rate)

    def _sentence(
        self, sentence: str, speaker: str | None, voice: Voice
    ) -> npt.NDArray[np.float32]:
        import torch

        language = "zh-cn" if voice.is_mandarin else voice.language
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(self._seed)
            try:
                wave = self._tts.tts(
                    sentence,
                    speaker=speaker,
                    language=language if self._tts.is_multi_lingual else None,
                    split_sentences=False,
                )
            except _BROKEN_MODEL as error:
                raise SynthesizerError(
                    f"Coqui failed at {sentence[:40]!r} ({type(error).__name__}: {error}); check "
                    "that the model was trained on this language"
                ) from error
        return np.trim_zeros(np.asarray(wave, dtype=np.float32), "b")

    def _speaker(self, voice: Voice) -> str | None:
        known = self.voices()
        if voice.name == "default":
            return known[0] if known else None
        if voice.name not in known:
            raise SynthesizerError(
                f"this model has no voice {voice.name!r}; allowed: default"
                + "".join(f", {name}" for name in known[:20])
            )
        return voice.name

    def _set_speed(self, voice: Voice) -> None:
        if voice.pitch != 1.0:
            raise SynthesizerError(
                f"Coqui models have no pitch control; pitch {voice.pitch} != 1.0"
            )
        model = self._tts.synthesizer.tts_model
        if hasattr(model, "length_scale"):
            model.length_scale = 1.0 / voice.speed
        elif voice.speed != 1.0:
            raise SynthesizerError(
                f"this model has one speed only; {voice.speed} is not 1.0: take a VITS model"
            )


def _located(model: str) -> dict[str, str]:
    """The arguments by which `TTS.api.TTS` finds the model."""
    path = Path(model).expanduser()
    if path.is_dir():
        checkpoint = _checkpoint(path)
    elif path.is_file():
        checkpoint = path
    elif model.startswith("tts_models/"):
        return {"model_name": model}
    else:
        raise SynthesizerError(
            f"no Coqui model at {model}; allowed: a folder with config.json and a .pth checkpoint, "
            "the checkpoint, or a name that begins with tts_models/"
        )
    config = checkpoint.with_name("config.json")
    if not config.is_file():
        raise SynthesizerError(f"{config} is missing; copy it beside the checkpoint {checkpoint}")
    return {"model_path": str(checkpoint), "config_path": str(config)}


def _checkpoint(folder: Path) -> Path:
    found = [folder / name for name in _CHECKPOINTS if (folder / name).is_file()]
    found = found or sorted(folder.glob("*.pth"))
    if not found:
        raise SynthesizerError(f"no checkpoint in {folder}; put one there as model.pth")
    return found[0]


def _check_licence(model: str, config: str | None) -> None:
    kind = model.lower()
    if config is not None:
        try:
            kind = str(json.loads(Path(config).read_text(encoding="utf-8"))["model"])
        except (ValueError, KeyError, TypeError) as error:
            raise SynthesizerError(f"{config} is no Coqui configuration: {error}") from error
    if any(name in kind for name in _NOT_COMMERCIAL):
        raise SynthesizerError(
            f"the licence of {model} forbids commercial use; choose a VITS model of your own, or "
            "pass allow_noncommercial=True for research"
        )


def _load(where: dict[str, str], model: str) -> Any:
    try:
        from TTS.api import TTS
    except (ImportError, OSError) as error:
        raise EngineMissingError(
            f"Coqui TTS is not installed ({error}); install it with: make coqui"
        ) from error
    _segment_offline()
    try:
        return TTS(progress_bar=False, **where)
    except _BROKEN_MODEL as error:
        raise SynthesizerError(
            f"Coqui cannot load {model} ({type(error).__name__}: {str(error)[:200]}); check the "
            "name or the files, or give the folder of a model copied to this machine"
        ) from error


def _segment_offline() -> None:
    """Let the library's Mandarin front end cut words with jieba.

    It would fetch a model for another segmenter at its first sentence; its published Mandarin
    model was trained on jieba's words anyway.
    """
    try:
        from TTS.tts.utils.text.chinese_mandarin import phonemizer
    except ImportError:
        return  # The extra packages for Chinese are absent; models of other languages need none.
    if phonemizer._seg is None:
        phonemizer._seg = _Words()


class _Words:
    def cut(self, text: str) -> list[str]:
        """The words of `text`, as the segmenter that this replaces returns them."""
        import rjieba

        return list(rjieba.cut(text))
