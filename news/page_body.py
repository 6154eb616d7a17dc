"""The article text of an HTML page: its blocks, and which part of the tree holds the article.

Chinese news pages mark their article in no common way, and libraries trained on Western pages take
navigation and comments along. So each block (the text between two block-level tags) is weighed: a
sentence outside links speaks for the elements around it, links and scraps speak against them, and
the element with the best balance is the article (text density as in Sun, Song and Liao, "DOM based
content extraction via text density", SIGIR 2011, summed over a subtree).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree, html  # type: ignore[import-untyped]

from news.errors import SourceError

_NAMES = re.compile(r"\w+")
_INLINE = frozenset(
    _NAMES.findall(
        "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp"
        " small span strike strong sub sup time tt u var wbr"
    )
)
_SKIPPED = frozenset(
    _NAMES.findall(
        "script style noscript template select option button textarea iframe svg object embed"
        " canvas head title audio video map dialog nav"
    )
)
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
_NEVER_ASIDE = _INLINE | {"html", "body", "article", "main", "p", "td", "tr", "tbody", "table"}
_DISCUSSION = re.compile(r"(?<![a-z])(?:comments?|reply|replies|footer|gentie|tie)(?![a-z])", re.I)
_ASIDE = re.compile(
    r"comment|reply|foot(?:er)?(?![a-z])|nav(?![a-z])|menu|sidebar|recommend|relat|share|copyright"
    r"|login|crumb|banner|advert|popup|dialog|modal|qrcode|hot[-_]|rank|toolbar|disclaimer"
    r"|statement|keyword|recom|editor|tags?(?![a-z])",
    re.I,
)
_SENTENCE_END = re.compile(r"[。！？；!?;…]|[.][\s”’\"']|[.]$")
_CLAUSE = re.compile(r"[，、：“”]|[,:](?!\d)")
_BLANKS = re.compile(r"\s+")

_MOST_ATTRIBUTES = 1_000
_VALUE = re.compile(r"=\s{0,9}(?:\"[^\"]{0,2000}\"|'[^']{0,2000}')")
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{2000,}")

MAX_BLOCKS = 20_000
"""A page is read up to here; real ones have up to two thousand blocks, only hostile ones more."""

_MOST = 0.66
"""Share of the sentences from which on an element is taken for the article rather than a part."""


@dataclass(slots=True, eq=False)
class Block:
    """A run of text between two block-level tags.

    `linked` counts its characters in links, `asides` the elements around it whose names speak of
    something other than an article; `aside` is the verdict on them.
    """

    text: str
    linked: int
    element: html.HtmlElement
    asides: tuple[html.HtmlElement, ...] = ()
    aside: bool = False

    @property
    def is_linked(self) -> bool:
        """Whether more than half of the text is in links."""
        return self.linked * 2 > len(self.text)

    @property
    def is_sentence(self) -> bool:
        """Whether the text has the closing mark of a sentence and the length of one."""
        return len(self.text) - self.linked >= 10 and bool(_SENTENCE_END.search(self.text))

    @property
    def weight(self) -> float:
        """Characters that speak for (positive) or against (negative) an article."""
        size = len(self.text)
        free = size - self.linked
        if self.is_linked or self.aside:
            return -float(size)
        if self.is_sentence:
            return float(free - self.linked)
        if _CLAUSE.search(self.text) and free >= 12:
            return free / 2 - self.linked
        return -min(size, 10) / 2


@dataclass(slots=True)
class _Sum:
    """What the blocks below an element weigh together; `good` counts the positive ones only."""

    total: float = 0.0
    good: float = 0.0
    children: set[html.HtmlElement] = field(default_factory=set)


def parse(text: str) -> html.HtmlElement | None:
    """The tree of a page, or None where there is no element in it; scripts are kept.

    Raises SourceError for a page with more attributes in one element than any has: the parser
    compares each with all others.
    """
    if text.count("=") > _MOST_ATTRIBUTES and _has_attribute_bomb(text):
        raise SourceError(f"an element with more than {_MOST_ATTRIBUTES:,} attributes; no page has")
    raw = text.replace("\0", "").encode("utf-8", "ignore")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(raw, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None
    return tree if isinstance(tree, html.HtmlElement) else None


def _has_attribute_bomb(text: str) -> bool:
    bare = _VALUE.sub("=", text)
    return any(m[0].count("=") > _MOST_ATTRIBUTES for m in _LONG_TAG.finditer(bare))


def blocks(tree: html.HtmlElement) -> list[Block]:
    """Visible text of a tree in reading order, one entry per block-level run."""
    return _Walk().run(tree)


def article_blocks(found: list[Block]) -> list[Block]:
    """Those blocks that belong to the article; empty where nothing reads like one."""
    _judge_asides(found)
    sums = _sums(found)
    if _judge_teasers(found, sums):
        sums = _sums(found)
    if not sums:
        return []
    best = max(sums, key=lambda e: sums[e].total)
    if sums[best].total <= 0:
        return []
    best = _narrowed(best, sums)
    kept = (b for b in found if not b.aside and not b.is_linked)
    return [b for b in kept if any(e is best for e in _up(b.element))]


class _Walk:
    """One pass over a tree; a stack of events instead of recursion, for pages of any depth."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self._asides: list[html.HtmlElement] = []
        self._pieces: list[str] = []
        self._linked = 0
        self._links = 0
        self._owner: html.HtmlElement | None = None

    def run(self, tree: html.HtmlElement) -> list[Block]:
        skipping: html.HtmlElement | None = None
        for event, element in etree.iterwalk(tree, events=("start", "end")):
            if skipping is not None:
                if event == "end" and element is skipping:
                    skipping = None
                    self._add(element.tail, element.getparent())
            elif event == "end":
                self._close(element)
            elif _is_skipped(element):
                skipping = element
            else:
                self._open(element)
            if len(self.found) >= MAX_BLOCKS:
                break
        self._flush()
        return self.found

    def _open(self, element: html.HtmlElement) -> None:
        if element.tag not in _INLINE:
            self._flush()
        if _is_aside(element):
            self._asides.append(element)
        self._links += element.tag == "a"
        self._add(element.text, element)

    def _close(self, element: html.HtmlElement) -> None:
        if element.tag not in _INLINE:
            self._flush()
        if self._asides and element is self._asides[-1]:
            self._asides.pop()
        self._links -= element.tag == "a"
        self._add(element.tail, element.getparent())

    def _add(self, text: str | None, owner: html.HtmlElement | None) -> None:
        if not text or owner is None:
            return
        if self._owner is None and not text.isspace():
            self._owner = owner
        self._pieces.append(text)
        self._linked += len(text.strip()) if self._links else 0

    def _flush(self) -> None:
        text = _BLANKS.sub(" ", "".join(self._pieces)).strip()
        if text and self._owner is not None:
            linked = min(self._linked, len(text))
            self.found.append(Block(text, linked, self._owner, tuple(self._asides)))
        self._pieces, self._linked, self._owner = [], 0, None


