"""A picture of a neighbourhood, drawn with networkx and matplotlib.

Frames are coloured by kind, faces by community; letters are larger the more central an entity is.
"""

from __future__ import annotations

import math
import textwrap
from importlib.resources import files
from pathlib import Path

import matplotlib
import networkx as nx
import numpy as np
import numpy.typing as npt
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from news.fact import PREDICATE_NAMES, Fact, Predicate
from news.graph import Neighbourhood
from news.graph_central import Central, central

_COLOURS = {
    "company": "#c0392b",
    "security": "#2471a3",
    "industry": "#1e8449",
    "concept": "#7d3c98",
    "exchange": "#5d6d7e",
    "article": "#b9770e",
    "event": "#117a65",
    "literal": "#85929e",
}
# Pale enough for dark letters; the largest community first, the rest stay white.
_COMMUNITIES = ("#fef5e7", "#eaf2f8", "#eafaf1", "#f5eef8", "#fdedec", "#f4f6f6")
_SMALLEST, _LARGEST, _MIDDLE = 9.0, 13.0, 15.0
_FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei")
INK = "#1c2833"
"""Colour of texts in the pictures of the graph."""
_LINE, _MOST_LINES = 12, 3
_UNTANGLE_ROUNDS = 120
_SHARES = (0.55, 0.65, 0.45, 0.72, 0.38, 0.6, 0.5, 0.78, 0.3)


def draw(neighbourhood: Neighbourhood, path: Path) -> None:
    """Write a PNG of about 1600 x 1200 pixels: the entity in the middle, its facts around it."""
    figure = picture(neighbourhood)
    figure.savefig(path, dpi=120, facecolor="white")


def picture(neighbourhood: Neighbourhood) -> Figure:
    """The same as a matplotlib figure, for a console that shows it directly."""
    graph = _shown(neighbourhood)
    measured = {c.entity.id: c for c in central(neighbourhood)}
    letters = _letters(neighbourhood, graph, measured)
    places = _untangled(_layout(neighbourhood, graph), graph, letters)
    # Headlines are data: a $ in one must not be read as a formula.
    with matplotlib.rc_context(
        {"font.family": chinese_font(), "axes.unicode_minus": False, "text.parse_math": False}
    ):
        figure = Figure(figsize=(13.4, 10))
        axes = figure.add_axes((0, 0, 1, 0.94))
        axes.set_axis_off()
        _draw_edges(axes, graph, places, letters)
        _draw_nodes(axes, neighbourhood, graph, places, letters, measured)
        name = " ".join(neighbourhood.center.name.split())
        figure.suptitle(f"{name}　知识图谱", fontsize=17, color=INK, y=0.975)
        return figure


def _shown(neighbourhood: Neighbourhood) -> nx.MultiDiGraph:
    """The neighbourhood without the articles that only report one of its events."""
    graph = neighbourhood.to_networkx()
    told = {Predicate.REPORTS, Predicate.CLARIFIES}
    for node, kind in list(graph.nodes(data="kind")):
        edges = [fact.predicate for *_, fact in graph.out_edges(node, data="fact")]
        itself = node == neighbourhood.center.id
        if kind == "article" and not itself and edges and told.issuperset(edges):
            graph.remove_node(node)
    return graph


def _letters(
    neighbourhood: Neighbourhood, graph: nx.MultiDiGraph, measured: dict[str, Central]
) -> dict[str, float]:
    """Size of each label's letters in points."""
    highest = max((c.score for c in measured.values()), default=1.0)
    sizes = {}
    for node in graph:
        # By the root: areas are compared, and a few entities hold most of the rank.
        share = math.sqrt(measured[node].score / highest) if node in measured else 0.0
        sizes[node] = _SMALLEST + (_LARGEST - _SMALLEST) * share
    sizes[neighbourhood.center.id] = _MIDDLE
    return sizes


