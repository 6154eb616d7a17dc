"""Runs a campaign: asks the schedule whom to call, talks over the line, keeps every result.

One runner serves one line from one thread; several may share a campaign. Everything that matters
is in the store after each turn, so a runner may be killed at any moment and begun again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assist.call_result import UNANSWERED, CallCode, CallResult
from assist.campaign import Call, Callee, Campaign, CampaignStatus
from assist.campaign_line import Line, LineEvent
from assist.campaign_outcome import dialogue_result, has_ended
from assist.campaign_schedule import plan
from assist.campaign_store import CampaignStore
from assist.errors import AssistError
from assist.flow import Flow
from assist.flow_state import DialogueState
from assist.reply import Reply
from assist.trading_days import TradingDays
from assist.utterance import Event, Utterance

_LOG = logging.getLogger(__name__)


class Speaker(Protocol):
    """The dialogue engine as a call needs it."""

    def begin(self, callee: Callee, now: datetime) -> tuple[DialogueState, tuple[Reply, ...]]:
        """What is said when the customer picks up."""
        ...

    def respond(
        self, state: DialogueState, utterance: Utterance, now: datetime
    ) -> tuple[DialogueState, tuple[Reply, ...]]:
        """What is said to an utterance."""
        ...


@dataclass(slots=True)
class _Open:
    """A call that is running."""

    call: Call
    callee: Callee
    state: DialogueState | None = None


class CampaignRunner:
    """Calls the customers of one campaign until each has their result."""

    def __init__(
        self,
        campaign: Campaign,
        flow: Flow,
        store: CampaignStore,
        line: Line,
        speaker: Speaker,
        trading: TradingDays,
        *,
        clock: Callable[[], datetime],
        call_id: Callable[[Callee], str],
    ) -> None:
        self._campaign = campaign
        self._flow = flow
        self._store = store
        self._line = line
        self._speaker = speaker
        self._trading = trading
        self._clock = clock
        self._call_id = call_id
        self._open: dict[str, _Open] = {}

    def run(
        self, *, until: datetime | None = None, finished: Callable[[], None] = lambda: None
    ) -> bool:
        """Call until nobody is left or until `until`; True where everybody has their result.

        `finished` is called after each call.
        """
        wake: datetime | None = None
        is_due = True
        while True:
            now = self._clock()
            if until is not None and now >= until and not self._open:
                return False
            if is_due or (wake is not None and now >= wake):
                wake, is_due = self._dial_due(now, stop=until), False
            if wake is None and not self._open:
                return self._close_if_done()
            event = self._line.wait(wake)
            if event is not None and self._handle(event):
                is_due = True
                finished()
            elif event is None and wake is None:
                raise AssistError("the line ended with calls open; start the campaign again")

    def _dial_due(self, now: datetime, *, stop: datetime | None) -> datetime | None:
        """Begin the calls that are due; gives when to look again, None: once a call has ended."""
        if stop is not None and now >= stop:
            return None
        while True:
            found = self._store.find(self._campaign.id)
            if found is None:
                raise AssistError(f"campaign {self._campaign.id} was deleted while it ran")
            self._campaign = found
            self._store.recover(found, now)  # calls of other runners that were killed
            planned = plan(self._store.snapshot(found, now), now, self._trading)
            self._store.settle(found, planned.closed, now)
            for callee in planned.calls:
                self._dial(callee, now)
            # Whoever was closed made room in the snapshot, which is cut off at some length.
            if planned.calls or not planned.closed:
                break
        wake = planned.wake_at
        return min(wake, stop) if wake and stop else wake

    def _dial(self, callee: Callee, now: datetime) -> None:
        call = self._store.begin(self._campaign, callee.id, self._call_id(callee), now)
        if call is not None:
            self._open[call.id] = _Open(call, callee)
            self._line.dial(call, callee)

    def _handle(self, event: LineEvent) -> bool:
        """Go on with a call; True where it ended."""
        running = self._open.get(event.call_id)
        if running is None:
            return False
        try:
            result = self._step(running, event)
        except Exception:  # noqa: BLE001  the loop over calls: one that breaks must not end the others
            _LOG.exception("call %s failed", event.call_id)
            self._line.say(event.call_id, (), last=True)
            result = CallResult(CallCode.FAILED, "a fault in the dialogue")
        if result is None:
            return False
        del self._open[event.call_id]
        state = running.state.to_json() if running.state else ""
        self._store.finish(self._campaign, event.call_id, result, event.at, state)
        return True

    def _step(self, running: _Open, event: LineEvent) -> CallResult | None:
        if event.failure is not None:
            return _unanswered(event.failure)
        if event.utterance is None:
            state, replies = self._speaker.begin(running.callee, event.at)
        elif running.state is None:
            return CallResult(CallCode.HUNG_UP)
        else:
            state, replies = self._speaker.respond(running.state, event.utterance, event.at)
        running.state = state
        if event.utterance is not None and event.utterance.event is Event.HANGUP:
            return dialogue_result(self._flow, state)
        ended = has_ended(state)
        if replies or ended:
            self._line.say(event.call_id, replies, last=ended)
        if ended:
            return dialogue_result(self._flow, state)
        if event.utterance is None or event.utterance.event is not Event.DELIVERED:
            self._store.keep(event.call_id, state.to_json(), event.at)
        return None

    def _close_if_done(self) -> bool:
        count = self._store.count(self._campaign.id)
        if count.finished < count.customers:
            return False
        self._store.set_status(self._campaign.id, CampaignStatus.CLOSED)
        return True


def _unanswered(failure: CallCode) -> CallResult:
    if failure in UNANSWERED or failure is CallCode.FAILED:
        return CallResult(failure)
    return CallResult(CallCode.FAILED, f"the line reported {failure}, which only a person can say")
