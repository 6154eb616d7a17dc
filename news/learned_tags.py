"""Tags of articles by a trained classifier, in place of or beside the rules of `news.tag`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from news.article import Tag, TagGroup, content_of
from news.classify import TextClassifier


class LearnedTagger:
    """Tags articles as its training texts were tagged; immutable.

    `groups` says which group a label belongs to; all others are topics.
    """

    def __init__(
        self, classifier: TextClassifier, groups: Mapping[str, TagGroup] | None = None
    ) -> None:
        self._classifier = classifier
        self._groups = dict(groups or {})

    @classmethod
    def load(cls, folder: Path, groups: Mapping[str, TagGroup] | None = None) -> LearnedTagger:
        """Read what `foreland train tags` wrote; DataFileError where it is missing or damaged."""
        return cls(TextClassifier.load(folder), groups)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all tags that it can give."""
        return self._classifier.labels

    def tag(self, headline: str, text: str) -> tuple[Tag, ...]:
        """Tags of an article; the confidence is the chance that the tag is right."""
        (found,) = self._classifier.judge([content_of(headline, text)])
        return tuple(
            Tag(name, self._groups.get(name, TagGroup.TOPIC), round(chance, 3))
            for name, chance in found
        )