def _is_skipped(element: html.HtmlElement) -> bool:
    if not isinstance(element.tag, str) or element.tag in _SKIPPED:
        return True
    style = element.get("style")
    return bool(style and _HIDDEN.search(style))


def _names(element: html.HtmlElement) -> str:
    return f"{element.get('id') or ''} {element.get('class') or ''}"


def _is_aside(element: html.HtmlElement) -> bool:
    if element.tag in ("footer", "aside"):
        return True
    return element.tag not in _NEVER_ASIDE and bool(_ASIDE.search(_names(element)))


def _up(element: html.HtmlElement | None) -> tuple[html.HtmlElement, ...]:
    return () if element is None else (element, *element.iterancestors())


def _judge_asides(found: list[Block]) -> None:
    """Mark blocks below an element with an aside's name.

    A wrapper that is called `share_area` and holds most of the page's sentences is none, unless it
    says that it holds the discussion.
    """
    held: dict[html.HtmlElement, float] = {}
    for block in found:
        for element in block.asides:
            held[element] = held.get(element, 0.0) + max(block.weight, 0.0)
    enough = sum(max(b.weight, 0.0) for b in found) / 2
    real = {e for e, good in held.items() if good < enough or _DISCUSSION.search(_names(e))}
    for block in found:
        block.aside = not real.isdisjoint(block.asides)


def _judge_teasers(found: list[Block], sums: dict[html.HtmlElement, _Sum]) -> bool:
    """Mark the summaries in lists: a linked title and one text alone in an element."""
    changed = False
    for before, block in pairwise(found):
        if block.aside or block.weight <= 0 or not before.is_linked or len(before.text) < 6:
            continue
        titled = set(_up(before.element))
        shared = next((e for e in _up(block.element) if e in titled), None)
        if shared is not None and sums[shared].good <= 1.2 * block.weight:
            block.aside = changed = True
    return changed


def _sums(found: list[Block]) -> dict[html.HtmlElement, _Sum]:
    sums: dict[html.HtmlElement, _Sum] = {}
    for block in found:
        weight = block.weight
        child = None
        for element in _up(block.element):
            entry = sums.setdefault(element, _Sum())
            if child is not None:
                entry.children.add(child)
            entry.total += weight
            entry.good += max(weight, 0.0)
            child = element
    return sums


def _narrowed(best: html.HtmlElement, sums: dict[html.HtmlElement, _Sum]) -> html.HtmlElement:
    """Go down while one child holds most of the sentences: other texts often come beside it.

    A single paragraph never stands for its siblings.
    """
    while sums[best].children:
        child = max(sums[best].children, key=lambda e: sums[e].good)
        whole = bool(sums[child].children) or child.tag == "div"
        if not whole or child.tag in _INLINE or sums[child].good < _MOST * sums[best].good:
            break
        best = child
    return best


def plain_text(markup: str) -> str:
    """The visible text of a piece of HTML, a line for each block."""
    tree = parse(markup)
    return "\n".join(b.text for b in blocks(tree)) if tree is not None else ""
