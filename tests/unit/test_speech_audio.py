"""Clips in memory and WAV files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speech.audio import AudioClip, decode_wav, encode_wav, read_wav, write_wav
from speech.errors import AudioError, SpeechError

RATE = 16_000


def tone(seconds: float = 0.5, rate: int = RATE, hertz: float = 440.0) -> AudioClip:
    """A sine at half of full scale."""
    time = np.arange(round(seconds * rate)) / rate
    return AudioClip((0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32), rate)


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    """Sixteen bits lose less than one step of 1/32,768."""
    clip = tone()
    write_wav(tmp_path / "a.wav", clip)
    again = read_wav(tmp_path / "a.wav")
    assert again.rate == RATE
    assert np.abs(again.samples - clip.samples).max() <= 1 / 32_767
    assert soundfile.info(tmp_path / "a.wav").subtype == "PCM_16"
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


def test_bytes_give_back_what_was_encoded() -> None:
    """An upload needs no file."""
    clip = tone()
    assert decode_wav(encode_wav(clip)).seconds == clip.seconds


def test_loud_samples_are_cut_off_not_wrapped(tmp_path: Path) -> None:
    """A sample of 1.5 is written as full scale, with its sign."""
    write_wav(tmp_path / "a.wav", AudioClip(np.array([1.5, -1.5], dtype=np.float32), RATE))
    assert read_wav(tmp_path / "a.wav").samples == pytest.approx([1.0, -1.0], abs=1e-4)


def test_stereo_is_mixed_down(tmp_path: Path) -> None:
    """The mean of both channels is kept."""
    both = np.stack([np.full(100, 0.5), np.full(100, -0.25)], axis=1)
    soundfile.write(tmp_path / "a.wav", both, RATE)
    assert read_wav(tmp_path / "a.wav").samples == pytest.approx(np.full(100, 0.125), abs=1e-4)


def test_resampling_keeps_length_and_pitch() -> None:
    """A tone at 48 kHz stays the same tone at 16 kHz."""
    clip = tone(rate=48_000).resampled(RATE)
    spectrum = np.abs(np.fft.rfft(clip.samples))
    assert clip.rate == RATE
    assert clip.seconds == pytest.approx(0.5, abs=1e-3)
    assert np.argmax(spectrum) / clip.seconds == pytest.approx(440.0, abs=3.0)


def test_resampling_to_the_same_rate_is_the_clip_itself() -> None:
    """No copy is made."""
    clip = tone()
    assert clip.resampled(RATE) is clip


def test_samples_cannot_be_changed() -> None:
    """A clip is a value."""
    with pytest.raises(ValueError, match="read-only"):
        tone().samples[0] = 1.0


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The message holds the path."""
    with pytest.raises(AudioError, match=r"no sound file at .*none\.wav"):
        read_wav(tmp_path / "none.wav")


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    """Zero bytes are told apart from damage."""
    (tmp_path / "a.wav").touch()
    with pytest.raises(AudioError, match="0 bytes"):
        read_wav(tmp_path / "a.wav")
    with pytest.raises(AudioError, match="0 bytes"):
        decode_wav(b"")


def test_a_file_without_samples_is_an_error(tmp_path: Path) -> None:
    """A header alone is not a recording."""
    soundfile.write(tmp_path / "a.wav", np.zeros(0), RATE)
    with pytest.raises(AudioError, match="no samples"):
        read_wav(tmp_path / "a.wav")


@pytest.mark.parametrize("data", [b"RIFF", b"not a wav file at all", b"\x1aE\xdf\xa3webm" * 20])
def test_a_damaged_file_is_an_error(tmp_path: Path, data: bytes) -> None:
    """The message names the formats that are read."""
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(AudioError, match="allowed: WAV"):
        read_wav(tmp_path / "a.wav")


def test_a_recording_cut_short_is_read_as_far_as_it_goes() -> None:
    """A call that broke off keeps its first seconds."""
    whole = encode_wav(tone())
    assert 0 < decode_wav(whole[: len(whole) // 2]).seconds < 0.5


def test_a_long_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """The message gives the length and the limit."""
    write_wav(tmp_path / "a.wav", tone(2.0))
    with pytest.raises(AudioError, match=r"2\.0 s; at most 1\.5 s"):
        read_wav(tmp_path / "a.wav", max_seconds=1.5)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(value: float) -> None:
    """NaN would travel silently into a recogniser."""
    samples = np.array([0.0, value], dtype=np.float32)
    with pytest.raises(AudioError, match="1 of 2 samples"):
        AudioClip(samples, RATE)
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, RATE, format="WAV", subtype="FLOAT")
    with pytest.raises(AudioError, match="NaN or infinite"):
        decode_wav(buffer.getvalue())


@pytest.mark.parametrize(
    "samples", [np.zeros((2, 2), np.float32), np.zeros(2, np.int16), np.zeros(2, np.float64)]
)
def test_other_shapes_and_types_are_refused(samples: np.ndarray) -> None:
    """Only float32[n] is a clip."""
    with pytest.raises(AudioError, match=r"float32\[n\]"):
        AudioClip(samples, RATE)


@pytest.mark.parametrize("rate", [0, -1, 100, 1_000_000])
def test_impossible_rates_are_refused(rate: int) -> None:
    """The message gives the rate and the range, when made and when resampled."""
    with pytest.raises(AudioError, match=f"{rate} Hz"):
        AudioClip(np.zeros(2, np.float32), rate)
    with pytest.raises(AudioError, match=f"{rate} Hz"):
        tone().resampled(rate)


def test_an_unwritable_place_is_an_error(tmp_path: Path) -> None:
    """A missing folder is reported with the path, and every error is a SpeechError."""
    with pytest.raises(SpeechError, match="cannot write") as caught:
        write_wav(tmp_path / "none" / "a.wav", tone())
    assert not caught.value.retryable


def test_real_recordings_are_read(shared: Path) -> None:
    """Five telephone and meeting recordings of people come in at 16 kHz with sound in them."""
    files = sorted((shared / "eval" / "speech").glob("*.wav"))
    clips = [read_wav(file) for file in files]
    assert {clip.rate for clip in clips} == {16_000}
    assert all(1.0 < clip.seconds < 60.0 and clip.peak > 0.01 for clip in clips)
