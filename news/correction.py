"""What editors say a name means, in one article or everywhere; it wins over the linker.

A correction of an article counts for that article, one with a context wherever the surface stands
inside these words, one for everywhere wherever the surface stands. The narrower one wins, then the
newer one. A longer name around the surface (中国平安 around 平安) is another name and stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ahocorasick_rs import AhoCorasick, MatchKind

from news.article import Mention
from news.comparable import comparable, is_cut_latin

METHOD = "correction"
"""Method of the mentions that editors made."""


@dataclass(frozen=True, slots=True)
class LinkCorrection:
    """One decision: `surface` means `entity_id`, or no entity at all where that is None.

    `article_id` is where it was made; it counts only there unless `everywhere`. `context` is a
    piece of text that holds the surface; where given, the surface counts only inside it. `id` is
    0 until it is stored.
    """

    surface: str
    entity_id: str | None
    article_id: str
    by: str
    at: datetime
    everywhere: bool = False
    context: str | None = None
    id: int = 0

    def __post_init__(self) -> None:
        if not self.surface.strip():
            raise ValueError("a correction needs the words that it is about; the surface is empty")
        if self.context is not None and self.surface not in self.context:
            raise ValueError(
                f"context {self.context!r} does not hold the surface {self.surface!r}; give a"
                " piece of the text that holds it"
            )

    @property
    def pattern(self) -> str:
        """What is looked for in texts, as `comparable` text."""
        return comparable(self.context or self.surface)

    @property
    def rank(self) -> tuple[bool, bool, datetime, int]:
        """Greater is stronger: narrower, then newer."""
        return not self.everywhere, self.context is not None, self.at, self.id

    def counts_in(self, article_id: str | None) -> bool:
        """Whether it speaks of this article."""
        return self.everywhere or self.article_id == article_id


@dataclass(frozen=True, slots=True)
class CorrectedPlace:
    """Where in a text a correction decides: character offsets, end exclusive."""

    start: int
    end: int
    correction: LinkCorrection


class Corrections:
    """All corrections of a workspace, ready to be applied; immutable."""

    def __init__(self, corrections: Iterable[LinkCorrection] = ()) -> None:
        by_pattern: dict[str, list[LinkCorrection]] = {}
        for correction in corrections:
            by_pattern.setdefault(correction.pattern, []).append(correction)
        self._groups = tuple(tuple(group) for group in by_pattern.values())
        patterns = list(by_pattern)
        self._automaton = AhoCorasick(patterns, MatchKind.Standard) if patterns else None

    def __bool__(self) -> bool:
        return self._automaton is not None

    def apply(
        self, content: str, mentions: tuple[Mention, ...], *, article_id: str | None = None
    ) -> tuple[Mention, ...]:
        """The mentions of a text with the editors' word in place of the linker's."""
        places = self.places(content, article_id)
        if not places:
            return mentions
        kept = []
        for mention in mentions:
            inside = [p for p in places if _within(mention, p.start, p.end)]
            if not inside:
                kept.append(mention)
        for place in places:
            around = any(_contains(mention, place) for mention in kept)
            if place.correction.entity_id and not around:
                kept.append(_mention(content, place))
        return tuple(sorted(kept, key=lambda mention: (mention.start, -mention.end)))

    def places(self, content: str, article_id: str | None) -> tuple[CorrectedPlace, ...]:
        """Where corrections count in a text, without overlaps: the strongest of each place."""
        if self._automaton is None:
            return ()
        found = sorted(
            self._candidates(comparable(content), article_id),
            key=lambda p: (p.end - p.start, p.correction.rank),
            reverse=True,
        )
        taken: list[CorrectedPlace] = []
        for place in found:
            if all(place.end <= other.start or other.end <= place.start for other in taken):
                taken.append(place)
        return tuple(sorted(taken, key=lambda p: p.start))

    def _candidates(self, form: str, article_id: str | None) -> Iterator[CorrectedPlace]:
        if self._automaton is None:
            return
        for which, start, _end in self._automaton.find_matches_as_indexes(form, overlapping=True):
            for correction in self._groups[which]:
                if not correction.counts_in(article_id):
                    continue
                first = start + correction.pattern.index(comparable(correction.surface))
                last = first + len(correction.surface)
                if not is_cut_latin(form, first, last):
                    yield CorrectedPlace(first, last, correction)


NO_CORRECTIONS = Corrections()


def _within(mention: Mention, start: int, end: int) -> bool:
    """Whether a correction of `[start, end)` decides on the mention: it lies inside, or crosses."""
    crosses = mention.start < end and start < mention.end
    longer = (
        mention.start <= start
        and end <= mention.end
        and mention.end - mention.start > (end - start)
    )
    return crosses and not longer


def _contains(mention: Mention, place: CorrectedPlace) -> bool:
    return mention.start < place.end and place.start < mention.end


def _mention(content: str, place: CorrectedPlace) -> Mention:
    entity = place.correction.entity_id or ""
    surface = content[place.start : place.end]
    return Mention(entity, surface, place.start, place.end, METHOD, 1.0)
