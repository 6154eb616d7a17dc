"""The agent's side of conversations: take one from the queue, speak, give it back, end it.

How a conversation moves on to somebody else stands in `ui/transfer_desk.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assist.answer import Answer, AnswerKind, CitationKind
from assist.bot import Bot
from assist.compliance import Guard
from assist.errors import HandoverError, HandoverInputError
from assist.flow import Flow
from assist.flow_ports import Moods
from assist.flow_state import Mode
from assist.handover import (
    Handover,
    HandoverState,
    LevelReport,
    claimed,
    ended,
    level_report,
    spoken,
)
from assist.handover_context import HandoverContext, context_of
from assist.handover_note import Alert, Note
from assist.handover_rules import HandoverRules
from assist.knowledge import FaqEntry
from assist.reply import ReplyKind
from assist.said import Draft, Said, Speaker
from assist.talk import Happening, OnceKey
from ui.conversation_steps import Step, Steps, from_bot, system

MOST_SUGGESTIONS = 3
FROM_NEWS = "资讯与图谱的回答"
_LOOKED_BACK = 3  # messages of the customer
_Change = Callable[[Handover, datetime], Handover]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that the agent could say: an approved answer, or what the bot would say.

    `share` is its share among the candidates, from 0 to 1; `entry_id` is None where the text comes
    from news and facts.
    """

    title: str
    text: str
    share: float
    entry_id: str | None = None
    version: int | None = None


