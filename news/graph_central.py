"""Who matters in a neighbourhood, and who belongs together.

PageRank (Brin and Page 1998) weighed by confidence, and communities after Louvain (Blondel et al.
2008) with a fixed seed, both as networkx has them; on the neighbourhood only, undirected.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx

from news.fact import LITERAL, Entity, FactStatus
from news.graph import Neighbourhood

_SEED = 0


@dataclass(frozen=True, slots=True)
class Central:
    """How central an entity is: `score` is its PageRank (all sum to 1), 1 the first community.

    Communities are numbered by their size, largest first.
    """

    entity: Entity
    score: float
    community: int


def central(around: Neighbourhood) -> tuple[Central, ...]:
    """The entities of a neighbourhood, most central first; the same answer every time."""
    graph = _weighed(around)
    scores = nx.pagerank(graph, weight="weight") if graph else {}
    groups = nx.community.louvain_communities(graph, weight="weight", seed=_SEED) if graph else []
    ordered = sorted(groups, key=lambda group: (-len(group), min(group)))
    community = {node: n for n, group in enumerate(ordered, start=1) for node in group}
    entities = {entity.id: entity for entity in around.entities}
    found = [Central(entities[i], round(s, 6), community[i]) for i, s in scores.items()]
    return tuple(sorted(found, key=lambda c: (-c.score, c.entity.id)))


def _weighed(around: Neighbourhood) -> nx.Graph:
    """Entities and, between two of them, the sum of their facts' confidence."""
    graph = nx.Graph()
    graph.add_nodes_from(sorted(entity.id for entity in around.entities))
    for fact in sorted(around.facts, key=lambda f: f.id):
        if fact.object.startswith(LITERAL) or fact.status is FactStatus.DENIED:
            continue
        known = graph.get_edge_data(fact.subject, fact.object, {"weight": 0.0})
        graph.add_edge(fact.subject, fact.object, weight=known["weight"] + fact.confidence)
    return graph
