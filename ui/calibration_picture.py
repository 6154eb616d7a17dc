"""A picture of a calibration: the reliability diagram and what more or fewer wrong answers cost."""

from __future__ import annotations

from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assist.calibration_report import CalibrationReport
from news.graph_picture import chinese_font

_RIGHT, _WRONG, _ASK, _INK = "#1e8449", "#c0392b", "#2471a3", "#1c2833"


def draw(report: CalibrationReport, path: Path) -> None:
    """Write a PNG of about 1400 x 620 pixels."""
    with matplotlib.rc_context({"font.family": chinese_font(), "axes.unicode_minus": False}):
        figure = Figure(figsize=(11.6, 5.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        _reliability(left, report)
        _trade(right, report)
        figure.savefig(path, dpi=120, facecolor="white")


def _reliability(axes: Axes, report: CalibrationReport) -> None:
    axes.plot([0, 1], [0, 1], color="#aab7b8", linewidth=1, label="完全可信")
    for found, colour, name in (
        (report.right, _RIGHT, "首选正确"),
        (report.scope, _ASK, "属于范围"),
    ):
        axes.plot(
            [part.chance for part in found.bins],
            [part.share for part in found.bins],
            color=colour,
            alpha=0.8,
            label=f"{name}（校准误差 {found.error:.3f}）",
        )
        axes.scatter(
            [part.chance for part in found.bins],
            [part.share for part in found.bins],
            s=[12 + 300 * part.count / sum(p.count for p in found.bins) for part in found.bins],
            color=colour,
            alpha=0.6,
        )
    axes.set(xlabel="给出的概率", ylabel="实际成真的比例", xlim=(0, 1), ylim=(0, 1.02))
    axes.set_title("可靠性图（点的大小是条数）", color=_INK)
    axes.legend(loc="upper left", frameon=False)


def _trade(axes: Axes, report: CalibrationReport) -> None:
    rows = sorted(report.curve, key=lambda row: row.wrong)
    wrong = [100 * row.wrong for row in rows]
    axes.plot(wrong, [100 * row.right for row in rows], "o-", color=_RIGHT, label="直接答对")
    axes.plot(wrong, [100 * row.clarified for row in rows], "s--", color=_ASK, label="反问")
    axes.plot(
        wrong, [100 * row.outside_answered for row in rows], "^:", color=_WRONG, label="范围外误答"
    )
    axes.axvline(100 * report.now.wrong, color="#aab7b8", linewidth=1)
    axes.set(xlabel="答错（%）", ylabel="占比（%）", ylim=(0, 101))
    axes.set_title("取舍曲线（竖线是现在的设置）", color=_INK)
    axes.grid(alpha=0.25)
    axes.legend(loc="center right", frameon=False)
