"""A picture of a neighbourhood, drawn with networkx and matplotlib."""

from __future__ import annotations

import math
import textwrap
from importlib.resources import files
from pathlib import Path

import matplotlib
import networkx as nx
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from news.fact import PREDICATE_NAMES, Fact, Predicate
from news.graph import Neighbourhood

_COLOURS = {
    "company": "#c0392b",
    "security": "#2471a3",
    "industry": "#1e8449",
    "concept": "#7d3c98",
    "exchange": "#5d6d7e",
    "article": "#b9770e",
    "literal": "#85929e",
}
_FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei")
INK = "#1c2833"
"""Colour of texts in the pictures of the graph."""
_LINE, _MOST_LINES = 12, 3
_UNTANGLE_ROUNDS = 60


def draw(neighbourhood: Neighbourhood, path: Path) -> None:
    """Write a PNG of about 1600 x 1200 pixels: the entity in the middle, its facts around it."""
    figure = picture(neighbourhood)
    figure.savefig(path, dpi=120, facecolor="white")


def picture(neighbourhood: Neighbourhood) -> Figure:
    """The same as a matplotlib figure, for a console that shows it directly."""
    graph = neighbourhood.to_networkx()
    places = _untangled(_layout(neighbourhood, graph), graph)
    # Headlines are data: a $ in one must not be read as a formula.
    with matplotlib.rc_context(
        {"font.family": chinese_font(), "axes.unicode_minus": False, "text.parse_math": False}
    ):
        figure = Figure(figsize=(13.4, 10))
        axes = figure.add_axes((0, 0, 1, 0.94))
        axes.set_axis_off()
        _draw_edges(axes, graph, places)
        _draw_nodes(axes, neighbourhood, graph, places)
        name = " ".join(neighbourhood.center.name.split())
        figure.suptitle(f"{name}　知识图谱", fontsize=17, color=INK, y=0.975)
        return figure


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
    places: dict[str, tuple[float, float]], graph: nx.MultiDiGraph
) -> dict[str, tuple[float, float]]:
    """Push labels apart that would cover each other; the first one, the centre, stays."""
    nodes = list(places)
    points = np.array([places[node] for node in nodes])
    span = np.ptp(points, axis=0) + np.array([0.7, 0.36])
    lines = [_wrapped(graph, node).split("\n") for node in nodes]
    # Ten-point letters on a sheet of 13.4 x 10 inches, in the units of the layout.
    sizes = np.array([(0.15 * max(map(len, ls)) + 0.2, 0.17 * len(ls) + 0.2) for ls in lines])
    sizes *= span / (13.4, 9.4)
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


def _draw_nodes(
    axes: Axes,
    neighbourhood: Neighbourhood,
    graph: nx.MultiDiGraph,
    places: dict[str, tuple[float, float]],
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
            fontsize=15 if middle else 10,
            color="white" if middle else INK,
            zorder=3,
            bbox={
                "boxstyle": "round,pad=0.45",
                "facecolor": colour if middle else "white",
                "edgecolor": colour,
                "linewidth": 1.6,
            },
        )
    xs, ys = [p[0] for p in places.values()], [p[1] for p in places.values()]
    axes.set_xlim(min(xs) - 0.45, max(xs) + 0.45)
    axes.set_ylim(min(ys) - 0.18, max(ys) + 0.18)


def _draw_edges(axes: Axes, graph: nx.MultiDiGraph, places: dict[str, tuple[float, float]]) -> None:
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
        axes.text(
            x0 + (x1 - x0) * 0.5,
            y0 + (y1 - y0) * 0.5,
            _edge_label(fact),
            fontsize=8,
            color="#707b7c",
            ha="center",
            va="center",
            zorder=2,
            bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"},
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
