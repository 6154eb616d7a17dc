"""What happened to a company: one row an event, with its status and all who reported it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from news.article import Article
from news.event import EventKind
from news.event_names import EVENT_NAMES, STATUS_NAMES
from news.happening import Happening
from ui.console.article_html import tier_chip
from ui.console.escape import escape_html
from ui.console.links import address_of_article
from ui.console.moments import day, minute
from ui.wiring import Wiring

_MOST = 200
_ARGUMENTS = {
    "amount": "金额",
    "amount_usd": "金额（美元）",
    "amount_eur": "金额（欧元）",
    "amount_hkd": "金额（港元）",
    "percent": "比例",
    "price": "价格",
    "shares": "股数",
    "date": "日期",
}
_STAGES = {"planned": "计划中", "ended": "已终止"}


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event with the articles that report it, earliest first, and the one that decided it."""

    happening: Happening
    reports: tuple[Article, ...]
    decided: Article | None


def event_rows(wiring: Wiring, entity_id: str, kinds: Sequence[EventKind]) -> tuple[EventRow, ...]:
    """Events of an entity, latest first."""
    store = wiring.news_store
    found = store.happenings.timeline(entity_id, kinds=kinds, limit=_MOST)
    ids = {h.id: store.happenings.reports(h.id) for h in found}
    wanted = {i for reports in ids.values() for i in reports}
    wanted |= {h.status_by for h in found if h.status_by}
    articles = {article.id: article for article in store.articles(sorted(wanted))}
    return tuple(_row(h, ids[h.id], articles) for h in found)


def timeline(wiring: Wiring, entity_id: str) -> None:
    """The tab: a choice of kinds, then the events year by year."""
    every = event_rows(wiring, entity_id, ())
    if not every:
        st.info("还没有从资讯中识别出这家公司的事件。")
        return
    present = dict.fromkeys(row.happening.kind for row in every)
    chosen = st.pills(
        "事件类型",
        list(present),
        selection_mode="multi",
        format_func=EVENT_NAMES.__getitem__,
        label_visibility="collapsed",
        key=f"company_kinds_{entity_id}",
    )
    rows = [row for row in every if not chosen or row.happening.kind in chosen]
    reports = sum(len(row.reports) for row in rows)
    st.caption(f"{len(rows)} 个事件，{reports} 篇报道；点开一行看全部报道")
    st.html("".join(_years(rows)))


def _years(rows: Sequence[EventRow]) -> list[str]:
    parts, year = [], 0
    for row in rows:
        at = day(row.happening.first_at)
        if at.year != year:
            year = at.year
            parts.append(f'<div class="fl-year">{year}</div>')
        parts.append(event_html(row))
    return parts


def event_html(row: EventRow) -> str:
    """One event: opens on a click and then lists every report."""
    happening = row.happening
    told = "".join(_report(article) for article in row.reports)
    return (
        f'<details class="fl-event fl-status-{happening.status}"><summary>'
        f'<span class="fl-when">{day(happening.first_at):%m-%d}</span>'
        f'<span class="fl-chip fl-kind">{EVENT_NAMES[happening.kind]}</span>'
        f'<span class="fl-chip fl-badge">{STATUS_NAMES[happening.status]}</span>'
        f'<span class="fl-what">{escape_html(headline_of(row))}</span>'
        f'<span class="fl-meta">{_first(happening)}</span></summary>'
        f"{_figures(happening)}{_decision(row)}<ul>{told}</ul></details>"
    )


def headline_of(row: EventRow) -> str:
    """The best headline; of what was denied the claim, not the denial."""
    claims = [a for a in row.reports if row.decided is None or a.id != row.decided.id]
    if row.happening.status == "denied" and claims:
        return claims[0].headline
    return row.happening.headline


def _row(happening: Happening, reports: Sequence[str], articles: Mapping[str, Article]) -> EventRow:
    found = [articles[i] for i in reports if i in articles]
    ordered = tuple(sorted(found, key=lambda a: (a.published_at, a.id)))
    return EventRow(happening, ordered, articles.get(happening.status_by or ""))


def _first(happening: Happening) -> str:
    source = escape_html(happening.first_source or "来源不详")
    return f"{happening.count} 篇 · 首见 {source}"


def _figures(happening: Happening) -> str:
    arguments = dict(happening.arguments)
    told = [_STAGES[arguments["stage"]]] if arguments.get("stage") in _STAGES else []
    told += [f"{_ARGUMENTS[k]} {_number(k, v)}" for k, v in arguments.items() if k in _ARGUMENTS]
    if not told:
        return ""
    return f'<div class="fl-meta fl-figures">{escape_html(" · ".join(told))}</div>'


def _number(name: str, value: str) -> str:
    """Amounts in 亿 and 万, as people read them."""
    try:
        number = float(value)
    except ValueError:
        return value
    if name == "percent":
        return f"{number:g}%"
    for size, unit in ((1e8, "亿"), (1e4, "万")):
        if abs(number) >= size:
            return f"{number / size:g}{unit}"
    return f"{number:g}"


def _decision(row: EventRow) -> str:
    if row.decided is None:
        return ""
    verb = STATUS_NAMES[row.happening.status]
    link = _link(row.decided.id, row.decided.headline)
    return (
        f'<div class="fl-meta fl-figures">{verb}：{minute(row.decided.published_at)} {link}</div>'
    )


def _report(article: Article) -> str:
    return (
        f"<li>{tier_chip(article.tier)}{_link(article.id, article.headline)}"
        f'<span class="fl-meta">{escape_html(article.source)} · {minute(article.published_at)}'
        f"</span></li>"
    )


def _link(article_id: str, words: str) -> str:
    address = escape_html(address_of_article(article_id))
    return f'<a href="{address}" target="_self">{escape_html(words or "（无标题）")}</a>'
