"""Who is affected by an event, an article, a company, an industry, a concept or a product.

An effect spreads from its source along edges of supply, ownership, industry and competition, by
the rules of `data/lexicons/impact.yaml`. Every step weakens it, and every step is a fact, so that
each answer is told as a path with its evidence. The sign says what it may be to someone; it is
derived from the kinds of edges, not a forecast and no advice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from news.article import Article, Sentiment
from news.event import EventKind
from news.fact import LITERAL, Entity, EntityKind, Fact, Predicate
from news.graph_impact import Change, ImpactRules, Shock, ShockKind, Sign, Way, carrying
from news.graph_view import NOW, GraphView, When
from news.graph_words import named_by, with_source
from news.store import NewsStore

NO_ADVICE = "根据公开关系推演，不构成投资建议"
# Facts of one predicate and direction that are read of an entity: of the source and its events all
# members of an industry count, further away the surest ones tell enough.
_EACH, _EACH_FAR = 200, 16
_SPREADING = 40
_SECOND = 0.5
"""A second path with this part of the best score and the opposite sign makes the sign unclear."""
_DOCUMENTS = (EntityKind.ARTICLE, EntityKind.EVENT, EntityKind.STORY)
_TONES = {Sentiment.POSITIVE: Sign.HELPS, Sentiment.NEGATIVE: Sign.HURTS}
_UNUSED = (
    Predicate.ALIAS,
    Predicate.ISSUES,
    Predicate.LISTED_ON,
    Predicate.CLARIFIES,
    Predicate.CORRECTS,
    Predicate.SUPERSEDES,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One edge of a path: from whom to whom the effect goes, by which way, and what is left of it.

    `text` is the fact in words with its source; `why` the rule's reason; `score` what arrives.
    """

    source: str
    target: str
    way: str
    way_name: str
    fact: Fact
    text: str
    why: str
    sign: Sign
    score: float


@dataclass(frozen=True, slots=True)
class Affected:
    """An entity that an effect reaches; `path` is the strongest one, from the source on.

    `score` is 0 to 1, 1 being the source itself. `disputed`: another strong path says the
    opposite, so that `sign` is unclear.
    """

    entity: Entity
    score: float
    sign: Sign
    path: tuple[Step, ...]
    disputed: bool = False

    @property
    def steps(self) -> int:
        """Number of edges from the source."""
        return len(self.path)

    @property
    def reason(self) -> str:
        """The path in words: each edge with its source, then why it matters."""
        return "；".join(f"{step.text}，{step.why}" for step in self.path)


@dataclass(frozen=True, slots=True)
class AffectedReport:
    """Who is affected, strongest first; `left_out` counts those that the limits cut off.

    `shock` is what happened, None where nobody said: then no direction is told.
    """

    source: Entity
    shock: ShockKind | None
    shock_name: str
    when: When
    affected: tuple[Affected, ...]
    left_out: int
    names: tuple[Entity, ...] = ()
    """Every entity that the paths lead through."""

    def name(self, entity_id: str) -> str:
        """Name of an entity of the paths."""
        return next((e.name for e in self.names if e.id == entity_id), entity_id)


@dataclass(frozen=True, slots=True)
class _State:
    """The effect on its way: where it is, how it came, what is left."""

    entity: str
    score: float
    sign: Sign
    shock: Shock | None
    way: Way | None
    path: tuple[tuple[Fact, Way, str, Sign, float], ...]
    steps: int
    near: bool

    @property
    def rank(self) -> tuple[float, int, str, str]:
        """Smaller is stronger; a total order, so that the answer is the same every time."""
        return -self.score, len(self.path), self.entity, "".join(p[0].id for p in self.path)


