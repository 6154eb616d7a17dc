"""The one place that every reply of the desk passes before it leaves."""

from __future__ import annotations

from dataclasses import replace

from assist.answer import Answer, AnswerKind, Citation, CitationKind, Trace
from assist.compliance import Context, Declined, Guard
from assist.emotion import MoodReader, MoodReading

COMPLIANCE = "compliance: "
"""Begins the rule of a reply to a question that may only be answered with approved wording."""


def declined_answer(declined: Declined, faq: Answer) -> Answer:
    """The approved reply; its trace keeps what the knowledge base would have offered."""
    trace = faq.trace or Trace("", "")
    trace = replace(trace, rule=f"{COMPLIANCE}{declined.topic}")
    return Answer(AnswerKind.REJECT, declined.reply, 1.0, trace=trace)


def guarded_answer(answer: Answer, guard: Guard) -> Answer:
    """The reply as it may leave; the trace names the rules that changed it."""
    approved = any(citation.kind is CitationKind.FAQ for citation in answer.citations)
    found: dict[str, None] = {}

    def checked(text: str, context: Context = Context.REPLY) -> str:
        result = guard.check(text, context=context)
        found.update(dict.fromkeys(str(rule) for rule in result.rules))
        return result.text

    def cited(citation: Citation) -> Citation:
        return replace(citation, title=checked(citation.title, _context(citation)))

    trace = answer.trace
    if trace and trace.restated and guard.check(trace.restated, context=Context.APPROVED).changed:
        # It is shown to the customer; the words themselves are the customer's own.
        trace = replace(trace, asked=checked(trace.asked, Context.APPROVED))
    answer = replace(
        answer,
        reply=checked(answer.reply, Context.APPROVED if approved else Context.REPLY),
        risk_notice=checked(answer.risk_notice) if answer.risk_notice else answer.risk_notice,
        citations=tuple(cited(citation) for citation in answer.citations),
        options=tuple(checked(option, Context.APPROVED) for option in answer.options),
    )
    return replace(answer, trace=replace(trace, guarded=tuple(found)) if trace else None)


def with_mood(answer: Answer, mood: MoodReading, moods: MoodReader) -> Answer:
    """The reply with the mood in its trace, and the offer of a person where anger calls for it."""
    trace = replace(answer.trace, mood=mood) if answer.trace else None
    offered = mood.alert and answer.kind is not AnswerKind.HANDOFF
    return replace(answer, offer=moods.offer if offered else None, trace=trace)


def _context(citation: Citation) -> Context:
    return Context.APPROVED if citation.kind is CitationKind.FAQ else Context.REPLY
