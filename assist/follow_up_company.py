"""Follow-ups about listed companies: 它的上游呢, 那比亚迪呢, 昨天的呢."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assist.company_question import (
    CompanyTopic,
    TopicWords,
    without_names,
    without_politeness,
)
from assist.conversation import SpokenCompany
from assist.follow_up_words import FollowUpWords
from assist.lexical import plain
from assist.news_period import Period, period
from news.article import Mention
from news.link import EntityLinker

# How sure it is that a company is meant which was talked about, but not last.
FORMER = 0.6
_US = ("你们", "您们", "贵司", "贵公司", "你司")  # the broker, not the company talked about


@dataclass(frozen=True, slots=True)
class Continued:
    """What a message adds to what was asked about a company: `company` None is the same one.

    `confidence` (0 to 1) is that the company is meant.
    """

    company: str | None
    topics: tuple[CompanyTopic, ...]
    days: Period | None
    confidence: float


class CompanyFollowUps:
    """Completes messages that go on about a company."""

    def __init__(self, words: FollowUpWords, topics: TopicWords, linker: EntityLinker) -> None:
        self._words = words
        self._topics = topics
        self._linker = linker

    def read(self, text: str, spoken: SpokenCompany, today: date) -> Continued | None:
        """What a message goes on to ask; None where it is a question of its own or about others."""
        said = plain(text)
        if any(word in said for word in _US):
            return None
        days = period(without_names(said, self._linker.find(said)), today)
        # First the days: 这个月 begins as a word does that ties a message to the one before.
        said = said.replace(plain(days.words), "") if days else said
        tied = self._words.core(said)[1]
        said = self._words.led(said)
        mentions = self._linker.find(said)
        topics, rest = self._topics.split(without_names(said, mentions))
        if self._words.content(without_politeness(rest)):
            return None
        if mentions:
            return None if topics else _another(mentions, days, spoken, tied, today)
        return _same(topics, days, spoken, tied)


def _another(
    mentions: Sequence[Mention],
    days: Period | None,
    spoken: SpokenCompany,
    tied: bool,
    today: date,
) -> Continued | None:
    """The earlier question about another company (那比亚迪呢)."""
    known = tuple(map(CompanyTopic, spoken.topics))
    if not known or not (tied or days) or len({m.entity_id for m in mentions}) > 1:
        return None
    before = period(spoken.days, today) if spoken.days else None
    sure = max(m.confidence for m in mentions)
    return Continued(mentions[0].entity_id, known, days or before, sure)


def _same(
    topics: tuple[CompanyTopic, ...], days: Period | None, spoken: SpokenCompany, tied: bool
) -> Continued | None:
    """Another question about the same company (它的上游呢, 昨天的呢)."""
    if not (spoken.is_latest or (tied and topics)) or not (topics or days):
        return None
    sure = 1.0 if spoken.is_latest else FORMER
    return Continued(None, topics or (CompanyTopic.NEWS,), days, sure)
