"""Facts in Chinese sentences, each with its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from news.fact import LITERAL, PREDICATE_NAMES, Fact, FactStatus, Predicate

_SENTENCES = {
    Predicate.ISSUES: "{s} 发行 {o}",
    Predicate.LISTED_ON: "{s} 上市于 {o}",
    Predicate.IN_INDUSTRY: "{s} 所属行业 {o}",
    Predicate.UPSTREAM_OF: "{s} 是 {o} 的上游",
    Predicate.SUBSIDIARY_OF: "{s} 是 {o} 的子公司",
    Predicate.OWNS: "{s} 持有 {o} 的股份",
    Predicate.DIRECTOR_OF: "{s} 任职于 {o}",
    Predicate.SUPPLIES: "{s} 向 {o} 供应",
    Predicate.COMPETES_WITH: "{s} 与 {o} 竞争",
    Predicate.COOPERATES_WITH: "{s} 与 {o} 合作",
    Predicate.MERGES_WITH: "{s} 与 {o} 合并",
    Predicate.GUARANTEES: "{s} 为 {o} 担保",
}
_STATUS = {FactStatus.RUMOUR: "传闻", FactStatus.DENIED: "已否认", FactStatus.CONFIRMED: "已证实"}
_STAGES = {"planned": "计划中", "ended": "已终止"}
_ARTICLE = "article:"


def sentence(fact: Fact, names: Mapping[str, str]) -> str:
    """`宁德时代 所属行业 锂电池`; what is no plain statement is marked, as in `（传闻）`."""
    told = _SENTENCES.get(fact.predicate, f"{{s}} {PREDICATE_NAMES[fact.predicate]} {{o}}")
    marks = [_STATUS.get(fact.status), _STAGES.get(dict(fact.qualifiers).get("stage", ""))]
    kept = "、".join(mark for mark in marks if mark)
    words = told.format(s=name_of(fact.subject, names), o=name_of(fact.object, names))
    return f"{words}（{kept}）" if kept else words


def source(fact: Fact, names: Mapping[str, str]) -> str:
    """Who says so: `data/securities.tsv`, or an article by its headline `《…》`."""
    place = fact.evidence.partition("#")[0]
    if not place.startswith(_ARTICLE):
        return place
    return f"《{name_of(place, names)}》" if place in names else f"资讯 {place[8:20]}"


def with_source(fact: Fact, names: Mapping[str, str]) -> str:
    """The sentence and, in brackets, its source."""
    return f"{sentence(fact, names)}（{source(fact, names)}）"


def name_of(entity_id: str, names: Mapping[str, str]) -> str:
    """An entity's name, a literal's words, else the id."""
    if entity_id.startswith(LITERAL):
        return entity_id.removeprefix(LITERAL)
    return names.get(entity_id, entity_id)


def named_by(facts: Iterable[Fact]) -> tuple[str, ...]:
    """Ids of the entities and of the articles that sentences about these facts name."""
    ids: dict[str, None] = {}
    for fact in facts:
        ids |= dict.fromkeys((fact.subject, fact.object))
        if fact.evidence.startswith(_ARTICLE):
            ids[fact.evidence.partition("#")[0]] = None
    return tuple(i for i in ids if not i.startswith(LITERAL))
