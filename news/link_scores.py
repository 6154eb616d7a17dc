"""How well mentions found in texts fit labelled ones.

A found mention is right where a labelled one of the same company overlaps it, one to one: where a
name ends (万科 or 万科A) is a convention, whom it means is not. A name and its own code right
beside it (贵州茅台(600519)) are one mention. A labelled NIL is a word that must not be linked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from news.article import Mention

_BETWEEN = re.compile(r"[\s()（）\[\]【】:：,，.股票代码证券SHZBJshzbj]{0,8}")


@dataclass(frozen=True, slots=True)
class GoldMention:
    """A labelled span; `entity_id` None is NIL. `ignored` spans count for nothing either way."""

    entity_id: str | None
    start: int
    end: int
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class LinkScores:
    """Precision, recall and F1 over mentions; `nil_linked` of `nil` words were wrongly linked."""

    precision: float
    recall: float
    f1: float
    mentions: int
    found: int
    right: int
    exact: int
    nil: int
    nil_linked: int
    nil_accuracy: float | None


@dataclass(frozen=True, slots=True)
class LinkErrors:
    """What went wrong in one text, for reading."""

    wrong: tuple[Mention, ...]
    missed: tuple[GoldMention, ...]


class LinkTally:
    """Adds up texts, one after the other."""

    def __init__(self) -> None:
        self._gold = self._found = self._right = self._exact = self._nil = self._nil_linked = 0

    def add(self, text: str, gold: Sequence[GoldMention], found: Iterable[Mention]) -> LinkErrors:
        """Count one whole text, in which every mention is labelled."""
        real = _joined(text, [g for g in gold if g.entity_id and not g.ignored])
        ignored = [g for g in gold if g.ignored]
        kept = [m for m in found if not any(_overlap(m, g) for g in ignored)]
        kept = _found_joined(text, kept)
        pairs = _pairs(real, kept)
        self._gold += len(real)
        self._found += len(kept)
        self._right += len(pairs)
        self._exact += sum((g.start, g.end) == (m.start, m.end) for g, m in pairs)
        nil = [g for g in gold if g.entity_id is None and not g.ignored]
        self._nil += len(nil)
        self._nil_linked += sum(any(_overlap(m, g) for m in kept) for g in nil)
        right_gold, right_found = {id(g) for g, _ in pairs}, {id(m) for _, m in pairs}
        return LinkErrors(
            tuple(m for m in kept if id(m) not in right_found),
            tuple(g for g in real if id(g) not in right_gold),
        )

    def add_spots(
        self, text: str, gold: Sequence[GoldMention], found: Iterable[Mention]
    ) -> LinkErrors:
        """Count only the labelled spots of a text; what is found elsewhere is not judged."""
        near = [m for m in found if any(_overlap(m, g) for g in gold)]
        return self.add(text, gold, near)

    def scores(self) -> LinkScores:
        """The sums so far."""
        precision = self._right / self._found if self._found else 0.0
        recall = self._right / self._gold if self._gold else 0.0
        both = precision + recall
        return LinkScores(
            precision=round(precision, 4),
            recall=round(recall, 4),
            f1=round(2 * precision * recall / both, 4) if both else 0.0,
            mentions=self._gold,
            found=self._found,
            right=self._right,
            exact=self._exact,
            nil=self._nil,
            nil_linked=self._nil_linked,
            nil_accuracy=round(1 - self._nil_linked / self._nil, 4) if self._nil else None,
        )


def _overlap(mention: Mention, gold: GoldMention) -> bool:
    return mention.start < gold.end and gold.start < mention.end


def _pairs(
    gold: Iterable[GoldMention], found: Iterable[Mention]
) -> list[tuple[GoldMention, Mention]]:
    left = sorted(found, key=lambda m: m.start)
    pairs = []
    for label in sorted(gold, key=lambda g: g.start):
        fits = (m for m in left if m.entity_id == label.entity_id and _overlap(m, label))
        if (mention := next(fits, None)) is not None:
            left.remove(mention)
            pairs.append((label, mention))
    return pairs


def _is_beside(text: str, end: int, start: int) -> bool:
    return end <= start and _BETWEEN.fullmatch(text, end, start) is not None


def _holds_code(text: str, start: int, end: int) -> bool:
    return any(c.isdigit() for c in text[start:end])


def _joined(text: str, gold: Iterable[GoldMention]) -> list[GoldMention]:
    kept: list[GoldMention] = []
    for label in sorted(gold, key=lambda g: g.start):
        last = kept[-1] if kept else None
        same = last is not None and last.entity_id == label.entity_id
        if last and same and _is_beside(text, last.end, label.start):
            one_is_code = _holds_code(text, label.start, label.end)
            if one_is_code or _holds_code(text, last.start, last.end):
                kept[-1] = GoldMention(label.entity_id, last.start, label.end)
                continue
        kept.append(label)
    return kept


def _found_joined(text: str, found: Iterable[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda m: m.start):
        last = kept[-1] if kept else None
        if last and last.entity_id == mention.entity_id:
            coded = _holds_code(text, mention.start, mention.end)
            if coded and _is_beside(text, last.end, mention.start):
                continue
        kept.append(mention)
    return kept
