"""A line with simulated customers, for rehearsals and tests only: nobody is really called.

Each call draws a behaviour from the seed, the customer and the attempt, so that a rehearsal that
was killed goes on as it would have.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from assist.call_result import CallCode
from assist.campaign import Call, Callee
from assist.campaign_line import LineEvent
from assist.flow import Collect, Flow
from assist.reply import Reply, ReplyKind
from assist.slot import SlotSpec, SlotType
from assist.utterance import Event, Utterance

_SECONDS_A_CHARACTER = 0.2
_MOST_TURNS = 60


class Behaviour(StrEnum):
    """What a simulated customer does; the first group never speaks with the bot."""

    NO_ANSWER = "no_answer"
    LINE_BUSY = "line_busy"
    SWITCHED_OFF = "switched_off"
    INVALID_NUMBER = "invalid_number"
    WILLING = "willing"
    CURIOUS = "curious"
    CORRECTS = "corrects"
    BUSY = "busy"
    DRIVING = "driving"
    LATER = "later"
    NOT_ME = "not_me"
    DECEASED = "deceased"
    REFUSES = "refuses"
    NEVER = "never"
    FORGETS = "forgets"
    PERSON = "person"
    SILENT = "silent"
    HANGS_UP = "hangs_up"
    VOICEMAIL = "voicemail"
    BABBLES = "babbles"


WEIGHTS: Mapping[Behaviour, float] = {
    Behaviour.NO_ANSWER: 16, Behaviour.LINE_BUSY: 6, Behaviour.SWITCHED_OFF: 4,
    Behaviour.INVALID_NUMBER: 1, Behaviour.WILLING: 26, Behaviour.CURIOUS: 10,
    Behaviour.CORRECTS: 3, Behaviour.BUSY: 5, Behaviour.DRIVING: 3, Behaviour.LATER: 4,
    Behaviour.NOT_ME: 3, Behaviour.DECEASED: 0.5, Behaviour.REFUSES: 5, Behaviour.NEVER: 1,
    Behaviour.FORGETS: 2, Behaviour.PERSON: 2, Behaviour.SILENT: 3, Behaviour.HANGS_UP: 4,
    Behaviour.VOICEMAIL: 1, Behaviour.BABBLES: 1,
}  # fmt: skip
"""How often each behaviour is drawn, in parts."""
_UNANSWERED = {
    Behaviour.NO_ANSWER: CallCode.NO_ANSWER,
    Behaviour.LINE_BUSY: CallCode.LINE_BUSY,
    Behaviour.SWITCHED_OFF: CallCode.SWITCHED_OFF,
    Behaviour.INVALID_NUMBER: CallCode.INVALID_NUMBER,
}
_FIRST_WORDS = {
    Behaviour.BUSY: ("我在开会，不方便", "现在没空"),
    Behaviour.DRIVING: ("我在开车呢", "在高速上，开着车"),
    Behaviour.LATER: ("你明天再打吧", "晚点再打给我"),
    Behaviour.NOT_ME: ("你打错了", "我不是本人"),
    Behaviour.DECEASED: ("他已经去世了",),
    Behaviour.REFUSES: ("我不感兴趣", "不想听，挂了"),
    Behaviour.NEVER: ("以后不要再给我打电话了",),
    Behaviour.PERSON: ("转人工", "我要找人工客服"),
    Behaviour.VOICEMAIL: ("请在提示音后留言",),
}
_ASIDES = (
    "你是谁", "你们打电话干嘛", "你是不是骗子", "创业板怎么开通", "再说一遍", "等一下", "慢一点",
    "今天天气怎么样", "佣金是多少", "该买什么股票",
)  # fmt: skip
_NONSENSE = ("呜啦啦", "嘿哈嘿", "咕噜咕噜咕噜", "……")


@dataclass(slots=True)
class _Person:
    callee: Callee
    behaviour: Behaviour
    random: Random
    turns: int = 0
    asides: int = 0
    corrected: bool = False
    closed: bool = False
    started: datetime | None = None


@dataclass(order=True, slots=True)
class _Timed:
    at: datetime
    number: int
    event: LineEvent = field(compare=False)


class RehearsalLine:
    """Simulated customers on a simulated clock, which `now` tells."""

    def __init__(
        self,
        flow: Flow,
        start: datetime,
        *,
        seed: int = 0,
        weights: Mapping[Behaviour, float] = WEIGHTS,
        watch: Callable[[Behaviour, Call], None] = lambda behaviour, call: None,
    ) -> None:
        self._slots = {
            step.id: slot.spec
            for step in flow.steps
            if isinstance(step, Collect) and (slot := flow.slot(step.slot))
        }
        self._now = start
        self._seed = seed
        self._weights = weights
        self._watch = watch
        self._people: dict[str, _Person] = {}
        self._events: list[_Timed] = []
        self._number = 0

    def now(self) -> datetime:
        """The simulated time."""
        return self._now

    def dial(self, call: Call, callee: Callee) -> None:
        """Draw how this customer behaves in this call, and ring."""
        random = Random(f"{self._seed} {call.campaign_id} {call.callee_id} {call.attempt}")
        behaviour = random.choices(list(self._weights), list(self._weights.values()))[0]
        self._watch(behaviour, call)
        self._people[call.id] = _Person(callee, behaviour, random)
        failure = _UNANSWERED.get(behaviour)
        if behaviour is Behaviour.VOICEMAIL and random.random() < 0.5:
            failure = CallCode.VOICEMAIL  # the line notices; else the bot must, by the words
        rings = timedelta(seconds=random.uniform(3, 30))
        self._push(rings, LineEvent(call.id, self._now, failure=failure))

    def say(self, call_id: str, replies: Sequence[Reply], *, last: bool) -> None:
        """Play replies; the customer answers when they are through, unless that was the end."""
        if last:
            del self._people[call_id]
            return
        person = self._people[call_id]
        if not replies:
            return
        after = timedelta()
        for reply in replies:
            after += timedelta(seconds=1 + len(reply.text) * _SECONDS_A_CHARACTER)
            delivered = Utterance(event=Event.DELIVERED, reply_id=reply.id)
            self._push(after, LineEvent(call_id, self._now, delivered))
        if replies[-1].kind is ReplyKind.DISCLOSE:
            return  # the customer waits; delivery brings the next words
        after += timedelta(seconds=person.random.uniform(0.5, 3))
        said = self._answer(person, replies)
        if said.event is Event.SILENCE:
            after += timedelta(seconds=6)
        self._push(after, LineEvent(call_id, self._now, said))

    def wait(self, until: datetime | None) -> LineEvent | None:
        """The next event, and the clock moves on to it, or to `until`."""
        while self._events:
            first = self._events[0]
            if until is not None and first.at > until:
                break
            heapq.heappop(self._events)
            if first.event.call_id in self._people:
                self._now = max(self._now, first.at)
                if self._is_over(first.event):
                    del self._people[first.event.call_id]
                return first.event
        if until is None:
            return None
        self._now = max(self._now, until)
        return None

    def _is_over(self, event: LineEvent) -> bool:
        return event.failure is not None or (
            event.utterance is not None and event.utterance.event is Event.HANGUP
        )

    def _push(self, after: timedelta, event: LineEvent) -> None:
        at = self._now + after
        self._number += 1
        timed = LineEvent(event.call_id, at, event.utterance, event.failure)
        heapq.heappush(self._events, _Timed(at, self._number, timed))

    def _answer(self, person: _Person, replies: Sequence[Reply]) -> Utterance:
        person.turns += 1
        random, behaviour = person.random, person.behaviour
        if person.turns > _MOST_TURNS:
            return Utterance(event=Event.HANGUP)
        if behaviour is Behaviour.SILENT or (
            behaviour is Behaviour.HANGS_UP and random.random() < 0.3
        ):
            is_silent = behaviour is Behaviour.SILENT
            return Utterance(event=Event.SILENCE if is_silent else Event.HANGUP)
        if behaviour is Behaviour.BABBLES and random.random() < 0.7:
            return Utterance(random.choice(_NONSENSE))
        words = _FIRST_WORDS.get(behaviour)
        if words and not person.closed and random.random() < 0.6:
            person.closed = True
            return Utterance(random.choice(words))
        if behaviour is Behaviour.CURIOUS and person.asides < 3 and random.random() < 0.5:
            person.asides += 1
            return Utterance(random.choice(_ASIDES))
        return Utterance(self._to_question(person, replies))

    def _to_question(self, person: _Person, replies: Sequence[Reply]) -> str:
        asked = [r for r in replies if r.kind in (ReplyKind.ASK, ReplyKind.CLARIFY)]
        step = asked[-1].trace.step if asked and asked[-1].trace else None
        spec = self._slots.get(step or "")
        if spec is None:
            return "是的"
        said = _value(spec, person)
        if person.behaviour is Behaviour.CORRECTS and not person.corrected and person.turns > 3:
            person.corrected = True
            return f"不对，我说错了，{said}"
        return said


def _value(spec: SlotSpec, person: _Person) -> str:
    """Words that answer a question, as this person would."""
    random = person.random
    if spec.name == "is_self":
        return (
            "不是" if person.behaviour is Behaviour.NOT_ME else random.choice(("是的", "对，我是"))
        )
    if spec.name == "birthday":
        known = dict(person.callee.fields).get("birth_date", "1980-01-02")
        return "一九七零年三月三号" if person.behaviour is Behaviour.FORGETS else known
    if spec.type is SlotType.YES_NO:
        return random.choice(("是的", "是的", "没有", "不是"))
    if spec.type is SlotType.CHOICE:
        return random.choice(random.choice(spec.choices).words)
    return {
        SlotType.DATE: "下周三",
        SlotType.TIME: random.choice(("明天上午十点", "下午四点", "后天下午三点")),
        SlotType.NUMBER: random.choice(("五分", "4", "两分")),
    }.get(spec.type, "等的时间太长了")
