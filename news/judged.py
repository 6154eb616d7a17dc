"""What a trained model's judgement of bad news changes in what the word lists found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from news.article import EntityTone, Mention, Sentiment
from news.learned_sentiment import Judgement


def names_of(mentions: Sequence[Mention]) -> dict[str, str]:
    """Entity ids by the longest name under which an article speaks of them."""
    longest: dict[str, str] = {}
    for mention in mentions:
        if len(mention.surface) > len(longest.get(mention.entity_id, "")):
            longest[mention.entity_id] = mention.surface
    return {name: entity_id for entity_id, name in longest.items()}


def told(judged: Judgement, sentiment: Sentiment, score: float) -> tuple[Sentiment, float]:
    """Tone of the article: the model decides what is bad news, the words what is good."""
    if judged.negative:
        return Sentiment.NEGATIVE, round(min(score, -judged.chance), 3)
    if sentiment is Sentiment.NEGATIVE:
        return Sentiment.NEUTRAL, 0.0
    return sentiment, score


def told_of(
    judged: Judgement, tones: Sequence[EntityTone], names: Mapping[str, str]
) -> tuple[EntityTone, ...]:
    """Tones of the entities: bad for the subjects of bad news."""
    subjects = {names[s.name]: s.chance for s in judged.subjects if s.name in names}
    return tuple(
        replace(
            tone,
            sentiment=Sentiment.NEGATIVE,
            score=min(tone.score, -round(subjects[tone.entity_id], 3)),
            confidence=round(subjects[tone.entity_id], 3),
        )
        if tone.entity_id in subjects
        else tone
        for tone in tones
    )
