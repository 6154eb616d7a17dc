"""What time alone does to handovers: a call back is offered, hours end, an agent has vanished.

Any process may tick at any time, several at once: every step is written over the conversation's
version and only while it is still due, so that nothing happens twice.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from assist.errors import HandoverError
from assist.flow_state import Mode
from assist.handover import WITH_AGENT, Handover, HandoverState, waiting_for
from assist.handover_move import requeued, vanished
from assist.handover_note import AlertDraft, AlertKind, Note, NoteKind
from assist.handover_rules import HandoverRules
from assist.reply import ReplyKind
from assist.talk import Happening
from ui.conversation_steps import Step, Steps, system
from ui.errors import ConversationLostError
from ui.transfer_desk import TransferDesk

_LOG = logging.getLogger(__name__)
_LOOKED_BACK = 60  # lines in which the agent's last word is looked for


class Due(StrEnum):
    """What is to be done with a handover now."""

    OFFER = "offer"
    CLOSING = "closing"
    GONE = "gone"


class HandoverWatch:
    """Looks at every open handover and does what is due, for one thread."""

    def __init__(self, steps: Steps, rules: HandoverRules, transfers: TransferDesk) -> None:
        self._steps = steps
        self._rules = rules
        self._transfers = transfers

    def tick(self) -> int:
        """Do what is due now; gives to how many handovers something was done."""
        store = self._steps.handovers
        return sum(map(self._minded, (*store.waiting(), *store.handovers(WITH_AGENT, limit=5_000))))

    def due(self, handover: Handover, now: datetime) -> Due | None:
        """What is to be done with it; who has left a number waits in peace."""
        if handover.state in WITH_AGENT:
            return Due.GONE if self._vanished(handover, now) else None
        waits = handover.state is HandoverState.WAITING and handover.callback is None
        if not waits or handover.waits_from > now:
            return None
        group = self._rules.group(handover.group)
        if self._rules.opens(group, now) > now:
            return Due.CLOSING
        patience = group.give_up_after
        late = patience is not None and waiting_for(handover, now) >= patience
        speaks = self._steps.talk(handover.conversation_id).mode
        return Due.OFFER if late and not handover.offered_at and speaks is Mode.WAITING else None

    def _minded(self, handover: Handover) -> bool:
        try:
            if self.due(handover, self._steps.clock()) is None:
                return False
            return bool(self._steps.repeat(lambda: self._step(handover.id), None).said)
        except (HandoverError, ConversationLostError) as error:
            # Deleted, or changed again and again meanwhile: the next tick looks at it anew.
            _LOG.info("handover %s could not be minded: %s", handover.id, type(error).__name__)
            return False

    def _step(self, handover_id: str) -> Step | Happening:
        handover, step = self._steps.prepared(handover_id)
        now = self._steps.clock()
        match self.due(handover, now):
            case Due.OFFER:
                told = system(self._rules.offer(handover), ReplyKind.HANDOVER)
                offered = replace(handover, offered_at=now)
                return replace(step, drafts=(told,), handover=offered)
            case Due.CLOSING:
                return self._closing(handover, step, now)
            case Due.GONE:
                return self._gone(handover, step, now)
            case _:
                return self._steps.now(handover.conversation_id)

    def _closing(self, handover: Handover, step: Step, now: datetime) -> Step:
        """The group has gone home: the place is kept for its next hours, the bot goes on."""
        opens = self._rules.opens(self._rules.group(handover.group), now)
        told = system(self._rules.closing(handover, opens), ReplyKind.HANDOVER)
        step = replace(step, drafts=(told,), handover=requeued(handover, opens))
        return self._transfers.resumed(step, now) if step.talk.mode is Mode.WAITING else step

    def _gone(self, handover: Handover, step: Step, now: datetime) -> Step:
        """Its agent has vanished: back into the queue, and supervisors are told."""
        opens = self._rules.opens(self._rules.group(handover.group), now)
        note = Note(now, NoteKind.GONE, handover.agent)
        moved = requeued(handover, opens)
        alert = AlertDraft(AlertKind.AGENT_GONE, handover.agent or "")
        step = self._transfers.queued(step, moved, note, self._rules.released)
        return replace(step, alert=alert)

    def _vanished(self, handover: Handover, now: datetime) -> bool:
        store = self._steps.handovers
        talk = self._steps.talk(handover.conversation_id)
        seen = store.notes.seen(handover.agent) if handover.agent else None
        said = self._steps.lately(talk, _LOOKED_BACK)
        return vanished(handover, said, seen, self._rules.vanish_after, now)
