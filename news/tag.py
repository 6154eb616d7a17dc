"""Topic, industry and market tags by trigger words.

All trigger words of all rules are looked for at once (Aho-Corasick). A rule's points are the sum
over its distinct words found: `title_weight` for a word in the headline, 0.5 for one in the first
200 characters of the text, 0.3 for one further down. A word of `none` anywhere vetoes the rule.
The confidence is points / (points + 0.5): it starts at 0 and never reaches 1. One word in the lead
gives 0.5, one in the headline 0.67; a single word deep in a long text (0.375) is no tag.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml
from ahocorasick_rs import AhoCorasick
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from news.article import Tag, TagGroup
from news.comparable import comparable, is_cut_latin
from news.errors import DataFileError

LEAD_LENGTH = 200
LEAD_POINTS = 0.5
BODY_POINTS = 0.3
HALF_POINTS = 0.5
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class TopicRule:
    """Trigger words of one tag; `title_weight` is what a word in the headline counts."""

    name: str
    group: TagGroup
    any_of: tuple[str, ...]
    none_of: tuple[str, ...] = ()
    title_weight: float = 1.0


class TopicTagger:
    """Tags articles by rules; immutable."""

    def __init__(self, rules: Iterable[TopicRule], *, threshold: float = THRESHOLD) -> None:
        self._rules = tuple(rules)
        self._threshold = threshold
        uses: dict[str, list[tuple[int, bool]]] = {}
        for place, rule in enumerate(self._rules):
            for word in rule.any_of:
                uses.setdefault(comparable(word), []).append((place, False))
            for word in rule.none_of:
                uses.setdefault(comparable(word), []).append((place, True))
        self._uses = tuple(tuple(use) for use in uses.values())
        self._automaton = AhoCorasick(uses)

    @classmethod
    def load(cls, path: Path, *, threshold: float = THRESHOLD) -> TopicTagger:
        """Read a YAML list of rules with tag, group, any, none and title_weight.

        Raises DataFileError that names the file and the entry.
        """
        return cls(_read(path), threshold=threshold)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all tags, in the order of the rules."""
        return tuple(rule.name for rule in self._rules)

    def tag(self, headline: str, text: str) -> tuple[Tag, ...]:
        """Tags of at least the threshold's confidence, most confident first."""
        points: dict[int, float] = {}
        vetoed: set[int] = set()
        seen: set[int] = set()
        for part, in_headline in ((headline, True), (text, False)):
            form = comparable(part)
            for word, start, end in self._automaton.find_matches_as_indexes(form, overlapping=True):
                if word in seen or is_cut_latin(form, start, end):
                    continue
                seen.add(word)
                for place, veto in self._uses[word]:
                    if veto:
                        vetoed.add(place)
                    else:
                        gain = self._gain(place, start, in_headline)
                        points[place] = points.get(place, 0.0) + gain
        return self._chosen(points, vetoed)

    def _gain(self, place: int, start: int, in_headline: bool) -> float:
        if in_headline:
            return self._rules[place].title_weight
        return LEAD_POINTS if start < LEAD_LENGTH else BODY_POINTS

    def _chosen(self, points: dict[int, float], vetoed: set[int]) -> tuple[Tag, ...]:
        tags = []
        for place in sorted(points.keys() - vetoed):
            rule = self._rules[place]
            confidence = round(points[place] / (points[place] + HALF_POINTS), 3)
            if confidence >= self._threshold:
                tags.append(Tag(rule.name, rule.group, confidence))
        return tuple(sorted(tags, key=lambda tag: -tag.confidence))


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tag: str = Field(min_length=1)
    group: TagGroup
    any: list[str] = Field(min_length=1)
    none: list[str] = []
    title_weight: float = Field(default=1.0, gt=0)


_RULES = TypeAdapter(list[_Rule])


def _read(path: Path) -> tuple[TopicRule, ...]:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        rules = _RULES.validate_python(raw)
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    except yaml.YAMLError as error:
        raise DataFileError(f"{path}: is no valid YAML ({error}); correct that line") from error
    except ValidationError as error:
        raise DataFileError(f"{path}: {_fault(raw, error)}") from error
    _check(path, rules)
    return tuple(
        TopicRule(r.tag, r.group, tuple(r.any), tuple(r.none), r.title_weight) for r in rules
    )


def _check(path: Path, rules: list[_Rule]) -> None:
    known: set[str] = set()
    for rule in rules:
        if rule.tag in known:
            raise DataFileError(f"{path}: tag {rule.tag!r} is given twice; merge the two entries")
        known.add(rule.tag)
        empty = [word for word in (*rule.any, *rule.none) if not word.strip()]
        if empty:
            raise DataFileError(f"{path}: tag {rule.tag!r} has an empty word; remove it")


def _fault(raw: object, error: ValidationError) -> str:
    fault = error.errors()[0]
    place = fault["loc"]
    entry = raw[place[0]] if isinstance(raw, list) and place and isinstance(place[0], int) else None
    name = entry.get("tag") if isinstance(entry, dict) else None
    where = ".".join(str(part) for part in place) or "the file"
    return (
        f"{where} (tag {name!r}): {fault['msg']}, got {fault['input']!r}; each entry has tag,"
        f" group ({', '.join(TagGroup)}), any, and perhaps none and title_weight"
    )
