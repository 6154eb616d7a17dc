"""Scenarios: conversations written down with what the bot must say and where it must stand.

Every reply counts as delivered in full unless the scenario says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from assist.call_result import CallResult
from assist.campaign_outcome import dialogue_result
from assist.flow import Flow
from assist.flow_state import DialogueState, Mode
from assist.reply import Reply, ReplyKind
from assist.utterance import Event, Utterance

_BETWEEN_TURNS = timedelta(seconds=10)
_MOST_DELIVERIES = 50


@dataclass(frozen=True, slots=True)
class Expected:
    """What must hold after a turn; empty and None say nothing.

    Of `says` every text must be in the replies, of `says_not` none; `kind` is that of the last
    reply, `step` the pending step, `slots` values by name.
    """

    says: tuple[str, ...] = ()
    says_not: tuple[str, ...] = ()
    kind: str | None = None
    step: str | None = None
    mode: str | None = None
    verified: bool | None = None
    slots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioTurn:
    """One event of the customer (None: the bot begins) and what must hold after it.

    `heard` below 1: `utterance` interrupts the disclosure (else the last reply) of the bot's last
    turn there; that turn must not `deliver`. `deliver`: the replies to this turn are played to
    their end. `wait` passes before.
    """

    utterance: Utterance | None
    expected: Expected = Expected()
    heard: float = 1.0
    deliver: bool = True
    wait: timedelta = _BETWEEN_TURNS


@dataclass(frozen=True, slots=True)
class Scenario:
    """A conversation in a flow; `never` are texts that no reply may contain."""

    name: str
    flow_id: str
    now: datetime
    turns: tuple[ScenarioTurn, ...]
    given: tuple[tuple[str, str], ...] = ()
    result: str | None = None
    evidence: tuple[tuple[str, str], ...] = ()
    disclosed: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    outbound: bool = True
    place: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what was said: by the customer, or by the bot with the reply's kind."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played: what was said, and what was not as expected."""

    scenario: Scenario
    lines: tuple[Line, ...]
    faults: tuple[str, ...]
    result: CallResult | None = None


class ScenarioSpeaker(Protocol):
    """The dialogue engine as scenarios need it."""

    def start(
        self, flow_id: str, given: Mapping[str, str], now: datetime, *, outbound: bool
    ) -> tuple[DialogueState, tuple[Reply, ...]]:
        """Begin a conversation in a flow."""
        ...

    def respond(
        self, state: DialogueState, utterance: Utterance, now: datetime
    ) -> tuple[DialogueState, tuple[Reply, ...]]:
        """Go on with it."""
        ...


def play(scenario: Scenario, flow: Flow, speaker: ScenarioSpeaker) -> Played:
    """Play a scenario to its end and compare."""
    player = _Player(scenario, speaker)
    for number, turn in enumerate(scenario.turns, start=1):
        player.turn(number, turn)
    result = dialogue_result(flow, player.state)
    return Played(
        scenario,
        tuple(player.lines),
        (*player.faults, *_at_the_end(scenario, player.state, result)),
        result,
    )