class AffectedBy:
    """Answers who is affected, over one workspace."""

    def __init__(self, store: NewsStore, rules: ImpactRules) -> None:
        self._store = store
        self._rules = rules

    def affected(
        self,
        source_id: str,
        *,
        shock: ShockKind | None = None,
        when: When = NOW,
        limit: int = 30,
        each: int = 8,
    ) -> AffectedReport | None:
        """Who is affected by an entity, or by what happens to it (`shock`); None where unknown.

        Of an event the kind is known, of an article the events that it reports. At most `limit`
        entities, at most `each` of those that come by the same way from the same entity.
        """
        view = GraphView(self._store.facts, when)
        source = view.entity(source_id)
        if source is None:
            return None
        spread = _Spread(view, self._rules, self._tones(source))
        reached = spread.run(source, shock)
        kept, left_out = self._chosen(view, reached, limit, each)
        told = _Teller(view, kept)
        kinds = {s.shock.kind: s.shock for group in reached.values() for s in group if s.shock}
        only = next(iter(kinds.values())) if len(kinds) == 1 else None
        return AffectedReport(
            source,
            only.kind if only else None,
            "、".join(sorted(s.name for s in kinds.values())) or "未指明",
            when,
            tuple(told.affected(group) for group in kept),
            left_out,
            told.entities,
        )

    def _tones(self, source: Entity) -> dict[str, Sign]:
        """What a source that is an article says of its entities."""
        if source.kind is not EntityKind.ARTICLE:
            return {}
        article: Article | None = self._store.article(source.id.partition(":")[2])
        tones = article.tones if article else ()
        return {tone.entity_id: _TONES.get(tone.sentiment, Sign.UNCLEAR) for tone in tones}

    def _chosen(
        self, view: GraphView, reached: Mapping[str, list[_State]], limit: int, each: int
    ) -> tuple[list[list[_State]], int]:
        """The strongest ones; of equals those that more articles name, where none is ahead."""
        groups = [g for i, g in reached.items() if Entity(i, i).kind not in _DOCUMENTS]
        ids = [group[0].entity for group in groups] if view.when == NOW else []
        named = view.count_of(ids, Predicate.MENTIONS, side="object")

        def order(group: list[_State]) -> tuple[float, int, str]:
            best = group[0]
            fame = named.get((best.entity, Predicate.MENTIONS), 0)
            return -round(best.score, 6), -fame, best.entity

        weakest = self._rules.told * max((g[0].score for g in groups), default=0.0)
        counts: dict[tuple[str, str], int] = {}
        kept: list[list[_State]] = []
        for group in sorted(groups, key=order):
            _, way, before, *_ = group[0].path[-1]
            counts[before, way.key] = counts.get((before, way.key), 0) + 1
            room = counts[before, way.key] <= each and len(kept) < limit
            if room and group[0].score >= weakest:
                kept.append(group)
        return kept, len(groups) - len(kept)


