"""How a conversation moves between agents: transfer, release, a supervisor's takeover, notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from assist.bot import Bot
from assist.errors import HandoverError
from assist.flow_state import Mode
from assist.handover import Handover
from assist.handover_move import handed_to, released, taken_over, transferred
from assist.handover_note import Note, NoteKind
from assist.handover_rules import HandoverRules
from assist.reply import ReplyKind
from assist.talk import Happening, OnceKey
from ui.conversation_steps import Step, Steps, from_bot, system

_Wording = Callable[[Handover, int, datetime], str]
_Make = Callable[[Handover, Step, datetime], Step | Happening]


class TransferDesk:
    """What agents and supervisors do with a conversation that somebody has, for one thread."""

    def __init__(self, steps: Steps, bot: Bot, rules: HandoverRules) -> None:
        self._steps = steps
        self._bot = bot
        self._rules = rules

    def to_group(
        self,
        handover_id: str,
        agent: str,
        group: str,
        note: str = "",
        *,
        once: OnceKey | None = None,
    ) -> Happening:
        """Into another group's queue, with the place of its first wait; the customer is told.

        Where the group does not work now, the bot goes on until it does. Raises HandoverError.
        """
        to = self._rules.group(group)

        def make(handover: Handover, step: Step, now: datetime) -> Step:
            moved = transferred(handover, agent, to.id, self._rules.opens(to, now))
            left = Note(now, NoteKind.TRANSFER, agent, note, to.id)
            return self.queued(step, moved, left, self._rules.moved)

        return self._do(handover_id, make, once)

    def to_agent(
        self,
        handover_id: str,
        agent: str,
        target: str,
        note: str = "",
        *,
        once: OnceKey | None = None,
    ) -> Happening:
        """Straight to a colleague who is there and has room; the customer is told the name.

        Raises HandoverError.
        """

        def make(handover: Handover, step: Step, now: datetime) -> Step:
            moved = handed_to(handover, agent, target, now)
            self._check_present(target, now)
            self._check_room(target)
            left = Note(now, NoteKind.TRANSFER, agent, note, target)
            return self._joined(step, moved, left)

        return self._do(handover_id, make, once)

    def release(
        self, handover_id: str, agent: str, note: str = "", *, once: OnceKey | None = None
    ) -> Happening:
        """Back into its queue, with the place of its first wait. Raises HandoverError."""

        def make(handover: Handover, step: Step, now: datetime) -> Step:
            group = self._rules.group(handover.group)
            moved = released(handover, agent, self._rules.opens(group, now))
            left = Note(now, NoteKind.RELEASE, agent, note)
            return self.queued(step, moved, left, self._rules.released)

        return self._do(handover_id, make, once)

    def take_over(
        self, handover_id: str, supervisor: str, note: str = "", *, once: OnceKey | None = None
    ) -> Happening:
        """A supervisor takes it from whoever has it, also beyond the limit of conversations.

        Again by the same supervisor changes nothing. Raises HandoverError.
        """

        def make(handover: Handover, step: Step, now: datetime) -> Step | Happening:
            moved = taken_over(handover, supervisor, now)
            if moved is handover:
                return self._steps.now(handover.conversation_id)
            left = Note(now, NoteKind.TAKEOVER, supervisor, note, handover.agent)
            return self._joined(step, moved, left)

        self._steps.handovers.notes.sign(supervisor, self._steps.clock())
        return self._do(handover_id, make, once)

    def note(
        self, handover_id: str, agent: str, text: str, *, once: OnceKey | None = None
    ) -> Happening:
        """Leave a note for colleagues, also after the end; neither customer nor bot sees it.

        Raises HandoverError.
        """

        def make(handover: Handover, step: Step, now: datetime) -> Step:
            return replace(step, note=Note(now, NoteKind.NOTE, agent, text), noted=handover)

        return self._do(handover_id, make, once)

    def queued(self, step: Step, moved: Handover, note: Note, wording: _Wording) -> Step:
        """The step that brings a conversation back into a queue, which may be closed now."""
        now = self._steps.clock()
        told = system(wording(moved, self._steps.place(moved), now), ReplyKind.HANDOVER)
        step = replace(step, drafts=(told,), handover=moved, note=note)
        if moved.waits_from > now:
            return self.resumed(step, now)
        return replace(step, talk=replace(step.talk, mode=Mode.WAITING))

    def resumed(self, step: Step, now: datetime) -> Step:
        """The step with the bot going on after what was told."""
        turn = self._bot.resume(step.saved.state, now)
        return replace(
            step,
            saved=replace(step.saved, state=turn.state),
            talk=replace(step.talk, mode=turn.mode),
            drafts=(*step.drafts, *from_bot(turn.replies)),
        )

    def _joined(self, step: Step, moved: Handover, note: Note) -> Step:
        joined = system(self._rules.wordings.joined.format(agent=moved.agent))
        talk = replace(step.talk, mode=Mode.HUMAN)
        return replace(step, talk=talk, drafts=(joined,), handover=moved, note=note)

    def _do(self, handover_id: str, make: _Make, once: OnceKey | None) -> Happening:
        def attempt() -> Step | Happening:
            return make(*self._steps.prepared(handover_id), self._steps.clock())

        return self._steps.repeat(attempt, once)

    def _check_present(self, agent: str, now: datetime) -> None:
        seen = self._steps.handovers.notes.seen(agent)
        if seen is None or now - seen > self._rules.vanish_after:
            minutes = self._rules.vanish_after.total_seconds() / 60
            raise HandoverError(
                f"{agent} gave no sign in the last {minutes:g} minutes; transfer it to a group,"
                " or wait until they have signed in"
            )

    def _check_room(self, agent: str) -> None:
        most = self._rules.most_at_once
        if len(self._steps.handovers.with_agent(agent)) >= most:
            raise HandoverError(
                f"{agent} has {most} conversations already; choose another agent or a group"
            )
