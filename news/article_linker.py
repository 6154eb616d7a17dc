"""Every kind of entity that an article names: companies first, then the rest around them.

`EntityLinker` stays the one that customers' questions go through: it knows companies only.
Products (《》 after 发布) are left out: what stands in quotes there is as often a report, a law or
a song. A subsidiary is NIL: what is said of it is not said of its parent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from news import funds, hk_codes, persons
from news.article import Mention
from news.comparable import comparable
from news.correction import NO_CORRECTIONS, Corrections
from news.fact import EntityKind
from news.link import EntityLinker
from news.other_names import METHOD, Found, Hit, load_other_names

_CONFIDENCE = {
    METHOD: 0.95,
    "contract": 0.95,
    hk_codes.METHOD: 0.97,
    funds.METHOD: 0.85,
    persons.METHOD: 0.8,
}


class ArticleLinker:
    """Links companies, people, funds, futures, indices, regulators and exchanges; immutable."""

    def __init__(self, companies: EntityLinker, data: Path) -> None:
        self._companies = companies
        words = {house: (Found.FUND_HOUSE, "") for house in funds.HOUSES}
        words |= {title: (Found.TITLE, "") for title in persons.TITLES}
        self._names = load_other_names(data, words)

    def link(
        self,
        content: str,
        corrections: Corrections = NO_CORRECTIONS,
        *,
        article_id: str | None = None,
    ) -> tuple[Mention, ...]:
        """Mentions of all kinds in reading order, without overlaps; corrections win."""
        form = comparable(content)
        companies = self._companies.link_form(content, form)
        found = (*companies, *self._others(content, form, companies))
        return corrections.apply(content, _apart(found), article_id=article_id)

    def _others(self, content: str, form: str, companies: tuple[Mention, ...]) -> Iterator[Mention]:
        titles: list[tuple[int, int]] = []
        for hit in self._names.find(form):
            if hit.found is Found.TITLE:
                titles.append((hit.start, hit.end))
            elif hit.found is Found.FUND_HOUSE:
                fund = funds.fund_at(form, hit.start, hit.end)
                if fund is not None:
                    yield _mention(content, *fund, funds.METHOD)
            else:
                yield _mention(content, hit.start, hit.end, hit.entity_id, METHOD)
        for hit in self._names.contracts(form):
            yield _of_contract(content, hit)
        for code in funds.fund_codes(form):
            yield _mention(content, *code, funds.METHOD)
        yield from _hong_kong(content, form, companies)
        for person in persons.persons(form, titles, companies):
            yield _mention(content, *person, persons.METHOD)


def of_kinds(mentions: Iterable[Mention], *kinds: EntityKind) -> tuple[Mention, ...]:
    """The mentions of these kinds only."""
    prefixes = tuple(f"{kind}:" for kind in kinds)
    return tuple(m for m in mentions if m.entity_id.startswith(prefixes))


def _hong_kong(content: str, form: str, companies: Iterable[Mention]) -> Iterator[Mention]:
    named = tuple(companies)
    for start, end, entity, name, name_end in hk_codes.hk_codes(form):
        # A code right beside its own name is evidence, not a second mention; the code of a
        # company with another listing is this listing.
        if name is None or any(m.start < name_end and name < m.end for m in named):
            yield _mention(content, start, end, entity, hk_codes.METHOD)
        else:
            yield _mention(content, name, name_end, entity, hk_codes.METHOD)


def _of_contract(content: str, hit: Hit) -> Mention:
    return _mention(content, hit.start, hit.end, hit.entity_id, "contract")


def _mention(content: str, start: int, end: int, entity: str, method: str) -> Mention:
    return Mention(entity, content[start:end], start, end, method, _CONFIDENCE[method])


def _apart(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """The longer of two that overlap, a company before another kind of the same length."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=_strength):
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    return tuple(sorted(kept, key=lambda m: m.start))


def _strength(mention: Mention) -> tuple[int, bool, int]:
    other = not mention.entity_id.startswith("company:")
    return mention.start - mention.end, other, mention.start
