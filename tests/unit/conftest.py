"""A workspace with customers, agents and a desk that answers by the words: the fixture `office`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assist.answer import Answer, AnswerKind, Candidate, Citation, CitationKind, Trace
from assist.bot import DeskBot
from assist.compliance import Guard
from assist.conversation import Conversation
from assist.emotion import MoodReading
from assist.emotion_words import Mood
from assist.handover_file import load_handover_rules
from assist.knowledge import FaqEntry
from assist.talk import Happening, OnceKey
from assist.trading_days import TradingDays
from assist.utterance import Utterance
from ui.agent_desk import AgentDesk
from ui.conversation_desk import ConversationDesk
from ui.conversation_steps import Steps
from ui.handover_watch import HandoverWatch
from ui.store import UiStore
from ui.transfer_desk import TransferDesk

MONDAY = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)  # 10:00 in China, a trading day
CITED = Citation(CitationKind.FAQ, "board-open", "创业板怎么开通？", "2")
ENTRY = FaqEntry("board-open", "创业板怎么开通？", answer="在App内办理。", version=2)


class Desk:
    """Hands over on 转人工, refuses 天气, answers everything else with what it was asked."""

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """The reply by the words of the message."""
        before = conversation or Conversation()
        trace = Trace("test", text)
        if "转人工" in text:
            answer = Answer(AnswerKind.HANDOFF, "转接中", 1.0, trace=trace)
        elif "天气" in text:
            answer = Answer(AnswerKind.REJECT, "不知道", 1.0, trace=trace)
        else:
            candidate = Candidate("board-open", ENTRY.question, text, 1.0, 0.9, False, ())
            trace = replace(trace, candidates=(candidate,))
            answer = Answer(AnswerKind.ANSWER, f"答：{text}", 1.0, (CITED,), trace=trace)
        return answer, before.after(text, answer)


class Moods:
    """Hears anger in 气死 and nothing elsewhere."""

    offer = "需要转人工吗？"

    def read(self, text: str, earlier: Sequence[str] = ()) -> MoodReading:
        """The mood by the words."""
        angry = "气死" in text
        mood = Mood.ANGRY if angry else Mood.CALM
        return MoodReading(mood, 0.9, 0.9 if angry else 0.0, angry, angry, "words: 气死")


class Clock:
    """Stands still until it is moved, or runs on by `step` with every look."""

    def __init__(self) -> None:
        self.now = MONDAY
        self.step = timedelta()

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


class Office:
    """A workspace with its desks; `process()` is another process on the same file."""

    def __init__(self, path: Path, data: Path) -> None:
        self.path, self.data, self.clock = path, data, Clock()
        self.number = 0
        self.guard = Guard.load(data / "lexicons" / "compliance.yaml")
        self.rules = load_handover_rules(
            data / "handover.yaml", TradingDays.load(data / "trading_calendar.tsv")
        )
        self.desk, self.moods = Desk(), Moods()
        self.store, self.customers, self.agents = self.process()
        self.steps = Steps(self.store.conversations, self.store.handovers, self.clock)
        self.transfers, self.watch = self.watcher(self.store)

    def process(self, desk: Any = None) -> tuple[UiStore, ConversationDesk, AgentDesk]:
        """Desks over a connection of their own."""
        store = UiStore.open(self.path)
        steps = Steps(store.conversations, store.handovers, self.clock)
        bot = DeskBot(lambda: desk or self.desk, failures=self.rules.failures)
        agents = AgentDesk(
            steps,
            bot,
            self.rules,
            self.guard,
            lambda i: ENTRY if i == ENTRY.id else None,
            self.moods,
        )
        return store, ConversationDesk(steps, bot, self.rules, self.token, self.moods), agents

    def watcher(self, store: UiStore) -> tuple[TransferDesk, HandoverWatch]:
        """The desk that moves conversations and what time does, over a store."""
        steps = Steps(store.conversations, store.handovers, self.clock)
        transfers = TransferDesk(steps, DeskBot(lambda: self.desk), self.rules)
        return transfers, HandoverWatch(steps, self.rules, transfers)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.clock.now += timedelta(**span)

    def token(self, size: int) -> str:
        self.number += 1
        return f"{self.number:0{size * 2}x}"

    def begin(self) -> str:
        return self.customers.begin("key").conversation_id

    def say(self, conversation: str, text: str, once: OnceKey | None = None) -> Happening:
        return self.customers.hear(conversation, Utterance(text), key_id="key", once=once)

    def queued(self) -> tuple[str, str]:
        """A conversation that waits for a person, and its handover."""
        conversation = self.begin()
        self.say(conversation, "创业板怎么开通")
        happening = self.say(conversation, "转人工")
        assert happening.handover
        return conversation, happening.handover.id


@pytest.fixture
def office(tmp_path: Path, data: Path) -> Office:
    return Office(tmp_path / "workspace.db", data)
