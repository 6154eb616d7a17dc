"""Saved intents: a folder with `intents.json` (what it is) and `intents.npz` (numbers and terms).

Nothing in it can run: arrays are read without pickle. The checksum finds damaged files, the format
number files of another version.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from assist.errors import KnowledgeError
from assist.intents_features import FAMILIES, TermFeatures
from assist.intents_linear import LinearModel
from assist.intents_model import IntentModel
from assist.intents_reject import Acceptance
from assist.intents_vectors import Neighbours

FORMAT = "foreland-intents"
VERSION = 1
HEAD, ARRAYS = "intents.json", "intents.npz"


@dataclass(frozen=True, slots=True)
class SavedIntents:
    """What a folder holds. probe: the encoder's vector of a fixed sentence, None without one."""

    model: IntentModel
    acceptance: Acceptance
    probe: NDArray[np.float32] | None


class _AcceptanceForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sharpness: float
    centre: float
    spread: float
    near_centre: float
    near_spread: float
    threshold: float | None


class _HeadForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: str
    version: int
    intents: list[str]
    acceptance: _AcceptanceForm
    sha256: str


def save_intents(folder: Path, saved: SavedIntents) -> None:
    """Write both files, the head last, so that a folder with a head is whole.

    Raises KnowledgeError where the folder holds anything else, or cannot be written.
    """
    arrays = _packed(saved)
    acceptance = asdict(saved.acceptance)
    if not np.isfinite(saved.acceptance.threshold):
        acceptance["threshold"] = None  # JSON knows no infinity
    head = {
        "format": FORMAT,
        "version": VERSION,
        "intents": list(saved.model.linear.intents),
        "acceptance": acceptance,
        "sha256": hashlib.sha256(arrays).hexdigest(),
    }
    text = json.dumps(head, ensure_ascii=False, indent=1).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        own = {HEAD, ARRAYS, f"{HEAD}.new", f"{ARRAYS}.new"}
        foreign = sorted({path.name for path in folder.iterdir()} - own)
        if foreign:
            raise KnowledgeError(
                f"{folder}: holds {foreign[0]!r}, which is no part of saved intents; give a new"
                " folder, or one of saved intents"
            )
        for name, content in ((ARRAYS, arrays), (HEAD, text)):
            passing = folder / f"{name}.new"
            passing.write_bytes(content)
            os.replace(passing, folder / name)
    except OSError as error:
        raise KnowledgeError(f"{folder}: cannot be written ({error.strerror})") from error


def load_intents(folder: Path) -> SavedIntents:
    """Read what `save_intents` wrote; raises KnowledgeError with what is wrong with the folder."""
    head = _head(folder)
    try:
        content = (folder / ARRAYS).read_bytes()
    except OSError as error:
        raise KnowledgeError(
            f"{folder / ARRAYS}: cannot be read ({error.strerror}); copy the whole folder, or train"
            " again with foreland intents train"
        ) from error
    if hashlib.sha256(content).hexdigest() != head.sha256:
        raise KnowledgeError(
            f"{folder / ARRAYS}: is damaged or of another training (its checksum differs from the"
            f" one in {HEAD}); copy the folder again, or train again"
        )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return _unpacked(head, arrays)
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise KnowledgeError(
            f"{folder / ARRAYS}: does not fit {HEAD} ({error}); train again"
        ) from error


def _head(folder: Path) -> _HeadForm:
    path = folder / HEAD
    try:
        content: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise KnowledgeError(
            f"{folder}: is no folder of saved intents ({HEAD}: {error.strerror}); make one with"
            " foreland intents train"
        ) from error
    except ValueError as error:
        raise KnowledgeError(f"{path}: is no JSON ({error}); train again") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise KnowledgeError(f"{path}: is not of saved intents (no format {FORMAT!r})")
    if content.get("version") != VERSION:
        raise KnowledgeError(
            f"{path}: has version {content.get('version')!r}, this program reads {VERSION}; train"
            " again with it"
        )
    try:
        return _HeadForm.model_validate(content)
    except ValidationError as error:
        raise KnowledgeError(f"{path}: is damaged ({error.errors()[0]['msg']}); train again") from (
            error
        )


def _packed(saved: SavedIntents) -> bytes:
    arrays: dict[str, NDArray[Any]] = {
        # Half precision changes no third digit of a probability and halves the file.
        "weights": saved.model.linear.weights.astype(np.float16),
        "bias": saved.model.linear.bias,
        "idf": saved.model.terms.idf,
        "families": saved.model.terms.weights,
    }
    for family, terms in zip(FAMILIES, saved.model.terms.terms, strict=True):
        arrays[f"terms_{family}"] = np.frombuffer("\n".join(terms).encode(), dtype=np.uint8)
    if saved.probe is not None and saved.model.neighbours is not None:
        arrays["probe"] = saved.probe
        arrays["neighbours"] = saved.model.neighbours.vectors.astype(np.float16)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _unpacked(head: _HeadForm, arrays: Mapping[str, NDArray[Any]]) -> SavedIntents:
    """The parts out of the arrays; raises KeyError or ValueError where they do not fit."""
    probe = arrays["probe"].astype(np.float32) if "probe" in arrays else None
    families = [arrays[f"terms_{family}"].tobytes().decode() for family in FAMILIES]
    terms = TermFeatures(
        [text.split("\n") if text else [] for text in families],
        arrays["idf"].astype(np.float32),
        arrays["families"].astype(np.float32),
    )
    weights, bias = arrays["weights"].astype(np.float32), arrays["bias"].astype(np.float32)
    columns = terms.width + (0 if probe is None else len(probe))
    if weights.shape != (columns, len(head.intents)) or bias.shape != (len(head.intents),):
        raise ValueError(f"weights are {weights.shape} for {columns} columns")
    if sum(map(len, terms.terms)) != terms.width:
        raise ValueError(f"{sum(map(len, terms.terms))} terms with {terms.width} weights")
    given = head.acceptance.model_dump()
    if given["threshold"] is None:
        given["threshold"] = -float("inf")
    neighbours = None
    if probe is not None:
        neighbours = Neighbours(arrays["neighbours"].astype(np.float32))
        if neighbours.vectors.ndim != 2 or neighbours.vectors.shape[1] != len(probe):
            raise ValueError(f"neighbours are {neighbours.vectors.shape}")
    model = IntentModel(LinearModel(tuple(head.intents), weights, bias), terms, neighbours)
    return SavedIntents(model, Acceptance(**given), probe)
