"""The stages that an article goes through, and the versions of them that analysed it.

A stage's version is the version of its code and a digest of the files and models that it uses, so
that a changed lexicon or model marks the articles that were analysed without it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import xxhash


class Stage(StrEnum):
    """A step from bytes to the graph and the index, in this order."""

    DECODE = "decode"
    EXTRACT = "extract"
    NORMALISE = "normalise"
    LANGUAGE = "language"
    ENTITIES = "entities"
    DUPLICATE = "duplicate"
    TAGS = "tags"
    SENTIMENT = "sentiment"
    EVENTS = "events"
    RELATIONS = "relations"
    STORY = "story"
    GRAPH = "graph"
    INDEX = "index"

    @property
    def place(self) -> int:
        """0 for the first stage."""
        return _ORDER[self]


_ORDER = {stage: place for place, stage in enumerate(Stage)}

CODE = dict.fromkeys(Stage, 1)
"""Raise a number when the stage's code gives other results than before."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Versions of all stages together."""

    versions: tuple[tuple[Stage, str], ...]

    @classmethod
    def of(cls, resources: Mapping[Stage, Iterable[Path]]) -> Pipeline:
        """The pipeline of this code with the files (or folders of files) that each stage uses."""
        found = ((s, f"{CODE[s]}{_digest(resources.get(s, ()))}") for s in Stage)
        return cls(tuple(found))

    @classmethod
    def from_json(cls, written: str) -> Pipeline:
        """The pipeline that `to_json` wrote; a stage that it does not know counts as changed."""
        known = json.loads(written)
        return cls(tuple((stage, str(known.get(stage, ""))) for stage in Stage))

    def to_json(self) -> str:
        """For people and for a row of the database."""
        return json.dumps(dict(self.versions))

    @property
    def id(self) -> str:
        """Short name of exactly these versions."""
        return xxhash.xxh3_64_hexdigest(self.to_json().encode())

    def first_changed(self, other: Pipeline) -> Stage | None:
        """The first stage whose version differs; None where all are the same."""
        pairs = zip(self.versions, other.versions, strict=True)
        return next((mine[0] for mine, theirs in pairs if mine != theirs), None)


def _digest(paths: Iterable[Path]) -> str:
    files = sorted(f for p in paths for f in ([p] if p.is_file() else p.rglob("*")) if f.is_file())
    if not files:
        return ""
    whole = xxhash.xxh3_64()
    for file in files:
        whole.update(file.name.encode() + b"\0" + file.read_bytes())
    return f"-{whole.hexdigest()}"
