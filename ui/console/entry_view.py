"""What the knowledge page shows of entries: lists, details, differences. All texts are escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache

from assist.knowledge import FaqEntry
from news.text import fold
from ui.console.escape import escape_html


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries to list; `text` looks into id, questions, answer and source."""

    category: str | None = None
    text: str = ""

    def keep(self, entries: Iterable[FaqEntry]) -> tuple[FaqEntry, ...]:
        """The entries that pass, in their order; every word of the text must occur."""
        words = [fold(word) for word in self.text.split()]
        return tuple(
            entry
            for entry in entries
            if self.category in (None, entry.category)
            and all(word in _searched(entry) for word in words)
        )


def category_counts(entries: Iterable[FaqEntry]) -> tuple[tuple[str, int], ...]:
    """(category, number of entries), in the order in which categories first occur."""
    return tuple(Counter(entry.category for entry in entries).items())


def entry_html(entry: FaqEntry, today: date) -> str:
    """Everything that a customer's answer is made of."""
    similar = "".join(f"<li>{escape_html(question)}</li>" for question in entry.similar)
    notice = f'<p class="fl-risk">{escape_html(entry.risk_notice)}</p>' if entry.risk_notice else ""
    return (
        f'<div class="fl-body">{escape_html(entry.answer.strip())}</div>{notice}'
        f'<div class="fl-meta">依据：{escape_html(entry.source)}</div>'
        f'<div class="fl-meta">{validity(entry, today)}</div>'
        f'<div class="fl-sub">相似问（{len(entry.similar)}）</div>'
        f'<ul class="fl-similar">{similar}</ul>'
    )


def validity(entry: FaqEntry, today: date) -> str:
    """From when the answer holds, and whether that is still to come."""
    if entry.valid_from == date.min:
        return "长期有效"
    later = "（尚未生效）" if entry.valid_from > today else ""
    return f"自 {entry.valid_from.isoformat()} 起有效{later}"


def changes(old: FaqEntry, new: FaqEntry) -> tuple[tuple[str, str], ...]:
    """(field, difference as HTML) of the fields that differ."""
    fields: Sequence[tuple[str, str, str]] = (
        ("分类", old.category, new.category),
        ("标准问", old.question, new.question),
        ("相似问", "\n".join(old.similar), "\n".join(new.similar)),
        ("答案", old.answer.strip(), new.answer.strip()),
        ("依据", old.source, new.source),
        ("生效日期", str(old.valid_from), str(new.valid_from)),
        ("风险提示", old.risk_notice or "", new.risk_notice or ""),
    )
    return tuple((label, difference(a, b)) for label, a, b in fields if a != b)


def difference(old: str, new: str) -> str:
    """The new text with what was added and what was taken away, as HTML."""
    pieces = []
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(escape_html(new[b0:b1]))
            continue
        if a1 > a0:
            pieces.append(f"<del>{escape_html(old[a0:a1])}</del>")
        if b1 > b0:
            pieces.append(f"<ins>{escape_html(new[b0:b1])}</ins>")
    return "".join(pieces)


@lru_cache(maxsize=131_072)
def _searched(entry: FaqEntry) -> str:
    return fold(" ".join((entry.id, *entry.questions, entry.answer, entry.source)))
