"""What the company page says, as plain values: facts in words with their source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from news.fact import LITERAL, PREDICATE_NAMES, Fact, FactStatus, Predicate
from news.graph import CompanyProfile
from news.securities import EXCHANGES
from ui.console.escape import escape_html
from ui.console.links import address_of_article, address_of_company

STATUSES = {
    FactStatus.ASSERTED: "陈述",
    FactStatus.RUMOUR: "传闻",
    FactStatus.DENIED: "已否认",
    FactStatus.CONFIRMED: "已证实",
}


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact in words; `since` and `until` say when it was true, `source` who says so."""

    subject: str
    predicate: str
    object: str
    since: date | None
    until: date | None
    status: str
    confidence: float
    source: str
    method: str


@dataclass(frozen=True, slots=True)
class CompanyHead:
    """The head of the page; `industries` from the widest to the company's own."""

    name: str
    symbols: str
    full_name: str
    exchange: str
    listed: str
    industries: tuple[str, ...]
    former_names: tuple[str, ...]


def company_head(profile: CompanyProfile) -> CompanyHead:
    """The head of a company's page from its profile."""
    listings = profile.securities
    dates = (s.list_date.isoformat() if s.list_date else "不详" for s in listings)
    full_names = dict.fromkeys(s.full_name for s in listings if s.full_name)
    return CompanyHead(
        name=profile.company.name,
        symbols="、".join(s.symbol for s in listings),
        full_name="、".join(full_names) or "不详",
        exchange="、".join(dict.fromkeys(EXCHANGES[s.exchange] for s in listings)),
        listed="、".join(dates) or "不详",
        industries=tuple(entity.name for entity, _ in reversed(profile.industry_chain)),
        former_names=tuple(
            fact.object.removeprefix(LITERAL)
            for fact in profile.aliases
            if ("kind", "former_name") in fact.qualifiers
        ),
    )


def fact_lines(
    facts: Iterable[Fact], names: Mapping[str, str], *, mentions: bool = False
) -> tuple[FactLine, ...]:
    """Facts in words, in the order of `Predicate` and then surest first.

    Which article names whom is left out unless `mentions` asks for it.
    """
    order = list(Predicate)
    kept = [f for f in facts if mentions or f.predicate is not Predicate.MENTIONS]
    kept.sort(key=lambda f: (order.index(f.predicate), -f.confidence, f.id))
    return tuple(_line(fact, _naming(names)) for fact in kept)


def relations_html(facts: Iterable[Fact], names: Mapping[str, str]) -> str:
    """A row for each relation: both ends linked, its status, the article that says so."""
    order = list(Predicate)
    ordered = sorted(facts, key=lambda f: (order.index(f.predicate), -f.confidence, f.id))
    return "".join(_relation(fact, names) for fact in ordered)


def _relation(fact: Fact, names: Mapping[str, str]) -> str:
    status = "" if fact.status is FactStatus.ASSERTED else f"（{STATUSES[fact.status]}）"
    source = escape_html(fact.evidence)
    kind, _, place = fact.evidence.partition(":")
    if kind == "article":
        address = escape_html(address_of_article(place.partition("#")[0]))
        source = f'<a href="{address}" target="_self">出处</a>'
    return (
        f"<li>{_end(fact.subject, names)}"
        f'<span class="fl-meta">{PREDICATE_NAMES[fact.predicate]}{status} →</span> '
        f"{_end(fact.object, names)}"
        f'<span class="fl-meta">置信度 {fact.confidence:.2f} · {source}</span></li>'
    )


def _end(entity_id: str, names: Mapping[str, str]) -> str:
    words = escape_html(names.get(entity_id, entity_id.removeprefix(LITERAL)))
    if not entity_id.startswith("company:"):
        return words
    return f'<a href="{escape_html(address_of_company(entity_id))}" target="_self">{words}</a>'


def ends_of(facts: Iterable[Fact]) -> tuple[str, ...]:
    """Entity ids that facts name, for looking up their names."""
    ends = (end for fact in facts for end in (fact.subject, fact.object))
    return tuple(dict.fromkeys(end for end in ends if not end.startswith(LITERAL)))


def _naming(names: Mapping[str, str]) -> Callable[[str], str]:
    def name(end: str) -> str:
        if end.startswith(LITERAL):
            return end.removeprefix(LITERAL)
        kind, _, key = end.partition(":")
        known = names.get(end, end)
        return f"{known} {key}" if kind == "security" else known

    return name


def _line(fact: Fact, name: Callable[[str], str]) -> FactLine:
    return FactLine(
        subject=name(fact.subject),
        predicate=PREDICATE_NAMES[fact.predicate],
        object=name(fact.object),
        since=fact.valid_from,
        until=fact.valid_to,
        status=STATUSES[fact.status],
        confidence=fact.confidence,
        source=fact.evidence,
        method=fact.method,
    )
