"""The assistant that customers meet: approved answers, company news and facts, hand-over."""

from __future__ import annotations

from dataclasses import replace

from assist.answer import Answer, AnswerKind, Trace
from assist.assistant import FaqAssistant
from assist.conversation import Conversation
from assist.errors import AssistError
from assist.hearing import Heard
from assist.news_desk import CompanyQuestion, NewsDesk

_FAQ_FIRST = ("chose an option", "declined the options", "known question", "too long")


class FrontDesk:
    """Sends each message to the knowledge base or to the news desk; keeps no state itself."""

    def __init__(self, faq: FaqAssistant, news: NewsDesk) -> None:
        self._faq = faq
        self._news = news

    @property
    def entries(self) -> int:
        """How many entries of the knowledge base can be answered from."""
        return self._faq.entries

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """Answer a message and give the conversation as it stands then."""
        before = conversation or Conversation()
        answer = self._faq.answer(text, before)
        company = before.last_company
        if not _is_settled(answer):
            heard, question = self._company_question(text, company)
            if question is not None and not _fits_better(answer, question):
                answer, company = self._news.answer(question), question.companies[0]
                trace = answer.trace or Trace("company question", question.asked)
                answer = replace(answer, trace=replace(trace, changes=heard.changes))
        return answer, replace(before.after(text, answer), last_company=company)

    def _company_question(
        self, text: str, company: str | None
    ) -> tuple[Heard, CompanyQuestion | None]:
        """The reading of a message that asks about a company, with its question."""
        heard = self._faq.hear(text)
        question = self._news.understand(heard.understood, company=company)
        if question is None and heard.possible is not None:
            heard = heard.possible
            question = self._news.understand(heard.understood, company=company)
        return heard, question

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


def _fits_better(answer: Answer, question: CompanyQuestion) -> bool:
    """Whether an approved answer is surer than the reading as a question about a company."""
    return answer.kind is AnswerKind.ANSWER and answer.score > question.confidence
