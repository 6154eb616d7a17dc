"""Saved intents that are damaged, foreign, old or half written are refused with a reason."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from assist.errors import KnowledgeError
from assist.intents import IntentClassifier
from assist.intents_file import ARRAYS, HEAD

TEXTS = ("怎么开户", "我要开户", "转人工", "人工客服")
INTENTS = ("open", "open", "human", "human")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder of saved intents."""
    IntentClassifier().fit(TEXTS, INTENTS).save(tmp_path / "saved")
    return tmp_path / "saved"


def test_loaded_intents_guess_as_the_learnt_ones(saved: Path) -> None:
    """Saving loses no more than half precision does; saving again overwrites."""
    learnt, loaded = IntentClassifier().fit(TEXTS, INTENTS), IntentClassifier.load(saved)
    for one, other in zip(learnt.predict(TEXTS), loaded.predict(TEXTS), strict=True):
        assert one.label == other.label
        assert one.probability == pytest.approx(other.probability, abs=0.005)
    loaded.save(saved)
    assert IntentClassifier.load(saved).predict(TEXTS) == loaded.predict(TEXTS)
    assert sorted(path.name for path in saved.iterdir()) == sorted([HEAD, ARRAYS])


def _head(folder: Path, **changes: object) -> None:
    content = json.loads((folder / HEAD).read_text("utf-8"))
    (folder / HEAD).write_text(json.dumps({**content, **changes}), "utf-8")


def _arrays(folder: Path, content: bytes) -> None:
    """Other arrays, with the checksum that fits them."""
    (folder / ARRAYS).write_bytes(content)
    _head(folder, sha256=sha256(content).hexdigest())


def _flip(folder: Path) -> None:
    content = bytearray((folder / ARRAYS).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / ARRAYS).write_bytes(content)


def _pickled(folder: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, weights=np.array([{"a": 1}], dtype=object))
    _arrays(folder, buffer.getvalue())


def _shortened(folder: Path) -> None:
    with np.load(folder / ARRAYS) as arrays:
        content = {name: arrays[name] for name in arrays.files}
    content["weights"] = content["weights"][:-1]
    buffer = io.BytesIO()
    np.savez(buffer, **content)
    _arrays(folder, buffer.getvalue())


def _empty_zip(folder: Path) -> None:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    _arrays(folder, buffer.getvalue())


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no head": (lambda folder: (folder / HEAD).unlink(), "is no folder of saved intents"),
    "no arrays": (lambda folder: (folder / ARRAYS).unlink(), "copy the whole folder"),
    "one bit": (_flip, "checksum differs"),
    "cut arrays": (lambda folder: (folder / ARRAYS).write_bytes(b"PK"), "checksum differs"),
    "head is no JSON": (lambda folder: (folder / HEAD).write_bytes(b"\x80{"), "is no JSON"),
    "head is a list": (lambda folder: (folder / HEAD).write_text("[]"), "is not of saved intents"),
    "foreign head": (lambda folder: _head(folder, format="other"), "is not of saved intents"),
    "newer version": (lambda folder: _head(folder, version=99), "has version 99"),
    "broken field": (lambda folder: _head(folder, intents="open"), "is damaged"),
    "fewer intents": (lambda folder: _head(folder, intents=["open"]), "does not fit"),
    "pickled objects": (_pickled, "does not fit"),
    "fewer weights": (_shortened, "does not fit"),
    "no array in it": (_empty_zip, "does not fit"),
    "no archive": (lambda folder: _arrays(folder, b"nonsense"), "does not fit"),
}


@pytest.mark.parametrize(("damage", "reason"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damaged_folder_is_refused(
    saved: Path, damage: Callable[[Path], object], reason: str
) -> None:
    """The message names the folder and what to do."""
    damage(saved)
    with pytest.raises(KnowledgeError, match=reason) as raised:
        IntentClassifier.load(saved)
    assert str(saved) in str(raised.value)


def test_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """A mistyped --out must not mix with somebody's files."""
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(KnowledgeError, match=r"holds 'thesis\.txt'"):
        IntentClassifier().fit(TEXTS, INTENTS).save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """The system's reason is passed on."""
    (tmp_path / "out").write_text("mine")
    with pytest.raises(KnowledgeError, match="cannot be written"):
        IntentClassifier().fit(TEXTS, INTENTS).save(tmp_path / "out")


def test_a_save_that_was_cut_off_can_be_repeated(saved: Path) -> None:
    """What a killed save leaves behind does not stand in the way of the next."""
    (saved / f"{ARRAYS}.new").write_bytes(b"half")
    IntentClassifier().fit(TEXTS, INTENTS).save(saved)
    assert IntentClassifier.load(saved).predict(["我要开户"])[0].intent == "open"
