"""Ingestion beside a straightforward peer on the same articles, in the same run, on one core.

    python bench/ingest.py NEWS.jsonl … [--articles 100000] [--peer 5000] [--models DIR]
                           [--plot docs/images/ingest-stages.png]

Articles of about 300 characters are recombined from the sentences of the files (headline or title,
text), a tenth of them reprints with small changes. Foreland does everything that `foreland news
ingest` does; `--models` is a folder with what `foreland train tags|sentiment|entity-sentiment
--out DIR/…` wrote. The peer is what a good engineer writes in an afternoon from well-known
libraries: jieba cuts words, datasketch finds near-duplicates, scikit-learn tags, keyword sets give
the tone, a regular expression of all short names finds companies, sqlite-utils stores the rows. It
keeps no versions, stories, events, facts or search index, so it does less; it is slow, so it gets
fewer articles. Prints one JSON object; times vary, ratios less.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import datasketch
import jieba
import sqlite_utils
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.svm import LinearSVC

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from news.article import RawArticle  # noqa: E402
from news.ingest import IngestSummary  # noqa: E402
from news.securities import SecuritiesMaster  # noqa: E402
from news.stage_times import Stages  # noqa: E402
from ui.settings import read_settings  # noqa: E402
from ui.wiring import Wiring  # noqa: E402

LENGTH = 300
REPRINTS = 0.1
FIRST = datetime(2024, 1, 1, 1, tzinfo=UTC)
MARKS = 8  # how often memory is looked at


def sentences_of(paths: Sequence[Path]) -> tuple[list[str], list[str]]:
    """Headlines and sentences of JSONL files with `headline` or `title`, and `text`."""
    headlines, sentences = [], []
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            headline = row.get("headline") or row.get("title") or row["text"][:28]
            headlines.append(headline.split("\n")[0][:60])
            sentences += [s + "。" for s in re.split(r"[。\n]", row["text"]) if len(s) > 10]
    return headlines, sentences


def articles(paths: Sequence[Path], count: int, seed: int = 0) -> Iterator[RawArticle]:
    """`count` articles over two years, the same for the same seed."""
    draw = random.Random(seed)
    headlines, sentences = sentences_of(paths)
    earlier: list[tuple[str, str]] = []
    for number in range(count):
        if earlier and draw.random() < REPRINTS:
            headline, text = draw.choice(earlier)
            text = f"【转载】{text[: draw.randint(len(text) * 3 // 4, len(text))]}"
        else:
            headline, text = draw.choice(headlines), ""
            while len(text) < LENGTH:
                text += draw.choice(sentences)
            earlier = [*earlier[-500:], (headline, text)]
        yield RawArticle(
            headline,
            text,
            f"bench:{number}",
            f"https://news.example.com/{number}",
            FIRST + timedelta(seconds=number * 600),
            f"源{number % 40}",
        )


def ours(
    items: Iterator[RawArticle], count: int, home: Path, models: Path | None
) -> dict[str, object]:
    """Rate, time a stage and memory of Foreland's ingestion, set-up excluded."""
    environment = {"FORELAND_HOME": str(home)}
    for name in ("tags", "sentiment", "entity_sentiment") if models else ():
        environment[f"FORELAND_{name.upper()}_MODEL"] = str(Path(str(models)) / name)
    parts = Wiring(read_settings(environment))
    ingester = parts.ingester
    stages = Stages(time.perf_counter)
    memory: list[float] = []

    def look(summary: IngestSummary) -> None:
        if summary.read >= count * (len(memory) + 1) / MARKS:
            memory.append(round(resident() / 2**20))

    began, cpu = time.perf_counter(), time.process_time()
    with stages.active():
        ingester.ingest(items, progress=look)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    spent = {name: round(ms / count, 4) for name, ms in stages.milliseconds()}
    spent["reading and bookkeeping"] = round(wall * 1000 / count - sum(spent.values()), 4)
    return {
        "articles_per_second": round(count / wall, 1),
        "articles_per_cpu_second": round(count / cpu, 1),
        "milliseconds_per_stage": spent,
        "memory_mb": memory,
        "stories": len(parts.news_store.stories.latest(10**9)),
        "events": parts.news_store.happenings.count(),
        "facts": parts.news_store.facts.count(),
    }


