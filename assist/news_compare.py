"""Two companies side by side, each statement with its citation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from assist.news_facts import FactTeller
from assist.news_period import Period, recent
from assist.news_reply import Clause, Sentence, Told, heading, nothing_found
from assist.news_told import TONE_DAYS, NewsTeller
from news.graph import NewsGraph


class Comparer:
    """Compares companies by listing, industry, latest event and tone."""

    def __init__(self, graph: NewsGraph, facts: FactTeller, news: NewsTeller, today: date) -> None:
        self._graph = graph
        self._facts = facts
        self._news = news
        self._today = today

    def compare(self, companies: tuple[str, str], days: Period | None) -> tuple[Sentence, ...]:
        """One line a point, both companies in it; what is not known of one is said after it.

        The tone is that of the days asked for, else of the last 30.
        """
        span = days or recent(TONE_DAYS, self._today, f"最近{TONE_DAYS}天")
        names = "与".join(self._facts.name(company) for company in companies)
        told = [heading(f"{names}的对比：")]
        for label, cells in (
            ("上市", [self._listing(company) for company in companies]),
            ("行业", [self._industry(company) for company in companies]),
            ("最近的事件", [self._event(company, days) for company in companies]),
            ("舆情", [self._tone(company, span) for company in companies]),
        ):
            told += _row(label, cells)
        return tuple(told)

    def _listing(self, company: str) -> Sentence:
        profile = self._graph.profile(company)
        missing = nothing_found(f"暂时没有查到{self._facts.name(company)}的上市信息。")
        return self._facts.listing(profile)[0] if profile else missing

    def _industry(self, company: str) -> Sentence:
        profile = self._graph.profile(company)
        missing = nothing_found(f"暂时没有查到{self._facts.name(company)}的行业分类。")
        return self._facts.industry(profile) if profile else missing

    def _event(self, company: str, days: Period | None) -> Sentence:
        name = self._facts.name(company)
        clause = self._news.newest_event(company, days)
        if clause is None:
            where = f"在{days.told}" if days else ""
            return nothing_found(f"没有查到{name}{where}的事件。")
        return Sentence((Clause(f"{name} {clause.text}", clause.citations),))

    def _tone(self, company: str, days: Period) -> Sentence:
        clause = self._news.tone_clause(company, days)
        if clause is None:
            return nothing_found(
                f"没有查到{self._facts.name(company)}在{days.told}有语气分析的资讯。"
            )
        return Sentence((clause,))


def _row(label: str, cells: list[Sentence]) -> Iterator[Sentence]:
    known = [cell for cell in cells if cell.told is Told.STATEMENT]
    if known:
        clauses: list[Clause] = []
        for number, cell in enumerate(known):
            start = "；" if number else f"· {label}："
            first, *rest = cell.clauses
            clauses += [Clause(start + first.text, first.citations), *rest]
        yield Sentence(tuple(clauses), end="。")
    yield from (cell for cell in cells if cell.told is not Told.STATEMENT)
