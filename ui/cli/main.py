"""The command `foreland`: its subcommands, its common options and its error boundary.

A subcommand's module is imported when it is called: recognisers, web servers and classifiers take
seconds to import, and `--help` needs none of them.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from assist.errors import AssistError
from news.errors import NewsError
from speech.errors import SpeechError
from ui.cli.context import open_workspace
from ui.errors import UiError


@dataclass(frozen=True, slots=True)
class _Command:
    """Where a subcommand lives: `function` of `module`, or the module's group of commands."""

    module: str
    help: str
    function: str | None = None


COMMANDS = {
    "ask": _Command("ask", "回答一个问题；不给问题则在终端里对话。", "ask"),
    "talk": _Command("speech", "听一段提问，回答并说出来。", "talk"),
    "say": _Command("speech", "把文字说出来。", "say"),
    "news": _Command("news", "资讯：采集、检索、查看未能入库的内容。"),
    "graph": _Command("graph", "知识图谱：查看一家公司或一个行业的事实与来源。"),
    "kb": _Command("kb", "知识库：起草、审核、发布、核查、导入导出。"),
    "flows": _Command("flows", "流程：核查、导出格式、在终端里试走。"),
    "intents": _Command("intents", "意图：用例句训练、识别、评测。"),
    "campaign": _Command("campaign", "外呼任务：名单、规则、演练、结果。"),
    "scenario": _Command("scenario", "场景：逐句演练对话并核对。"),
    "eval": _Command("evaluate", "评测：用自己的标注数据衡量各部分。"),
    "train": _Command("train", "训练：用自己的数据训练各种模型。"),
    "privacy": _Command("privacy", "隐私：按客户删除、到期清理、查看记录、文本脱敏。"),
    "key": _Command("key", "接口密钥：创建、列出、改权限、吊销。"),
    "operator": _Command("operator", "操作员：谁能登录控制台，以什么角色。"),
    "up": _Command("up", "启动接口服务和坐席控制台，直到按 Ctrl-C。", "up"),
    "serve": _Command("up", "只启动接口服务。", "serve"),
}


class _Commands(TyperGroup):
    """The subcommands of `COMMANDS`, each imported when it is needed."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        """What help shows of a command; nothing is imported for it."""
        found = COMMANDS.get(cmd_name)
        return TyperCommand(cmd_name, help=found.help) if found else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called, imported and built now."""
        if args and args[0] in COMMANDS:
            return args[0], _load(args[0], COMMANDS[args[0]]), args[1:]
        return super().resolve_command(ctx, args)


def _load(name: str, command: _Command) -> Any:
    module = import_module(f"ui.cli.{command.module}")
    if command.function is None:
        return typer.main.get_group(module.app)
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(name, help=command.help)(getattr(module, command.function))
    return typer.main.get_command(single)


app = typer.Typer(
    name="foreland",
    cls=_Commands,
    help="智能客服与财经资讯平台：问答、语音、资讯、知识图谱。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def common(
    context: typer.Context,
    workspace: Annotated[
        str | None, typer.Option("--workspace", "-w", help="工作区名称（默认 demo）")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="输出运行日志")] = False,
) -> None:
    """Options that every command takes."""
    open_workspace(context, workspace, verbose=verbose)


def run() -> None:
    """Entry point: every error ends as one line that says what to do, never as a traceback."""
    # Read when numpy is imported, later. Its products here are small, and threads that wait for one
    # another on busy cores made a question with a sentence encoder take 8 ms in place of 1.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except (AssistError, NewsError, SpeechError, UiError) as error:
        _fail(str(error))
    except BrokenPipeError:
        # The reader of a pipe left (`foreland … | head`): that is its right, not an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  the boundary of the command line
        logging.getLogger(__name__).info("%s", traceback.format_exc())
        _fail(f"unexpected {type(error).__name__}: {error}; run again with -v and report the log")


def _fail(message: str) -> None:
    typer.secho(f"foreland: {message}", fg="red", err=True)
    sys.exit(1)


if __name__ == "__main__":
    run()
