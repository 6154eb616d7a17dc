"""Who may be affected by what happens to a company, an industry or a product, with reasons.

Each line is a path of the graph, one clause an edge with its citation. Signs are told as what may
be, never as advice.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from assist.answer import Citation
from assist.news_period import Period
from assist.news_reply import (
    Clause,
    Sentence,
    day_of,
    heading,
    nothing_found,
    plain,
    statement,
)
from assist.news_told import NewsTeller
from news.event import EventKind
from news.fact import Fact
from news.graph_affected import Affected, AffectedBy, AffectedReport
from news.graph_impact import SIGN_NAMES, Change, ShockKind
from news.happening import Happening

MOST_AFFECTED = 6
MOST_OF_A_WAY = 3
_CAUTION = "（由公开关系推演，未必发生）："
_SOURCE = re.compile(r"（[^（）]*）$")  # the citation names it
# What customers call what happened, the longest and most telling first.
_SHOCKS: tuple[tuple[str, ShockKind], ...] = (
    ("供给短缺", Change.SHORTAGE),
    ("供应短缺", Change.SHORTAGE),
    ("供给过剩", Change.OVERSUPPLY),
    ("产能过剩", Change.OVERSUPPLY),
    ("需求上升", Change.DEMAND_RISE),
    ("需求增加", Change.DEMAND_RISE),
    ("需求下降", Change.DEMAND_FALL),
    ("需求减少", Change.DEMAND_FALL),
    ("涨价", Change.PRICE_RISE),
    ("价格上涨", Change.PRICE_RISE),
    ("降价", Change.PRICE_FALL),
    ("价格下跌", Change.PRICE_FALL),
    ("缺货", Change.SHORTAGE),
    ("政策支持", Change.POLICY_SUPPORT),
    ("监管收紧", Change.POLICY_TIGHTENING),
    ("停产", EventKind.ACCIDENT),
    ("事故", EventKind.ACCIDENT),
    ("召回", EventKind.ACCIDENT),
    ("被罚", EventKind.PENALTY),
    ("处罚", EventKind.PENALTY),
    ("立案", EventKind.INVESTIGATION),
    ("被查", EventKind.INVESTIGATION),
    ("破产", EventKind.BANKRUPTCY),
    ("违约", EventKind.DEFAULT),
    ("诉讼", EventKind.LITIGATION),
    ("被起诉", EventKind.LITIGATION),
    ("并购", EventKind.MERGER),
    ("收购", EventKind.MERGER),
    ("重组", EventKind.MERGER),
    ("停牌", EventKind.SUSPENSION),
    ("新品", EventKind.PRODUCT_LAUNCH),
    ("中标", EventKind.CONTRACT),
    ("大订单", EventKind.CONTRACT),
)

Cite = Callable[[str, Fact], Citation]
"""Gives the citation of a fact under a title."""


def shock_of(text: str) -> ShockKind | None:
    """What happened by the words of a question; None where it names nothing of the kind."""
    return next((kind for words, kind in _SHOCKS if words in text), None)


def without_shock(text: str) -> str:
    """The text without the words for what happened."""
    for words, _ in _SHOCKS:
        text = text.replace(words, "")
    return text


class AffectedTeller:
    """Tells who may be affected."""

    def __init__(
        self, affected: AffectedBy, news: NewsTeller, name: Callable[[str], str], cite: Cite
    ) -> None:
        self._affected = affected
        self._news = news
        self._name = name
        self._cite = cite

    def tell(self, entity: str, text: str, days: Period | None) -> tuple[Sentence, ...]:
        """Who may be affected by the event that the question means, else by the entity itself.

        An event is looked for where the question names what happened or when.
        """
        shock = shock_of(text)
        happening = self._meant(entity, shock, days)
        name = self._name(entity)
        if days and happening is None:
            return (nothing_found(f"没有查到{name}在{days.told}的{_named(shock)}事件。"),)
        report = self._report(entity, shock, happening)
        found = [a for a in report.affected if a.entity.id != entity] if report else []
        if not report or not found:
            return (nothing_found(f"暂时没有查到{name}可能影响到谁的资料。"),)
        return (
            self._start(name, report, happening, found[0]),
            *(self._line(affected) for affected in found[:MOST_AFFECTED]),
        )

    def _meant(self, entity: str, shock: ShockKind | None, days: Period | None) -> Happening | None:
        if not isinstance(shock, EventKind) and not days:
            return None
        kinds = (shock,) if isinstance(shock, EventKind) else ()
        return next(iter(self._news.happenings(entity, days, 1, kinds)), None)

    def _report(
        self, entity: str, shock: ShockKind | None, happening: Happening | None
    ) -> AffectedReport | None:
        source = happening.id if happening else entity
        told = None if happening else shock
        return self._affected.affected(
            source, shock=told, limit=MOST_AFFECTED + 2, each=MOST_OF_A_WAY
        )

    def _start(
        self, name: str, report: AffectedReport, happening: Happening | None, first: Affected
    ) -> Sentence:
        """What the lines below are about; an event with the article that reports it."""
        if happening is None:
            what = report.shock_name if report.shock else "的变化"
            return heading(f"{name}{what}可能影响到{_CAUTION}")
        fact = first.path[0].fact
        cited = self._cite(happening.headline, fact)
        return statement(
            f"{day_of(happening.first_at)}“{happening.headline}”",
            cited,
            end=f"可能影响到{_CAUTION}",
        )

    def _line(self, affected: Affected) -> Sentence:
        start = f"· {plain(affected.entity.name)}（{SIGN_NAMES[affected.sign]}）："
        # The event itself stands above; its subject only is told by nothing else.
        steps = [step for step in affected.path if step.way != "subject"] or affected.path
        clauses = (
            Clause(
                f"{'；' if number else start}{_SOURCE.sub('', plain(step.text))}，{step.why}",
                (self._cite(step.text, step.fact),),
            )
            for number, step in enumerate(steps)
        )
        return Sentence(tuple(clauses))


def _named(shock: ShockKind | None) -> str:
    return next((words for words, kind in _SHOCKS if kind is shock), "")
