"""What happened, over all articles that report it: one event each, with its first source.

Two reports are of the same event where kind and subject agree, the time between them is short
enough for the kind, and no figure of one contradicts the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from news.article import Article, SourceTier
from news.event import ArticleEvent, EventKind
from news.fact import FactStatus

_WITHIN = timedelta(days=10)
_LONGER = {
    EventKind.LITIGATION: timedelta(days=30),
    EventKind.INVESTIGATION: timedelta(days=30),
    EventKind.MERGER: timedelta(days=30),
    EventKind.BANKRUPTCY: timedelta(days=30),
    EventKind.DELISTING_RISK: timedelta(days=30),
}
_DAILY = {EventKind.PRICE_MOVE: timedelta(hours=20), EventKind.RATING_CHANGE: timedelta(days=2)}
LONGEST = max(_LONGER.values())
DENIED_WITHIN = timedelta(days=30)
"""How far back a clarification reaches."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event and who reported it, when first and by whom best.

    `first_*` are of the earliest report; `headline` and `lead_id` of the one from the weightiest
    source. `arguments` are those of the weightiest report, completed by the others. `status_by` is
    the article that denied or confirmed it.
    """

    id: str
    kind: EventKind
    subject: str
    story_id: str | None
    headline: str
    lead_id: str
    tier: SourceTier
    first_id: str
    first_source: str
    first_at: datetime
    last_at: datetime
    count: int
    arguments: tuple[tuple[str, str], ...]
    status: FactStatus
    status_by: str | None = None


def begun(article: Article, event: ArticleEvent, event_id: str) -> Happening:
    """The event that an article is the first to report; it has a subject."""
    return Happening(
        id=event_id,
        kind=event.kind,
        subject=str(event.subject),
        story_id=article.story_id,
        headline=article.headline,
        lead_id=article.id,
        tier=article.tier,
        first_id=article.id,
        first_source=article.source,
        first_at=article.published_at,
        last_at=article.published_at,
        count=1,
        arguments=event.arguments,
        status=_believed(event.status, article.tier),
    )


def same(article: Article, event: ArticleEvent, known: Iterable[Happening]) -> Happening | None:
    """Which of the known events (same kind and subject) an article reports; None for a new one.

    One of the article's story wins, then the nearest in time.
    """
    fitting = [h for h in known if _fits(article, event, h)]
    return min(
        fitting,
        key=lambda h: (h.story_id != article.story_id, apart(article.published_at, h), h.id),
        default=None,
    )


def grown(happening: Happening, article: Article, event: ArticleEvent) -> Happening:
    """The event with one more report: the first stays first, an announcement outranks media."""
    leads = article.tier.rank < happening.tier.rank
    first = article.published_at < happening.first_at
    mine, theirs = dict(happening.arguments), dict(event.arguments)
    merged = {**mine, **theirs} if leads else {**theirs, **mine}
    return replace(
        happening,
        headline=article.headline if leads else happening.headline,
        lead_id=article.id if leads else happening.lead_id,
        tier=article.tier if leads else happening.tier,
        first_id=article.id if first else happening.first_id,
        first_source=article.source if first else happening.first_source,
        first_at=min(happening.first_at, article.published_at),
        last_at=max(happening.last_at, article.published_at),
        count=happening.count + 1,
        arguments=tuple(sorted(merged.items())),
        **_standing(happening, article, event),  # type: ignore[arg-type]
    )


def apart(at: datetime, happening: Happening) -> timedelta:
    """Time between a moment and the span in which an event was reported."""
    if at < happening.first_at:
        return happening.first_at - at
    return max(timedelta(0), at - happening.last_at)


def _fits(article: Article, event: ArticleEvent, known: Happening) -> bool:
    within = _DAILY.get(event.kind) or _LONGER.get(event.kind, _WITHIN)
    if apart(article.published_at, known) > within:
        return False
    ours, theirs = dict(event.arguments), dict(known.arguments)
    differing = any(ours[name] != theirs[name] for name in ours.keys() & theirs.keys())
    same_story = known.story_id is not None and known.story_id == article.story_id
    return not differing or same_story


def _believed(status: FactStatus, tier: SourceTier) -> FactStatus:
    """What an announcement states is confirmed; of what a forum states one has heard."""
    if status is not FactStatus.ASSERTED:
        return status
    if tier is SourceTier.SOCIAL:
        return FactStatus.RUMOUR
    return FactStatus.CONFIRMED if tier is SourceTier.OFFICIAL else FactStatus.ASSERTED


def _standing(
    known: Happening, article: Article, event: ArticleEvent
) -> dict[str, FactStatus | str | None]:
    """Status after one more report: the weightier source decides, and a rumour decides nothing."""
    told = _believed(event.status, article.tier)
    decided = known.status in (FactStatus.DENIED, FactStatus.CONFIRMED)
    if told is FactStatus.RUMOUR or told is known.status:
        return {}
    if decided and (told is FactStatus.ASSERTED or article.tier.rank > known.tier.rank):
        return {}
    by = None if told is FactStatus.ASSERTED else article.id
    return {"status": told, "status_by": by}
