"""Which listed companies a text names, and where.

Candidates come from one Aho-Corasick automaton over every written form of every name
(leftmost, longest), codes from `stock_codes`. A decision with context follows: a name that is a
part of a longer organisation, of a word, or of an ordinary phrase is no mention. NIL is an answer.

Decisions worth knowing:
- A longer company name around a name (宁德时代(上海)智能科技有限公司) is another legal entity: no
  mention. So is a parent (贵州茅台集团) and a sister business (东方财富证券).
- A code right beside its own name is evidence, not a second mention.
- A company named surely once (full name, code, unambiguous name) makes its short forms sure.
- A name of several companies means the one named otherwise in the text, or its present bearer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from ahocorasick_rs import AhoCorasick, MatchKind

from news.ambiguity import NameRules
from news.article import Mention
from news.comparable import comparable, is_cut_latin
from news.correction import NO_CORRECTIONS, Corrections
from news.name_candidates import LinkMethod, written_forms
from news.name_hits import (
    CONFIDENCE,
    NameHit,
    accept_ambiguous,
    accept_asked,
    codes_beside_names,
    without_overlaps,
)
from news.named_by_code import names_before_codes, repeated
from news.organisations import OrganisationSense
from news.securities import SecuritiesMaster
from news.stock_codes import CodeFinder, CodeHit

__all__ = ["EntityLinker", "LinkMethod"]

_CODE_CONFIDENCE = {"exchange": 1.0, "cue": 0.97, "bracket": 0.9, "none": 0.9}
_SPACED = re.compile(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fffA-Z])")
_PLAIN_START = re.compile(r"[\u3400-\u9fff]")
_BOARD_MARK = re.compile(r"(?:S\*ST|\*ST|SST|ST|PT)$")


class EntityLinker:
    """Links names and codes in a text to companies of the securities master; immutable.

    `ambiguous` is the YAML table of `news.ambiguity`. Building takes about a second, linking
    0.04 ms an article. Raises DataFileError where the table is broken.
    """

    def __init__(self, master: SecuritiesMaster, ambiguous: Path) -> None:
        forms = written_forms(master, NameRules.load(ambiguous))
        self._entries = tuple(forms.values())
        self._automaton = AhoCorasick(forms, MatchKind.LeftmostLongest)
        self._codes = CodeFinder(master)
        self._organisations = OrganisationSense(master)

    def link(
        self,
        text: str,
        corrections: Corrections = NO_CORRECTIONS,
        *,
        article_id: str | None = None,
    ) -> tuple[Mention, ...]:
        """Mentions of listed companies in reading order, without overlaps.

        Editors' corrections win; those of one article count only with its `article_id`.
        """
        return corrections.apply(
            text, self.link_form(text, comparable(text)), article_id=article_id
        )

    def link_form(self, text: str, form: str) -> tuple[Mention, ...]:
        """As `link` without corrections, for a caller that has `comparable(text)` already."""
        return self._link(text, form, lenient=False)

    def find(self, question: str) -> tuple[Mention, ...]:
        """Mentions in a customer's short question, where less evidence must do.

        A bare code counts, and so does an ambiguous name that the whole question is about
        (机器人最近有什么消息, confidence 0.5), but not a word in passing (智能机器人怎么用).
        """
        return self._link(question, comparable(question), lenient=True)

    def _link(self, text: str, form: str, *, lenient: bool) -> tuple[Mention, ...]:
        hits = self._names(form)
        codes = self._codes.find(form)
        if not hits and not codes:
            return ()
        beside = codes_beside_names(form, hits, codes)
        absorbed = set(beside.values())
        explained = names_before_codes(form, hits, codes, absorbed)
        absorbed |= {code for _, code in explained}
        hits = [hit for hit in hits if hit.entry.companies]
        self._accept_sure(form, hits, beside)
        named = [hit for hit, _ in explained]
        hits = without_overlaps(hits, [*named, *repeated(form, named, hits)])
        known = {hit.company for hit in hits if hit.accepted and hit.kind is None}
        known |= {code.company for code in codes if lenient or code.proof != "none"}
        accept_ambiguous(form, hits, known)
        if lenient:
            accept_asked(form, hits)
        known |= {hit.company for hit in hits if hit.accepted}
        found = [*_named(text, hits)]
        found += _coded(text, found, [c for c in codes if c not in absorbed], known)
        return tuple(sorted(found, key=lambda mention: mention.start))

    def _names(self, form: str) -> list[NameHit]:
        matches = self._automaton.find_matches_as_indexes(form)
        hits: list[NameHit] = []
        for which, start, end in matches:
            if form[start] in "万亿" and form[start - 1 : start].isdigit():
                hits += self._behind_unit(form, start, end)
            elif (hit := self._hit(form, which, start, end)) is not None:
                hits.append(hit)
        return without_overlaps(hits, self._spaced(form)) if _SPACED.search(form) else hits

    def _behind_unit(self, form: str, start: int, end: int) -> Iterator[NameHit]:
        """Names that a wrong reading of an amount hides (3100万[华懋科技], not 万华)."""
        later = self._automaton.find_matches_as_indexes(form[start + 1 : end + 14])
        for which, first, last in later:
            hit = self._hit(form, which, start + 1 + first, start + 1 + last)
            if first < end - start and hit is not None:
                yield hit

    def _hit(self, form: str, which: int, start: int, end: int) -> NameHit | None:
        entry = self._entries[which]
        if not entry.companies or is_cut_latin(form, start, end):
            return None
        if form[end - 1] in "AB" and form[end : end + 1] == "股":
            end -= 1
        mark = _BOARD_MARK.search(form, max(0, start - 4), start)
        kind = None if mark else entry.kind
        return NameHit(mark.start() if mark else start, end, entry, kind, entry.method)

    def _spaced(self, form: str) -> Iterator[NameHit]:
        """Names written with blanks inside (万 科A, 五 粮 液)."""
        letters = np.frombuffer(form.encode("utf-32-le", "surrogatepass"), np.uint32)
        kept = np.flatnonzero(letters != ord(" "))
        for which, start, end in self._automaton.find_matches_as_indexes(form.replace(" ", "")):
            first, last = int(kept[start]), int(kept[end - 1]) + 1
            if last - first == end - start:
                continue
            pieces = form[first:last].split()
            entry = self._entries[which]
            odd = len(pieces) > 1 and (min(map(len, pieces)) == 1 or end - start > 5)
            if odd and entry.companies and not is_cut_latin(form, first, last):
                yield NameHit(first, last, entry, entry.kind, entry.method)

    def _accept_sure(self, form: str, hits: Iterable[NameHit], beside: dict[int, CodeHit]) -> None:
        for hit in hits:
            if hit.start in beside:
                hit.accept(beside[hit.start].company, 1.0)
                hit.kind = None
            elif self._is_name(form, hit) and hit.kind is None:
                hit.accept(hit.entry.companies[0], CONFIDENCE[hit.method])

    def _is_name(self, form: str, hit: NameHit) -> bool:
        """Whether the form is a whole name; a legal form beside it is taken in."""
        if hit.method is LinkMethod.FULL_NAME and form.endswith("公司", hit.start, hit.end):
            return True
        certain = hit.method is LinkMethod.FULL_NAME or not _PLAIN_START.match(form, hit.start)
        company = hit.entry.companies[0]
        extent = self._organisations.extent(form, hit.start, hit.end, company, certain=certain)
        if extent is None:
            hit.reject()
            return False
        if extent[1] > hit.end:
            whole = _is_whole(form, extent[0], hit) and self._organisations.lacks_name(company)
            if hit.kind is not None and not whole:
                hit.reject()
                return False
            (hit.start, hit.end), hit.method, hit.kind = extent, LinkMethod.FULL_NAME, None
        return True


def _is_whole(form: str, start: int, hit: NameHit) -> bool:
    """Whether an ambiguous name with a legal form is a full name, not the end of another one."""
    return hit.end - hit.start > 2 and not _PLAIN_START.match(form[start - 1 : start])


def _named(text: str, hits: Iterable[NameHit]) -> Iterator[Mention]:
    # A legal form or a place taken in may reach over a neighbour.
    done = 0
    for hit in sorted((h for h in hits if h.accepted), key=lambda h: h.start):
        if hit.start >= done:
            done = hit.end
            surface = text[hit.start : hit.end]
            yield Mention(
                hit.company, surface, hit.start, hit.end, hit.method, round(hit.confidence, 2)
            )


def _coded(
    text: str, named: Iterable[Mention], codes: Iterable[CodeHit], known: set[str]
) -> Iterator[Mention]:
    taken = [(m.start, m.end) for m in named]
    for code in codes:
        free = all(code.end <= start or end <= code.start for start, end in taken)
        if free and (code.proof != "none" or code.company in known):
            surface = text[code.start : code.end]
            confidence = _CODE_CONFIDENCE[code.proof]
            yield Mention(code.company, surface, code.start, code.end, LinkMethod.CODE, confidence)
