"""The command `foreland`: its groups, its common options and its error boundary."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from typing import Annotated

import typer

from assist.errors import AssistError
from news.errors import NewsError
from speech.errors import SpeechError
from ui.cli import ask, evaluate, graph, kb, key, news, speech, up
from ui.cli.context import open_workspace
from ui.keys import ApiKeyError
from ui.settings import SettingsError

app = typer.Typer(
    name="foreland",
    help="智能客服与财经资讯平台：问答、语音、资讯、知识图谱。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(ask.ask)
app.command()(speech.talk)
app.command()(speech.say)
app.command()(up.up)
app.command()(up.serve)
app.add_typer(news.app, name="news")
app.add_typer(graph.app, name="graph")
app.add_typer(kb.app, name="kb")
app.add_typer(evaluate.app, name="eval")
app.add_typer(key.app, name="key")


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
    try:
        app()
    except (ApiKeyError, AssistError, NewsError, SettingsError, SpeechError) as error:
        _fail(str(error))
    except BrokenPipeError:
        # The reader of a pipe left (`foreland … | head`): that is its right, not an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  the boundary of the command line
        logging.getLogger(__name__).error("%s", traceback.format_exc())
        _fail(f"unexpected {type(error).__name__}: {error}; run again with -v and report the log")


def _fail(message: str) -> None:
    typer.secho(f"foreland: {message}", fg="red", err=True)
    sys.exit(1)


if __name__ == "__main__":
    run()
