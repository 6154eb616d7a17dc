"""Searching a million articles: latency of each kind of search, recall of two-character names.

    python bench/search.py NEWS_FOLDER [--size 1000000] [--peer-size 100000] [--queries 200]
        [--keep FOLDER]

NEWS_FOLDER holds JSONL files with `text`; articles of about 300 characters are put together from
their sentences, with companies, tags, tones, stories, tiers and times drawn at random. Ours is the
whole search: index, ranking, snapshot for further pages, articles read from the database, marked
words. The peers search the same texts at the smaller size: SQLite FTS5 over the same character
pairs, and tantivy with its default analyser, which knows no Chinese. Prints one JSON object:
percentiles in milliseconds (and of the processor's time, which others on the machine do not
prolong), medians of the peers as multiples of ours, recall against a scan of
all texts. `--keep` leaves the workspaces there and takes them up again.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import tantivy

from news.article import Article, EntityTone, Mention, Sentiment, SourceTier, Tag, TagGroup
from news.article_details import put_details
from news.article_row import COLUMNS, to_row
from news.event import ArticleEvent, EventKind
from news.index import TantivyIndex
from news.index_industry import IndustryTree
from news.index_query import FacetName, IndexQuery, SortOrder
from news.search import NewsSearch
from news.search_query import SearchQuery
from news.search_snapshot import SearchSnapshots
from news.securities import SecuritiesMaster
from news.store import NewsStore
from news.text import bigrams, sentences, simplify, words
from news.transaction import transaction

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[1] / "data"
LENGTH = 300
TAGS = (
    "业绩",
    "增持减持",
    "并购重组",
    "政策",
    "产品研发",
    "监管处罚",
    "分红",
    "新股",
    "宏观",
    "汽车",
)
SOURCES = tuple(f"来源{n}" for n in range(40))
BATCH = 5_000
NAMES = 60
Search = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Sentences to put articles together from, and companies to name in them."""

    sentences: tuple[str, ...]
    master: SecuritiesMaster

    def articles(self, size: int) -> Iterator[Article]:
        """The same articles in every run."""
        chance = random.Random(1)
        companies = [self.master.company_id(s) for s in self.master.securities]
        chance.shuffle(companies)
        for number in range(size):
            parts: list[str] = []
            while sum(map(len, parts)) < LENGTH:
                parts.append(chance.choice(self.sentences))
            # A few companies are in the news every day, most hardly ever.
            about = [companies[min(int(chance.paretovariate(0.6)), 4_000)] for _ in range(3)]
            yield self._article(number, parts, tuple(dict.fromkeys(about)), chance)

    def _article(
        self, number: int, parts: Sequence[str], about: Sequence[str], chance: random.Random
    ) -> Article:
        at = NOW - timedelta(minutes=chance.random() * 5 * 525_600)
        named = self.master.company_name(about[0])
        tone = chance.choice(list(Sentiment))
        return Article(
            id=f"{number:032x}",
            headline=f"{named}：{parts[0][:20]}",
            text="".join(parts),
            source=chance.choice(SOURCES),
            origin="bench",
            url=None,
            published_at=at,
            dated=True,
            ingested_at=at + timedelta(minutes=5),
            version=1,
            content_hash=f"{number:x}",
            sentiment=tone,
            sentiment_score=0.0,
            tags=tuple(Tag(n, TagGroup.TOPIC, 0.9) for n in sorted(set(chance.choices(TAGS, k=2)))),
            mentions=tuple(Mention(c, named, n, n + 1, "m", 0.9) for n, c in enumerate(about)),
            duplicate_of="0" if chance.random() < 0.1 else None,
            tier=chance.choice(list(SourceTier)),
            tones=tuple(EntityTone(c, tone, 0.0, 0.9, 0.9) for c in about),
            events=(ArticleEvent(chance.choice(list(EventKind)), about[0], 0, 1, 0.9),),
            story_id=f"story:{number // 3}",
        )


def read_corpus(folder: Path) -> Corpus:
    """Sentences of every text in a folder of JSONL files."""
    found: dict[str, None] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            text = json.loads(line).get("text") or ""
            found.update((s, None) for s in sentences(text) if 10 <= len(s) <= 120)
    return Corpus(tuple(found), SecuritiesMaster.load(DATA / "securities.tsv"))


def fill(store: NewsStore, articles: Iterator[Article]) -> None:
    """Put articles into an empty workspace, without looking for duplicates."""
    marks = ", ".join("?" * (2 + len(COLUMNS.split(","))))
    sql = f"INSERT INTO articles (seq, change, {COLUMNS}) VALUES ({marks})"
    seq = store.last_seq()
    articles = islice(articles, seq, None)
    while batch := list(islice(articles, BATCH)):
        with transaction(store.connection):
            for article in batch:
                seq += 1
                store.connection.execute(sql, (seq, seq, *to_row(article)))
                put_details(store.connection, seq, article)
        print(f"stored {seq:,}", end="\r", file=sys.stderr)


