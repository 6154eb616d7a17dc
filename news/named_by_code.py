"""Names that a text itself explains: the words right before a company's code in brackets.

A name that no table knows (a former one, a spelling of the board) stands before its code
(辰州矿业(002155)) and means that company in the whole text. Works on `comparable` text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from news.name_candidates import LinkMethod, NameEntry
from news.name_hits import NameHit
from news.organisations import is_cut_from_word
from news.stock_codes import CodeHit

NAMED = NameEntry((), LinkMethod.CODE)
"""Entry of a name that only its code explains."""

_CONFIDENCE = 0.9
_MARKED = re.compile(r"(?:S\*ST|\*ST|SST|\*|ST|S|PT|XD|XR|DR)[\u3400-\u9fff]{2,3}[AB]?$")
# Not 丨, which agencies write between date and text.
_RUN = re.compile(r"[\u3400-\u4e27\u4e29-\u9fff]{2,}[AB]?$")
_UNIT = re.compile(
    r"[百千万亿]{0,2}(?:港元|美元|[股手元份户台吨年月日个只家套辆张]|(?=[\u3400-\u9fff]{2}))"
)
# Words that stand before a code and name no company (公司股票(600519)).
_NO_NAME = re.compile(
    r"(?:公司|集团|股票|股份代码|代码|简称|证券|个股|标的|龙头|旗下|方面|股东|指数|基金|转债|概念|[一二三四五六七八九十]家)$"
)
_LONGEST, _USUAL = 6, 4


def names_before_codes(
    form: str, hits: Iterable[NameHit], codes: Iterable[CodeHit], beside: Iterable[CodeHit]
) -> list[tuple[NameHit, CodeHit]]:
    """Each code in brackets with the unknown name before it.

    A known name of another company that ends there is a misreading ((600145) is surer than a name
    cut by the board) and is rejected.
    """
    known = set(beside)
    found = []
    for code in codes:
        if code.opens == code.start or code in known:
            continue
        end = len(form[: code.opens].rstrip())
        start = start_of_name(form, end)
        if start is None:
            continue
        start = _between_neighbours(hits, start, end, code.company)
        if end - start > 1:
            _reject_overlapped(hits, start, end)
            hit = NameHit(start, end, NAMED, None, LinkMethod.CODE)
            hit.accept(code.company, _CONFIDENCE)
            found.append((hit, code))
    return found


def repeated(form: str, named: Iterable[NameHit], hits: Iterable[NameHit]) -> Iterator[NameHit]:
    """Further places of the names that a code explained, free of other names."""
    taken = [(hit.start, hit.end) for hit in (*hits, *named)]
    for name in named:
        word = form[name.start : name.end]
        if len(word) < _USUAL and word.isalpha() and not word.isascii():
            continue
        place = form.find(word)
        while place >= 0:
            end = place + len(word)
            if all(end <= a or b <= place for a, b in taken):
                hit = NameHit(place, end, NAMED, None, LinkMethod.CODE)
                hit.accept(name.company, _CONFIDENCE)
                taken.append((place, end))
                yield hit
            place = form.find(word, end)


def start_of_name(form: str, end: int, *, longest: int = _LONGEST) -> int | None:
    """Where the name that ends at `end` begins; None where no name does.

    A run of at most `longest` characters is the name; of a longer one its end, usually four.
    """
    low = max(0, end - 2 * longest)
    marked = _MARKED.search(form, low, end)
    if marked:
        return marked.start()
    run = _RUN.search(form, low, end)
    if run is None or _NO_NAME.search(form, low, end):
        return None
    first = run.start()
    if form[first - 1 : first].isdigit() and (unit := _UNIT.match(form, first, end)):
        first = unit.end()
    if end - first <= longest:
        return first if end - first > 1 else None
    four, three = end - _USUAL, end - _USUAL + 1
    cut = is_cut_from_word(form, four, end) and not is_cut_from_word(form, three, end)
    return three if cut else four


def _between_neighbours(hits: Iterable[NameHit], start: int, end: int, company: str) -> int:
    """The start, moved to where another name ends, or to a piece of the company's own name."""
    for hit in hits:
        if hit.start < end and start < hit.end < end:
            own = company in hit.entry.companies
            if own or hit.end - hit.start > 2:
                start = hit.start if own else hit.end
    return start


def _reject_overlapped(hits: Iterable[NameHit], start: int, end: int) -> None:
    for hit in hits:
        if hit.start < end and start < hit.end:
            hit.reject()
