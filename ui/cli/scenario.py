"""`foreland scenario`: play conversations written down and compare them with what is expected."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assist.errors import KnowledgeError
from assist.flow_file import sound_flows
from assist.scenario import Played, play, with_samples
from assist.scenario_file import read_scenarios
from ui.cli.context import ERR, OUT, wiring
from ui.outbound import dialogue

app = typer.Typer(no_args_is_help=True, help="场景：逐句演练对话并核对。")


@app.callback()
def _group() -> None:
    """场景：逐句演练对话并核对。"""


@app.command("run")
def run_scenarios(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="场景文件（YAML）", exists=True)],
    only: Annotated[str, typer.Option(help="只演练名称含有这些字的场景")] = "",
    show: Annotated[bool, typer.Option("--show", help="显示每句对话")] = False,
    flows: Annotated[Path | None, typer.Option(help="流程文件夹（默认随附的流程）")] = None,
) -> None:
    """演练场景；有一个不符合预期时退出码为 1。"""
    parts = wiring(context)
    known = {flow.id: flow for flow in sound_flows(flows or parts.settings.data / "flows")}
    speaker = dialogue(parts, tuple(known.values()))
    played: list[Played] = []
    for scenario in (s for path in files for s in read_scenarios(path)):
        if only not in scenario.name:
            continue
        flow = known.get(scenario.flow_id)
        if flow is None:
            raise KnowledgeError(f"{scenario.place}: there is no flow {scenario.flow_id!r}")
        played.append(play(with_samples(scenario, flow), flow, speaker))
        _print(played[-1], show=show)
    failed = sum(bool(item.faults) for item in played)
    ERR.print(f"{len(played)} 个场景，{failed} 个不符合预期", markup=False)
    if failed or not played:
        raise typer.Exit(1)


def _print(item: Played, *, show: bool) -> None:
    mark = "不符" if item.faults else "通过"
    OUT.print(f"{mark} {item.scenario.place} {item.scenario.name}", markup=False)
    if show or item.faults:
        for line in item.lines:
            OUT.print(f"    {line.who}: {line.text}", markup=False)
    for fault in item.faults:
        OUT.print(f"    ✗ {fault}", style="red", markup=False)
