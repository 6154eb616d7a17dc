"""`foreland kb calibrate`: how far the assistant's chances can be trusted, and what to set."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from assist.calibrate import Outcome, Reliability, Targets
from assist.calibration_report import CalibrationReport, Source, report_on_fit, report_on_messages
from assist.knowledge_file import load_folder, read_messages
from assist.matcher import Matcher
from ui.calibration_picture import draw
from ui.cli.context import ERR, OUT, TABLES, print_json, wiring
from ui.wiring import Wiring, now

SOURCES = {
    Source.OWN_QUESTIONS: "知识库自己的问法（逐条取出再问；比客户的问题难）",
    Source.MESSAGES: "已标注的客户消息（交叉验证）",
    Source.NEW_MESSAGES: "新的标注消息（拟合时没有见过）",
}


def calibrate(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(help="用这个文件夹里的条目（默认：工作区已发布的）")
    ] = None,
    messages: Annotated[
        Path | None,
        typer.Option(
            help="TSV：text, entry_id（oos：知识库答不了；ask：该反问）；用没参与拟合的消息检验"
        ),
    ] = None,
    wrong: Annotated[
        float | None, typer.Option(min=0.0, max=0.5, help="最多答错多少，如 0.02（默认取设置）")
    ] = None,
    outside: Annotated[
        float | None, typer.Option(min=0.0, max=0.5, help="范围外的最多误答多少（默认取设置）")
    ] = None,
    png: Annotated[Path | None, typer.Option(help="把可靠性图和取舍曲线画到这里")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象")] = False,
) -> None:
    """校准：概率可信吗？容许答错 x% 时，能答对多少、反问多少？"""
    parts = wiring(context)
    targets = _targets(parts, wrong, outside)
    base = load_folder(folder).base if folder else parts.knowledge_store.base(now().date())
    ERR.print(f"{len(base.entries)} 个条目，正在拟合", style="dim")
    matcher = Matcher(base, parts.means.lexicons, encoder=parts.means.encoder, targets=targets)
    if messages is None:
        report = report_on_fit(matcher, targets)
    else:
        report = report_on_messages(matcher, read_messages(messages), targets)
    if png is not None:
        draw(report, png)
    if as_json:
        print_json(asdict(report))
    else:
        _show(report, targets)


def _targets(parts: Wiring, wrong: float | None, outside: float | None) -> Targets:
    kept = parts.means.targets
    return Targets(
        kept.wrong if wrong is None else wrong,
        kept.outside_answered if outside is None else outside,
        kept.outside_clarified,
    )


def _show(report: CalibrationReport, targets: Targets) -> None:
    OUT.print(f"依据：{SOURCES[report.source]}，{report.covered} 条；范围外 {report.outside} 条")
    TABLES.print(_reliability("首选条目正确的概率", report.right))
    TABLES.print(_reliability("属于知识库范围的概率", report.scope))
    TABLES.print(_outcomes(report))
    if report.vague:
        OUT.print(f"该反问的含糊消息 {report.vague} 条，反问了 {report.now.vague_clarified:.1%}")
    OUT.print(
        f"目标：答错至多 {targets.wrong:.1%}，范围外误答至多 {targets.outside_answered:.1%}。"
        "写进 foreland.toml 的 wrong_answers、outside_answered 即生效"
    )


def _reliability(title: str, found: Reliability) -> Table:
    caption = f"期望校准误差 {found.error:.3f}，Brier {found.brier:.3f}"
    table = Table(title=title, caption=caption)
    for name in ("概率区间", "条数", "平均概率", "实际比例"):
        table.add_column(name, justify="right")
    for part in found.bins:
        table.add_row(
            f"{part.low:.1f}–{part.high:.1f}",
            str(part.count),
            f"{part.chance:.3f}",
            f"{part.share:.3f}",
        )
    return table


def _outcomes(report: CalibrationReport) -> Table:
    table = Table(title="取舍：容许答错越多，直接答对越多、反问越少（*：现在的设置）")
    names = ("概率门槛", "范围门槛", "答对", "答错", "反问", "拒答", "范围外误答", "范围外反问")
    for name in names:
        table.add_column(name, justify="right")
    for row in (report.now, *report.curve):
        table.add_row(*_cells(row, mark="*" if row is report.now else ""))
    return table


def _cells(row: Outcome, *, mark: str) -> tuple[str, ...]:
    shares = (row.right, row.wrong, row.clarified, row.rejected)
    far = (row.outside_answered, row.outside_clarified)
    return (
        f"{mark}{row.thresholds.right:.3f}",
        f"{row.thresholds.scope:.3f}",
        *(f"{share:.1%}" for share in (*shares, *far)),
    )
