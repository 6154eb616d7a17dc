"""Which articles tell the same story: a pure decision over what is known of both.

An article joins the story that it is most like, if that is like enough. Pairs of characters of
headline and lead decide, and the less likeness is asked for the more else agrees: the same kind of
event of the same company, or a company that both are about. The time between them is part of it,
for 年报 of this year and of last year are two stories.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from news.article import Article, SourceTier
from news.dedupe_keys import places_in
from news.event import EventKind
from news.text import fold, segmenter, simplify

WINDOW = timedelta(days=7)
"""A story without a new article for so long has ended."""
MOST_PAIRS = 1_024
_LEAD, _WHOLE = 160, 640
_FEWEST = 8
_MAIN = 3
_RARE = 4
_SAME_EVENT, _SAME_COMPANY, _OTHERWISE = 0.22, 0.38, 0.5
_COMPANY_WITHIN, _OTHERWISE_WITHIN = timedelta(days=5), timedelta(days=3)
# What passes daily is a story of its day.
_DAILY = frozenset({EventKind.PRICE_MOVE})
_ELSEWHERE = 0.5  # 葡萄牙新增确诊 is not 西班牙新增确诊, though all other words are the same
_DAILY_WITHIN = timedelta(hours=20)

Pairs = npt.NDArray[np.uint64]
"""Sorted, distinct pairs of neighbouring letters, each pair one number."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What of an article decides on its story.

    `lead`: pairs of headline and lead; `whole`: of its first 640 characters. `entities` are those
    that it is about, the most relevant first; `events` are `kind:subject`. `rare`: words that find
    stories about no listed company. `places` are those of the headline.
    """

    at: datetime
    lead: Pairs
    whole: Pairs
    entities: tuple[str, ...]
    events: tuple[str, ...]
    rare: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Under what the story is found: events, entities, and rare words where it has none."""
        return (*self.events, *(self.entities or self.rare))


@dataclass(frozen=True, slots=True)
class Story:
    """Articles about one matter. `headline` and `lead_id` are of its weightiest article so far.

    `core` are the lead's pairs of the first article and `places` those of its headline, `known`
    all pairs so far (1,024 at most).
    """

    id: str
    headline: str
    lead_id: str
    tier: SourceTier
    first_at: datetime
    last_at: datetime
    count: int
    entities: tuple[str, ...]
    events: tuple[str, ...]
    places: tuple[str, ...]
    core: Pairs
    known: Pairs


def sketch_of(article: Article) -> Sketch:
    """What of an article decides on its story."""
    headline = simplify(article.headline)
    tagged = segmenter().tag(headline, False)
    letters = fold(f"{article.headline}\n{article.text[:_WHOLE]}")
    lead = len(fold(article.headline)) + _LEAD
    about = _about(article)
    events = (f"{e.kind}:{e.subject}" for e in article.events if e.subject)
    return Sketch(
        article.published_at,
        _pairs_of(letters[:lead]),
        _pairs_of(letters),
        about,
        tuple(dict.fromkeys(events)),
        _rarest(word for word, _ in tagged if len(word) > 1),
        tuple(sorted(places_in(tagged))),
    )


def best_story(sketch: Sketch, stories: Iterable[Story]) -> Story | None:
    """The story that an article belongs to; None where it begins one."""
    rated = ((_likeness(sketch, story), story) for story in stories)
    fitting = [(score, story) for score, story in rated if score > 0]
    # The older story wins a tie, so that the order of rows decides nothing.
    return min(fitting, key=lambda f: (-f[0], f[1].first_at, f[1].id))[1] if fitting else None


def novelty(sketch: Sketch, story: Story | None) -> float:
    """Share of an article's pairs, 0 to 1, that no earlier article of its story had."""
    if story is None or not len(sketch.whole):
        return 1.0
    return round(1.0 - _common(sketch.whole, story.known) / len(sketch.whole), 3)


def joined(known: Pairs, more: Pairs) -> Pairs:
    """The pairs of a story with those of one more article; at 1,024 no more are taken in."""
    return np.union1d(known, more) if len(known) + len(more) <= MOST_PAIRS else known


def _pairs_of(letters: str) -> Pairs:
    codes = np.frombuffer(letters.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    return np.unique((codes[:-1] << np.uint64(32)) | codes[1:])


def _likeness(sketch: Sketch, story: Story) -> float:
    """How far the likeness exceeds what is needed; 0 or less where it is another story."""
    apart = _apart(sketch.at, story)
    if apart > WINDOW:
        return 0.0
    share = _shared(sketch.lead, story.core)
    if sketch.places and story.places and not set(sketch.places) & set(story.places):
        share *= _ELSEWHERE
    events = {event for event in sketch.events if event in story.events}
    if events:
        daily = all(EventKind(event.partition(":")[0]) in _DAILY for event in events)
        if not daily or apart <= _DAILY_WITHIN:
            return share - _SAME_EVENT
    if any(entity in story.entities for entity in sketch.entities):
        return share - _SAME_COMPANY if apart <= _COMPANY_WITHIN else 0.0
    # Two articles about different companies are two stories, however alike their words.
    if apart > _OTHERWISE_WITHIN or (sketch.entities and story.entities):
        return 0.0
    return share - _OTHERWISE


def _apart(at: datetime, story: Story) -> timedelta:
    if at < story.first_at:
        return story.first_at - at
    return max(timedelta(0), at - story.last_at)


def _shared(a: Pairs, b: Pairs) -> float:
    """Share of the shorter one's pairs that the other has (overlap coefficient)."""
    fewer = min(len(a), len(b))
    return _common(a, b) / fewer if fewer >= _FEWEST else 0.0


def _common(a: Pairs, b: Pairs) -> int:
    """How many pairs two texts share."""
    if not len(a) or not len(b):
        return 0
    places = np.minimum(b.searchsorted(a), len(b) - 1)
    return int(np.count_nonzero(b[places] == a))


def _about(article: Article) -> tuple[str, ...]:
    """The entities that an article is about, the most relevant first."""
    if article.tones:
        ordered = sorted(article.tones, key=lambda t: (-t.relevance, t.entity_id))
        return tuple(tone.entity_id for tone in ordered[:_MAIN])
    length = len(article.headline)
    seen: dict[str, tuple[int, int]] = {}
    for mention in article.mentions:
        times, first = seen.get(mention.entity_id, (0, mention.start))
        seen[mention.entity_id] = (times + 1, min(first, mention.start))
    ordered_ids = sorted(seen, key=lambda e: (seen[e][1] >= length, -seen[e][0], e))
    return tuple(ordered_ids[:_MAIN])


def _rarest(found: Iterable[str]) -> tuple[str, ...]:
    """Longer words are rarer; names and terms are mostly the longest ones."""
    return tuple(
        f"word:{w}" for w in sorted(dict.fromkeys(found), key=lambda w: (-len(w), w))[:_RARE]
    )
