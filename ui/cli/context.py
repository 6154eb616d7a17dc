"""What every command starts from: settings, log and the wired workspace."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import orjson
import typer
from rich.console import Console

from ui.settings import read_settings

if TYPE_CHECKING:
    from ui.wiring import Wiring

# One message is one line, however narrow the terminal: scripts and logs read these lines too.
ERR = Console(stderr=True, soft_wrap=True, highlight=False)
OUT = Console(highlight=False, soft_wrap=True)
TABLES = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def open_workspace(context: typer.Context, workspace: str | None, *, verbose: bool) -> None:
    """Read the settings once and hang the wiring on the context."""
    settings = read_settings(workspace=workspace)
    logging.basicConfig(
        level="INFO" if verbose else settings.log_level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    # The engines behind it take a second to import: `--help` and typing errors need none.
    from assist.privacy import mask_logs
    from ui.wiring import Wiring

    mask_logs()
    context.obj = Wiring(settings)


def wiring(context: typer.Context) -> Wiring:
    """The wired workspace of this command."""
    from ui.wiring import Wiring

    found = context.find_object(Wiring)
    if found is None:
        raise RuntimeError("no workspace was opened for this command")
    return found


def print_json(value: Any) -> None:
    """One JSON object on standard output, UTF-8, as the evaluation commands promise."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()
