"""A dialogue turn beside retrieval, and beside a state machine with fuzzy matching.

    python bench/dialogue.py [--conversations 200]

Both engines book a callback: trigger, time, a question in between, phone, yes. Ours is the flow
`book-callback` with the sample customers over the sample knowledge base; the peer is written
straightforwardly with `transitions` (MIT) and rapidfuzz over the same triggers and questions. It
knows no corrections, repairs, moods, guard or storage. Prints one JSON object: milliseconds at the
median and the 99th percentile of turns inside the flow, of the question in between, and of our
desk alone with other questions like them; `ratio` is ours over the peer's, at the median.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rapidfuzz import fuzz, process
from transitions import Machine

from assist.flow_state import DialogueState, Mode
from assist.knowledge_file import load_folder
from assist.labelled import read_table
from assist.utterance import Utterance
from ui.settings import Settings, data_folder
from ui.wiring import Wiring

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
_TRIGGERS = ("我要预约回电", "帮我预约回电", "预约一个回电", "让客服给我回个电话")
_HOURS = ("九", "十", "十一")
_FLOW, _ASIDE, _DESK = "flow", "question", "desk"
Talk = Callable[[Sequence[str]], list[tuple[str, float]]]


def conversation(number: int, question: str) -> tuple[str, ...]:
    """What one customer says; the third message is the question in between."""
    hour = _HOURS[number % len(_HOURS)]
    phone = f"138{number:08d}"
    trigger = _TRIGGERS[number % len(_TRIGGERS)]
    return (trigger, f"明天上午{hour}点", question, phone, "确认")


class Callback:
    """The peer: a state machine whose answers are found by pattern and fuzzy match."""

    states = ("idle", "ask_at", "ask_phone", "ask_agree", "done")

    def __init__(self, questions: Sequence[str], answers: Sequence[str]) -> None:
        self.questions, self.answers = questions, answers
        self.machine = Machine(model=self, states=list(self.states), initial="idle")
        for name, source, goal in (
            ("start", "idle", "ask_at"),
            ("timed", "ask_at", "ask_phone"),
            ("phoned", "ask_phone", "ask_agree"),
            ("agreed", "ask_agree", "done"),
        ):
            self.machine.add_transition(name, source, goal)

    def hear(self, text: str) -> str:
        """The reply to a message."""
        state = self.state  # type: ignore[attr-defined]
        best = process.extractOne(text, _TRIGGERS, scorer=fuzz.ratio, score_cutoff=80)
        if state == "idle" and best:
            self.start()  # type: ignore[attr-defined]
            return "请问您希望什么时间回电？"
        if state == "ask_at" and re.search("[上下]午.{1,2}点", text):
            self.timed()  # type: ignore[attr-defined]
            return "请问拨打哪个手机号码联系您？"
        if state == "ask_phone" and re.search(r"1\d{10}", text):
            self.phoned()  # type: ignore[attr-defined]
            return "确认预约吗？"
        if state == "ask_agree" and process.extractOne(text, ("确认", "是的", "好的")):
            self.agreed()  # type: ignore[attr-defined]
            return "预约好了。"
        found = process.extractOne(text, self.questions, scorer=fuzz.ratio, score_cutoff=60)
        return self.answers[found[2]] if found else "抱歉，我没有听明白。"


def ours(wiring: Wiring) -> Talk:
    """Our dialogue, its state stored and read back at every turn as a server does."""
    dialogue = wiring.dialogue()
    numbers = itertools.count()

    def talk(messages: Sequence[str]) -> list[tuple[str, float]]:
        kept = DialogueState(key=f"bench {next(numbers)}").to_json()
        taken = []
        for place, message in enumerate(messages):
            began = time.perf_counter()
            state, _ = dialogue.respond(DialogueState.from_json(kept), Utterance(message), NOW)
            kept = state.to_json()
            taken.append((_ASIDE if place == 2 else _FLOW, (time.perf_counter() - began) * 1000))
        ended = [done.result for done in state.finished]
        if ended != ["completed"] or state.mode is not Mode.BOT:
            print(f"not completed after {messages[2]!r}: {ended}", file=sys.stderr)
        return taken

    return talk


def peer(questions: Sequence[str], answers: Sequence[str]) -> Talk:
    """The peer, a machine for each conversation."""

    def talk(messages: Sequence[str]) -> list[tuple[str, float]]:
        machine = Callback(questions, answers)
        taken = []
        for place, message in enumerate(messages):
            began = time.perf_counter()
            machine.hear(message)
            taken.append((_ASIDE if place == 2 else _FLOW, (time.perf_counter() - began) * 1000))
        return taken

    return talk


def figures(times: Sequence[tuple[str, float]]) -> dict[str, dict[str, float]]:
    """Median and 99th percentile of each kind of turn, in milliseconds."""
    found = {}
    for kind in dict.fromkeys(kind for kind, _ in times):
        own = sorted(ms for of, ms in times if of == kind)
        last = own[min(len(own) - 1, int(0.99 * len(own)))]
        found[kind] = {"median": round(statistics.median(own), 3), "p99": round(last, 3)}
    return found


def main() -> None:
    """Measure both and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, default=200)
    given = parser.parse_args()
    data = data_folder()
    loaded = load_folder(data / "faq")
    with tempfile.TemporaryDirectory() as home:
        wiring = Wiring(Settings(home=Path(home), data=data))
        wiring.knowledge_store.put_out_of_scope(loaded.out_of_scope)
        wiring.knowledge_store.put_messages(loaded.messages)
        wiring.knowledge_store.publish(loaded.entries, "bench", NOW)
        rows = read_table(data / "faq" / "messages.tsv", ("text", "entry_id")).rows
        asked = [text for text, _ in rows[: given.conversations]]
        others = [text for text, _ in rows[given.conversations : 2 * given.conversations]]
        talks = [conversation(number, question) for number, question in enumerate(asked)]
        known = [(question, e.answer) for e in loaded.entries for question in e.questions]
        engines = {
            "foreland": ours(wiring),
            "transitions+rapidfuzz": peer([q for q, _ in known], [a for _, a in known]),
        }
        desk = wiring.assistant
        desk.reply("佣金是多少")  # what is built on first use is built
        found = {}
        for name, talk in engines.items():
            talk(conversation(len(talks), "你们在哪里"))
            found[name] = figures([turn for messages in talks for turn in talk(messages)])
        alone = []
        for question in others:
            began = time.perf_counter()
            desk.reply(question)
            alone.append((_DESK, (time.perf_counter() - began) * 1000))
        found["foreland"] |= figures(alone)
    first, second = found.values()
    ratio = {k: round(first[k]["median"] / second[k]["median"], 2) for k in (_FLOW, _ASIDE)}
    print(json.dumps({"conversations": len(talks), "ms": found, "ratio": ratio}))


if __name__ == "__main__":
    main()
