"""Writing a step of a conversation: everything that belongs to it in one transaction.

Every step writes the conversation's next version. So what was read of the conversation, its mode
and its handover after its version still holds when the step is written, or nothing is written and
the step begins again from what is there now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assist.errors import HandoverError
from assist.handover import Handover, place_of
from assist.handover_note import AlertDraft, Note
from assist.handover_store import HandoverStore
from assist.reply import Reply, ReplyKind
from assist.said import Draft, Said, Speaker
from assist.talk import Happening, LogKind, OnceKey, Talk
from ui.errors import ConversationLostError
from ui.store import ConversationStore, SavedConversation

ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be written: the conversation's next version, its talk, what was said.

    `handover` is new or changed; `message_for` is one whose watchers are told of the message.
    `note` goes to the handover that `handover` or `noted` names, `alert` to the supervisors.
    """

    saved: SavedConversation
    talk: Talk
    drafts: tuple[Draft, ...]
    handover: Handover | None = None
    message_for: Handover | None = None
    note: Note | None = None
    noted: Handover | None = None
    alert: AlertDraft | None = None


class Steps:
    """Reads conversations and writes their steps, for one thread."""

    def __init__(
        self,
        conversations: ConversationStore,
        handovers: HandoverStore,
        clock: Callable[[], datetime],
    ) -> None:
        self.conversations = conversations
        self.handovers = handovers
        self.clock = clock

    def repeat(self, make: Callable[[], Step | Happening], once: OnceKey | None) -> Happening:
        """Make and write a step until nobody was faster; what `make` says happened is final.

        A request with a key that was used gets what the first one got. Raises
        ConversationLostError, and what `make` raises.
        """
        for _ in range(ATTEMPTS):
            if stored := self.handovers.stored(once):
                return stored
            made = make()
            if isinstance(made, Happening):
                return made
            if happening := self._written(made, once):
                return happening
        raise ConversationLostError(
            "other messages of this conversation were answered meanwhile; send one at a time"
        )

    def next_version(self, conversation_id: str) -> SavedConversation | None:
        """The conversation as a step will write it; read it before anything else of it."""
        saved = self.conversations.find(conversation_id)
        return replace(saved, version=saved.version + 1) if saved else None

    def talk(self, conversation_id: str) -> Talk:
        """Who speaks in a conversation."""
        return self.handovers.talk(conversation_id) or Talk(conversation_id)

    def now(self, conversation_id: str) -> Happening:
        """How a conversation stands, without what was said."""
        handover = self.handovers.open_handover(conversation_id)
        place = place_of(handover, self.handovers.waiting()) if handover else None
        return Happening(conversation_id, self.talk(conversation_id).mode, (), handover, place)

    def prepared(self, handover_id: str) -> tuple[Handover, Step]:
        """A handover, read after its conversation's version, and a step that changes nothing.

        Raises HandoverError.
        """
        conversation_id = self.handovers.handover(handover_id).conversation_id
        saved = self.next_version(conversation_id)
        if saved is None:
            raise HandoverError("the conversation was deleted; there is nothing to go on with")
        talk = self.talk(conversation_id)
        return self.handovers.handover(handover_id), Step(saved, talk, ())

    def place(self, handover: Handover) -> int:
        """The place that a handover has, or will have once it is written."""
        queue = {h.id: h for h in (*self.handovers.waiting(), handover)}
        return place_of(handover, queue.values()) or 1

    def lately(self, talk: Talk, lines: int) -> tuple[Said, ...]:
        """The latest lines of a conversation, in order."""
        return self.handovers.said(talk.conversation_id, after=max(0, talk.said - lines))

    def _written(self, step: Step, once: OnceKey | None) -> Happening | None:
        now = self.clock()
        with self.handovers.writing():
            if stored := self.handovers.stored(once):
                return stored
            if not self.conversations.put(step.saved, now):
                return None
            said = self.handovers.say(step.talk, step.drafts, now)
            if step.handover is not None:
                self.handovers.put(step.handover, now)
            if step.message_for is not None and step.drafts:
                self.handovers.log(step.message_for, LogKind.MESSAGE, now)
            self._keep_notes(step, said, now)
            happening = replace(self.now(step.saved.id), said=said)
            if step.handover is not None and not step.handover.is_open:
                happening = replace(happening, handover=step.handover)
            self.handovers.keep(once, happening, now)
        return happening

    def _keep_notes(self, step: Step, said: Sequence[Said], now: datetime) -> None:
        notes = self.handovers.notes
        if step.note is not None and (of := step.handover or step.noted):
            notes.add(of, step.note)
            if step.handover is None:
                self.handovers.log(of, LogKind.NOTE, now)
        if step.alert is not None:
            of = step.handover or step.message_for
            mine = [one.number for one in said if one.speaker is Speaker.CUSTOMER]
            notes.alert(step.saved.id, of, mine[0] if mine else None, step.alert, now)


def from_bot(replies: Sequence[Reply]) -> tuple[Draft, ...]:
    """The bot's replies as they are kept.

    The queue's own words stand for its announcement of a person.
    """
    return tuple(
        Draft(
            Speaker.BOT,
            reply.kind,
            reply.text,
            options=reply.options,
            reply_id=reply.id,
            interruptible=reply.interruptible,
            private=reply.private,
            citations=reply.citations,
            link=reply.link,
        )
        for reply in replies
        if reply.kind is not ReplyKind.HANDOVER
    )


def system(text: str, kind: ReplyKind = ReplyKind.SAY) -> Draft:
    """Something that the system tells both sides."""
    return Draft(Speaker.SYSTEM, kind, text)
