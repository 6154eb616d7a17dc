"""What an article adds to the knowledge graph: whom it names, what it reports, what it denies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from news.article import Article
from news.fact import Entity, EntityKind, Fact, Predicate
from news.happening import Happening
from news.relation import RelationFound
from news.store import NewsStore

METHOD = "linker"
EVENTS_METHOD = "events"
RELATIONS_METHOD = "relations"
_NAMED_BY_ID = frozenset({EntityKind.PERSON, EntityKind.FUND, EntityKind.SECURITY})


def record_facts(
    store: NewsStore, article: Article, relations: Iterable[RelationFound] = (), *, known: bool
) -> None:
    """Bring events and graph in line with a stored article.

    Where the article was `known`, what it stated before and does not now is retracted. The caller
    owns the transaction.
    """
    gone = _events_gone(store, article) if known else set()
    happenings = store.happenings.record(article)
    facts = article_facts(article, happenings, relations)
    taking_part = tuple(participation(h, article.ingested_at) for h in happenings)
    grown = [h.id for h in happenings if h.count > 1 or h.status_by]
    gone |= _taking_part(store, grown) - {fact.id for fact in taking_part}
    if known:
        gone |= _stated(store, article) - {fact.id for fact in facts}
    store.facts.retract(gone, article.ingested_at)
    store.facts.put_entities(_entities(article, happenings))
    store.facts.put_facts((*facts, *taking_part))


def restate(store: NewsStore, article: Article, facts: Iterable[Fact], at: datetime) -> None:
    """Let an article state these facts and no others from `at` on."""
    facts = tuple(facts)
    store.facts.retract(_stated(store, article) - {fact.id for fact in facts}, at)
    store.facts.put_entities(_entities(article, ()))
    store.facts.put_facts(facts)


def reconcile_events(store: NewsStore, at: datetime) -> None:
    """Bring the facts about events in line with the events as they are recorded now."""
    stated = store.facts.ids_by_method(EVENTS_METHOD, predicate=Predicate.PARTICIPATES_IN)
    wanted: set[str] = set()
    for happening in store.happenings.all():
        fact = participation(happening, at)
        wanted.add(fact.id)
        store.facts.put_entities([Entity(happening.id, happening.headline)])
        store.facts.put_facts([fact])
    store.facts.retract(stated - wanted, at)


def take_back_facts(store: NewsStore, article: Article, at: datetime) -> None:
    """Retract what an article stated, and the events that it alone reported."""
    gone = _events_gone(store, article)
    store.facts.retract(gone | _stated(store, article), at)


def article_facts(
    article: Article,
    happenings: Iterable[Happening],
    relations: Iterable[RelationFound] = (),
) -> tuple[Fact, ...]:
    """Everything that an article itself states."""
    return (
        *mention_facts(article),
        *report_facts(article, happenings),
        *relation_facts(article, relations),
    )


def relation_facts(article: Article, relations: Iterable[RelationFound]) -> tuple[Fact, ...]:
    """What the article says that entities have to do with each other, each relation once."""
    best: dict[tuple[str, str, str], Fact] = {}
    for found in sorted(relations, key=lambda r: (-r.confidence, r.start)):
        fact = Fact(
            subject=found.subject,
            predicate=found.predicate,
            object=found.object,
            evidence=f"{node(article)}#{found.start}-{found.end}",
            method=RELATIONS_METHOD,
            recorded_at=article.ingested_at,
            qualifiers=(("stage", found.stage),) if found.stage else (),
            valid_from=article.published_at.date(),
            confidence=found.confidence,
            status=found.status,
        )
        best.setdefault((found.subject, found.predicate, found.object), fact)
    return tuple(best.values())


def _events_gone(store: NewsStore, article: Article) -> set[str]:
    """Forget the article's reports; ids of the facts about events that nobody else reports."""
    return _taking_part(store, store.happenings.forget(article.id))


def _taking_part(store: NewsStore, events: Sequence[str]) -> set[str]:
    if not events:
        return set()
    facts = store.facts.facts_of(events, side="object", predicates=[Predicate.PARTICIPATES_IN])
    return {fact.id for fact in facts}


def _stated(store: NewsStore, article: Article) -> set[str]:
    """Ids of the facts that rest on an article: about it, and read in it."""
    about = store.facts.facts_of([node(article)], side="subject")
    return {fact.id for fact in about} | store.facts.relations_read_in(node(article))


def _entities(article: Article, happenings: Iterable[Happening]) -> list[Entity]:
    events = (Entity(h.id, h.headline) for h in happenings)
    named = {m.entity_id: _spoken(m.entity_id) for m in article.mentions}
    others = (Entity(entity_id, name) for entity_id, name in named.items() if name)
    return [Entity(node(article), article.headline), *events, *others]


def _spoken(entity_id: str) -> str:
    """Name of an entity whose id holds it, and which no table names: people and funds."""
    kind, _, key = entity_id.partition(":")
    return key.partition("@")[0] if kind in _NAMED_BY_ID else ""


def node(article: Article) -> str:
    """The article as a node of the graph."""
    return f"article:{article.id}"


def mention_facts(article: Article) -> tuple[Fact, ...]:
    """One `mentions` fact for each entity an article names, with its surest mention as evidence."""
    best: dict[str, Fact] = {}
    for mention in sorted(article.mentions, key=lambda m: (-m.confidence, m.start)):
        fact = Fact(
            subject=node(article),
            predicate=Predicate.MENTIONS,
            object=mention.entity_id,
            evidence=f"{node(article)}#{mention.start}-{mention.end}",
            method=f"{METHOD}:{mention.method}",
            recorded_at=article.ingested_at,
            valid_from=article.published_at.date(),
            confidence=mention.confidence,
        )
        best.setdefault(mention.entity_id, fact)
    return tuple(best.values())


def report_facts(article: Article, happenings: Iterable[Happening]) -> tuple[Fact, ...]:
    """`reports` or, of an event that the article decided upon, `clarifies`."""
    places = {(e.kind, e.subject): e for e in reversed(article.events)}
    facts = []
    for happening in happenings:
        event = places.get((happening.kind, happening.subject))
        decided = happening.status_by == article.id and event is None
        where = f"#{event.start}-{event.end}" if event else ""
        facts.append(
            Fact(
                subject=node(article),
                predicate=Predicate.CLARIFIES if decided else Predicate.REPORTS,
                object=happening.id,
                evidence=f"{node(article)}{where}",
                method=EVENTS_METHOD,
                recorded_at=article.ingested_at,
                valid_from=article.published_at.date(),
                confidence=event.confidence if event else 1.0,
            )
        )
    return tuple(facts)


def participation(happening: Happening, at: datetime) -> Fact:
    """That the event happened to its subject, as far as it is believed now."""
    return Fact(
        subject=happening.subject,
        predicate=Predicate.PARTICIPATES_IN,
        object=happening.id,
        evidence=f"article:{happening.first_id}",
        method=EVENTS_METHOD,
        recorded_at=at,
        qualifiers=(("kind", str(happening.kind)),),
        valid_from=happening.first_at.date(),
        status=happening.status,
    )