def ours(folder: Path, corpus: Corpus, size: int) -> tuple[NewsSearch, TantivyIndex, float]:
    """The search over a workspace of this size, and the seconds that indexing took."""
    folder.mkdir(parents=True, exist_ok=True)
    store = NewsStore.open(folder / "workspace.db")
    fill(store, corpus.articles(size))
    industries = IndustryTree.load(DATA / "industries.tsv", corpus.master)
    index = TantivyIndex(folder / "index", industries)
    began = time.perf_counter()
    index.catch_up(store)
    took = time.perf_counter() - began
    snapshots = SearchSnapshots(folder / "index" / "searches.db")
    search = NewsSearch(
        index,
        store,
        corpus.master,
        industries=industries,
        snapshots=snapshots,
        clock=lambda: NOW,
    )
    return search, index, took


def kinds(search: NewsSearch, corpus: Corpus) -> dict[str, Search]:
    """Every kind of search, by a text to search for."""
    month = NOW - timedelta(days=30)
    company = corpus.master.company_id(corpus.master.securities[0])

    def run(**values: object) -> Search:
        return lambda text: search.search(SearchQuery(text=text, **values))  # type: ignore[arg-type]

    def alone(**values: object) -> Search:
        return lambda text: search.search(SearchQuery(**values))  # type: ignore[arg-type]

    return {
        "two words": run(),
        "two-character name": run(),
        "code": run(),
        "words by time": run(sort=SortOrder.TIME),
        "words, tag, tone": run(tag="业绩", sentiment=Sentiment.NEGATIVE),
        "words, last month": run(since=month),
        "words as of a year ago": run(as_of=NOW - timedelta(days=365)),
        "words, one of a story": run(collapse=True),
        "name, 3 facets": run(facets=(FacetName.ENTITY, FacetName.TAG, FacetName.TIER)),
        "name, all facets": run(facets=tuple(FacetName)),
        "a company's latest": alone(entities=(company,)),
        "an industry, negative": alone(industry="电子", sentiment=Sentiment.NEGATIVE),
        "everything, latest": alone(),
    }


def fts5(folder: Path, corpus: Corpus, size: int) -> Search:
    """SQLite FTS5 over the same character pairs, headline and text, ordered by its BM25."""
    path = folder / "fts5.db"
    fresh = not path.exists()
    connection = sqlite3.connect(path)
    if fresh:
        connection.execute("CREATE VIRTUAL TABLE a USING fts5(headline, text, content='')")
        rows = (
            (" ".join(bigrams(simplify(a.headline))), " ".join(bigrams(simplify(a.text))))
            for a in corpus.articles(size)
        )
        connection.executemany("INSERT INTO a (headline, text) VALUES (?, ?)", rows)
        connection.commit()

    def find(text: str) -> object:
        phrases = " ".join('"' + " ".join(bigrams(w)) + '"' for w in text.split())
        sql = "SELECT rowid FROM a WHERE a MATCH ? ORDER BY rank LIMIT 20"
        found = connection.execute(sql, (phrases,)).fetchall()
        total = connection.execute("SELECT count(*) FROM a WHERE a MATCH ?", (phrases,)).fetchone()
        return found, total

    return find


def default_analyser(folder: Path, corpus: Corpus, size: int) -> Search:
    """tantivy as it comes: its default analyser and its query language; gives the total."""
    builder = tantivy.SchemaBuilder()
    for name in ("headline", "text"):
        builder.add_text_field(name)
    schema = builder.build()
    path = folder / "default"
    fresh = not path.exists()
    path.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(schema, path=str(path))
    if fresh:
        writer = index.writer(64_000_000, 1)
        for article in corpus.articles(size):
            writer.add_document(tantivy.Document(headline=article.headline, text=article.text))
        writer.commit()
        writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def find(text: str) -> int:
        quoted = " AND ".join(f'"{word}"' for word in text.split())
        query = index.parse_query(quoted, ["headline", "text"])
        return int(searcher.search(query, limit=20).count)

    return find


