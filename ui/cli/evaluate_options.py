"""What the commands that measure share: their options, the encoder chosen, where progress goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assist.encode import Encoder
from ui.cli.context import ERR

Limit = Annotated[int | None, typer.Option(min=1, help="只用前 N 行，快速看一眼")]
EncoderOption = Annotated[
    str | None,
    typer.Option(
        "--encoder", help="句向量模型文件夹（foreland train 训练的，或 sentence-transformers）"
    ),
]


def chosen_encoder(folder: str | None) -> Encoder | None:
    """The sentence encoder of a folder; None where none was named."""
    if folder is None:
        return None
    from assist.encode import load_encoder

    return load_encoder(Path(folder))


def say_line(line: str) -> None:
    """Tell of progress or of a skipped row on standard error."""
    ERR.print(line, style="dim", markup=False)
