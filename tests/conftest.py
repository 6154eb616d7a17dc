"""Fixtures that every test folder shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data() -> Path:
    """The project's own sample data."""
    return ROOT / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real evaluation data beside the checkout; skips where it is absent."""
    folder = Path(os.environ.get("FORELAND_SHARED", ROOT.parent / "shared"))
    if not (folder / "eval").is_dir():
        pytest.skip(f"no evaluation data at {folder}: set FORELAND_SHARED to its folder")
    return folder
