"""The assistant that customers meet: approved answers, company news and facts, hand-over."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from assist.answer import Answer, AnswerKind, Trace
from assist.assistant import FaqAssistant
from assist.company_question import CompanyTopic
from assist.compliance import Declined, Guard, Topic
from assist.conversation import Conversation
from assist.desk_guard import declined_answer, guarded_answer, with_mood
from assist.emotion import MoodReader
from assist.errors import AssistError
from assist.hearing import Heard
from assist.news_desk import CompanyQuestion, NewsDesk
from news.stage_times import Stages, stage

_FAQ_FIRST = ("chose an option", "declined the options", "known question", "too long")


class FrontDesk:
    """Sends each message to the knowledge base or to the news desk; keeps no state itself."""

    def __init__(
        self,
        faq: FaqAssistant,
        news: NewsDesk,
        *,
        guard: Guard,
        moods: MoodReader | None = None,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Without `moods` nobody minds how a customer sounds."""
        self._faq = faq
        self._news = news
        self._guard = guard
        self._moods = moods
        self._timer = timer

    @property
    def entries(self) -> int:
        """How many entries of the knowledge base can be answered from."""
        return self._faq.entries

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """Answer a message and give the conversation as it stands then."""
        before = conversation or Conversation()
        stages = Stages(self._timer)
        with stages.active():
            answer, after = self._answered(text, before)
            answer = replace(answer, trace=answer.trace or Trace("", text))
            with stage("guard"):
                answer = guarded_answer(answer, self._guard)
            if self._moods is not None:
                with stage("mood"):
                    earlier = [turn.text for turn in before.turns]
                    answer = with_mood(answer, self._moods.read(text, earlier), self._moods)
        trace = answer.trace or Trace("", text)
        trace = replace(trace, milliseconds=stages.milliseconds())
        return replace(answer, trace=trace), after

    def _answered(self, text: str, before: Conversation) -> tuple[Answer, Conversation]:
        """What the knowledge base, the compliance rules or the news desk say, in this order."""
        answer = self._faq.answer(text, before)
        if _is_settled(answer):
            return answer, before.after(text, answer)
        with stage("guard"):
            declined = self._guard.advice(text)
        question = self._company_question(text, before)
        if question and (_fits_better(answer, question[1]) or not _may_answer(question, declined)):
            question = None
        if question is not None:
            return self._from_news(text, before, answer, *question)
        if declined and not _has_entry(declined, answer):
            answer = declined_answer(declined, answer)
        return answer, before.after(text, answer)

    def _from_news(
        self, text: str, before: Conversation, faq: Answer, heard: Heard, question: CompanyQuestion
    ) -> tuple[Answer, Conversation]:
        """The news desk's answer; its trace keeps what the knowledge base would have offered."""
        with stage("news"):
            answer = self._news.answer(question)
        trace = answer.trace or Trace("company question", question.asked)
        if faq.trace:
            trace = replace(
                trace,
                right=faq.trace.right,
                scope=faq.trace.scope,
                candidates=faq.trace.candidates,
            )
        answer = replace(answer, trace=replace(trace, changes=heard.changes))
        days = question.period.words if question.period else None
        after = before.after(text, answer)
        return answer, after.about_company(question.companies[0], question.topics, days)

    def _company_question(
        self, text: str, before: Conversation
    ) -> tuple[Heard, CompanyQuestion] | None:
        """The reading of a message that asks about a company, with its question."""
        heard = self._faq.hear(text)
        with stage("company"):
            for reading in (heard, heard.possible):
                question = reading and self._news.understand(
                    reading.understood, spoken=before.company
                )
                if reading and question:
                    return reading, question
        return None

    def respond(self, text: str, state: str | None) -> tuple[Answer, str]:
        """The same with the conversation as text, None at its beginning.

        A state that this program cannot read begins a new conversation rather than an error: the
        customer's message still deserves an answer.
        """
        try:
            before = Conversation.from_json(state) if state else None
        except AssistError:
            before = None
        answer, after = self.reply(text, before)
        return answer, after.to_json()


def _is_settled(answer: Answer) -> bool:
    """Whether the message was no question about the world: a wish, a choice, a known wording."""
    rule = answer.trace.rule if answer.trace else ""
    return answer.kind is AnswerKind.HANDOFF or rule in _FAQ_FIRST


def _may_answer(question: tuple[Heard, CompanyQuestion], declined: Declined | None) -> bool:
    """Whether a company question goes to the news desk, which declines advice itself, by name."""
    if declined is None:
        return True
    return declined.topic is Topic.ADVICE and CompanyTopic.ADVICE in question[1].topics


def _has_entry(declined: Declined, answer: Answer) -> bool:
    """Whether the knowledge base answers what it guarantees; approved entries say so best."""
    return declined.topic is Topic.GUARANTEE and answer.kind is AnswerKind.ANSWER


def _fits_better(answer: Answer, question: CompanyQuestion) -> bool:
    """Whether an approved answer is surer than the reading as a question about a company."""
    return answer.kind is AnswerKind.ANSWER and answer.score > question.confidence
