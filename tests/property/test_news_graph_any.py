"""Whatever facts there are: times, merges and the spreading of effects keep their promises."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from news.errors import StoreError
from news.event import EventKind
from news.fact import Entity, Fact, FactStatus, Predicate
from news.fact_store import SCHEMA, FactStore
from news.graph_affected import AffectedBy
from news.graph_impact import Change, ImpactRules
from news.graph_paths import PathFinder
from news.graph_view import GraphView, When
from news.merge import EntityMerge
from news.store import NewsStore, open_database

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY_ONE = date(2026, 1, 1)
ENTITIES = tuple(
    Entity(f"{kind}:{n}", f"{kind}{n}")
    for kind, count in (("company", 6), ("industry", 3), ("concept", 1), ("event", 1))
    for n in range(count)
)
BETWEEN = (
    Predicate.SUPPLIES,
    Predicate.OWNS,
    Predicate.SUBSIDIARY_OF,
    Predicate.COMPETES_WITH,
    Predicate.IN_INDUSTRY,
    Predicate.UPSTREAM_OF,
    Predicate.PART_OF,
    Predicate.PARTICIPATES_IN,
    Predicate.GUARANTEES,
)
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ids = st.sampled_from([entity.id for entity in ENTITIES])
days = st.integers(0, 20).map(lambda n: DAY_ONE + timedelta(days=n))
moments = st.integers(0, 20).map(lambda n: START + timedelta(days=n))


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Any fact between the entities, with both times."""
    since, until = draw(st.none() | days), draw(st.none() | days)
    if since and until and until < since:
        since, until = until, since
    recorded = draw(moments)
    retracted = draw(st.none() | st.integers(1, 10))
    kind = draw(st.sampled_from(["", "accident", "penalty"]))
    return Fact(
        subject=draw(ids),
        predicate=draw(st.sampled_from(BETWEEN)),
        object=draw(ids),
        evidence=f"data/test.tsv#{draw(st.integers(0, 3))}",
        method="test",
        recorded_at=recorded,
        qualifiers=(("kind", kind),) if kind else (),
        valid_from=since,
        valid_to=until,
        retracted_at=recorded + timedelta(days=retracted) if retracted else None,
        confidence=draw(st.sampled_from([0.3, 0.7, 1.0])),
        status=draw(st.sampled_from(FactStatus)),
    )


many = st.lists(facts(), max_size=40, unique_by=lambda fact: fact.id)


