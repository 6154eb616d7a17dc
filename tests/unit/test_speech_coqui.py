"""Coqui's adapter says what is wrong before it loads anything heavy."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from speech.coqui import CoquiSynthesizer
from speech.errors import EngineMissingError, SynthesizerError
from speech.synthesize import Voice

HERE = importlib.util.find_spec("TTS") is not None


def model(folder: Path, kind: str = "vits") -> Path:
    """A folder that looks like a model."""
    (folder / "config.json").write_text(json.dumps({"model": kind}), encoding="utf-8")
    (folder / "model.pth").write_bytes(b"PK")
    return folder


@pytest.mark.skipif(HERE, reason="Coqui TTS is installed here")
def test_without_the_library_the_message_names_make_coqui(tmp_path: Path) -> None:
    """Choosing Coqui where it is absent tells how to get it."""
    with pytest.raises(EngineMissingError, match="make coqui"):
        CoquiSynthesizer(model(tmp_path)).synthesize("您好")


@pytest.mark.skipif(not HERE, reason="Coqui TTS is not installed: make coqui")
def test_a_damaged_checkpoint_is_an_error(tmp_path: Path) -> None:
    """The message names the model."""
    with pytest.raises(SynthesizerError, match="cannot load"):
        CoquiSynthesizer(model(tmp_path)).warm_up()


def test_an_unknown_model_is_an_error() -> None:
    """The message says what may stand there."""
    with pytest.raises(SynthesizerError, match=r"no Coqui model at nowhere; allowed: a folder"):
        CoquiSynthesizer("nowhere").warm_up()


def test_a_folder_without_a_checkpoint_is_an_error(tmp_path: Path) -> None:
    """The message says under which name to put it."""
    with pytest.raises(SynthesizerError, match=r"model\.pth"):
        CoquiSynthesizer(tmp_path).warm_up()


def test_a_checkpoint_without_its_configuration_is_an_error(tmp_path: Path) -> None:
    """The message names the missing file."""
    (tmp_path / "model.pth").touch()
    with pytest.raises(SynthesizerError, match=r"config\.json is missing"):
        CoquiSynthesizer(tmp_path / "model.pth").warm_up()


def test_a_broken_configuration_is_an_error(tmp_path: Path) -> None:
    """Half a JSON file is reported with its path."""
    model(tmp_path)
    (tmp_path / "config.json").write_text('{"model": ', encoding="utf-8")
    with pytest.raises(SynthesizerError, match="no Coqui configuration"):
        CoquiSynthesizer(tmp_path).warm_up()


@pytest.mark.parametrize(
    "name",
    ["tts_models/multilingual/multi-dataset/xtts_v2", "tts_models/cmn/fairseq/vits"],
)
def test_models_not_for_commercial_use_are_refused(name: str) -> None:
    """A brokerage must not start with them by accident."""
    with pytest.raises(SynthesizerError, match="forbids commercial use"):
        CoquiSynthesizer(name).warm_up()


def test_a_copied_xtts_is_refused_as_well(tmp_path: Path) -> None:
    """The configuration gives it away, whatever the folder is called."""
    with pytest.raises(SynthesizerError, match="forbids commercial use"):
        CoquiSynthesizer(model(tmp_path, "xtts")).warm_up()


def test_empty_text_is_refused_without_loading() -> None:
    """The text is checked first."""
    with pytest.raises(SynthesizerError, match="empty"):
        CoquiSynthesizer("nowhere").synthesize(" ", voice=Voice())
