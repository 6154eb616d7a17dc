"""Events that articles report: what happened, to whom, when, with which figures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from news.fact import FactStatus


class EventKind(StrEnum):
    """What happened."""

    ALLOTMENT = "allotment"
    LISTING = "listing"
    EARNINGS_PREVIEW = "earningsPreview"
    EARNINGS = "earnings"
    DIVIDEND = "dividend"
    HOLDING_INCREASE = "holdingIncrease"
    HOLDING_DECREASE = "holdingDecrease"
    REPURCHASE = "repurchase"
    PLEDGE = "pledge"
    UNLOCK = "unlock"
    LITIGATION = "litigation"
    PENALTY = "penalty"
    INVESTIGATION = "investigation"
    MERGER = "merger"
    PLACEMENT = "placement"
    DELISTING_RISK = "delistingRisk"
    EXECUTIVE_CHANGE = "executiveChange"
    CONTRACT = "contract"
    PRODUCT_LAUNCH = "productLaunch"
    SUSPENSION = "suspension"
    RESUMPTION = "resumption"
    BANKRUPTCY = "bankruptcy"
    DEFAULT = "default"
    RATING_CHANGE = "ratingChange"
    ACCIDENT = "accident"
    CLARIFICATION = "clarification"
    PRICE_MOVE = "priceMove"


@dataclass(frozen=True, slots=True)
class ArticleEvent:
    """An event as one article reports it.

    `subject` is the entity that it happened to, None where it is no known one. [start, end) is the
    evidence: character offsets into `Article.content`. `arguments` are (name, value) pairs sorted
    by name: amounts in yuan, shares, days as 2026-11-20, shares of a whole in percent.
    `confidence` is 0 to 1; `status` tells a rumour or a denial from a statement.
    """

    kind: EventKind
    subject: str | None
    start: int
    end: int
    confidence: float
    arguments: tuple[tuple[str, str], ...] = ()
    status: FactStatus = FactStatus.ASSERTED
