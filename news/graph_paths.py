"""How two entities hang together: the best paths between them, one sentence with a source an edge.

The strength of an edge is the fact's confidence, weighed by its kind, status and stage
(`data/lexicons/impact.yaml`), and thinned where an end is a hub: that two companies share an
industry of 150 says little. A path is as strong as the product of its edges. What was denied is no
edge. Paths are searched in the subgraph within `most` edges, from both ends, by Yen's algorithm
(Yen 1971, as networkx has it).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import networkx as nx

from news.fact import LITERAL, Entity, EntityKind, Fact, Predicate
from news.fact_store import FactStore
from news.graph_impact import ImpactRules, carrying
from news.graph_view import NOW, GraphView, When
from news.graph_words import name_of, named_by, with_source

_EACH = 24
_TRIED = 60
_DOCUMENTS = frozenset({EntityKind.ARTICLE, EntityKind.EVENT, EntityKind.STORY})
_TELLING = frozenset({Predicate.MENTIONS, Predicate.REPORTS, Predicate.CLARIFIES})
_UNUSED = frozenset({Predicate.ALIAS, Predicate.CORRECTS, Predicate.SUPERSEDES})
_LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class PathStep:
    """One edge: the fact, the sentence with its source, its strength (0 to 1)."""

    fact: Fact
    text: str
    strength: float


@dataclass(frozen=True, slots=True)
class GraphPath:
    """A path between two entities; `strength` is the product over its edges."""

    entities: tuple[Entity, ...]
    steps: tuple[PathStep, ...]
    strength: float

    @property
    def explanation(self) -> str:
        """The path in words, one sentence an edge."""
        return "；".join(step.text for step in self.steps) + "。"


class PathFinder:
    """Finds paths in the graph of one workspace."""

    def __init__(self, facts: FactStore, rules: ImpactRules) -> None:
        self._facts = facts
        self._rules = rules

    def paths(
        self, one: str, other: str, *, best: int = 3, most: int = 4, when: When = NOW
    ) -> tuple[GraphPath, ...] | None:
        """The `best` strongest paths of at most `most` edges; None where an end is unknown.

        Empty where nothing ties the two together, or where both are the same entity.
        """
        view = GraphView(self._facts, when)
        ends = view.entity(one), view.entity(other)
        if ends[0] is None or ends[1] is None:
            return None
        if ends[0] == ends[1]:
            return ()
        graph = self._subgraph(view, ends[0].id, ends[1].id, most)
        found = sorted(
            islice(_simple_paths(graph, ends[0].id, ends[1].id, most), best),
            key=lambda path: (round(_cost(graph, path), 9), path),
        )
        return self._told(view, graph, found)

    def _subgraph(self, view: GraphView, one: str, other: str, most: int) -> nx.Graph:
        """Everything within half the distance of either end, and what ties the halves together."""
        documents = {Entity(end, "").kind for end in (one, other)} & _DOCUMENTS
        without = sorted(_UNUSED if documents else _UNUSED | _TELLING)
        near, far = _Half(view, one, without), _Half(view, other, without)
        for _ in range(most // 2):
            near.grow(self._rules)
            far.grow(self._rules)
        tying = view.facts_between(near.seen, far.seen, without=without) if most % 2 else ()
        facts = {f.id: f for f in (*near.facts, *far.facts, *tying)}
        return self._weighed(view, carrying(tuple(facts.values())))

    def _weighed(self, view: GraphView, facts: Iterable[Fact]) -> nx.Graph:
        kept = sorted(
            (f for f in facts if not f.object.startswith(LITERAL) and f.subject != f.object),
            key=lambda f: f.id,
        )
        ends = sorted({end for f in kept for end in (f.subject, f.object)})
        fans = {side: view.count_of(ends, *Predicate, side=side) for side in ("subject", "object")}
        graph = nx.Graph()
        graph.add_nodes_from(ends)
        for fact in kept:
            fan = max(
                fans["subject"].get((fact.subject, fact.predicate), 1),
                fans["object"].get((fact.object, fact.predicate), 1),
            )
            strength = self._strength(fact, fan)
            known = graph.get_edge_data(fact.subject, fact.object)
            if strength > _LEAST and (known is None or known["strength"] < strength):
                graph.add_edge(
                    fact.subject,
                    fact.object,
                    fact=fact,
                    strength=strength,
                    cost=-math.log(strength),
                )
        return graph

    def _strength(self, fact: Fact, fan: int) -> float:
        # An edge is never quite certain: of two sure paths the shorter one is the better.
        weight = min(self._rules.paths.get(fact.predicate, 0.3), 0.99)
        return weight * self._rules.belief(fact) / (1 + math.log10(fan))

    def _told(
        self, view: GraphView, graph: nx.Graph, paths: list[list[str]]
    ) -> tuple[GraphPath, ...]:
        edges = [[graph.edges[pair] for pair in pairwise(path)] for path in paths]
        facts = [edge["fact"] for path in edges for edge in path]
        names = {e.id: e.name for e in view.entities(named_by(facts))}
        return tuple(
            GraphPath(
                tuple(Entity(node, name_of(node, names)) for node in path),
                tuple(
                    PathStep(e["fact"], with_source(e["fact"], names), round(e["strength"], 4))
                    for e in along
                ),
                round(math.prod(e["strength"] for e in along), 4),
            )
            for path, along in zip(paths, edges, strict=True)
        )


class _Half:
    """What is reached from one end, ring by ring."""

    def __init__(self, view: GraphView, start: str, without: list[Predicate]) -> None:
        self._view = view
        self._without = without
        self._ring = [start]
        self.seen = {start}
        self.facts: list[Fact] = []

    def grow(self, rules: ImpactRules) -> None:
        """One ring more."""
        found = self._view.surest_of(self._ring, each=_EACH, without=self._without)
        ends = {end for fact in found for end in (fact.subject, fact.object)}
        fresh = {e for e in ends if not e.startswith(LITERAL) and not rules.is_dull(e)}
        self.facts += [f for f in found if {f.subject, f.object} <= fresh | self.seen]
        self._ring = sorted(fresh - self.seen)
        self.seen |= fresh


def _simple_paths(graph: nx.Graph, one: str, other: str, most: int) -> Iterator[list[str]]:
    """Paths of at most `most` edges, strongest first."""
    if one not in graph or other not in graph or not nx.has_path(graph, one, other):
        return
    every = nx.shortest_simple_paths(graph, one, other, weight="cost")
    for path in islice(every, _TRIED):
        if len(path) <= most + 1:
            yield path


def _cost(graph: nx.Graph, path: list[str]) -> float:
    return math.fsum(graph.edges[pair]["cost"] for pair in pairwise(path))
