"""A process that is killed after an action was done, before the turn was kept, does it once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from assist.flow_state import DialogueState, Mode
from assist.utterance import Utterance
from ui.outbound import SilentDesk
from ui.settings import Settings
from ui.wiring import Wiring

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
TOLD = ("我要登记投诉", "费用", "佣金比说好的高", "13800138000")
LAST = "确认"


def wired(home: Path, data: Path) -> Wiring:
    """A workspace of the sample system."""
    return Wiring(Settings(home=home, data=data))


def before_the_last_word(wiring: Wiring) -> DialogueState:
    """A conversation that waits for the customer's yes."""
    dialogue = wiring.dialogue(desk=SilentDesk())
    state = DialogueState(key="conversation")
    for words in TOLD:
        state, _ = dialogue.respond(state, Utterance(words), NOW)
    return state


def test_a_complaint_is_filed_once_though_the_process_was_killed(
    tmp_path: Path, data: Path
) -> None:
    """kill -9 right after the action: the customer's words come again, the ticket is the same."""
    child = [sys.executable, __file__, str(tmp_path), str(data)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(child, env={**os.environ, "PYTHONPATH": str(root)}, check=False)
    assert done.returncode == -signal.SIGKILL
    wiring = wired(tmp_path, data)
    (line,) = wiring.action_outbox.lines()
    state = before_the_last_word(wiring)
    state, replies = wiring.dialogue(desk=SilentDesk()).respond(state, Utterance(LAST), NOW)
    assert state.mode is Mode.BOT
    assert "工单号TS202603030001" in replies[-1].text
    assert wiring.action_outbox.lines() == (line,)


if __name__ == "__main__":
    parts = wired(Path(sys.argv[1]), Path(sys.argv[2]))
    parts.dialogue(desk=SilentDesk()).respond(before_the_last_word(parts), Utterance(LAST), NOW)
    os.kill(os.getpid(), signal.SIGKILL)
