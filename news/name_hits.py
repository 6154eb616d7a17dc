"""Names found in a text while their fate is open, and the decisions that need no look-up.

A hit is accepted when its `confidence` is above 0. Order of the decisions: a code beside a name,
then names that mean little else, then ambiguous names, which may lean on the ones before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from news import name_evidence as evidence
from news.ambiguity import NameKind
from news.name_candidates import LinkMethod, NameEntry
from news.stock_codes import CodeHit

NIL = NameEntry((), LinkMethod.ALIAS)
"""Entry of a form that turned out to be no name."""

CONFIDENCE = {
    LinkMethod.FULL_NAME: 0.99,
    LinkMethod.SHORT_NAME: 0.95,
    LinkMethod.FORMER_NAME: 0.85,
    LinkMethod.ALIAS: 0.9,
}
"""Of a name that means little else, by how it names the company."""

_ESTABLISHED = 0.92
_ASKED = {1: 0.5, 2: 0.7}
_SEPARATORS = "、,/ 和与及"


@dataclass(slots=True)
class NameHit:
    """A written form at `[start, end)`; `kind` None means that it hardly means anything else."""

    start: int
    end: int
    entry: NameEntry
    kind: NameKind | None
    method: LinkMethod
    company: str = ""
    confidence: float = 0.0

    @property
    def accepted(self) -> bool:
        """Whether the form was taken for a company's name."""
        return self.confidence > 0

    @property
    def is_open(self) -> bool:
        """Whether an ambiguous name still waits for evidence."""
        return not self.accepted and bool(self.entry.companies) and self.kind is not None

    def accept(self, company: str, confidence: float) -> None:
        """Take the form for a name of this company."""
        self.company, self.confidence = company, confidence

    def reject(self) -> None:
        """Decide that the form is no name; NIL is an answer."""
        self.entry = NIL


def without_overlaps(first: Sequence[NameHit], more: Iterable[NameHit]) -> list[NameHit]:
    """`first` and those of `more` that overlap none of them, in reading order."""
    extra = [hit for hit in more if all(hit.end <= o.start or hit.start >= o.end for o in first)]
    return sorted([*first, *extra], key=lambda hit: hit.start)


def codes_beside_names(
    form: str, hits: Iterable[NameHit], codes: Iterable[CodeHit]
) -> dict[int, CodeHit]:
    """Codes that stand right beside a name of their own company, by the start of that name."""
    hits = tuple(hits)
    ends = {hit.end: hit for hit in hits}
    starts = {hit.start: hit for hit in hits}
    found: dict[int, CodeHit] = {}
    for code in codes:
        opens = code.opens
        while opens > 0 and form[opens - 1] == " ":
            opens -= 1
        for hit in (ends.get(opens), starts.get(code.end), starts.get(code.end + 1)):
            if hit is not None and code.company in hit.entry.companies:
                found[hit.start] = code
                break
    return found


_SPREADS = (NameKind.BRAND, NameKind.SHORT)
"""Kinds of names that, once sure, make the other names of their company sure."""


def accept_ambiguous(form: str, hits: Sequence[NameHit], known: set[str]) -> None:
    """Decide on ambiguous names by the words around them and the companies already `known`.

    `known` grows by the companies found.
    """
    # Backwards too: an enumeration may begin with the names that need its other members.
    for place in (*range(len(hits)), *range(len(hits) - 1, -1, -1)):
        hit = hits[place]
        if not hit.is_open:
            continue
        company = next((c for c in hit.entry.companies if c in known), None)
        if company is None:
            if not hit.entry.established:
                _weigh(form, hits, place)
                if hit.accepted and hit.kind in _SPREADS:
                    known.add(hit.company)
        elif hit.end - hit.start > 2 or evidence.stands_alone(form, hit.start, hit.end):
            hit.accept(company, _ESTABLISHED)


def accept_asked(form: str, hits: Iterable[NameHit]) -> None:
    """Take an ambiguous name for a company where a short question is all about it."""
    for hit in hits:
        if hit.is_open:
            asked = evidence.asked_about(form, hit.start, hit.end)
            if asked > hit.entry.established:
                hit.accept(hit.entry.companies[0], _ASKED[asked] - 0.2 * hit.entry.established)


def _weigh(form: str, hits: Sequence[NameHit], place: int) -> None:
    hit = hits[place]
    if hit.kind is None:
        return
    if hit.kind is NameKind.MEDIA and evidence.is_source(form, hit.start, hit.end):
        return
    score = evidence.local_evidence(form, hit.start, hit.end, hit.kind)
    score += 3 * _in_list(form, hits, place)
    score += 2 * any(word in form for word in hit.entry.evidence)
    if score > 0 and evidence.market_words(form) >= 2:
        score += 1
    needed = evidence.NEEDED[hit.kind]
    if score >= needed:
        hit.accept(hit.entry.companies[0], min(0.9, 0.6 + 0.08 * (score - needed + 1)))


def _in_list(form: str, hits: Sequence[NameHit], place: int) -> bool:
    """Whether an accepted name stands beside this one in an enumeration."""
    hit = hits[place]
    before = hits[place - 1] if place else None
    after = hits[place + 1] if place + 1 < len(hits) else None
    gaps = (
        form[before.end : hit.start] if before and before.accepted else "",
        form[hit.end : after.start] if after and after.accepted else "",
    )
    return any(len(gap) == 1 and gap in _SEPARATORS for gap in gaps)