class _Player:
    def __init__(self, scenario: Scenario, speaker: ScenarioSpeaker) -> None:
        self._scenario = scenario
        self._speaker = speaker
        self._now = scenario.now
        self._last: tuple[Reply, ...] = ()
        self._is_held = False
        self.lines: list[Line] = []
        self.faults: list[str] = []
        given = dict(scenario.given)
        self.state, self._replies = speaker.start(
            scenario.flow_id, given, self._now, outbound=scenario.outbound
        )

    def turn(self, number: int, turn: ScenarioTurn) -> None:
        """One turn with its replies, and what is wrong with them."""
        if turn.utterance is None:
            said = self._note(self._replies)
        else:
            self._now += turn.wait
            self.lines.append(Line("customer", _shown(turn.utterance)))
            before = self._cut(turn.heard) if turn.heard < 1.0 else ()
            said = (*before, *self._respond(turn.utterance))
        if turn.deliver:
            said = (*said, *self._delivered(said))
        if said:
            self._last = said
        self.faults += [
            f"turn {number}: {fault}" for fault in _faults(turn.expected, self.state, said)
        ]
        for text in self._scenario.never:
            if any(text in reply.text for reply in said):
                self.faults.append(f"turn {number}: said {text!r}, which may never be said here")

    def _cut(self, heard: float) -> tuple[Reply, ...]:
        """Break into the disclosure, or the last reply, of the bot's last turn."""
        told = [r for r in self._last if r.kind is ReplyKind.DISCLOSE] or self._last[-1:]
        if not told:
            return ()
        return self._respond(Utterance(event=Event.INTERRUPT, reply_id=told[0].id, heard=heard))

    def _delivered(self, replies: Sequence[Reply]) -> tuple[Reply, ...]:
        """Report replies as delivered, and what follows from that too."""
        more: list[Reply] = []
        waiting = list(replies)
        for _ in range(_MOST_DELIVERIES):
            if not waiting:
                break
            reply = waiting.pop(0)
            following = self._respond(Utterance(event=Event.DELIVERED, reply_id=reply.id))
            more += following
            waiting += following
        return tuple(more)

    def _respond(self, utterance: Utterance) -> tuple[Reply, ...]:
        self.state, replies = self._speaker.respond(self.state, utterance, self._now)
        return self._note(replies)

    def _note(self, replies: Sequence[Reply]) -> tuple[Reply, ...]:
        self.lines += [Line(f"bot/{reply.kind}", reply.text) for reply in replies]
        return tuple(replies)


def _faults(expected: Expected, state: DialogueState, replies: Sequence[Reply]) -> list[str]:
    said = "".join(reply.text for reply in replies)
    step = state.frame.step if state.frame else None
    faults = [f"{text!r} was not said, but {said!r}" for text in expected.says if text not in said]
    faults += [f"{text!r} was said" for text in expected.says_not if text in said]
    for name, wanted, is_now in (
        ("kind", expected.kind, replies[-1].kind if replies else None),
        ("step", expected.step, step),
        ("mode", expected.mode, state.mode),
        ("verified", expected.verified, state.verified),
        *((name, value, _value(state, name)) for name, value in expected.slots),
    ):
        if wanted is not None and wanted != is_now:
            faults.append(f"{name} is {is_now!s}, expected {wanted!s}")
    return faults


def _at_the_end(scenario: Scenario, state: DialogueState, result: CallResult) -> list[str]:
    faults = []
    code = result.code if scenario.outbound else _service_code(scenario, state, result)
    if scenario.result is not None and scenario.result != code:
        faults.append(f"the result is {code}, expected {scenario.result}")
    found = {item.slot: item for item in result.evidence}
    for slot, value in scenario.evidence:
        item = found.get(slot)
        if item is None or item.value != value:
            got = item.value if item else "nothing"
            faults.append(f"evidence of {slot} is {got}, expected {value}")
    disclosed = {name for name, _ in result.disclosed}
    faults += [f"{d} was not delivered in full" for d in scenario.disclosed if d not in disclosed]
    return faults


def _service_code(scenario: Scenario, state: DialogueState, result: CallResult) -> str | None:
    """The result of a flow that a customer began: the conversation goes on after it."""
    if state.mode is not Mode.BOT:
        return state.result or result.code
    ended = [done.result for done in state.finished if done.flow == scenario.flow_id]
    return ended[-1] if ended else None


def _value(state: DialogueState, name: str) -> str | None:
    filled = state.value(name)
    return filled.value if filled else None


def _shown(utterance: Utterance) -> str:
    if utterance.event is Event.WORDS:
        return utterance.text
    return f"[{utterance.event}{' ' + utterance.keys if utterance.keys else ''}]"


def with_samples(scenario: Scenario, flow: Flow) -> Scenario:
    """The scenario with the flow's samples for whatever it does not give itself."""
    samples = {given.name: given.sample for given in flow.given if given.sample}
    return replace(scenario, given=tuple((samples | dict(scenario.given)).items()))
