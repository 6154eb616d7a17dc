"""Ingestion beside a straightforward peer on the same articles, in the same run.

    python bench/ingest.py ARTICLES.jsonl [--rounds 3]

The peer is what a good engineer writes in an afternoon from well-known libraries: jieba cuts words,
datasketch finds near-duplicates, keyword sets give tags and tone, a regular expression of all short
names finds companies, sqlite-utils stores the rows. It keeps no versions, facts, search index or
fingerprints that survive the process, so it does less. Prints one JSON object; times vary, ratios
less.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import datasketch
import jieba
import orjson
import sqlite_utils
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from news.read import read_sources  # noqa: E402
from news.securities import SecuritiesMaster  # noqa: E402
from ui.settings import read_settings  # noqa: E402
from ui.wiring import Wiring  # noqa: E402


def ours(path: Path, home: Path) -> float:
    """Seconds for the whole of Foreland's ingestion, reading included, set-up excluded."""
    parts = Wiring(read_settings({"FORELAND_HOME": str(home)}))
    ingester = parts.ingester
    began = time.perf_counter()
    ingester.ingest(read_sources([str(path)]))
    return time.perf_counter() - began


def peer(path: Path, home: Path) -> float:
    """Seconds for the peer, set-up excluded."""
    master = SecuritiesMaster.load(ROOT / "data" / "securities.tsv")
    by_name = {s.short_name: s.code for s in master.securities}
    names = re.compile("|".join(map(re.escape, sorted(by_name, key=len, reverse=True))))
    topics = yaml.safe_load((ROOT / "data/lexicons/topics.yaml").read_text("utf-8"))
    tone = [
        line.split("\t")
        for line in (ROOT / "data/lexicons/sentiment.tsv").read_text("utf-8").splitlines()[1:]
    ]
    jieba.initialize()
    home.mkdir(parents=True)
    database = sqlite_utils.Database(home / "peer.db")
    lsh = datasketch.MinHashLSH(threshold=0.7, num_perm=128)
    began = time.perf_counter()
    for number, line in enumerate(path.read_bytes().splitlines()):
        row = orjson.loads(line)
        text = f"{row['headline']}\n{row['text']}"
        minhash = datasketch.MinHash(num_perm=128)
        words = list(jieba.cut(text))
        for word in set(itertools.pairwise(words)):
            minhash.update("".join(word).encode())
        twin = lsh.query(minhash)
        lsh.insert(str(number), minhash)
        database["articles"].insert(
            {
                "id": number,
                "headline": row["headline"],
                "text": row["text"],
                "duplicate_of": twin[0] if twin else None,
                "tags": json.dumps([t["tag"] for t in topics if any(w in text for w in t["any"])]),
                "tone": sum(float(w[1]) for w in tone if w[0] in text),
                "companies": json.dumps([by_name[n] for n in set(names.findall(text))]),
            }
        )
    return time.perf_counter() - began


def main() -> None:
    """Run both in turn and print rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    count = sum(1 for _ in arguments.articles.open("rb"))
    ratios, rates = [], {"foreland": [], "peer": []}
    for _ in range(arguments.rounds):
        with TemporaryDirectory() as folder:
            mine = ours(arguments.articles, Path(folder) / "ours")
            other = peer(arguments.articles, Path(folder) / "peer")
        rates["foreland"].append(count / mine)
        rates["peer"].append(count / other)
        ratios.append(other / mine)
    medians = {name: round(statistics.median(values), 1) for name, values in rates.items()}
    print(
        json.dumps(
            {
                "articles": count,
                "articles_per_second": medians,
                "foreland_over_peer": round(statistics.median(ratios), 2),
                "ratios": [round(r, 2) for r in ratios],
            }
        )
    )


if __name__ == "__main__":
    main()
