"""One process fits a base; the others wait for it, or reuse what it kept.

Fitting takes seconds to minutes of a core. Who comes first takes a lease in the workspace's
database and renews it while it works; a process that is killed stops renewing, and the next one
takes over.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import uuid4

from assist.calibrate import Targets
from assist.encode import Encoder
from assist.errors import AssistError, KnowledgeError, StoreError
from assist.fit import DEFAULT_TARGETS
from assist.knowledge import KnowledgeBase
from assist.matcher import Lexicons, Matcher, fitted_from_json, fitted_to_json
from assist.store import KnowledgeStore

LEASE_SECONDS = 20.0
RENEW_SECONDS = 5.0
POLL_SECONDS = 0.2
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """What a matcher is built with beside its base; `encoder_name` tells encoders apart.

    `targets` are the error rates that the operator allows.
    """

    lexicons: Lexicons
    encoder: Encoder | None = None
    encoder_name: str = ""
    targets: Targets = DEFAULT_TARGETS


class SharedFit:
    """Makes matchers whose fit is shared by all processes of a workspace."""

    def __init__(
        self,
        store: Callable[[], KnowledgeStore],
        means: Means,
        *,
        clock: Callable[[], datetime],
        pause: Callable[[float], None] | None = None,
    ) -> None:
        """`store` gives the calling thread's store; `pause` waits for some seconds."""
        self._store = store
        self._means = means
        self._clock = clock
        self._pause = pause or _pause
        self._owner = uuid4().hex

    def matcher(self, base: KnowledgeBase) -> Matcher:
        """A matcher over the base, fitted here only where no process has done so."""
        if not base.entries:
            return self._build(base)
        key = fit_key(base, self._means)
        found = self._kept(key, base)
        while found is None and not self._take(key):
            self._pause(POLL_SECONDS)
            found = self._kept(key, base)
        return found or self._fitted(key, base)

    def _fitted(self, key: str, base: KnowledgeBase) -> Matcher:
        """Fit, holding the lease."""
        with self._holding(key):
            # The one before may have finished between the last look and the lease.
            found = self._kept(key, base)
            if found is not None:
                return found
            matcher = self._build(base)
            try:
                self._store().put_fit(key, fitted_to_json(matcher.fitted))
            except StoreError as error:
                # A full disk must not keep the new base out of service: the next process fits.
                _LOG.warning("the fit of a base could not be kept: %s", error)
            return matcher

    def _kept(self, key: str, base: KnowledgeBase) -> Matcher | None:
        kept = self._store().fit(key)
        if kept is None:
            return None
        try:
            fitted = fitted_from_json(kept)
        except KnowledgeError:  # written by another version of the program: fit again
            return None
        means = self._means
        return Matcher(base, means.lexicons, fitted=fitted, encoder=means.encoder)

    def _build(self, base: KnowledgeBase) -> Matcher:
        means = self._means
        return Matcher(base, means.lexicons, encoder=means.encoder, targets=means.targets)

    def _take(self, key: str) -> bool:
        return self._store().fits.take_lease(key, self._owner, self._clock(), LEASE_SECONDS)

    @contextmanager
    def _holding(self, key: str) -> Iterator[None]:
        """Renew the lease from a thread of its own until the block ends, then release it."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(RENEW_SECONDS):
                try:
                    self._take(key)
                except AssistError as error:
                    _LOG.warning("the lease of a fit could not be renewed: %s", error)

        beat = threading.Thread(target=renew, name="fit-lease", daemon=True)
        beat.start()
        try:
            yield
        finally:
            done.set()
            beat.join()
            try:
                self._store().fits.release(key, self._owner)
            except StoreError as error:  # it runs out by itself
                _LOG.warning("the lease of a fit could not be released: %s", error)


def fit_key(base: KnowledgeBase, means: Means) -> str:
    """Names everything that a fit depends on: texts of the entries, lexicons, encoder."""
    digest = hashlib.sha256(f"{means.lexicons.fingerprint}\n{means.encoder_name}\n".encode())
    for entry in base.entries:
        fields = (entry.id, entry.category, entry.answer, *entry.questions)
        digest.update(json.dumps(fields).encode())
    digest.update(json.dumps(base.out_of_scope).encode())
    messages = [(message.text, message.label) for message in base.messages]
    digest.update(json.dumps([messages, astuple(means.targets)]).encode())
    return digest.hexdigest()


def _pause(seconds: float) -> None:
    """Wait; raises KnowledgeError where the program is ending meanwhile."""
    threading.Event().wait(seconds)
    if not threading.main_thread().is_alive():
        raise KnowledgeError("the program ended while another process fitted the base; start again")
