"""`foreland talk`: a recording in, a spoken answer out, through the real engines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from speech.audio import AudioClip, read_wav, write_wav

KINDS = ("answer", "clarify", "reject", "handoff")


def _run(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli.main", *arguments],
        env=os.environ | {"FORELAND_HOME": str(home)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_spoken_question_gets_a_spoken_answer(
    home: Path, tmp_path: Path, whisper_checkpoint: Path
) -> None:
    """Random weights hear nonsense; the way through Whisper, assistant and espeak is real."""
    question, answer = tmp_path / "question.wav", tmp_path / "answer.wav"
    _run(home, "say", "创业板怎么开通", "--out", str(question))
    model = str(whisper_checkpoint)
    out = _run(home, "talk", str(question), "--out", str(answer), "--asr-model", model, "--json")
    body = json.loads(out)
    assert body["kind"] in KINDS
    assert body["reply"]
    clip = read_wav(answer)
    assert clip.seconds == pytest.approx(body["seconds"], abs=0.1)
    assert clip.peak > 0.1


def test_silence_is_answered_with_a_request_to_repeat(
    home: Path, tmp_path: Path, whisper_checkpoint: Path
) -> None:
    """Where nobody speaks, the caller is asked to say it again."""
    question, answer = tmp_path / "silence.wav", tmp_path / "answer.wav"
    write_wav(question, AudioClip(np.zeros(16_000, dtype=np.float32), 16_000))
    model = str(whisper_checkpoint)
    out = _run(home, "talk", str(question), "--out", str(answer), "--asr-model", model)
    assert "没有听清" in out
    assert read_wav(answer).seconds > 1