def resident() -> int:
    """Bytes of memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peer(items: Iterator[RawArticle], home: Path) -> float:
    """Articles a second of the peer, set-up and training excluded."""
    master = SecuritiesMaster.load(ROOT / "data" / "securities.tsv")
    by_name = {s.short_name: s.code for s in master.securities}
    names = re.compile("|".join(map(re.escape, sorted(by_name, key=len, reverse=True))))
    topics = yaml.safe_load((ROOT / "data/lexicons/topics.yaml").read_text("utf-8"))
    tone = [
        line.split("\t")
        for line in (ROOT / "data/lexicons/sentiment.tsv").read_text("utf-8").splitlines()[1:]
    ]
    rows = list(items)
    vectorizer, tagger, binarizer = _tagger(
        [f"{r.headline}\n{r.text}" for r in rows[:1000]], topics
    )
    home.mkdir(parents=True)
    database = sqlite_utils.Database(home / "peer.db")
    lsh = datasketch.MinHashLSH(threshold=0.7, num_perm=128)
    jieba.initialize()
    began = time.perf_counter()
    for number, row in enumerate(rows):
        text = f"{row.headline}\n{row.text}"
        words = list(jieba.cut(text))
        minhash = datasketch.MinHash(num_perm=128)
        for pair in set(itertools.pairwise(words)):
            minhash.update("".join(pair).encode())
        twin = lsh.query(minhash)
        lsh.insert(str(number), minhash)
        tags = binarizer.inverse_transform(tagger.predict(vectorizer.transform([text])))[0]
        database["articles"].insert(
            {
                "id": number,
                "headline": row.headline,
                "text": row.text,
                "duplicate_of": twin[0] if twin else None,
                "tags": json.dumps(tags),
                "tone": sum(float(w[1]) for w in tone if w[0] in text),
                "companies": json.dumps([by_name[n] for n in set(names.findall(text))]),
            }
        )
    return len(rows) / (time.perf_counter() - began)


def _tagger(
    texts: list[str], topics: list[dict[str, object]]
) -> tuple[TfidfVectorizer, OneVsRestClassifier, MultiLabelBinarizer]:
    """TF-IDF of characters 1 to 2 and linear SVMs, trained on what the topic words give."""
    labels = [[str(t["tag"]) for t in topics if any(w in x for w in t["any"])] for x in texts]  # type: ignore[attr-defined]
    binarizer = MultiLabelBinarizer()
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    tagger = OneVsRestClassifier(LinearSVC())
    tagger.fit(vectorizer.fit_transform(texts), binarizer.fit_transform(labels))
    return vectorizer, tagger, binarizer


def draw(stages: dict[str, float], path: Path) -> None:
    """The time of each stage as bars."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    names = sorted(stages, key=lambda name: stages[name])
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    bars = axes.barh(names, [stages[name] for name in names], color="#2f6db5")
    axes.bar_label(bars, fmt="%.3f", padding=3, fontsize=8)
    axes.set_xlabel("milliseconds an article of 300 characters, one core")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.12)
    figure.savefig(path, dpi=120)


def main() -> None:
    """Run both and print rates and their ratio."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("news", type=Path, nargs="+")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--peer", type=int, default=5_000)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with TemporaryDirectory() as folder:
        made = articles(arguments.news, arguments.articles)
        found = ours(made, arguments.articles, Path(folder) / "ours", arguments.models)
        other = peer(articles(arguments.news, arguments.peer), Path(folder) / "peer")
    if arguments.plot:
        draw(found["milliseconds_per_stage"], arguments.plot)  # type: ignore[arg-type]
    rate = float(str(found["articles_per_second"]))
    ratio = {
        "peer_articles_per_second": round(other, 1),
        "foreland_over_peer": round(rate / other, 2),
    }
    print(json.dumps({"articles": arguments.articles} | found | ratio, ensure_ascii=False))


if __name__ == "__main__":
    main()
