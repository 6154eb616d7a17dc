"""Several taggers as one: rules and a trained classifier side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from news.article import Tag


class Tagger(Protocol):
    """Gives labels; `news.tag.TopicTagger` and `news.learned_tags.LearnedTagger` do."""

    def tag(self, headline: str, text: str) -> tuple[Tag, ...]:
        """Labels of an article, each at most once."""


class Taggers:
    """Gives what any of several taggers gives, with the confidence of the surest."""

    def __init__(self, taggers: Sequence[Tagger]) -> None:
        self._taggers = tuple(taggers)

    def tag(self, headline: str, text: str) -> tuple[Tag, ...]:
        """Labels of an article, the surest first."""
        best: dict[str, Tag] = {}
        for tagger in self._taggers:
            for tag in tagger.tag(headline, text):
                if tag.name not in best or tag.confidence > best[tag.name].confidence:
                    best[tag.name] = tag
        return tuple(sorted(best.values(), key=lambda tag: (-tag.confidence, tag.name)))
