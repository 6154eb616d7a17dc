"""docs/map.md names every module, and nothing that is gone; each library has one home."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("assist", "speech", "news", "ui")
SINGLE_HOME = {
    "networkx": re.compile(r"news/graph\w*\.py"),
    "sqlite_utils": re.compile(r"(\w+/)+\w*store\.py"),
    "haystack": re.compile(r"assist/(retrieve|answer)\w*\.py"),
    "whisper": re.compile(r"speech/whisper\w*\.py"),
    "TTS": re.compile(r"speech/coqui\w*\.py"),
    "streamlit": re.compile(r"ui/console/.*\.py"),
    "fastapi": re.compile(r"ui/api/.*\.py"),
}


def _modules() -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py"
    }


def test_the_map_names_every_module() -> None:
    """A newcomer finds each file on the map, and each file of the map in the tree."""
    text = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:assist|speech|news|ui)/[\w/]+\.py)`", text))
    assert named == _modules()


def test_each_library_has_one_home() -> None:
    """A library that DESIGN gives one home is imported nowhere else."""
    strays = []
    for module in _modules():
        code = (ROOT / module).read_text(encoding="utf-8")
        for library, home in SINGLE_HOME.items():
            imported = re.search(rf"^\s*(?:import|from) {library}\b", code, re.MULTILINE)
            if imported and not home.fullmatch(module):
                strays.append(f"{module} imports {library}")
    assert strays == []


def test_modules_are_small_or_say_why() -> None:
    """A module of more than 400 lines says in its docstring why it is one."""
    for module in _modules():
        code = (ROOT / module).read_text(encoding="utf-8")
        if code.count("\n") > 400:
            assert "400 lines" in code.split('"""')[1], module
