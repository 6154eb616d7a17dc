"""What every Transcriber promises; Whisper runs its real code on a tiny random checkpoint."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from speech.audio import AudioClip
from speech.errors import AudioError, TranscriberError
from speech.transcribe import Transcriber, Transcript


@pytest.fixture(scope="module")
def checkpoint(whisper_checkpoint: Path) -> Path:
    """Whisper with random weights."""
    return whisper_checkpoint


@pytest.fixture(scope="module")
def transcriber(checkpoint: Path) -> Iterator[Transcriber]:
    """Whisper, loaded once, on one core: so small a model only waits for a second one."""
    import torch

    from speech.whisper_transcriber import WhisperTranscriber

    cores = torch.get_num_threads()
    torch.set_num_threads(1)
    loaded = WhisperTranscriber(str(checkpoint))
    loaded.warm_up()
    yield loaded
    torch.set_num_threads(cores)


@pytest.fixture(scope="module")
def speech_clip() -> AudioClip:
    """Two seconds of real synthetic speech."""
    from speech.espeak import EspeakSynthesizer

    return EspeakSynthesizer().synthesize("您好，请问开户需要什么？")


@pytest.fixture(scope="module")
def heard(transcriber: Transcriber, speech_clip: AudioClip) -> Transcript:
    """What the random model makes of the clip: words without meaning."""
    return transcriber.transcribe(speech_clip)


def test_a_transcript_keeps_to_its_ranges(heard: Transcript, speech_clip: AudioClip) -> None:
    """Confidence lies in 0 to 1, segments in the clip and in order, their texts make the text."""
    assert heard.language == "zh"
    assert heard.engine == "whisper:tiny-random"
    assert heard.confidence is None or 0.0 <= heard.confidence <= 1.0
    assert heard.text == "".join(segment.text for segment in heard.segments)
    for segment in heard.segments:
        assert 0.0 <= segment.start <= segment.end <= speech_clip.seconds
        assert segment.text
        assert segment.confidence is not None
        assert 0.0 <= segment.confidence <= 1.0


def test_the_same_clip_gives_the_same_transcript(
    transcriber: Transcriber, speech_clip: AudioClip, heard: Transcript
) -> None:
    """Nothing is drawn at random."""
    assert transcriber.transcribe(speech_clip) == heard


def test_the_rate_of_the_clip_does_not_matter(
    transcriber: Transcriber, speech_clip: AudioClip
) -> None:
    """A telephone's 8 kHz and a studio's 48 kHz are both taken."""
    for rate in (8_000, 16_000, 48_000):
        assert transcriber.transcribe(speech_clip.resampled(rate)).language == "zh"


@pytest.mark.parametrize("seconds", [0.0, 0.05, 2.0])
def test_silence_has_no_words(transcriber: Transcriber, seconds: float) -> None:
    """A silent or very short clip gives an empty transcript without confidence."""
    clip = AudioClip(np.zeros(round(seconds * 16_000), dtype=np.float32), 16_000)
    assert transcriber.transcribe(clip) == Transcript("", "zh", None, (), "whisper:tiny-random")


@pytest.mark.parametrize(
    "hints",
    [
        ("贵州茅台", "宁德时代"),
        tuple(f"证券名称{n}" for n in range(2_000)),
        ("", "  "),
        ("长" * 5_000,),
    ],
    ids=["two", "thousands", "blank", "one too long"],
)
def test_any_number_of_hints_is_taken(
    transcriber: Transcriber, speech_clip: AudioClip, hints: tuple[str, ...]
) -> None:
    """Hints beyond the model's window are left out, never an error."""
    assert transcriber.transcribe(speech_clip, hints=hints).language == "zh"


def test_a_clip_longer_than_one_window_is_taken(
    transcriber: Transcriber, speech_clip: AudioClip
) -> None:
    """Sound beyond Whisper's 30 seconds is recognised window by window."""
    long = AudioClip(
        np.tile(speech_clip.samples, 1 + int(35 / speech_clip.seconds)), speech_clip.rate
    )
    heard = transcriber.transcribe(long, hints=("贵州茅台",))
    assert max((segment.end for segment in heard.segments), default=31.0) > 30.0


def test_a_clip_beyond_the_limit_is_an_error(transcriber: Transcriber) -> None:
    """The message gives the length and the limit."""
    clip = AudioClip(np.zeros(601 * 8_000, dtype=np.float32), 8_000)
    with pytest.raises(AudioError, match=r"601\.0 s; at most 600 s"):
        transcriber.transcribe(clip)


def test_an_unknown_language_is_an_error(transcriber: Transcriber, speech_clip: AudioClip) -> None:
    """The message names the language and those allowed."""
    with pytest.raises(TranscriberError, match=r"'klingon'; allowed: en, zh"):
        transcriber.transcribe(speech_clip, language="klingon")


def test_another_language_is_taken(transcriber: Transcriber, speech_clip: AudioClip) -> None:
    """English is asked for by its code."""
    assert transcriber.transcribe(speech_clip, language="en").language == "en"


def test_threads_may_share_a_transcriber(
    transcriber: Transcriber, speech_clip: AudioClip, heard: Transcript
) -> None:
    """Three calls at once give what one call gives; Whisper alone would mix up its caches."""
    found: list[Transcript] = []
    threads = [
        threading.Thread(target=lambda: found.append(transcriber.transcribe(speech_clip)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [heard] * 3
