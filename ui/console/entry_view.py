"""What the knowledge page shows of entries: lists, details, differences. All texts are escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache

from assist.knowledge import FaqEntry, Validity
from assist.knowledge_diff import FieldChange, field_changes
from news.text import fold
from ui.console.escape import escape_html

_ALIKE = 0.4
VALIDITIES = {Validity.UPCOMING: "未生效", Validity.VALID: "有效", Validity.EXPIRED: "已过期"}


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries to list; `text` looks into id, questions, answer and source.

    `validity` is that of the day `today`, which must be given with it.
    """

    category: str | None = None
    text: str = ""
    validity: Validity | None = None
    today: date = date.min

    def keep(self, entries: Iterable[FaqEntry]) -> tuple[FaqEntry, ...]:
        """The entries that pass, in their order; every word of the text must occur."""
        words = [fold(word) for word in self.text.split()]
        return tuple(
            entry
            for entry in entries
            if self.category in (None, entry.category)
            and self.validity in (None, entry.validity(self.today))
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
    """From when to when the answer holds, and whether that is so today."""
    begin = "" if entry.valid_from == date.min else f"自 {entry.valid_from.isoformat()} 起"
    end = f"至 {entry.valid_until.isoformat()} 止" if entry.valid_until else ""
    if not begin and not end:
        return "长期有效"
    state = VALIDITIES[entry.validity(today)]
    note = f"（{state}，不用于回答）" if entry.validity(today) is not Validity.VALID else ""
    return f"{begin}{end}有效{note}"


def validity_chip(entry: FaqEntry, today: date) -> str:
    """A mark for an entry that is not answered from today; empty for the others."""
    state = entry.validity(today)
    if state is Validity.VALID:
        return ""
    kind = "fl-negative" if state is Validity.EXPIRED else "fl-positive"
    return f'<span class="fl-chip {kind}">{VALIDITIES[state]}</span>'


def changes(old: FaqEntry | None, new: FaqEntry) -> tuple[tuple[str, str], ...]:
    """(field, difference as HTML) of the fields that differ; every filled one of a new entry."""
    return tuple(
        (change.label, _by_line(change) if change.label == "相似问" else _by_letter(change))
        for change in field_changes(old, new)
    )


def _by_letter(change: FieldChange) -> str:
    return difference(change.old, change.new)


def _by_line(change: FieldChange) -> str:
    """Lists are read line by line: what went, then what came."""
    marks = {"-": "del", "+": "ins"}
    return "\n".join(
        f"<{marks[line[0]]}>{escape_html(line[2:])}</{marks[line[0]]}>"
        if line[0] in marks
        else escape_html(line.strip())
        for line in change.lines
    )


def difference(old: str, new: str) -> str:
    """The new text with what was added and what was taken away, as HTML.

    Texts that share little are shown one after the other: scattered letters cannot be read.
    """
    pieces = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if old and new and matcher.ratio() < _ALIKE:
        return f"<del>{escape_html(old)}</del><ins>{escape_html(new)}</ins>"
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
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
