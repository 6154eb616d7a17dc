"""The FAQ assistant: one message in, one reply out."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from assist.answer import Answer, AnswerKind, Candidate, Citation, CitationKind, Trace
from assist.conversation import Conversation, chosen, declines
from assist.decide import Decision, Verdict
from assist.features import NAMES
from assist.follow_up import Earlier
from assist.follow_up_choice import FollowUps, Reading, is_answered, sureness
from assist.follow_up_words import FollowUpWords
from assist.handoff import HandoffDetector
from assist.hearing import Heard, Hearing
from assist.knowledge import FaqEntry
from assist.lexical import plain
from assist.matcher import Match, Matcher

FOLLOW_UP_RULE = "follow-up: "
MOST_OPTIONS = 3
LONGEST_MESSAGE = 500
SHOWN_CANDIDATES = 5
_NO_TEXT = ("Cc", "Cn", "Co", "Cs")  # control, unassigned, private, surrogate

NOT_READ = "抱歉，没有读到文字内容。请用一句话描述您想咨询的业务，例如“创业板怎么开通”。"
TOO_LONG = (
    f"抱歉，内容超过{LONGEST_MESSAGE}字，我没法准确理解。"
    "请用一句话描述您最想咨询的问题，或回复“转人工”由客服为您处理。"
)
NOT_COVERED = (
    "抱歉，这个问题我暂时无法回答。您可以换一种说法，或咨询开户、交易、转账、权限等证券业务；"
    "需要帮助时请回复“转人工”。"
)
HANDED_OVER = "好的，正在为您转接人工客服，请稍候。"
WHICH_ONE = "请问您想了解的是以下哪个问题？回复序号即可；都不是的话，可以换个说法或回复“转人工”。"
NONE_OF_THESE = "好的，请换一种说法再描述一下您的问题；也可以回复“转人工”由客服为您处理。"


@dataclass(slots=True)
class _Clock:
    """Durations of the stages of one reply."""

    read: Callable[[], float]
    last: float
    stages: list[tuple[str, float]]

    def stop(self, stage: str) -> None:
        now = self.read()
        self.stages.append((stage, round((now - self.last) * 1000, 3)))
        self.last = now


class FaqAssistant:
    """Answers from an approved knowledge base; keeps no state between messages."""

    def __init__(
        self,
        matcher: Matcher,
        handoff: HandoffDetector,
        hearing: Hearing | None = None,
        *,
        follow_ups: FollowUpWords | None = None,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Without `hearing` messages are taken as they are written, without `follow_ups` alone."""
        self._matcher = matcher
        self._handoff = handoff
        self._hearing = hearing
        self._follow_ups = FollowUps(matcher, follow_ups) if follow_ups else None
        self._timer = timer

    @property
    def entries(self) -> int:
        """How many entries can be answered from."""
        return len(self._matcher.base.entries)

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """Answer a message and give the conversation as it stands then."""
        before = conversation or Conversation()
        answer = self.answer(text, before)
        return answer, before.after(text, answer)

    def hear(self, text: str) -> Heard:
        """A message as it is understood."""
        return self._hearing.hear(text) if self._hearing else Heard(text, text)

    def answer(self, text: str, conversation: Conversation | None = None) -> Answer:
        """Answer a message; never raises for any text."""
        state = conversation or Conversation()
        clock = _Clock(self._timer, self._timer(), [])
        answer = self._special(text, state)
        heard = self.hear(text) if answer is None else Heard(text, text)
        if answer is None and self._handoff.wants_person(heard.understood):
            answer = _fixed(AnswerKind.HANDOFF, HANDED_OVER, "asked for a person", heard.understood)
        clock.stop("understand")
        if answer is None:
            answer, heard = self._from_base(heard, state, clock)
        trace = answer.trace or Trace("", text)
        trace = replace(trace, milliseconds=tuple(clock.stages), changes=heard.changes)
        return replace(answer, trace=trace)

    def _special(self, text: str, state: Conversation) -> Answer | None:
        """Replies that need no search; None where the knowledge base must be asked."""
        said = plain(text)
        if not said or _unreadable(text):
            return _fixed(AnswerKind.REJECT, NOT_READ, "nothing readable", said)
        if len(text.strip()) > LONGEST_MESSAGE:
            return _fixed(AnswerKind.REJECT, TOO_LONG, "too long", said)
        pick = chosen(text, state.options)
        entry = self._matcher.base.entry(state.option_ids[pick]) if pick is not None else None
        if entry is not None:
            return self._approved(entry, 1.0, Trace("chose an option", entry.question, 1.0, 1.0))
        if state.options and declines(text):
            return _fixed(AnswerKind.REJECT, NONE_OF_THESE, "declined the options", said)
        if self._handoff.wants_person(text):
            return _fixed(AnswerKind.HANDOFF, HANDED_OVER, "asked for a person", said)
        return None

    def _from_base(self, heard: Heard, state: Conversation, clock: _Clock) -> tuple[Answer, Heard]:
        """The answer, and what was heard in the message that led to it."""
        reading = self._read(heard.understood, state)
        if heard.possible is not None and not is_answered(reading.match):
            other = self._read(heard.possible.understood, state)
            if sureness(other.match) > sureness(reading.match):
                heard, reading = heard.possible, other
        clock.stop("match")
        answer = self._decided(reading.match, self._trace(reading.asked, reading.match))
        if reading.is_follow_up:
            answer = _as_follow_up(answer)
        clock.stop("answer")
        return answer, heard

    def _read(self, text: str, state: Conversation) -> Reading:
        """What is really asked: a follow-up takes up the question before it."""
        if self._follow_ups is None or state.question is None:
            return Reading(text, self._matcher.match(text))
        entry = self._matcher.base.entry(state.question_entry) if state.question_entry else None
        earlier = Earlier(state.question, entry.question if entry else None)
        return self._follow_ups.read(text, earlier, entry)

    def _decided(self, match: Match, trace: Trace) -> Answer:
        entries = self._matcher.base.entry
        if len(match.twins) == 1 and (twin := entries(match.twins[0])):
            return self._approved(twin, 1.0, replace(trace, rule="known question"))
        if len(match.twins) > 1:
            return _clarified(
                [entry for entry_id in match.twins if (entry := entries(entry_id))],
                replace(trace, rule="known question of several entries"),
            )
        rivals = [e for p in match.passages if not p.clash and (e := entries(p.entry_id))]
        decision = match.decision
        if decision.verdict is Verdict.ANSWER:
            return self._approved(rivals[0], decision.right * decision.scope, trace)
        if decision.verdict is Verdict.CLARIFY:
            return _clarified(rivals, trace)
        return Answer(AnswerKind.REJECT, NOT_COVERED, round(1 - decision.scope, 4), trace=trace)

    def _approved(self, entry: FaqEntry, score: float, trace: Trace) -> Answer:
        citation = Citation(
            CitationKind.FAQ, entry.id, entry.question, str(entry.version), entry.source or None
        )
        return Answer(
            AnswerKind.ANSWER,
            entry.answer,
            round(score, 4),
            citations=(citation,),
            risk_notice=entry.risk_notice,
            trace=trace,
        )

    def _trace(self, asked: str, match: Match) -> Trace:
        decision: Decision = match.decision
        shown = match.passages[:SHOWN_CANDIDATES]
        scores = np.array([p.score for p in match.passages])
        shares = np.exp(scores - scores.max()) if len(scores) else scores
        shares = shares / shares.sum() if len(scores) else shares
        base = self._matcher.base
        candidates = tuple(
            Candidate(
                p.entry_id,
                entry.question if (entry := base.entry(p.entry_id)) else p.question,
                p.question,
                round(p.score, 4),
                round(float(share), 4),
                p.clash,
                tuple(zip(NAMES, (round(v, 4) for v in p.features), strict=True)),
            )
            for p, share in zip(shown, shares, strict=False)
        )
        return Trace(decision.rule, asked, decision.right, decision.scope, candidates)


def _as_follow_up(answer: Answer) -> Answer:
    trace = answer.trace or Trace("", "")
    return replace(answer, trace=replace(trace, rule=FOLLOW_UP_RULE + trace.rule))


def _fixed(kind: AnswerKind, reply: str, rule: str, asked: str) -> Answer:
    return Answer(kind, reply, 1.0, trace=Trace(rule, asked))


def _clarified(entries: list[FaqEntry], trace: Trace) -> Answer:
    offered = entries[:MOST_OPTIONS]
    return Answer(
        AnswerKind.CLARIFY,
        WHICH_ONE,
        round(trace.scope, 4) if trace.scope else 1.0,
        options=tuple(entry.question for entry in offered),
        option_ids=tuple(entry.id for entry in offered),
        trace=trace,
    )


def _unreadable(text: str) -> bool:
    """Mostly control, unassigned or replacement characters, as of a file that is no text."""
    odd = sum(
        c == "\ufffd" or (unicodedata.category(c) in _NO_TEXT and not c.isspace()) for c in text
    )
    return odd * 3 > len(text)
