"""`foreland flows …`: check flows, write their schema, try one in the terminal."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from assist.action import ActionBook, ActionOrder, Adapter
from assist.action_file import action_schema, read_actions
from assist.errors import FlowError
from assist.flow import Call, Flow
from assist.flow_check import check_flows
from assist.flow_engine import Outcome
from assist.flow_file import load_flows, sound_flows
from assist.flow_form import flow_schema
from assist.flow_state import DialogueState, Mode
from assist.knowledge_found import Severity
from assist.reply import Reply, ReplyKind
from assist.utterance import Event, Utterance
from ui.cli.context import ERR, OUT, print_json, wiring
from ui.wiring import now

app = typer.Typer(help="流程：核查、导出格式、在终端里试走。", no_args_is_help=True)
SCHEMA = "flow.schema.json"
_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: ""}
_SILENCE, _HANGUP, _KEYS = "…", "/hangup", "/keys "
_HELP = "空行或“/quit”离开，“…”表示沉默，“/keys 123#”按键，“/hangup”挂断。"


@app.command()
def check(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="流程文件夹或文件（默认随附的流程）", exists=True)
    ] = None,
    actions: Annotated[
        Path | None, typer.Option(help="动作文件（默认随附的 actions.yaml）", exists=True)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象")] = False,
) -> None:
    """核查流程的格式、去向、用词、核身、动作与必读提示；有错误时退出码为 1。"""
    parts = wiring(context)
    loaded = load_flows(folder or parts.settings.data / "flows")
    book = (actions and read_actions(actions)) or parts.action_file
    problems = check_flows(
        loaded,
        parts.guard,
        interjections=parts.remarks.interjections,
        actions={spec.name: spec for spec in book.specs},
    )
    if as_json:
        body = [{**asdict(p), "severity": str(p.severity)} for p in problems]
        print_json({"flows": [flow.id for flow in loaded.flows], "problems": body})
    else:
        for problem in problems:
            OUT.print(str(problem), style=_STYLES[problem.severity], markup=False)
        ERR.print(f"{len(loaded.flows)} 个流程，{len(problems)} 个问题", markup=False)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise typer.Exit(1)


@app.command()
def schema(
    out: Annotated[Path | None, typer.Option(help="写入文件；不给则输出到屏幕")] = None,
    actions: Annotated[bool, typer.Option("--actions", help="动作文件的，而非流程的")] = False,
) -> None:
    """流程文件或动作文件的 JSON Schema（2020-12），供编辑器提示和校验。"""
    text = action_schema() if actions else flow_schema()
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        ERR.print(f"已写入 {out}", markup=False)


@app.command()
def outbox(context: typer.Context) -> None:
    """示例动作本应发出的短信、回电预约和工单（示例系统不发送任何东西）。"""
    for line in wiring(context).action_outbox.lines():
        OUT.print(f"{line.at:%Y-%m-%d %H:%M}  {line.action}  {line.line}", markup=False)


@app.command()
def run(
    context: typer.Context,
    flow_id: Annotated[str, typer.Argument(metavar="ID", help="流程编号")],
    folder: Annotated[Path | None, typer.Option(help="流程文件夹（默认随附的流程）")] = None,
    given: Annotated[
        list[str] | None, typer.Option("--given", help="已知的值，如 amount=3000；不给则用示例值")
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="显示触发的规则和状态")] = False,
) -> None:
    """在终端里试走一个流程；动作用演练的结果代替，不会真的办理。"""
    parts = wiring(context)
    flows = sound_flows(folder or parts.settings.data / "flows")
    flow = next((flow for flow in flows if flow.id == flow_id), None)
    if flow is None:
        known = ", ".join(flow.id for flow in flows)
        raise FlowError(f"flow {flow_id!r} is unknown; known are {known}")
    dialogue = parts.dialogue(flows, actions=Rehearsed(flows, parts.actions))
    ERR.print(_HELP, style="dim", markup=False)
    outbound = not flow.triggers
    values = _values(flow, given or ())
    begun = DialogueState(key=secrets.token_hex(16))
    began = dialogue.start(flow_id, values, now(), state=begun, outbound=outbound)
    state = _show(dialogue.shown(began, now()), why=why)
    while state.mode is not Mode.ENDED and (line := _line()):
        outcome: Outcome = dialogue.respond(state, _utterance(line), now())
        state = _show(dialogue.shown(outcome, now()), why=why)
        if state.mode is Mode.WAITING:
            ERR.print("（已转人工，演练结束）", style="dim", markup=False)
            break
    result = state.result or (state.finished[-1].result if state.finished else "-")
    ERR.print(f"结果：{result}", markup=False)


class Rehearsed:
    """Actions that only play: sample and own ones as they are, others with made-up results.

    An action that verifies says yes.
    """

    def __init__(self, flows: Sequence[Flow], book: ActionBook) -> None:
        self._book = book
        self._safe = {spec.name for spec in book.specs if spec.adapter is not Adapter.HTTP}
        self._calls = {s.action: s for flow in flows for s in flow.steps if isinstance(s, Call)}

    def run(self, order: ActionOrder) -> Mapping[str, str]:
        """What the action gives, without anything being done for real."""
        if order.action in self._safe:
            return self._book.run(order)
        return dict.fromkeys(self._calls[order.action].returns, "示例") | {"verified": "yes"}


def _values(flow: Flow, given: Sequence[str]) -> dict[str, str]:
    values = {g.name: g.sample for g in flow.given if g.sample}
    for item in given:
        name, sign, value = item.partition("=")
        if not sign or name not in {g.name for g in flow.given}:
            known = ", ".join(g.name for g in flow.given) or "none"
            raise FlowError(f"--given {item!r} is no name=value; known names are {known}")
        values[name] = value
    return values


def _line() -> str:
    """A line that was typed; empty at the end of the input or to leave."""
    try:
        line = input("> ").strip()
    except EOFError:
        return ""
    return "" if line == "/quit" else line


def _utterance(line: str) -> Utterance:
    if line == _SILENCE:
        return Utterance(event=Event.SILENCE)
    if line == _HANGUP:
        return Utterance(event=Event.HANGUP)
    if line.startswith(_KEYS):
        return Utterance(event=Event.KEYS, keys=line.removeprefix(_KEYS).strip())
    return Utterance(line)


def _show(outcome: Outcome, *, why: bool) -> DialogueState:
    state, replies = outcome
    for reply in replies:
        _show_reply(reply, why=why)
    if why:
        frames = " > ".join(f"{f.flow}/{f.step} ({f.wait})" for f in state.stack) or "-"
        verified = "已核身" if state.verified else "未核身"
        ERR.print(f"  [{state.mode}] {frames} {verified} {state.mood}", style="dim", markup=False)
    return state


def _show_reply(reply: Reply, *, why: bool) -> None:
    style = "yellow" if reply.kind is ReplyKind.DISCLOSE else ""
    OUT.print(reply.text.rstrip(), style=style, markup=False)
    for number, option in enumerate(reply.options, start=1):
        OUT.print(f"  {number}. {option}", markup=False)
    if reply.link:
        OUT.print(f"  → {reply.link}", markup=False)
    if why and reply.trace:
        acts = "".join(f"；{act}" for act in reply.trace.acts)
        ERR.print(f"  {reply.kind}：{reply.trace.rule}{acts}", style="dim", markup=False)