def timed(search: Search, texts: Sequence[str]) -> dict[str, float]:
    """Percentiles in milliseconds, after a first round that warms the caches of the files."""
    for text in texts[:20]:
        search(text)
    times, worked = [], []
    for text in texts:
        began, at_work = time.perf_counter(), time.process_time()
        search(text)
        times.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - at_work) * 1000)
    names = ("p50_ms", "p95_ms", "p99_ms", "cpu_p50_ms", "cpu_p95_ms")
    values = (*np.percentile(times, (50, 95, 99)), *np.percentile(worked, (50, 95)))
    return {name: round(float(value), 2) for name, value in zip(names, values, strict=True)}


def two_words(corpus: Corpus, count: int) -> list[str]:
    """Two neighbouring words of a sentence."""
    chance = random.Random(2)
    texts = []
    while len(texts) < count:
        found = [
            w for w in words(chance.choice(corpus.sentences)) if len(w) > 1 and not w.isascii()
        ]
        if len(found) > 3:
            at = chance.randrange(len(found) - 1)
            texts.append(f"{found[at]} {found[at + 1]}")
    return texts


def two_character_names(corpus: Corpus, count: int) -> list[str]:
    """Words of two characters, from frequent to rare."""
    often = Counter(
        w for s in corpus.sentences for w in words(s) if len(w) == 2 and "一" <= w[0] <= "龥"
    )
    found = [w for w, n in often.most_common() if n >= 3 and "一" <= w[1] <= "龥"]
    step = max(1, len(found) // count)
    return found[::step][:count]


def recall(
    index: TantivyIndex, found_by_peer: Search | None, corpus: Corpus, size: int
) -> dict[str, float]:
    """Share of the articles that hold a name which a search for it finds, by a scan of all."""
    names = two_character_names(corpus, NAMES)
    holds: dict[str, set[int]] = {name: set() for name in names}
    for seq, article in enumerate(corpus.articles(size), start=1):
        text = simplify(article.content)
        for name in names:
            if name in text:
                holds[name].add(seq)
    hit = total = peer = 0
    for name, seqs in holds.items():
        page = index.search(
            IndexQuery(text=name, duplicates=True, sort=SortOrder.TIME, limit=len(seqs) + 10)
        )
        hit += len(seqs & {h.seq for h in page.hits})
        total += len(seqs)
        peer += min(int(found_by_peer(name)), len(seqs)) if found_by_peer else 0  # type: ignore[call-overload]
    scores = {"names": len(names), "articles": total, "ours": hit / total}
    return scores | ({"tantivy, default analyser": round(peer / total, 3)} if found_by_peer else {})


def measured(
    folder: Path, corpus: Corpus, size: int, queries: int
) -> tuple[dict[str, object], TantivyIndex, NewsSearch]:
    """Every kind of search at one size."""
    search, index, took = ours(folder, corpus, size)
    pairs, names = two_words(corpus, queries), two_character_names(corpus, queries)
    codes = [s.code for s in random.Random(3).sample(corpus.master.securities, queries)]
    results: dict[str, object] = {"articles": size, "indexing_s": round(took, 1)}
    for kind, run in kinds(search, corpus).items():
        texts = codes if kind == "code" else names if "name" in kind else pairs
        results[kind] = timed(run, texts)
        print(kind, results[kind], file=sys.stderr)
    return results, index, search


def beside_peers(folder: Path, corpus: Corpus, size: int, queries: int) -> dict[str, object]:
    """The peers and ours at the smaller size, and the medians as multiples of ours."""
    mine, index, search = measured(folder / "small", corpus, size, queries)
    plain = default_analyser(folder, corpus, size)
    peers = {"SQLite FTS5, pairs": fts5(folder, corpus, size), "tantivy, default analyser": plain}
    texts = {
        "two words": two_words(corpus, queries),
        "two-character name": two_character_names(corpus, queries),
    }
    results: dict[str, object] = {"ours": mine}
    for name, run in peers.items():
        for kind, asked in texts.items():
            times = timed(run, asked)
            own = timed(lambda text: search.search(SearchQuery(text=text)), asked)
            alone = timed(lambda text: index.search(IndexQuery(text=text)), asked)
            times["our_index_alone_p50_ms"] = alone["p50_ms"]
            times["median_of_our_index"] = round(times["p50_ms"] / alone["p50_ms"], 2)
            times["median_of_our_search"] = round(times["p50_ms"] / own["p50_ms"], 2)
            results[f"{name}: {kind}"] = times
    results["recall"] = recall(index, plain, corpus, size)
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("news", type=Path)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--peer-size", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    corpus = read_corpus(options.news)
    with TemporaryDirectory() as passing:
        folder = options.keep or Path(passing)
        results, index, _ = measured(folder / "large", corpus, options.size, options.queries)
        results["recall"] = recall(index, None, corpus, options.size)
        peers = beside_peers(folder, corpus, options.peer_size, options.queries)
    print(json.dumps({"large": results, "small": peers}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