def chinese_font() -> str:
    """Name of an installed font with Chinese characters; else the one that a package carries."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    for name in _FONTS:
        if name in installed:
            return name
    path = Path(str(files("notojp_matplotlib") / "fonts" / "NotoSansCJKjp-Regular.otf"))
    font_manager.fontManager.addfont(path)
    return str(font_manager.FontProperties(fname=path).get_name())


def _layout(neighbourhood: Neighbourhood, graph: nx.MultiDiGraph) -> dict[str, tuple[float, float]]:
    """A radial tree: a node's share of the circle grows with the leaves behind it."""
    center = neighbourhood.center.id
    tree = nx.bfs_tree(
        nx.Graph(graph),
        center,
        sort_neighbors=lambda nodes: sorted(nodes, key=lambda n: (graph.nodes[n]["kind"], n)),
    )
    leaves: dict[str, int] = {}
    for node in nx.dfs_postorder_nodes(tree, center):
        leaves[node] = sum(leaves[child] for child in tree.successors(node)) or 1
    places: dict[str, tuple[float, float]] = {}
    _place(tree, center, leaves, places, (0, 0.0, 2 * math.pi))
    return places


def _place(
    tree: nx.DiGraph,
    node: str,
    leaves: dict[str, int],
    places: dict[str, tuple[float, float]],
    sector: tuple[int, float, float],
) -> None:
    ring, low, high = sector
    middle = (low + high) / 2
    # Neighbours on a crowded ring step in and out, so that their labels do not overlap.
    step = 0.13 * (len(places) % 3 - 1) if ring and leaves[node] == 1 and len(leaves) > 12 else 0.0
    radius = ring * (1 + step)
    places[node] = (1.4 * radius * math.cos(middle), radius * math.sin(middle))
    # By the root, so that one branch with many leaves leaves room for the others.
    shares = {child: math.sqrt(leaves[child]) for child in tree.successors(node)}
    for child, share in shares.items():
        width = (high - low) * share / sum(shares.values())
        _place(tree, child, leaves, places, (ring + 1, low, low + width))
        low += width


def _untangled(
    places: dict[str, tuple[float, float]],
    graph: nx.MultiDiGraph,
    letters: dict[str, float],
) -> dict[str, tuple[float, float]]:
    """Push labels apart that would cover each other; the first one, the centre, stays."""
    nodes = list(places)
    points = np.array([places[node] for node in nodes])
    sizes = _sizes(places, graph, letters)
    for _ in range(_UNTANGLE_ROUNDS):
        apart = points[:, None] - points[None]
        overlap = (sizes[:, None] + sizes[None]) / 2 - np.abs(apart)
        covered = (overlap > 0).all(axis=2)
        np.fill_diagonal(covered, val=False)
        if not covered.any():
            break
        # Along the axis on which the smaller step suffices, and half of it for each of the two.
        across = overlap[..., 0] < overlap[..., 1]
        side = np.where(apart >= 0, 1.0, -1.0) * np.where(np.stack([across, ~across], 2), 1, 0)
        step = side * overlap * covered[..., None] * 0.5
        points[1:] += step.sum(axis=1)[1:]
    return {node: (float(x), float(y)) for node, (x, y) in zip(nodes, points, strict=True)}


def _sizes(
    places: dict[str, tuple[float, float]], graph: nx.MultiDiGraph, letters: dict[str, float]
) -> npt.NDArray[np.float64]:
    """Width and height of each label in the units of the layout, on a sheet of 13.4 x 10 inches."""
    lines = [_wrapped(graph, node).split("\n") for node in places]
    inches = [
        (letters[node] / 72 * max(map(_em, ls)) + 0.22, letters[node] / 56 * len(ls) + 0.2)
        for node, ls in zip(places, lines, strict=True)
    ]
    unit = _span(places) / np.array([13.4, 9.4])
    return np.asarray(np.array(inches, float) * unit, np.float64)


def _span(places: dict[str, tuple[float, float]]) -> npt.NDArray[np.float64]:
    points = np.array(list(places.values()), float)
    return np.asarray(np.ptp(points, axis=0) + np.array([0.7, 0.36]), np.float64)


def _em(text: str) -> float:
    """Width of a line in letters: a Latin one takes a little more than half of a Chinese one."""
    return sum(0.58 if ord(c) < 0x2E80 else 1.0 for c in text)