class _Spread:
    """Spreads step by step; of an entity the strongest state of each way is kept."""

    def __init__(self, view: GraphView, rules: ImpactRules, tones: Mapping[str, Sign]) -> None:
        self._view = view
        self._rules = rules
        self._tones = tones
        self._left_out = [p for p in Predicate if p in _UNUSED]

    def run(self, source: Entity, shock: ShockKind | None) -> dict[str, list[_State]]:
        """States of every entity but the source, strongest first."""
        told = self._rules.shocks[shock] if shock else None
        first = _State(
            source.id, 1.0, told.sign if told else Sign.UNCLEAR, told, None, (), 0, near=True
        )
        found: dict[tuple[str, str], _State] = {}
        ring = [first]
        while ring:
            best: dict[tuple[str, str], _State] = {}
            for state in self._stepped(ring):
                key = (state.entity, state.way.key if state.way else "")
                older = found.get(key) or best.get(key)
                if state.entity != source.id and (older is None or state.rank < older.rank):
                    best[key] = state
            found |= best
            ring = sorted(best.values(), key=lambda s: s.rank)[:_SPREADING]
        ordered = sorted(found.values(), key=lambda s: (s.entity, s.rank))
        return {entity: list(group) for entity, group in groupby(ordered, key=lambda s: s.entity)}

    def _stepped(self, ring: list[_State]) -> Iterator[_State]:
        going = [s for s in ring if s.steps < self._rules.steps and not (s.way and s.way.end)]
        if not going:
            return
        documents = any(Entity(s.entity, "").kind is EntityKind.ARTICLE for s in going)
        without = self._left_out if documents else [*self._left_out, Predicate.MENTIONS]
        ids = [s.entity for s in going]
        each = _EACH if any(s.near for s in going) else _EACH_FAR
        facts = carrying(self._view.surest_of(ids, each=each, without=without))
        fans = self._fans(ids)
        by_end: dict[str, list[Fact]] = {}
        for fact in facts:
            for end in {fact.subject, fact.object}:
                by_end.setdefault(end, []).append(fact)
        for state in going:
            yield from self._from(state, by_end.get(state.entity, ()), fans)

    def _from(
        self,
        state: _State,
        facts: Iterable[Fact],
        fans: Mapping[tuple[str, Predicate, str], int],
    ) -> Iterator[_State]:
        ways = state.shock.ways if state.shock and state.near else self._rules.ways
        usable: dict[Predicate, list[Way]] = {}
        for way in ways:
            if way.follows(state.way):
                usable.setdefault(way.edge, []).append(way)
        for fact in facts:
            for way in usable.get(fact.predicate, ()):
                target = way.leads_from(state.entity, fact)
                if target is None:
                    continue
                score = state.score * way.decay * self._rules.belief(fact)
                if way.fan:
                    side = "subject" if fact.subject == state.entity else "object"
                    score *= _thinned(fans.get((state.entity, fact.predicate, side), 1))
                if score >= self._rules.least and self._is_new(state, target):
                    yield self._next(state, fact, way, target, score)

    def _is_new(self, state: _State, target: str) -> bool:
        """Whether a path may go on to an entity: none that it came through, none that is dull."""
        if any(place[2] == target for place in state.path) or target.startswith(LITERAL):
            return False
        return not self._rules.is_dull(target)

    def _fans(self, ids: list[str]) -> dict[tuple[str, Predicate, str], int]:
        thinned = {way.edge for way in self._rules.ways if way.fan}
        return {
            (entity, predicate, side): count
            for side in ("subject", "object")
            for (entity, predicate), count in self._view.count_of(ids, *thinned, side=side).items()
        }

    def _next(self, state: _State, fact: Fact, way: Way, target: str, score: float) -> _State:
        shock = self._shock(fact) or state.shock
        sign = way.sign.of(state.sign)
        if way.key == "subject" and shock:
            sign = shock.sign
        elif way.key == "mention":
            sign = self._tones.get(fact.object, Sign.UNCLEAR)
        return _State(
            target,
            score,
            sign,
            shock,
            way,
            (*state.path, (fact, way, state.entity, sign, score)),
            state.steps + (not way.lead),
            state.near and (way.lead or way.through),
        )

    def _shock(self, fact: Fact) -> Shock | None:
        kind = dict(fact.qualifiers).get("kind", "")
        if fact.predicate is not Predicate.PARTICIPATES_IN or kind not in set(EventKind):
            return None
        return self._rules.shocks.get(EventKind(kind))


class _Teller:
    """Puts what was reached into words, with the names read at once."""

    def __init__(self, view: GraphView, kept: Iterable[list[_State]]) -> None:
        facts = [p[0] for group in kept for p in group[0].path]
        self.entities = view.entities((*named_by(facts), *(g[0].entity for g in kept)))
        self._names = {entity.id: entity.name for entity in self.entities}

    def affected(self, group: list[_State]) -> Affected:
        """One entity with its strongest path."""
        best = group[0]
        opposite = any(
            {best.sign, other.sign} == {Sign.HELPS, Sign.HURTS}
            and other.score >= best.score * _SECOND
            for other in group[1:]
        )
        ends = [p[2] for p in best.path[1:]] + [best.entity]
        return Affected(
            Entity(best.entity, self._names.get(best.entity, best.entity)),
            round(best.score, 4),
            Sign.UNCLEAR if opposite else best.sign,
            tuple(self._step(*p, target) for p, target in zip(best.path, ends, strict=True)),
            opposite,
        )

    def _step(
        self, fact: Fact, way: Way, source: str, sign: Sign, score: float, target: str
    ) -> Step:
        told = with_source(fact, self._names)
        return Step(source, target, way.key, way.name, fact, told, way.why, sign, round(score, 4))


def shock_named(text: str, rules: ImpactRules) -> ShockKind | None:
    """What a word means: `price_rise`, `accident`, or the Chinese name; None where unknown."""
    if text in set(Change):
        return Change(text)
    if text in set(EventKind):
        return EventKind(text)
    return next((s.kind for s in rules.shocks.values() if s.name == text), None)


def _thinned(fan: int) -> float:
    return 1 / (1 + math.log10(max(fan, 1)))
