"""The compact encoder by cross-validation, beside TF-IDF and a sentence-transformers folder.

    python bench/encoder.py PAIRS.tsv… [--folds 5] [--only N] [--encoder FOLDER] [--seed 0]

PAIRS: text_a, text_b, label. In each fold one encoder is trained on the training parts of all files
together. `grouped`: no text of a test pair stands in any training pair, of any file; `plain`: only
the test pairs themselves are kept out, so their texts may be known from others. Prints one JSON
object: Spearman x 100 of each file under every engine, averaged over the folds; milliseconds a
query; seconds of training. `--only N` runs the first N folds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.feature_extraction.text import TfidfVectorizer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assist.compact_training import train_encoder
from assist.encode import Encoder, load_encoder
from assist.lexical import plain
from assist.similarity import LexicalSimilarity, hybrid_scores
from assist.training_pairs import PairSet, read_pairs

Scores = NDArray[np.float64]
Engine = Callable[[PairSet], Scores]


def cosine(encoder: Encoder) -> Engine:
    """Cosine of the vectors alone."""

    def score(test: PairSet) -> Scores:
        one = encoder.encode([a for a, _ in test.pairs])
        other = encoder.encode([b for _, b in test.pairs])
        return np.einsum("nd,nd->n", one, other).astype(np.float64)

    return score


def product(encoder: Encoder) -> Engine:
    """What `foreland eval similarity --encoder` scores by."""
    return lambda test: hybrid_scores(test.pairs, LexicalSimilarity(_both(test)), encoder)


def words(test: PairSet) -> Scores:
    """What `foreland eval similarity` scores by without an encoder."""
    return LexicalSimilarity(_both(test)).scores(test.pairs)


def tfidf(test: PairSet) -> Scores:
    """Cosine of TF-IDF rows of characters and pairs of them, fitted on the test part."""
    rows = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit(_both(test))
    one, other = (rows.transform([pair[side] for pair in test.pairs]) for side in (0, 1))
    return np.asarray(one.multiply(other).sum(axis=1)).ravel()


def _both(test: PairSet) -> list[str]:
    return [text for pair in test.pairs for text in pair]


def training_parts(
    sets: Sequence[PairSet], tests: Sequence[NDArray[np.bool_]], *, grouped: bool
) -> list[PairSet]:
    """The pairs that may be learned from while `tests` are held out."""
    if not grouped:
        return [pairs.only(~test) for pairs, test in zip(sets, tests, strict=True)]
    held = {
        plain(text)
        for pairs, test in zip(sets, tests, strict=True)
        for text in pairs.only(test).texts
    }
    return [
        pairs.only([plain(a) not in held and plain(b) not in held for a, b in pairs.pairs])
        for pairs in sets
    ]


def milliseconds(encoder: Encoder, texts: Sequence[str]) -> float:
    """Median time of a query, one at a time."""
    taken = []
    for text in texts[:2000]:
        began = time.perf_counter()
        encoder.encode([text])
        taken.append((time.perf_counter() - began) * 1000)
    return round(float(np.median(taken)), 3)


def main() -> None:
    """Run the folds and print what they gave."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path, nargs="+")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--only", type=int)
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    sets = [read_pairs(path) for path in arguments.pairs]
    chance = np.random.default_rng(arguments.seed)
    fold_of = [chance.integers(0, arguments.folds, len(pairs.pairs)) for pairs in sets]
    others: dict[str, Engine] = {"tfidf": tfidf, "words": words}
    if arguments.encoder:
        others["given"] = cosine(load_encoder(arguments.encoder))
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    times: dict[str, list[float]] = defaultdict(list)
    for fold in range(arguments.only or arguments.folds):
        tests = [place == fold for place in fold_of]
        engines = dict(others)
        for kind in ("grouped", "plain"):
            parts = training_parts(sets, tests, grouped=kind == "grouped")
            began = time.perf_counter()
            encoder = train_encoder(parts, seed=arguments.seed)
            times["seconds"].append(time.perf_counter() - began)
            times["ms"].append(milliseconds(encoder, sets[0].only(tests[0]).texts))
            engines |= {f"{kind}_cosine": cosine(encoder), kind: product(encoder)}
            print(f"fold {fold}, {kind}: trained", file=sys.stderr)
        for pairs, test in zip(sets, tests, strict=True):
            part = pairs.only(test)
            for name, engine in engines.items():
                value = spearmanr(engine(part), part.degrees).statistic
                found[name][pairs.name].append(100 * float(value))
    print(
        json.dumps(
            {
                "spearman": {
                    name: {file: round(float(np.mean(v)), 1) for file, v in files.items()}
                    for name, files in found.items()
                },
                "training_s": round(float(np.mean(times["seconds"])), 1),
                "query_ms": round(float(np.mean(times["ms"])), 3),
            }
        )
    )


if __name__ == "__main__":
    main()
