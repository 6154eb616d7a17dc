"""How an article speaks of each of its entities, and how much it is about them.

Without a trained model the word list decides, clause by clause: the clauses that name the entity
first; where these say nothing, what follows the list that it stands in, then its sentence, then
the whole text, which counts for less and less. With a model (`foreland train entity-sentiment`)
that one decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from news.article import EntityTone, Mention, Sentiment
from news.learned_sentiment import Judgement, NegativeNewsModel, Subject
from news.learned_tone import EntityToneModel, Tone
from news.sentiment import NEUTRAL_BAND, SentimentLexicon

_CLAUSE = re.compile(r"[^，,。；;！!？?\n]*[，,。；;！!？?\n]?")
_SENTENCE = re.compile(r"[^。；;！!？?\n]*[。；;！!？?\n]?")
_MOST_MENTIONS = 4
# How often the word list was right on labelled entities, by where it found its words.
_CLAUSE_TRUST, _LIST_TRUST, _SENTENCE_TRUST, _TEXT_TRUST, _NOTHING_TRUST = 0.9, 0.85, 0.85, 0.5, 0.5
# Around one entity good and bad words in balance are seldom neutral: the weightier side decides.
_BAND = 0.05
_HEADLINE, _FIRST_SENTENCE, _EACH_DOUBLING, _HALF = 1.0, 0.6, 0.3, 0.6
_CROWD = 0.03


@dataclass(frozen=True, slots=True)
class EntitySentiment:
    """Tones towards entities, by a model where there is one, else by the word list; immutable."""

    lexicon: SentimentLexicon
    model: EntityToneModel | None = None

    def score(self, content: str, mentions: Sequence[Mention]) -> tuple[EntityTone, ...]:
        """One tone for each entity mentioned in `Article.content`, most relevant first."""
        groups = _by_entity(mentions)
        shares = relevances(content, mentions)
        tones = self._learned(content, groups) if self.model else self._ruled(content, groups)
        found = [
            EntityTone(entity, sentiment, score, confidence, shares[entity])
            for entity, (sentiment, score, confidence) in zip(groups, tones, strict=True)
        ]
        return tuple(sorted(found, key=lambda tone: (-tone.relevance, tone.entity_id)))

    def towards(self, content: str, name: str) -> Tone:
        """The tone towards one entity by its name, whether or not the text holds that name."""
        found = self.score(content, mentions_of(content, [name]))
        if found:
            return Tone(found[0].sentiment, found[0].confidence, found[0].score)
        sentiment, score, trust = self._by_words(content, (), self.lexicon.score("", content)[1])
        return Tone(sentiment, trust, score)

    def _learned(
        self, content: str, groups: dict[str, list[Mention]]
    ) -> list[tuple[Sentiment, float, float]]:
        if self.model is None:
            return []
        # The longest name is the least likely to stand for something else as well.
        names = [max((m.surface for m in group), key=len) for group in groups.values()]
        tones = self.model.tones(content, names)
        return [(tone.sentiment, tone.score, tone.chance) for tone in tones]

    def _ruled(
        self, content: str, groups: dict[str, list[Mention]]
    ) -> list[tuple[Sentiment, float, float]]:
        whole = self.lexicon.score("", content)[1] if groups else 0.0
        return [self._by_words(content, group, whole) for group in groups.values()]

    def _by_words(
        self, content: str, mentions: Sequence[Mention], whole: float
    ) -> tuple[Sentiment, float, float]:
        places = mentions[:_MOST_MENTIONS]
        for widened, weight, trust in (
            (_clause, 1.0, _CLAUSE_TRUST),
            (_behind_list, 0.9, _LIST_TRUST),
            (_sentence, 0.8, _SENTENCE_TRUST),
        ):
            scores = [self.lexicon.score("", widened(content, m))[1] for m in places]
            told = [score for score in scores if score]
            if told:
                return _tone(weight * sum(told) / len(told), trust)
        return _tone(0.6 * whole, _TEXT_TRUST if whole else _NOTHING_TRUST)


def relevances(content: str, mentions: Sequence[Mention]) -> dict[str, float]:
    """How much an article is about each entity that it mentions, 0 to 1.

    Points for a mention in the headline (1), in the first sentence of the text (0.6) and for how
    often it is named (0.3 for each doubling) become points / (points + 0.6); in a long list of
    entities each counts for less.
    """
    groups = _by_entity(mentions)
    head = content.find("\n")
    body = head + 1
    lead = body + len(_matched(_SENTENCE, content, body))
    crowd = 1 + _CROWD * max(0, len(groups) - 1)
    found = {}
    for entity, group in groups.items():
        points = _EACH_DOUBLING * math.log2(1 + len(group))
        points += _HEADLINE * any(m.start < head for m in group)
        points += _FIRST_SENTENCE * any(body <= m.start < lead for m in group)
        found[entity] = round(points / (points + _HALF) / crowd, 3)
    return found


@dataclass(frozen=True, slots=True)
class NegativeNews:
    """Whether news is bad, and for which of its entities: by a model, else by the word list."""

    tones: EntitySentiment
    model: NegativeNewsModel | None = None

    def judge(self, headline: str, text: str, entities: Sequence[str]) -> Judgement:
        """Judge a text with the names of its entities."""
        if self.model is not None:
            return self.model.judge(headline, text, entities)
        sentiment, score = self.tones.lexicon.score(headline, text)
        chance = round((1 - score) / 2, 3)
        if sentiment is not Sentiment.NEGATIVE:
            return Judgement(False, chance)
        content = f"{headline}\n{text}" if headline else text
        tones = self.tones.score(content, mentions_of(content, entities))
        subjects = (
            Subject(tone.entity_id, tone.confidence)
            for tone in tones
            if tone.score <= -NEUTRAL_BAND
        )
        return Judgement(True, chance, tuple(sorted(subjects, key=lambda subject: -subject.chance)))


def mentions_of(content: str, names: Sequence[str]) -> tuple[Mention, ...]:
    """Where names stand in a text, the longer name first where one holds another."""
    ordered = sorted({name for name in names if name}, key=lambda name: (-len(name), name))
    if not ordered:
        return ()
    pattern = re.compile("|".join(map(re.escape, ordered)))
    return tuple(
        Mention(m.group(), m.group(), m.start(), m.end(), "given", 1.0)
        for m in pattern.finditer(content)
    )


def _by_entity(mentions: Sequence[Mention]) -> dict[str, list[Mention]]:
    groups: dict[str, list[Mention]] = {}
    for mention in sorted(mentions, key=lambda m: m.start):
        groups.setdefault(mention.entity_id, []).append(mention)
    return groups


def _tone(score: float, trust: float) -> tuple[Sentiment, float, float]:
    score = round(score, 4)
    if score >= _BAND:
        return Sentiment.POSITIVE, score, trust
    return (Sentiment.NEGATIVE if score <= -_BAND else Sentiment.NEUTRAL), score, trust


def _clause(content: str, mention: Mention) -> str:
    return _around(_CLAUSE, content, mention)


def _sentence(content: str, mention: Mention) -> str:
    return _around(_SENTENCE, content, mention)


def _behind_list(content: str, mention: Mention) -> str:
    """The rest of the sentence behind the entity: the predicate that a whole list shares."""
    return _matched(_SENTENCE, content, mention.end)


def _around(pattern: re.Pattern[str], content: str, mention: Mention) -> str:
    """The stretch that holds a mention, without the entity's own name."""
    begin = 0
    borders = "，,。；;！!？?\n" if pattern is _CLAUSE else "。；;！!？?\n"
    for border in borders:
        begin = max(begin, content.rfind(border, 0, mention.start) + 1)
    return content[begin : mention.start] + "_" + _matched(pattern, content, mention.end)


def _matched(pattern: re.Pattern[str], content: str, start: int) -> str:
    match = pattern.match(content, start)
    return match.group() if match else ""
