"""Write docs/map.md from the first line of every module's docstring.

python scripts/write_map.py
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {
    "news": "articles, companies, tags, the knowledge graph and search; imports no sibling",
    "assist": "the FAQ assistant and the answers about companies; may import news",
    "speech": "sound, recognition, synthesis, spoken Chinese; imports no sibling",
    "ui": "settings, wiring and what the programs share; may import all three",
    "ui/cli": "the command `foreland`",
    "ui/api": "the HTTP API",
    "ui/console": "the operator console",
}
INTRO = """# The map: where everything is

A change usually starts at the file whose noun it is about. The data's way: `news/read.py` →
`news/ingest.py` → `news/store.py` → `news/search.py`, `news/graph.py` → `ui/`; a question's way:
`ui/` → `assist/front_desk.py` → `assist/matcher.py` or `assist/news_desk.py`.

Beside the packages: `data/` (facts, lexicons, samples), `tests/` (unit, contract, property, fault,
browser, architecture), `bench/` (each beside a public peer), `scripts/` (rebuild what is derived),
`docs/`. This page is written by `python scripts/write_map.py`; a test keeps it true.
"""


def text() -> str:
    """The whole page."""
    parts = [INTRO]
    for folder, what in FOLDERS.items():
        parts.append(f"\n## {folder}/: {what}\n\n")
        for path in sorted((ROOT / folder).glob("*.py")):
            if path.name != "__init__.py":
                parts.append(f"- `{path.relative_to(ROOT)}`: {first_line(path)}\n")
    return "".join(parts)


def first_line(path: Path) -> str:
    """First line of a module's docstring."""
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not doc:
        raise SystemExit(f"{path}: has no docstring; say in one line what it is")
    return doc.splitlines()[0]


if __name__ == "__main__":
    (ROOT / "docs" / "map.md").write_text(text(), encoding="utf-8")
