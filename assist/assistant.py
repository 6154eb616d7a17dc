"""The FAQ assistant: one message in, one reply out."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from assist.answer import (
    FOLLOW_UP,
    Answer,
    AnswerKind,
    Candidate,
    Citation,
    CitationKind,
    Trace,
)
from assist.conversation import Conversation, chosen, declines
from assist.decide import Verdict
from assist.features import NAMES
from assist.follow_up_choice import FollowUps, Reading, is_answered, sureness
from assist.follow_up_words import FollowUpWords
from assist.handoff import HandoffDetector, Wish
from assist.hearing import Heard, Hearing
from assist.knowledge import FaqEntry
from assist.lexical import plain
from assist.matcher import Match, Matcher
from news.stage_times import Stages, active_stages, stage

MOST_OPTIONS = 3
LONGEST_MESSAGE = 500
SHOWN_CANDIDATES = 5
SURE_OF_QUESTION = 0.9  # a question this sure is no wish for a person, whatever its form
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
        stages = active_stages() or Stages(self._timer)
        with stages.active():
            answer = self._answered(text, state)
        trace = answer.trace or Trace("", text)
        return replace(answer, trace=replace(trace, milliseconds=stages.milliseconds()))

    def _answered(self, text: str, state: Conversation) -> Answer:
        with stage("understand"):
            answer = self._special(text, state)
            if answer is not None:
                return answer
            with stage("hear"):
                heard = self.hear(text)
            wish = self._handoff.wish(heard.understood)
            if wish is Wish.SURE:
                return _handed_over(heard)
        heard, reading = self._heard_and_read(heard, state)
        if wish is Wish.LIKELY and not _is_sure(reading.match):
            return _handed_over(heard)
        with stage("answer"):
            answer = self._decided(reading.match, self._trace(reading, heard))
        return answer

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
        sure = self._handoff.wish(text) is Wish.SURE
        return _handed_over(Heard(text, said)) if sure else None

    def _heard_and_read(self, heard: Heard, state: Conversation) -> tuple[Heard, Reading]:
        """The message as it was heard and as it is meant, by whichever hearing leads further."""
        with stage("decide"):  # retrieval counts its own stages
            reading = self._read(heard.understood, state)
            if heard.possible is not None and not is_answered(reading.match):
                other = self._read(heard.possible.understood, state)
                if sureness(other.match) > sureness(reading.match):
                    return heard.possible, other
        return heard, reading

    def _read(self, text: str, state: Conversation) -> Reading:
        """What is really asked: a follow-up takes up the question before it."""
        if self._follow_ups is None:
            return Reading(text, self._matcher.match(text))
        entry = self._matcher.base.entry(state.question_entry) if state.question_entry else None
        return self._follow_ups.read(text, state.question, entry)

    def _decided(self, match: Match, trace: Trace) -> Answer:
        entries = self._matcher.base.entry
        if len(match.twins) == 1 and (twin := entries(match.twins[0])):
            return self._approved(twin, 1.0, trace)
        if len(match.twins) > 1:
            return _clarified(
                [entry for entry_id in match.twins if (entry := entries(entry_id))],
                trace,
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

    def _trace(self, reading: Reading, heard: Heard) -> Trace:
        match, decision = reading.match, reading.match.decision
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
        rule = _rule(match)
        return Trace(
            FOLLOW_UP + rule if reading.is_follow_up else rule,
            reading.asked,
            decision.right,
            decision.scope,
            candidates,
            changes=heard.changes,
        )


def _rule(match: Match) -> str:
    if not match.twins:
        return match.decision.rule
    return "known question" if len(match.twins) == 1 else "known question of several entries"


def _handed_over(heard: Heard) -> Answer:
    trace = Trace("asked for a person", heard.understood, changes=heard.changes)
    return Answer(AnswerKind.HANDOFF, HANDED_OVER, 1.0, trace=trace)


def _is_sure(match: Match) -> bool:
    """Whether a question is known or all but known."""
    decision = match.decision
    answered = decision.verdict is Verdict.ANSWER
    return bool(match.twins) or (answered and decision.right * decision.scope >= SURE_OF_QUESTION)


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