def stored(facts: list[Fact]) -> FactStore:
    """A store in memory that holds these facts."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    store = FactStore(connection)
    store.put_entities(ENTITIES)
    store.put_facts(facts)
    return store


@pytest.fixture(scope="module")
def rules(data: Path) -> ImpactRules:
    return ImpactRules.load(data / "lexicons" / "impact.yaml")


@pytest.fixture
def asked(tmp_path: Path, rules: ImpactRules) -> Callable[[list[Fact]], AffectedBy]:
    """Makes the question to a workspace that holds these facts, and only these."""
    store = NewsStore(open_database(tmp_path / "graph.db"))

    def over(facts: list[Fact]) -> AffectedBy:
        store.connection.executescript("DELETE FROM facts; DELETE FROM entity_merges;")
        store.facts.put_entities(ENTITIES)
        store.facts.put_facts(facts)
        return AffectedBy(store, rules)

    return over


@QUICK
@given(many, days, st.none() | moments)
def test_as_of_shows_no_fact_outside_its_validity(
    given_facts: list[Fact], day: date, known_at: datetime | None
) -> None:
    """Every way to read keeps to [valid_from, valid_to), and leaves nothing out."""
    view = GraphView(stored(given_facts), When(day, known_at))
    every = [entity.id for entity in ENTITIES]
    expected = {
        f.id
        for f in given_facts
        if (f.valid_from is None or f.valid_from <= day)
        and (f.valid_to is None or day < f.valid_to)
        and _known(f, known_at)
    }
    assert {f.id for f in view.facts_of(every)} == expected
    assert {f.id for f in view.surest_of(every, each=100)} == expected
    assert {f.id for f in view.facts_between(every, every)} == expected


@QUICK
@given(many, moments)
def test_known_at_shows_exactly_what_was_recorded_then(
    given_facts: list[Fact], moment: datetime
) -> None:
    """What came later is not there yet, what was retracted later still is."""
    store = stored(given_facts)
    shown = store.facts_of([entity.id for entity in ENTITIES], known_at=moment)
    assert {f.id for f in shown} == {f.id for f in given_facts if _known(f, moment)}
    assert all(f == _by_id(given_facts)[f.id] for f in shown)


@QUICK
@given(many, st.integers(1, 4))
def test_the_surest_facts_are_those_of_a_full_read(given_facts: list[Fact], each: int) -> None:
    """Jumping through the index finds what sorting everything finds."""
    view = GraphView(stored(given_facts))
    every = [entity.id for entity in ENTITIES]
    expected = set()
    for end in every:
        for side in ("subject", "object"):
            for predicate in BETWEEN:
                group = view.facts_of([end], side=side, predicates=[predicate])
                ranked = sorted(group, key=lambda f: (-f.confidence, f.id))
                expected |= {f.id for f in ranked[:each]}
    assert {f.id for f in view.surest_of(every, each=each)} == expected


@QUICK
@given(many, st.lists(st.tuples(ids, ids), max_size=4))
def test_merge_and_split_is_the_identity(
    given_facts: list[Fact], pairs: list[tuple[str, str]]
) -> None:
    """After all splits the graph is what it was; in between no fact of either is lost."""
    store = stored(given_facts)
    every = [entity.id for entity in ENTITIES]
    before, digest = store.facts_of(every), store.digest()
    made = [m for pair in pairs if (m := _merged(store, *pair))]
    seen = GraphView(store)
    kept = {f.id for f in seen.facts_of(every)}
    inside = {
        f.id
        for f in before
        if seen.identity.canonical(f.subject) == seen.identity.canonical(f.object)
        and f.subject != f.object
    }
    assert kept == {f.id for f in before} - inside
    for merge in made:
        assert GraphView(store).facts_of([merge.entity]) == GraphView(store).facts_of([merge.into])
        store.merges.split(merge.entity, why="test", by="tests", at=START)
    assert GraphView(store).facts_of(every) == before
    assert store.digest() == digest
    assert len(store.merges.history()) == len(made)


@QUICK
@given(
    given_facts=many,
    source=ids,
    shock=st.none() | st.sampled_from([EventKind.ACCIDENT, EventKind.PENALTY, *Change]),
)
def test_an_effect_never_exceeds_its_source_and_falls_along_every_path(
    asked: Callable[[list[Fact]], AffectedBy],
    given_facts: list[Fact],
    source: str,
    shock: EventKind | Change | None,
) -> None:
    """Scores are below 1 and fall; paths hang together, and no denied fact carries."""
    by_id = _by_id(given_facts)
    question = asked(given_facts)
    report = question.affected(source, shock=shock)
    assert report is not None
    for one in report.affected:
        scores = [1.0, *(step.score for step in one.path)]
        assert all(a > b for a, b in pairwise(scores))
        ends = [source, *(step.target for step in one.path)]
        assert ends[:-1] == [step.source for step in one.path]
        assert len(set(ends)) == len(ends)
        assert ends[-1] == one.entity.id
        for step in one.path:
            fact = by_id[step.fact.id]
            assert fact.status is not FactStatus.DENIED
            assert fact.retracted_at is None
            assert {step.source, step.target} == {fact.subject, fact.object}
    assert question.affected(source, shock=shock) == report


@QUICK
@given(many, ids, ids)
def test_paths_are_real_and_in_order(
    rules: ImpactRules, given_facts: list[Fact], one: str, other: str
) -> None:
    """Each edge of a path is a held fact between its ends; stronger paths come first."""
    finder = PathFinder(stored(given_facts), rules)
    found = finder.paths(one, other, best=4)
    assert found is not None
    strengths = [path.strength for path in found]
    assert strengths == sorted(strengths, reverse=True)
    for path in found:
        nodes = [entity.id for entity in path.entities]
        assert (nodes[0], nodes[-1]) == (one, other)
        assert len(set(nodes)) == len(nodes) <= 5
        for step, pair in zip(path.steps, pairwise(nodes), strict=True):
            assert {step.fact.subject, step.fact.object} == set(pair)
            assert step.fact.status is not FactStatus.DENIED
            assert step.text.endswith("（data/test.tsv）")
    assert finder.paths(one, other, best=4) == found


def _known(fact: Fact, moment: datetime | None) -> bool:
    if moment is None:
        return fact.retracted_at is None
    return fact.recorded_at <= moment and (fact.retracted_at is None or moment < fact.retracted_at)


def _by_id(facts: list[Fact]) -> dict[str, Fact]:
    return {fact.id: fact for fact in facts}


def _merged(store: FactStore, one: str, other: str) -> EntityMerge | None:
    gone, kept = store.entity(one), store.entity(other)
    assert gone is not None
    assert kept is not None
    try:
        return store.merges.merge(gone, kept, why="test", by="tests", at=START)
    except StoreError:
        return None
