"""Sentence encoders: the meaning of a text as a vector. Optional; words alone need none."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assist.errors import EncoderError

_MODULES = "modules.json"


class Encoder(Protocol):
    """Port of sentence encoders."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, [len(texts), d], each of length 1 (cosine is the dot product)."""


def load_encoder(folder: Path) -> Encoder:
    """The encoder of a folder: a compact one of `foreland train encoder`, or sentence-transformers.

    Raises EncoderError where the folder is neither or is damaged.
    """
    from assist.compact_file import DESCRIPTION

    if (folder / DESCRIPTION).is_file():
        from assist.compact_encoder import CompactEncoder

        return CompactEncoder.load(folder)
    if (folder / _MODULES).is_file():
        return SentenceTransformerEncoder(folder)
    found = "is no folder on this machine" if not folder.is_dir() else "is no encoder"
    raise EncoderError(
        f"encoder {str(folder)!r}: {found}; give a folder with {DESCRIPTION} (written by"
        f" `foreland train encoder`) or with {_MODULES} (saved by sentence-transformers)"
    )


class SentenceTransformerEncoder:
    """A model folder of sentence-transformers, on disk; never downloads (extra `encoder`)."""

    def __init__(self, folder: Path) -> None:
        if not (folder / _MODULES).is_file():
            raise EncoderError(
                f"encoder {str(folder)!r}: is no folder of a sentence-transformers model (no"
                f" {_MODULES} in it); give the path of a model saved on this machine"
            )
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderError(
                f"encoder {str(folder)!r}: needs sentence-transformers;"
                " run: pip install 'foreland[encoder]'"
            ) from error
        try:
            self._model = SentenceTransformer(str(folder), device="cpu")
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise EncoderError(f"encoder {str(folder)!r}: cannot be loaded ({error})") from error
        self._dimensions = int(self.encode(["。"]).shape[1])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of length 1, float32."""
        if not texts:
            return np.zeros((0, self._dimensions), dtype=np.float32)
        vectors = self._model.encode(
            list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)
