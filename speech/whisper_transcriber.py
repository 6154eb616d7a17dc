"""Speech recognition by OpenAI's Whisper (MIT; Radford et al. 2022, arXiv:2212.04356)."""

from __future__ import annotations

import math
import pickle
import struct
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from speech.audio import AudioClip
from speech.errors import AudioError, TranscriberError
from speech.hallucination import is_hallucination
from speech.transcribe import Segment, Transcript
from speech.whisper_weights import Fetch, default_folder, download, locate

RATE = 16_000
SILENT_PEAK = 1e-3
"""A clip that never exceeds -60 dBFS holds no speech and is not decoded."""
SHORTEST_SECONDS = 0.1
PROMPTS = {"zh": "以下是普通话的句子", "yue": "以下係廣東話嘅句子"}
"""The prompt makes Whisper punctuate and prefer simplified characters."""

_LANGUAGES = {"zh-cn": "zh", "cmn": "zh", "zh-hans": "zh"}
_BROKEN_FILE = (
    RuntimeError, OSError, EOFError, LookupError, TypeError, ValueError, AttributeError,
    pickle.UnpicklingError, struct.error,
)  # fmt: skip


class WhisperTranscriber:
    """A `Transcriber` on one Whisper model, loaded at `warm_up` or at first use.

    model: a name (tiny, base, small, medium, large-v3, turbo ...), whose weights are downloaded
        into `folder` at first use, or the path of a checkpoint: {"dims", "model_state_dict"}.
    device: "cpu", or "cuda" for an NVIDIA card (half precision there).
    beam_size: None decodes greedily; 5 is slower and a little better.
    Calls from several threads are answered one after the other: Whisper keeps its attention
    cache in hooks on the model, which two decodings at once would mix up.
    """

    def __init__(
        self,
        model: str,
        *,
        folder: Path | None = None,
        device: str = "cpu",
        beam_size: int | None = None,
        max_seconds: float = 600.0,
        fetch: Fetch = download,
    ) -> None:
        if model.endswith(".en"):
            raise TranscriberError(
                f"Whisper {model!r} hears English only; choose {model.removesuffix('.en')!r}"
            )
        self._model_name = model
        self._folder = folder or default_folder()
        self._device = device
        self._beam_size = beam_size
        self._max_seconds = max_seconds
        self._fetch = fetch
        self._lock = threading.RLock()
        self._model: Any = None
        self._simplify: Any = None

    @property
    def engine(self) -> str:
        """What `Transcript.engine` says."""
        return f"whisper:{Path(self._model_name).stem}"

    def warm_up(self) -> None:
        """Import Whisper and load the weights, if that has not been done.

        Raises ModelMissingError without weights, TranscriberError for a file that is no checkpoint.
        """
        with self._lock:
            if self._model is not None:
                return
            # Imported here: torch and numba take seconds, and other adapters need neither.
            import opencc
            import whisper

            file = locate(self._model_name, self._folder, whisper._MODELS, self._fetch)
            self._model = _load(file, self._device)
            self._simplify = opencc.OpenCC("t2s").convert

    def transcribe(
        self, clip: AudioClip, *, language: str = "zh", hints: Sequence[str] = ()
    ) -> Transcript:
        """The words in `clip`, in simplified characters; empty when nobody speaks.

        language: a code that Whisper knows, e.g. "zh", "en", and "yue" with large-v3 and turbo.
        hints: put into the prompt of every 30-second window while there is room.
        """
        if clip.seconds > self._max_seconds:
            raise AudioError(
                f"the clip lasts {clip.seconds:.1f} s; at most {self._max_seconds:g} s are "
                "recognised at once: cut it, or raise max_seconds"
            )
        code = _LANGUAGES.get(language.lower(), language.lower())
        with self._lock:
            self.warm_up()
            self._check_language(code)
            if clip.seconds < SHORTEST_SECONDS or clip.peak < SILENT_PEAK:
                return Transcript("", code, None, (), self.engine)
            found = self._decode(clip, code, self._prompt(code, hints))
        return self._transcript(found, code, clip.seconds)

    def _check_language(self, code: str) -> None:
        from whisper.tokenizer import LANGUAGES

        known = list(LANGUAGES)[: self._model.num_languages]
        if code not in known:
            raise TranscriberError(
                f"{self.engine} does not know the language {code!r}; allowed: {', '.join(known)}"
            )

    def _prompt(self, code: str, hints: Sequence[str]) -> str:
        """The prompt's sentence with as many hints, first ones first, as Whisper's window takes."""
        from whisper.tokenizer import get_tokenizer

        tokenizer = get_tokenizer(True, num_languages=self._model.num_languages, language=code)
        room = self._model.dims.n_text_ctx // 2 - 1
        prompt = PROMPTS.get(code, "")
        for hint in dict.fromkeys(hint.strip() for hint in hints):
            longer = f"{prompt}、{hint}" if prompt else hint
            if not hint or len(tokenizer.encode(f" {longer}。")) > room:
                continue
            prompt = longer
        return f"{prompt}。" if prompt else ""

    def _decode(self, clip: AudioClip, code: str, prompt: str) -> list[dict[str, Any]]:
        result = self._model.transcribe(
            # A copy: torch warns about read-only arrays.
            clip.resampled(RATE).samples.copy(),
            language=code,
            task="transcribe",
            temperature=0.0,
            beam_size=self._beam_size,
            condition_on_previous_text=False,
            initial_prompt=prompt or None,
            carry_initial_prompt=bool(prompt),
            fp16=self._device != "cpu",
            verbose=None,
        )
        segments: list[dict[str, Any]] = result["segments"]
        if any(math.isnan(each["avg_logprob"]) for each in segments):
            raise TranscriberError(
                f"the weights of {self.engine} hold values that are no numbers: copy or download "
                f"the file {self._model_name} again"
            )
        return segments

    def _transcript(self, found: list[dict[str, Any]], code: str, seconds: float) -> Transcript:
        chinese = code in PROMPTS
        kept = [each for each in found if _is_heard(each, PROMPTS.get(code, ""))]
        segments = tuple(
            Segment(
                text=self._simplify(each["text"].strip()) if chinese else each["text"].strip(),
                start=min(float(each["start"]), seconds),
                end=min(float(each["end"]), seconds),
                confidence=_probability(each["avg_logprob"]),
            )
            for each in kept
        )
        text = ("" if chinese else " ").join(segment.text for segment in segments)
        return Transcript(text, code, _confidence(kept), segments, self.engine)


def _load(file: Path, device: str) -> Any:
    import whisper

    try:
        model = whisper.load_model(str(file), device=device)
    except _BROKEN_FILE as error:
        raise TranscriberError(
            f"{file} is no Whisper checkpoint ({type(error).__name__}: {str(error)[:160]}); "
            "allowed: a .pt file with dims and model_state_dict, as Whisper's own downloads are: "
            "copy it again, or give a model name"
        ) from error
    if not model.is_multilingual:
        raise TranscriberError(f"{file} hears English only; choose a multilingual checkpoint")
    return model


def _is_heard(segment: dict[str, Any], prompt: str) -> bool:
    return bool(segment["text"].strip()) and not is_hallucination(
        segment["text"],
        no_speech=segment["no_speech_prob"],
        mean_log_probability=segment["avg_logprob"],
        prompt=prompt,
    )


def _confidence(segments: list[dict[str, Any]]) -> float | None:
    """The geometric mean of the words' probabilities over all segments."""
    words = sum(len(segment["tokens"]) for segment in segments)
    if not words:
        return None
    total = sum(segment["avg_logprob"] * len(segment["tokens"]) for segment in segments)
    return _probability(total / words)


def _probability(log_probability: float) -> float:
    return math.exp(min(log_probability, 0.0))
