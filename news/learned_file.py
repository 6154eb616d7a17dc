"""Learned tags and tones in a folder: linear models, and how their scores become decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ValidationError

from news.errors import DataFileError
from news.learned_linear import Chances, LinearModel
from news.learned_pieces import BITS, Family, Floats, PieceSpace
from news.saved_model import SavedModel

VERSION = 1


class ModelKind(StrEnum):
    """What a saved model is for."""

    TAGS = "tags"
    SENTIMENT = "sentiment"
    ENTITY_SENTIMENT = "entity-sentiment"


@dataclass(frozen=True, slots=True)
class LinearModels:
    """What a folder holds. `parts` are linear models, each with as many outputs as it needs.

    `thresholds` float32[n] and `sets` (places of labels) say how scores become decisions.
    """

    kind: ModelKind
    labels: tuple[str, ...]
    parts: tuple[LinearModel, ...]
    thresholds: Floats
    sets: tuple[tuple[int, ...], ...] = ()

    def save(self, folder: Path) -> int:
        """Write the folder; bytes written. DataFileError where it holds anything else."""
        head = {
            "labels": self.labels,
            "bits": BITS,
            "parts": [
                [{"name": f.name, "longest": f.longest} for f in families]
                for families in (part.space.families for part in self.parts)
            ],
            "sets": self.sets,
        }
        return SavedModel(_format(self.kind), VERSION, head, self._arrays()).write(folder)

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        arrays: dict[str, npt.NDArray[Any]] = {"thresholds": np.asarray(self.thresholds)}
        for n, part in enumerate(self.parts):
            arrays |= {
                f"buckets{n}": part.space.buckets.astype(np.int32),
                f"idf{n}": part.space.idf,
                f"weights{n}": part.weights,
                f"bias{n}": part.bias,
                f"slope{n}": part.chances.slope,
                f"offset{n}": part.chances.offset,
            }
        return arrays

    @classmethod
    def load(cls, folder: Path, kind: ModelKind) -> LinearModels:
        """Read what `save` wrote; DataFileError with what is wrong and the next step."""
        try:
            saved = SavedModel.read(folder, _format(kind), VERSION)
            head = _HeadForm.model_validate(saved.head)
            return _unpacked(kind, head, saved.arrays)
        except (DataFileError, ValueError, KeyError, IndexError) as error:
            raise DataFileError(
                f"{folder}: holds no usable model ({_reason(error)}); train and save it again with"
                f" foreland train {kind}"
            ) from error


class _FamilyForm(BaseModel):
    name: str
    longest: int


class _HeadForm(BaseModel):
    labels: list[str]
    bits: int
    parts: list[list[_FamilyForm]]
    sets: list[list[int]]


def _format(kind: ModelKind) -> str:
    return f"foreland-{kind}"


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"model.json: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return str(error)


def _unpacked(
    kind: ModelKind, head: _HeadForm, arrays: Mapping[str, npt.NDArray[Any]]
) -> LinearModels:
    _check(head.bits == BITS, f"hashes of {head.bits} bits, this program makes {BITS}")
    parts = tuple(_part(forms, arrays, n) for n, forms in enumerate(head.parts))
    sets = tuple(tuple(places) for places in head.sets)
    outputs = len(parts[0].bias)
    # A yes-or-no model has one output and no labels.
    _check(len(head.labels or [""]) == outputs, f"{len(head.labels)} labels, {outputs} outputs")
    _check(all(0 <= j < outputs for places in sets for j in places), "label sets out of range")
    return LinearModels(kind, tuple(head.labels), parts, arrays["thresholds"], sets)


def _part(forms: list[_FamilyForm], arrays: Mapping[str, npt.NDArray[Any]], n: int) -> LinearModel:
    families = [Family(form.name, form.longest) for form in forms]
    buckets, idf = arrays[f"buckets{n}"].astype(np.int64), arrays[f"idf{n}"]
    weights, bias = arrays[f"weights{n}"], arrays[f"bias{n}"]
    chances = Chances(arrays[f"slope{n}"], arrays[f"offset{n}"])
    known = len(buckets) and buckets.min() >= 0 and buckets.max() < len(families) << BITS
    _check(bool(known), "hashes out of range")
    _check(weights.shape == (len(buckets), len(bias)), "sizes of weights differ")
    _check(idf.shape == buckets.shape, "sizes of columns differ")
    _check(chances.slope.shape == chances.offset.shape == bias.shape, "sizes of chances differ")
    return LinearModel(PieceSpace(families, buckets, idf), weights, bias, chances)


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