class AgentDesk:
    """What agents do, for one thread; `entry` finds published entries of the knowledge base.

    `moods` and `flows` say how the customer sounds and what slots are called; without them the
    context has less.
    """

    def __init__(
        self,
        steps: Steps,
        bot: Bot,
        rules: HandoverRules,
        guard: Guard,
        entry: Callable[[str], FaqEntry | None],
        moods: Moods | None = None,
        flows: Sequence[Flow] = (),
    ) -> None:
        self._steps = steps
        self._bot = bot
        self.rules = rules
        self._guard = guard
        self._entry = entry
        self._moods = moods
        self._flows = flows

    # --- looking -----------------------------------------------------------------------------

    def waiting(self) -> tuple[Handover, ...]:
        """Who waits, the next one first."""
        return self._steps.handovers.waiting()

    def mine(self, agent: str) -> tuple[Handover, ...]:
        """What an agent has, the longest first."""
        return self._steps.handovers.with_agent(agent)

    def listed(
        self, states: Sequence[HandoverState], group: str | None = None, limit: int = 200
    ) -> tuple[Handover, ...]:
        """Handovers in these states, latest first; raises HandoverError for an unknown group."""
        if group is not None:
            self.rules.group(group)
        return self._steps.handovers.handovers(states, group, limit)

    def handover(self, handover_id: str) -> Handover:
        """One handover; raises HandoverError."""
        return self._steps.handovers.handover(handover_id)

    def said(self, handover: Handover, *, after: int = 0) -> tuple[Said, ...]:
        """What was said in its conversation after place `after`."""
        return self._steps.handovers.said(handover.conversation_id, after=after)

    def level(self, since: datetime) -> LevelReport:
        """How the service level is met by those whose clock began at `since` or later."""
        now = self._steps.clock()
        begun = (h for h in self._steps.handovers.since(since) if h.counts_from <= now)
        return level_report(tuple(begun), self.rules.level, now)

    def context(self, handover: Handover) -> HandoverContext:
        """What an agent should know before the first word."""
        saved = self._steps.conversations.find(handover.conversation_id)
        state = saved.state if saved else ""
        return context_of(handover, state, self.said(handover), self._flows, self._moods)

    def notes(self, handover: Handover) -> tuple[Note, ...]:
        """What agents left on its conversation, oldest first; the customer never sees it."""
        return self._steps.handovers.notes.of(handover.conversation_id)

    def alerts(self, *, open_only: bool = True, limit: int = 100) -> tuple[Alert, ...]:
        """Alerts, latest first."""
        return self._steps.handovers.notes.alerts(open_only=open_only, limit=limit)

    def present(self) -> tuple[str, ...]:
        """Agents who gave a sign lately, by name."""
        since = self._steps.clock() - self.rules.vanish_after
        return self._steps.handovers.notes.present(since)

    def suggestions(self, handover: Handover) -> tuple[Suggestion, ...]:
        """What could be said to the customer's latest question, the best first.

        Changes nothing. A message to which nothing fits (转人工, 好的) leaves it to the one before.
        """
        saved = self._steps.conversations.find(handover.conversation_id)
        texts = [s.text for s in self.said(handover) if s.speaker is Speaker.CUSTOMER]
        for text in reversed(texts[-_LOOKED_BACK:]):
            if saved and text.strip() and (found := self._fitting(saved.state, text)):
                return found
        return ()

    def _fitting(self, state: str, text: str) -> tuple[Suggestion, ...]:
        heard = self._bot.listen(state, text)
        found: list[Suggestion] = []
        if heard.answer and _is_from_news(heard.answer):
            found.append(Suggestion(FROM_NEWS, heard.answer.reply, heard.answer.score))
        for candidate in heard.candidates:
            entry = self._entry(candidate.entry_id)
            if entry is not None and not candidate.clash:
                found.append(
                    Suggestion(
                        entry.question, entry.answer, candidate.share, entry.id, entry.version
                    )
                )
        return tuple(found[:MOST_SUGGESTIONS])

    # --- acting ------------------------------------------------------------------------------

    def sign(self, agent: str) -> None:
        """The agent is there; a desktop tells it every minute or so."""
        self._steps.handovers.notes.sign(agent, self._steps.clock())

    def acknowledge(self, seq: int, supervisor: str) -> Alert:
        """Take note of an alert; the first who did stays. Raises UnknownHandoverError."""
        return self._steps.handovers.notes.acknowledge(seq, supervisor, self._steps.clock())

    def claim(self, handover_id: str, agent: str, *, once: OnceKey | None = None) -> Happening:
        """Take a waiting conversation; again by the same agent changes nothing.

        Raises TakenError where another agent has it, HandoverError.
        """

        self.sign(agent)

        def make() -> Step | Happening:
            handover, step = self._steps.prepared(handover_id)
            mine = claimed(handover, agent, self._steps.clock())
            if mine is handover:
                return self._steps.now(handover.conversation_id)
            self._check_room(agent)
            joined = system(self.rules.wordings.joined.format(agent=agent))
            talk = replace(step.talk, mode=Mode.HUMAN)
            return replace(step, talk=talk, drafts=(joined,), handover=mine)

        return self._steps.repeat(make, once)

    def say(
        self, handover_id: str, agent: str, text: str, *, once: OnceKey | None = None
    ) -> Happening:
        """Say something to the customer; raises HandoverError, also where rules forbid the text."""
        found = self._guard.check(text)
        if found.changed:
            raise HandoverInputError(
                f"this may not be said ({', '.join(found.rules)}: {'、'.join(found.words)});"
                " reword it"
            )
        draft = Draft(Speaker.AGENT, ReplyKind.SAY, text, agent=agent)
        return self._act(handover_id, lambda h, now: spoken(h, agent, now), Mode.HUMAN, draft, once)

    def give_back(
        self,
        handover_id: str,
        agent: str,
        note: str = "",
        outcome: str | None = None,
        *,
        once: OnceKey | None = None,
    ) -> Happening:
        """Let the bot go on; `outcome` is a code of the rules. Raises HandoverError."""
        told = system(self.rules.wordings.returned)
        change = self._ending(agent, note, outcome, gone=False)
        return self._act(handover_id, change, Mode.BOT, told, once)

    def close(
        self,
        handover_id: str,
        agent: str,
        note: str = "",
        outcome: str | None = None,
        *,
        once: OnceKey | None = None,
    ) -> Happening:
        """End the conversation; `outcome` is a code of the rules. Raises HandoverError."""
        told = system(self.rules.wordings.ended, ReplyKind.END)
        change = self._ending(agent, note, outcome, gone=True)
        return self._act(handover_id, change, Mode.ENDED, told, once)

    def _ending(self, agent: str, note: str, outcome: str | None, *, gone: bool) -> _Change:
        code = self.rules.outcome(outcome)
        return lambda handover, now: ended(handover, agent, note, code, now, gone=gone)

    def _act(
        self, handover_id: str, change: _Change, mode: Mode, draft: Draft, once: OnceKey | None
    ) -> Happening:
        def make() -> Step:
            handover, step = self._steps.prepared(handover_id)
            now = self._steps.clock()
            made = replace(step, drafts=(draft,), handover=change(handover, now))
            if mode is not Mode.BOT:
                return replace(made, talk=replace(step.talk, mode=mode))
            turn = self._bot.resume(step.saved.state, now)
            saved = replace(step.saved, state=turn.state)
            talk = replace(step.talk, mode=turn.mode)
            return replace(made, saved=saved, talk=talk, drafts=(draft, *from_bot(turn.replies)))

        return self._steps.repeat(make, once)

    def _check_room(self, agent: str) -> None:
        most = self.rules.most_at_once
        if len(self.mine(agent)) >= most:
            raise HandoverError(f"{agent} has {most} conversations already; end one of them first")


def _is_from_news(answer: Answer) -> bool:
    from_base = any(citation.kind is CitationKind.FAQ for citation in answer.citations)
    return answer.kind is AnswerKind.ANSWER and not from_base
