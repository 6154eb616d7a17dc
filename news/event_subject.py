"""To which company an event happened: by the places of companies around its trigger word."""

from __future__ import annotations

import re
from enum import StrEnum

from news.article import Mention
from news.event import EventKind
from news.event_lexicon import Trigger

_HOLDER_GAP = re.compile(r"[^,、:]{0,4}")
_AFTER_REACH = 12
_LEAD = 80
# What is done to a company may stand before its name (证监会处罚了X, 高盛上调X评级).
_BEFORE_NAME = frozenset(
    {
        EventKind.PENALTY,
        EventKind.INVESTIGATION,
        EventKind.LITIGATION,
        EventKind.RATING_CHANGE,
        EventKind.HOLDING_DECREASE,
        EventKind.HOLDING_INCREASE,
        EventKind.SUSPENSION,
        EventKind.PRICE_MOVE,
    }
)
# The other side of what happened, where somebody else is named before it (与B签约, 向B配售).
_OTHER_SIDE = re.compile(r"(?:与|同|向|对|由|从|为|给|被|获|遭|因|在|经|通过)$")


class Where(StrEnum):
    """Where the company was found, the surest first."""

    BESIDE = "beside"
    SENTENCE = "sentence"
    ARTICLE = "article"
    NOWHERE = "nowhere"


def subject_of(
    form: str,
    trigger: Trigger,
    start: int,
    end: int,
    near: tuple[Mention, ...],
    companies: tuple[Mention, ...],
) -> tuple[str | None, Where]:
    """Entity id and where it was found; `near` are the companies of the trigger's sentence."""
    after = next((m for m in near if m.start >= end), None)
    if trigger.holder and after is not None and _HOLDER_GAP.fullmatch(form, end, after.start):
        return after.entity_id, Where.BESIDE
    before = [m for m in near if m.end <= start + 1]
    found = _before(form, before, start, trigger.kind)
    if found is not None:
        return found
    reach = _AFTER_REACH if trigger.kind in _BEFORE_NAME else 0
    if after is not None and after.start - end <= reach:
        return after.entity_id, Where.SENTENCE
    return _of_article(companies, start)


def _before(
    form: str, before: list[Mention], start: int, kind: EventKind
) -> tuple[str, Where] | None:
    """The last company of the trigger's clause that is not the other side, else its sentence's."""
    clause = form.rfind(",", 0, start)
    acting = [m for m in before if not _OTHER_SIDE.search(form, max(0, m.start - 2), m.start)]
    inside = [m for m in acting if m.start > clause]
    if inside:
        return inside[-1].entity_id, Where.BESIDE
    if kind in _BEFORE_NAME and before and before[-1].start > clause:
        return before[-1].entity_id, Where.BESIDE
    # A clause without a company speaks of the one that its sentence began with.
    return (acting[0].entity_id, Where.SENTENCE) if acting else None


def _of_article(companies: tuple[Mention, ...], start: int) -> tuple[str | None, Where]:
    """The only company of the article, where it was named early and before `start`."""
    ids = {mention.entity_id for mention in companies}
    if len(ids) == 1 and companies[0].start < min(start, _LEAD):
        return ids.pop(), Where.ARTICLE
    return None, Where.NOWHERE
