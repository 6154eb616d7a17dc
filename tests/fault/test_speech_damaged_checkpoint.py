"""A damaged or wrong Whisper checkpoint is reported, whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from speech.audio import AudioClip
from speech.errors import TranscriberError
from speech.whisper_transcriber import WhisperTranscriber


def save(file: Path, vocabulary: int = 51_865, **changes: object) -> None:
    """A one-layer checkpoint as Whisper saves it, with parts replaced."""
    import torch
    from whisper.model import ModelDimensions, Whisper

    size = ModelDimensions(80, 1500, 16, 2, 1, vocabulary, 32, 16, 2, 1)
    model = Whisper(size)
    for weights in model.parameters():
        torch.nn.init.normal_(weights, 0.0, 0.05)
    torch.save({"dims": asdict(size), "model_state_dict": model.state_dict()} | changes, file)


def cut_in_half(file: Path) -> None:
    """A copy that broke off."""
    save(file)
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])


def other_dims(file: Path) -> None:
    """Weights that do not fit their dimensions."""
    save(file, dims=asdict(_size(32)))


def a_plain_tensor(file: Path) -> None:
    """A file of torch, but no checkpoint."""
    import torch

    torch.save(torch.zeros(3), file)


def _size(state: int) -> object:
    from whisper.model import ModelDimensions

    return ModelDimensions(80, 1500, state, 2, 1, 51_865, 32, state, 2, 1)


DAMAGES: list[Callable[[Path], object]] = [
    lambda file: file.touch(),
    lambda file: file.write_bytes(b"PK"),
    lambda file: file.write_bytes(b"\x80\x04junk" * 50),
    lambda file: file.write_text("<html>404</html>"),
    lambda file: save(file, dims={"n_mels": 80}),
    lambda file: save(file, model_state_dict={}),
    other_dims,
    cut_in_half,
    a_plain_tensor,
]
NAMES = ["empty", "PK", "pickle", "page", "dims", "no weights", "other dims", "half", "tensor"]


@pytest.mark.parametrize("damage", DAMAGES, ids=NAMES)
def test_a_damaged_checkpoint_is_named(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """The message gives the file and what a checkpoint is."""
    file = tmp_path / "bad.pt"
    damage(file)
    with pytest.raises(TranscriberError, match=r"bad\.pt is no Whisper checkpoint"):
        WhisperTranscriber(str(file)).warm_up()


def test_an_english_only_model_is_refused(tmp_path: Path) -> None:
    """By its name, and by the vocabulary of its file."""
    with pytest.raises(TranscriberError, match="hears English only; choose 'small'"):
        WhisperTranscriber("small.en")
    save(tmp_path / "e.pt", vocabulary=51_864)
    with pytest.raises(TranscriberError, match="hears English only"):
        WhisperTranscriber(str(tmp_path / "e.pt")).warm_up()


def test_weights_without_numbers_are_reported(tmp_path: Path) -> None:
    """NaN in the weights gives an error, not a made-up transcript."""
    import torch

    save(tmp_path / "nan.pt")
    checkpoint = torch.load(tmp_path / "nan.pt")
    checkpoint["model_state_dict"]["decoder.positional_embedding"].fill_(float("nan"))
    torch.save(checkpoint, tmp_path / "nan.pt")
    noise = np.random.default_rng(0).normal(0.0, 0.1, 16_000).astype(np.float32)
    with pytest.raises(TranscriberError, match="no numbers"):
        WhisperTranscriber(str(tmp_path / "nan.pt")).transcribe(AudioClip(noise, 16_000))
