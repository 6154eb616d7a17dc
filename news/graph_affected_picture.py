"""A picture of who is affected: the source on the left, each step one column to the right.

Colours say what it may be to someone (blue helps, orange hurts, grey unclear, as tones have them in
the console), lines are as thick as what arrives, rumours are dashed.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path as Curve

from news.fact import FactStatus
from news.graph_affected import NO_ADVICE, Affected, AffectedReport, Step
from news.graph_impact import SIGN_NAMES, Sign
from news.graph_picture import INK, chinese_font

# Inches.
_BOX, _GAP, _ROW, _HIGH = 2.15, 1.35, 0.56, 0.44
_HEAD, _FOOT, _SIDE = 0.85, 0.6, 0.35
_LINE, _MOST_LINES = 13, 2
_DPI = 110
_FACES = {
    Sign.HELPS: ("#e3eefa", "#1f5a92"),
    Sign.HURTS: ("#fbe6dc", "#c2571a"),
    Sign.UNCLEAR: ("#f4f6f7", "#7f8c8d"),
}


@dataclass(slots=True)
class _Node:
    """An entity at its place: inches from the left and from the bottom."""

    name: str
    sign: Sign
    step: Step | None
    shown: Affected | None = None
    column: int = 0
    x: float = 0.0
    y: float = 0.0
    children: dict[str, _Node] = field(default_factory=dict)

    def walk(self) -> Iterator[_Node]:
        """Itself and everything behind it."""
        yield self
        for child in self.children.values():
            yield from child.walk()


def draw_affected(report: AffectedReport, path: Path, *, most: int = 24) -> None:
    """Write a PNG, or an SVG where the name says so, of the `most` strongest ones."""
    affected_picture(report, most=most).savefig(path, dpi=_DPI, facecolor="white")


def affected_picture(report: AffectedReport, *, most: int = 24) -> Figure:
    """The same as a matplotlib figure, for a console that shows it directly."""
    root = _tree(report, most)
    nodes = list(root.walk())
    rows = sum(not node.children for node in nodes)
    columns = 1 + max(node.column for node in nodes)
    width = max(2 * _SIDE + columns * _BOX + (columns - 1) * _GAP, 8.5)
    height = _HEAD + _FOOT + max(rows, 2) * _ROW
    _place(root, (width - columns * _BOX - (columns - 1) * _GAP) / 2, height)
    # Headlines are data: a $ in one must not be read as a formula.
    with matplotlib.rc_context({"font.family": chinese_font(), "text.parse_math": False}):
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
        for node in nodes:
            for child in node.children.values():
                _edge(axes, node, child)
        for node in nodes:
            _box(axes, node)
        _captions(axes, report, width, height, most)
        return figure


def _tree(report: AffectedReport, most: int) -> _Node:
    """The paths from the source, those that begin alike drawn once."""
    root = _Node(report.source.name, Sign.UNCLEAR, None)
    names = {one.entity.id: one.entity.name for one in report.affected}
    for one in report.affected[:most]:
        node = root
        for step in one.path:
            if step.target not in node.children:
                name = names.get(step.target) or report.name(step.target)
                child = _Node(name, step.sign, step, column=node.column + 1)
                node.children[step.target] = child
            node = node.children[step.target]
        node.shown, node.sign = one, one.sign
    return root


def _place(root: _Node, left: float, height: float) -> None:
    """Leaves one below the other, what leads to them in the middle of them."""
    row = 0

    def place(node: _Node) -> None:
        nonlocal row
        node.x = left + node.column * (_BOX + _GAP)
        for child in node.children.values():
            place(child)
        if node.children:
            ys = [child.y for child in node.children.values()]
            node.y = (ys[0] + ys[-1]) / 2
        else:
            node.y = height - _HEAD - (row + 0.5) * _ROW
            row += 1

    place(root)


def _box(axes: Axes, node: _Node) -> None:
    face, edge = _FACES[node.sign]
    source = node.step is None
    patch = FancyBboxPatch(
        (node.x, node.y - _HIGH / 2),
        _BOX,
        _HIGH,
        boxstyle="round,pad=0,rounding_size=0.07",
        facecolor=INK if source else face,
        edgecolor=INK if source else edge,
        linewidth=1.3,
        zorder=3,
    )
    axes.add_patch(patch)
    lines = textwrap.wrap(" ".join(node.name.split()), _LINE) or [node.name]
    name = "\n".join(lines[:_MOST_LINES]) + ("…" if len(lines) > _MOST_LINES else "")
    score = node.step is not None
    axes.text(
        node.x + (0.1 if score else _BOX / 2),
        node.y,
        name,
        ha="left" if score else "center",
        va="center",
        fontsize=9 if len(lines) > 1 else 10.5,
        color="white" if source else INK,
        linespacing=1.1,
        zorder=4,
    )
    if node.step is not None and len(lines) == 1:
        axes.text(
            node.x + _BOX - 0.08,
            node.y,
            f"{node.step.score:.2f}",
            ha="right",
            va="center",
            fontsize=8,
            color=edge,
            zorder=4,
        )


def _edge(axes: Axes, node: _Node, child: _Node) -> None:
    step = child.step
    if step is None:
        return
    start, end = (node.x + _BOX, node.y), (child.x, child.y)
    bend = start[0] + 0.45 * _GAP
    curve = Curve(
        [start, (bend, start[1]), (start[0] + 0.05 * _GAP, end[1]), (bend, end[1]), end],
        [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4, Curve.LINETO],
    )
    rumour = step.fact.status is FactStatus.RUMOUR
    axes.add_patch(
        PathPatch(
            curve,
            facecolor="none",
            edgecolor=_FACES[child.sign][1],
            linewidth=0.7 + 2.6 * step.score,
            linestyle=(0, (4, 2)) if rumour else "solid",
            alpha=0.75,
            zorder=1,
        )
    )
    axes.text(
        end[0] - 0.08,
        end[1],
        step.way_name + ("（传闻）" if rumour else ""),
        ha="right",
        va="center",
        fontsize=8.5,
        color="#566573",
        zorder=2,
        bbox={"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"},
    )


def _captions(axes: Axes, report: AffectedReport, width: float, height: float, most: int) -> None:
    when = f"　截至 {report.when.as_of}" if report.when.as_of else ""
    title = (
        f"谁可能受影响：{' '.join(report.source.name.split())[:40]}（{report.shock_name}）{when}"
    )
    axes.text(_SIDE, height - 0.42, title, fontsize=15, color=INK, va="center")
    x = _SIDE
    for sign in Sign:
        face, edge = _FACES[sign]
        box = {"boxstyle": "round,pad=0.25", "facecolor": face, "edgecolor": edge}
        axes.text(x, 0.3, SIGN_NAMES[sign], fontsize=9, color=edge, va="center", bbox=box)
        x += 0.95
    hidden = report.left_out + max(0, len(report.affected) - most)
    more = f"，另有 {hidden} 个更弱的未列出" if hidden else ""
    note = f"数字与线宽为影响强度，虚线为传闻{more}。{NO_ADVICE}。"
    axes.text(width - _SIDE, 0.3, note, fontsize=9, color="#707b7c", va="center", ha="right")
