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
_OTHER_SIDE = re.compile(r"(?:与|和|及|同|向|对|由|从|为|给|被|获|遭|因)$")


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
    if before:
        return _of_clause(form, before, start)
    reach = _AFTER_REACH if trigger.kind in _BEFORE_NAME else 0
    if after is not None and after.start - end <= reach:
        return after.entity_id, Where.SENTENCE
    return _of_article(companies, start)


def _of_clause(form: str, before: list[Mention], start: int) -> tuple[str, Where]:
    clause = form.rfind(",", 0, start)
    inside = [m for m in before if m.start > clause]
    # A clause without a company speaks of the one that its sentence began with.
    chosen = inside or before[:1]
    place = len(chosen) - 1
    while place > 0 and _OTHER_SIDE.search(form, chosen[place].start - 1, chosen[place].start):
        place -= 1
    return chosen[place].entity_id, Where.BESIDE if inside else Where.SENTENCE


def _of_article(companies: tuple[Mention, ...], start: int) -> tuple[str | None, Where]:
    """The only company of the article, where it was named early and before `start`."""
    ids = {mention.entity_id for mention in companies}
    if len(ids) == 1 and companies[0].start < min(start, _LEAD):
        return ids.pop(), Where.ARTICLE
    return None, Where.NOWHERE
