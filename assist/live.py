"""The assistant over a published base, loaded again when the base changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

from assist.assistant import FaqAssistant
from assist.encode import Encoder
from assist.errors import KnowledgeError
from assist.handoff import HandoffDetector
from assist.hearing import Hearing
from assist.hearing_terms import SpeechTerms
from assist.matcher import Lexicons, Matcher, decider_from_json, decider_to_json
from assist.store import KnowledgeStore


class LiveAssistant:
    """Hands out the assistant for the base as it is published now; safe to use from threads."""

    def __init__(
        self,
        store: Callable[[], KnowledgeStore],
        lexicons: Lexicons,
        handoff: HandoffDetector,
        *,
        today: Callable[[], date],
        encoder: Encoder | None = None,
        speech: SpeechTerms | None = None,
    ) -> None:
        """`store` gives the calling thread's store; `today` tells which wordings hold.

        Without `speech` messages are taken as they are written.
        """
        self._store = store
        self._lexicons = lexicons
        self._handoff = handoff
        self._today = today
        self._encoder = encoder
        self._speech = speech
        self._lock = threading.Lock()
        self._loaded: tuple[tuple[int, date], FaqAssistant] | None = None

    def current(self) -> FaqAssistant:
        """The assistant; after a publish or at a new day the first call takes a second or more."""
        key = self._store().generation(), self._today()
        loaded = self._loaded
        if loaded is None or loaded[0] != key:
            with self._lock:
                loaded = self._loaded
                if loaded is None or loaded[0] != key:
                    loaded = self._loaded = (key, self._load(*key))
        return loaded[1]

    def _load(self, generation: int, day: date) -> FaqAssistant:
        store = self._store()
        base = store.base(day)
        valid = len(base.entries)
        key = f"{generation}:{valid}:{self._lexicons.fingerprint}:{self._encoder is not None}"
        kept = store.fit(key)
        try:
            decider = decider_from_json(kept) if kept else None
        except KnowledgeError:  # written by another version of the program: fit again
            decider = None
        matcher = Matcher(base, self._lexicons, decider=decider, encoder=self._encoder)
        if decider is None:
            store.put_fit(key, decider_to_json(matcher.decider))
        hearing = Hearing(base, self._speech) if self._speech else None
        return FaqAssistant(matcher, self._handoff, hearing)
