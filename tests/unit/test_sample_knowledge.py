"""The sample knowledge base keeps its promises, and the held-aside questions stay aside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from assist.knowledge_file import Severity, load_folder
from news.text import fold

HELD_ASIDE = Path(__file__).resolve().parents[1] / "data"


def test_the_sample_base_is_sound_and_large_enough(data: Path) -> None:
    """At least 240 entries, each with four other wordings, a source and a date; no error."""
    loaded = load_folder(data / "faq")
    assert [str(p) for p in loaded.problems if p.severity is Severity.ERROR] == []
    assert len(loaded.entries) >= 240
    assert all(len(e.similar) >= 4 and e.answer and e.source for e in loaded.entries)
    assert all(e.valid_from.year >= 1990 for e in loaded.entries)


def test_held_aside_questions_are_not_in_the_base(data: Path) -> None:
    """What measures the assistant was not taught to it, not even nearly word for word."""
    known = [fold(q) for e in load_folder(data / "faq").entries for q in e.questions]
    asked = [
        fold(line.split("\t")[0])
        for path in sorted(HELD_ASIDE.glob("faq_heldout_*.tsv"))
        for line in path.read_text("utf-8").splitlines()[1:]
    ]
    closest = process.cdist(asked, known, scorer=fuzz.ratio, dtype=np.uint8).max(axis=1)
    assert len(asked) >= 700
    assert closest.max() < 90