def _draw_nodes(
    axes: Axes,
    neighbourhood: Neighbourhood,
    graph: nx.MultiDiGraph,
    places: dict[str, tuple[float, float]],
    letters: dict[str, float],
    measured: dict[str, Central],
) -> None:
    for node, (x, y) in places.items():
        middle = node == neighbourhood.center.id
        colour = _COLOURS.get(graph.nodes[node]["kind"], INK)
        axes.text(
            x,
            y,
            _wrapped(graph, node),
            ha="center",
            va="center",
            fontsize=letters[node],
            color="white" if middle else INK,
            zorder=3,
            bbox={
                "boxstyle": "round,pad=0.45",
                "facecolor": colour if middle else _face(measured.get(node)),
                "edgecolor": colour,
                "linewidth": 1.6,
            },
        )
    xs, ys = [p[0] for p in places.values()], [p[1] for p in places.values()]
    axes.set_xlim(min(xs) - 0.45, max(xs) + 0.45)
    axes.set_ylim(min(ys) - 0.18, max(ys) + 0.18)


def _face(place: Central | None) -> str:
    if place is None or place.community > len(_COMMUNITIES):
        return "white"
    return _COMMUNITIES[place.community - 1]


def _draw_edges(
    axes: Axes,
    graph: nx.MultiDiGraph,
    places: dict[str, tuple[float, float]],
    letters: dict[str, float],
) -> None:
    taken = _Taken(places, _sizes(places, graph, letters))
    for subject, object_, fact in graph.edges(data="fact"):
        (x0, y0), (x1, y1) = places[subject], places[object_]
        axes.annotate(
            "",
            xy=(x1, y1),
            xytext=(x0, y0),
            arrowprops={
                "arrowstyle": "-|>",
                "color": "#aab7b8",
                "lw": 0.6 + fact.confidence,
                "shrinkA": 24,
                "shrinkB": 24,
            },
            zorder=1,
        )
        # Edges crowd at the busier end: labels stand nearer to the other one.
        busy = graph.degree(subject) >= graph.degree(object_)
        spot = taken.free(_edge_label(fact), (x0, y0), (x1, y1), outward=busy)
        if spot is None:
            continue
        axes.text(
            *spot,
            _edge_label(fact),
            fontsize=8,
            color="#707b7c",
            ha="center",
            va="center",
            zorder=2,
            bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"},
        )


class _Taken:
    """Rectangles that are covered already: the entities, and the labels of edges so far."""

    def __init__(
        self, places: dict[str, tuple[float, float]], sizes: npt.NDArray[np.float64]
    ) -> None:
        self._unit = _span(places) / (13.4, 9.4)
        self._middles = list(places.values())
        self._sizes = [(float(w), float(h)) for w, h in sizes]

    def free(
        self, label: str, start: tuple[float, float], end: tuple[float, float], *, outward: bool
    ) -> tuple[float, float] | None:
        """A place on the line where the label covers nothing; None where there is none."""
        size = (0.115 * _em(label) * self._unit[0], 0.16 * self._unit[1])
        for share in _SHARES:
            along = share if outward else 1 - share
            x = start[0] + (end[0] - start[0]) * along
            y = start[1] + (end[1] - start[1]) * along
            if not self._covers(x, y, size):
                self._middles.append((x, y))
                self._sizes.append(size)
                return x, y
        return None

    def _covers(self, x: float, y: float, size: tuple[float, float]) -> bool:
        return any(
            abs(x - mx) * 2 < size[0] + w and abs(y - my) * 2 < size[1] + h
            for (mx, my), (w, h) in zip(self._middles, self._sizes, strict=True)
        )


def _edge_label(fact: Fact) -> str:
    name = PREDICATE_NAMES[fact.predicate]
    since = fact.valid_from if fact.predicate in (Predicate.ISSUES, Predicate.LISTED_ON) else None
    return f"{name} {since}" if since else name


def _label(graph: nx.MultiDiGraph, node: str) -> str:
    name = str(graph.nodes[node]["name"])
    kind, _, key = node.partition(":")
    return f"{name} {key}" if kind == "security" else name


def _wrapped(graph: nx.MultiDiGraph, node: str) -> str:
    """A node's label on at most three lines."""
    label = " ".join(_label(graph, node).split())
    lines = textwrap.wrap(label, _LINE) or [label]
    return "\n".join(lines[:_MOST_LINES]) + ("…" if len(lines) > _MOST_LINES else "")
