"""What models see of an entity in a text: its clause, what follows it, where it stands.

The entity itself is replaced by a mark and other entities by another, so that a model learns how
texts speak of an entity and not which entity they speak of.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from news.learned_moves import moves_around, nearest_moves
from news.learned_pieces import LONGEST, TEXT_FAMILIES, Family, Segment, plain

MARK, OTHER = "\ue000", "\ue001"
_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
_CLAUSE_END = re.compile(r"[，,。！？!?；;\n:：]")
_MOST, _MOST_OF_TONE = 4, 2

_TONE = (
    Family("sentence", 3),
    Family("clause", 3),
    Family("after", 3),
    Family("before", 3),
    Family("near", 3),
    Family("next clause", 3),
    Family("previous clause", 2),
    Family("after the list", 3),
    Family("name", 3),
    Family("moves", 4),
    Family("nearest moves", 3),
)
TONE_FAMILIES = (*TEXT_FAMILIES, *_TONE)
_FIRST = len(TEXT_FAMILIES)
_NAME, _MOVES, _NEAREST = (_FIRST + n for n in (8, 9, 10))

SUBJECT_FAMILIES = (
    Family("facts", 1),
    Family("near", 3),
    Family("close", 4),
    Family("clause", 3),
    Family("name", 3),
)


def tone_segments(row: int, form: str, name: str) -> list[Segment]:
    """Views of an entity by its plain name in a plain text, without those of the text."""
    found: list[Segment] = []
    places = _occurrences(form, name)[:_MOST_OF_TONE]
    for start in places or [0]:
        found += _tone_views(row, form, start, min(start + len(name), len(form)))
    for start in places:
        begin, stop = _bounds(_SENTENCE_END, form, start, start + len(name), 0)
        sentence, place = form[begin:stop], start - begin
        found.append(Segment(row, _MOVES, moves_around(sentence, place, place + len(name))))
        found.append(Segment(row, _NEAREST, nearest_moves(sentence, place, place + len(name))))
    return [*found, Segment(row, _NAME, f"<{name}>")]


def _tone_views(row: int, form: str, start: int, end: int) -> Iterable[Segment]:
    begin, stop = _bounds(_SENTENCE_END, form, start, end, 0)
    clause, clause_end = _bounds(_CLAUSE_END, form, start, end, begin)
    following = _next(_CLAUSE_END, form, clause_end + 1)
    previous = max(clause - 1, begin)
    earlier = _last(_CLAUSE_END, form, begin, previous, begin)
    listed = form.rfind("、", end, clause_end) + 1 or end
    views = (
        form[begin:start] + MARK + form[end:stop],
        form[clause:start] + MARK + form[end:clause_end],
        form[end:clause_end],
        form[max(clause, start - 20) : start],
        form[max(0, start - 6) : start] + MARK + form[end : end + 10],
        form[clause_end + 1 : following],
        form[earlier:previous],
        form[listed : min(stop, listed + 25)],
    )
    return (Segment(row, family, view) for family, view in enumerate(views, start=_FIRST))


def subject_segments(row: int, form: str, names: Sequence[str], which: int) -> list[Segment]:
    """Views of one of the entities of a text, all names plain, for `SUBJECT_FAMILIES`."""
    name = names[which]
    others = sorted({other for other in names if other != name}, key=len, reverse=True)
    marked = _marked(form, name, others)
    facts = _facts(form, marked, name, names, others)
    found = [Segment(row, 0, (*facts, *_pairs(facts))), Segment(row, 4, f"<{name}>")]
    for start in _occurrences(marked, MARK):
        clause, end = _bounds(_CLAUSE_END, marked, start, start + 1, 0)
        found += [
            Segment(row, 1, marked[max(0, start - 15) : start + 21]),
            Segment(row, 2, marked[max(0, start - 5) : start + 7]),
            Segment(row, 3, marked[clause:end]),
        ]
    return found


def _marked(form: str, name: str, others: Sequence[str]) -> str:
    """The text with marks; where a longer name holds this one, the longer one is meant."""
    for other in others:
        if name in other:
            form = form.replace(other, OTHER)
    form = form.replace(name, MARK)
    for other in others:
        if name not in other:
            form = form.replace(other, OTHER)
    return form


def _facts(
    form: str, marked: str, name: str, names: Sequence[str], others: Sequence[str]
) -> tuple[str, ...]:
    """How often, where and among which others the entity stands, as words."""
    first, rival = marked.find(MARK), marked.find(OTHER)
    times = form.count(name)
    longer = [other for other in others if name in other]
    within = [other for other in others if other in name]
    facts = {
        "alone": min(marked.count(MARK), 4),
        "times": min(times, 4),
        "longer": min(len(longer), 2),
        "within": min(len(within), 2),
        "others": min(len(others), 5),
        "length": min(len(name), 12),
        "first": int(math.log2(first + 2)) if first >= 0 else -1,
        "leads": first >= 0 and (rival < 0 or first < rival),
        "rank": sum(form.count(other) > times for other in others),
        "shadowed": (bool(longer), MARK in marked),
        "early": name in form[:60],
        "order": min(names.index(name), 4),
        "absent": times == 0,
        "ending": name[-2:],
        "part": int(5 * first / max(1, len(marked))),
        "alike": sum(name[:2] == other[:2] for other in others),
        "free": sum(form.count(other) > times for other in within),
        "beginning": name[:2],
        "name": name,
    }
    return tuple(f"{key}={value}" for key, value in facts.items())


_PAIRED = 13


def _pairs(facts: Sequence[str]) -> tuple[str, ...]:
    paired = facts[:_PAIRED]
    return tuple(f"{a} {b}" for n, a in enumerate(paired) for b in paired[n + 1 :])


def _occurrences(form: str, name: str) -> list[int]:
    """Starts of the first four, not overlapping; `name` may be empty."""
    found: list[int] = []
    start = form.find(name) if name else -1
    while start >= 0 and len(found) < _MOST:
        found.append(start)
        start = form.find(name, start + len(name))
    return found


def _bounds(
    border: re.Pattern[str], form: str, start: int, end: int, floor: int
) -> tuple[int, int]:
    return _last(border, form, floor, start, floor), _next(border, form, end)


def _last(border: re.Pattern[str], form: str, begin: int, end: int, otherwise: int) -> int:
    """End of the last border in form[begin:end]."""
    last = otherwise
    for match in border.finditer(form, begin, end):
        last = match.end()
    return last


def _next(border: re.Pattern[str], form: str, begin: int) -> int:
    match = border.search(form, begin)
    return match.start() if match else len(form)


def joined(title: str, text: str) -> str:
    """Title and text as one plain text; a title that only repeats the beginning is left out."""
    head, body = title.strip(), text.strip()
    opening = head.replace("...", "")[:30]
    repeats = not head or opening in body[: len(opening) + 20]
    return plain((body if repeats else f"{head}\n{body}")[:LONGEST])
