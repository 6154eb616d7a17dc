"""Two hops around a company among a million facts, beside networkx and a plain sqlite-utils store.

    python bench/graph.py [--facts 1000000] [--companies 200] [--workspace FILE]

The base facts of data/ are real; the rest is made by a fixed seed: articles that mention companies
(as skewed as news is), events, supplies, shares and competitors. Every engine answers the same
question: for a company, of every entity within two hops, the surest 8 facts (2 further away, where
more than 12 entities are near) of each predicate and direction, mentions left out; the sets of
facts are compared. networkx holds everything in memory (loading is not counted), the plain store
reads all facts of the ring from a table with the two indexes one would give it, through
sqlite-utils, and chooses in Python. Also: who is affected by an accident of the company, and the
best paths to another one. Prints one JSON object, times in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import networkx as nx
from sqlite_utils import Database

from news.base_facts import load_base_facts
from news.event import EventKind
from news.fact import LITERAL, Entity, Fact, Predicate
from news.graph import NewsGraph
from news.graph_affected import AffectedBy
from news.graph_impact import ImpactRules
from news.graph_paths import PathFinder
from news.securities import SecuritiesMaster
from news.store import NewsStore
from news.transaction import transaction

DATA = Path(__file__).resolve().parents[1] / "data"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EACH, FEW, CROWD = 8, 2, 12  # as news.graph has them
OF_OTHERS = {"alias", "participatesIn", "reports", "clarifies"}
BATCH = 20_000
Key = tuple[str, str, str, str]
Row = tuple[float, str, Key]


def made_facts(companies: list[str], count: int, seed: int = 1) -> Iterator[tuple[Entity, Fact]]:
    """Facts between companies, events and articles, the first companies named most."""
    rng = random.Random(seed)
    weights = [1 / (rank + 10) for rank in range(len(companies))]
    shuffled = rng.sample(companies, len(companies))
    drawn = rng.choices(shuffled, weights, k=3 * count)
    relations = (Predicate.SUPPLIES, Predicate.OWNS, Predicate.COMPETES_WITH)
    for n in range(count):
        day = date(2015, 1, 1) + timedelta(days=n % 4000)
        article = Entity(f"article:{n // 3:08d}", f"资讯 {n // 3}")
        one, other = drawn[3 * n], drawn[3 * n + 1]
        kind = rng.random()
        entity = article
        if kind < 0.75:
            ends = (article.id, Predicate.MENTIONS, one)
        elif kind < 0.9:
            entity = Entity(f"event:{n:08d}", f"事件 {n}")
            ends = (one, Predicate.PARTICIPATES_IN, entity.id)
        else:
            ends = (one, rng.choice(relations), other)
        yield (
            entity,
            Fact(
                *ends,
                evidence=f"{article.id}#{n % 50}-{n % 50 + 4}",
                method="made",
                recorded_at=NOW + timedelta(seconds=n),
                valid_from=day,
                confidence=round(rng.uniform(0.5, 1.0), 3),
            ),
        )


def fill(store: NewsStore, count: int) -> None:
    """Load the base facts and make the rest up to `count`."""
    load_base_facts(store, DATA, now=NOW)
    rows = store.connection.execute("SELECT id FROM entities WHERE id GLOB 'company:*'")
    companies = sorted(row[0] for row in rows)
    batch: list[tuple[Entity, Fact]] = []
    for pair in made_facts(companies, count - store.facts.count()):
        batch.append(pair)
        if len(batch) == BATCH:
            write(store, batch)
            batch = []
    write(store, batch)
    store.connection.execute("ANALYZE")


def write(store: NewsStore, batch: list[tuple[Entity, Fact]]) -> None:
    """One transaction."""
    with transaction(store.connection):
        store.facts.put_entities(entity for entity, _ in batch)
        store.facts.put_facts(fact for _, fact in batch)


def chosen(rows: Iterable[Row], ring: set[str], each: int) -> list[Row]:
    """Of every (entity of the ring, predicate, direction) the surest rows."""
    counts: Counter[tuple[str, str, str]] = Counter()
    kept = []
    for row in sorted(rows):
        subject, predicate, object_, _ = row[2]
        groups = [(e, predicate, w) for w, e in (("out", subject), ("in", object_)) if e in ring]
        if any(counts[group] < each for group in groups):
            kept.append(row)
        counts.update(groups)
    return kept


def two_hops(around: Callable[[set[str]], Iterable[Row]], company: str) -> set[str]:
    """Ids of the facts within two hops, by an engine that gives all facts of a ring."""
    seen, ring, found = {company}, {company}, set[str]()
    for _ in range(2):
        near = len(ring) <= CROWD
        rows = around(ring) if near else (r for r in around(ring) if r[2][1] not in OF_OTHERS)
        kept = chosen(rows, ring, EACH if near else FEW)
        found |= {row[1] for row in kept}
        ends = {end for *_, key in kept for end in (key[0], key[2])}
        ring = {e for e in ends if e not in seen and not e.startswith(LITERAL)}
        seen |= ring
    return found


def in_networkx(store: NewsStore) -> Callable[[set[str]], Iterable[Row]]:
    """Everything in a MultiDiGraph."""
    graph = nx.MultiDiGraph()
    for key, *ends, sure in store.connection.execute(
        "SELECT id, subject, predicate, object, confidence FROM facts WHERE retracted_at IS NULL"
    ):
        graph.add_edge(ends[0], ends[2], key=key, predicate=ends[1], sure=sure)

    def around(ring: set[str]) -> Iterator[Row]:
        seen = set()
        for edges in (graph.out_edges, graph.in_edges):
            for one, other, key, told in edges(ring, keys=True, data=True):
                if told["predicate"] != "mentions" and key not in seen:
                    seen.add(key)
                    yield (-told["sure"], key, (one, told["predicate"], other, key))

    return around


def in_sqlite_utils(store: NewsStore, path: Path) -> Callable[[set[str]], Iterable[Row]]:
    """A table of its own with an index on subject and on object."""
    database = Database(path)
    names = ("id", "subject", "predicate", "object", "confidence")
    rows = store.connection.execute(
        f"SELECT {', '.join(names)} FROM facts WHERE retracted_at IS NULL"
    )
    table = database.table("facts")
    table.insert_all((dict(zip(names, row, strict=True)) for row in rows), pk="id")
    table.create_index(["subject"])
    table.create_index(["object"])

    def around(ring: set[str]) -> Iterator[Row]:
        marks = ",".join("?" * len(ring))
        seen = set()
        for side in ("subject", "object"):
            for row in table.rows_where(
                f"{side} in ({marks}) and predicate <> 'mentions'", list(ring)
            ):
                if row["id"] not in seen:
                    seen.add(row["id"])
                    key = (row["subject"], row["predicate"], row["object"], row["id"])
                    yield (-row["confidence"], row["id"], key)

    return around


def timed(ask: Callable[[str], object], companies: list[str]) -> dict[str, float]:
    """Median and 99th percentile over the companies, in milliseconds."""
    times = []
    for company in companies:
        begun = time.perf_counter()
        ask(company)
        times.append((time.perf_counter() - begun) * 1e3)
    times.sort()
    p99 = times[min(len(times) - 1, round(0.99 * len(times)))]
    return {"p50_ms": round(statistics.median(times), 3), "p99_ms": round(p99, 3)}


def megabytes() -> int:
    """Most memory that this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=1_000_000)
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--workspace", type=Path)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="foreland-graph-"))
    store = NewsStore.open(options.workspace or folder / "workspace.db")
    begun = time.perf_counter()
    if store.facts.count() < options.facts:
        fill(store, options.facts)
    result: dict[str, object] = {
        "facts": store.facts.count(),
        "filled_s": round(time.perf_counter() - begun, 1),
    }
    graph = NewsGraph(store, SecuritiesMaster.load(DATA / "securities.tsv"))
    rules = ImpactRules.load(DATA / "lexicons" / "impact.yaml")
    rows = store.connection.execute("SELECT id FROM entities WHERE id GLOB 'company:*' ORDER BY id")
    every = [row[0] for row in rows]
    companies = random.Random(2).sample(every, options.companies)

    def ours(company: str) -> set[str]:
        around = graph.neighbourhood(company, hops=2, each=EACH, articles=0)
        return {fact.id for fact in around.facts} if around else set()

    timed(ours, companies[:20])
    result["foreland"] = {**timed(ours, companies), "memory_mb": megabytes()}
    affected, finder = AffectedBy(store, rules), PathFinder(store.facts, rules)
    few = companies[:50]
    result["affected"] = timed(lambda c: affected.affected(c, shock=EventKind.ACCIDENT), few)
    result["paths"] = timed(lambda c: finder.paths(c, every[0]), few)
    plain = in_sqlite_utils(store, folder / "plain.db")
    agree = sum(two_hops(plain, c) == ours(c) for c in few)
    result["sqlite_utils"] = timed(lambda c: two_hops(plain, c), few)
    memory = in_networkx(store)
    agree += sum(two_hops(memory, c) == ours(c) for c in few)
    result["networkx"] = {
        **timed(lambda c: two_hops(memory, c), companies), "memory_mb": megabytes()
    }  # fmt: skip
    result["same_answers"] = f"{agree}/{2 * len(few)}"
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
